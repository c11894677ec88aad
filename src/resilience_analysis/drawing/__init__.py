"""Charts and maps: they are handed tables, return Axes, and compute nothing."""
