"""Composite indicators: from a table of indicators to scores, with every choice stated.

A table has one row per unit and one column per indicator; a panel has an index of unit and year. The metadata say
what each code is (`check_metadata`). Every verb takes the table first and the rest by keyword, changes nothing it
is given, and returns plain tables.
"""

from resilience_analysis.composite.aggregation import aggregate, coverage
from resilience_analysis.composite.denomination import denominate
from resilience_analysis.composite.imputation import Imputed, impute
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.normalisation import normalisation_notes, normalise
from resilience_analysis.composite.screening import Screened, availability, screen
from resilience_analysis.composite.treatment import Treated, treat

__all__ = [
    "Imputed",
    "Screened",
    "Treated",
    "aggregate",
    "availability",
    "check_metadata",
    "coverage",
    "denominate",
    "impute",
    "normalisation_notes",
    "normalise",
    "screen",
    "treat",
]
