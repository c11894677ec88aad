"""Composite indicators: from a table of indicators to scores, with every choice stated.

A table has one row per unit and one column per indicator; a panel has an index of unit and year. The metadata say
what each code is (`check_metadata`). Every verb takes the table first and the rest by keyword, changes nothing it
is given, and returns plain tables.
"""

from resilience_analysis.composite.aggregation import aggregate, coverage
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.normalisation import normalisation_notes, normalise

__all__ = ["aggregate", "check_metadata", "coverage", "normalisation_notes", "normalise"]
