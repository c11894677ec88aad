"""What a reader sees: the data of a profile as HTML fragments and pictures, in one language."""
