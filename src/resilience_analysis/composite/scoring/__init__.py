"""Scoring of anybody's table: files in, tables out; the numbers come from `composite`."""
