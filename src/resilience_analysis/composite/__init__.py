"""Composite indicators: from a table of indicators to scores, with every choice stated.

A table has one row per unit and one column per indicator; a panel has an index of unit and year. The metadata say
what each code is (`check_metadata`). Every verb takes the table first and the rest by keyword, changes nothing it
is given, and returns plain tables.
"""

from resilience_analysis.composite.aggregation import aggregate, coverage
from resilience_analysis.composite.chain import Scored, score
from resilience_analysis.composite.choices import with_alternatives
from resilience_analysis.composite.coinr import from_coinr, is_coinr
from resilience_analysis.composite.comparison import LeftOut, compare, leave_one_out, strengths_and_weaknesses
from resilience_analysis.composite.consistency import reliability
from resilience_analysis.composite.contribution import contributions, trace
from resilience_analysis.composite.correlation import correlation_flags, correlations
from resilience_analysis.composite.denomination import denominate, divisors
from resilience_analysis.composite.descriptives import availability_by_aggregate, statistics
from resilience_analysis.composite.imputation import Imputed, impute
from resilience_analysis.composite.margin import margins
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.montecarlo import Uncertainty, outranking, uncertainty
from resilience_analysis.composite.nested import DeclaredFramework as Framework
from resilience_analysis.composite.nested import from_nested
from resilience_analysis.composite.normalisation import normalise
from resilience_analysis.composite.notes import normalisation_notes
from resilience_analysis.composite.optimisation import optimised_weights
from resilience_analysis.composite.ranking import ranks
from resilience_analysis.composite.reporting import derived_scores
from resilience_analysis.composite.screening import Screened, availability, screen
from resilience_analysis.composite.transformation import Transformed, transform
from resilience_analysis.composite.treatment import Treated, treat
from resilience_analysis.composite.trends import trends
from resilience_analysis.composite.weighting import (
    effective_weights,
    equal_weights,
    framework_weights,
    pca_weights,
    weights,
)

__all__ = [
    "Framework",
    "Imputed",
    "LeftOut",
    "Scored",
    "Screened",
    "Transformed",
    "Treated",
    "Uncertainty",
    "aggregate",
    "availability",
    "availability_by_aggregate",
    "check_metadata",
    "compare",
    "contributions",
    "correlation_flags",
    "correlations",
    "coverage",
    "denominate",
    "derived_scores",
    "divisors",
    "effective_weights",
    "equal_weights",
    "framework_weights",
    "from_coinr",
    "from_nested",
    "impute",
    "is_coinr",
    "leave_one_out",
    "margins",
    "normalisation_notes",
    "normalise",
    "optimised_weights",
    "outranking",
    "pca_weights",
    "ranks",
    "reliability",
    "score",
    "screen",
    "statistics",
    "strengths_and_weaknesses",
    "trace",
    "transform",
    "treat",
    "trends",
    "uncertainty",
    "weights",
    "with_alternatives",
]
