"""A project of one's own, made from a table of indicators and boundaries, or from the example that comes with this."""
