"""Composite indicators: from a table of indicators to scores, with every choice stated.

To build an index: denominate, screen, impute, transform, treat, normalise, weight and aggregate a table,
and say how sure the result is. A table has one row per unit and one column per indicator; a panel has an index of
unit and year. The metadata say what each code is (`check_metadata`). Every verb takes the table first and the rest
by keyword, changes nothing it is given, and returns plain tables. The examples of its functions begin with
``from resilience_analysis import composite`` and ``import pandas as pd``.

>>> import pandas as pd
>>> table = pd.DataFrame({"trust": [3.1, 2.4, 3.6], "crime": [9.0, 30.0, 12.0]}, index=["AA", "BB", "CC"])
>>> tree = {"parent": ["index", "index", ""], "direction": [1, -1, 1], "weight": [2, 1, 1]}
>>> metadata = pd.DataFrame(tree, index=["trust", "crime", "index"])
>>> score(table, metadata=metadata).tables["scores"]["index"].round(1).tolist()
[72.2, 0.0, 95.2]
"""

from resilience_analysis.composite.aggregation import aggregate, coverage
from resilience_analysis.composite.chain import Scored, score
from resilience_analysis.composite.choices import with_alternatives
from resilience_analysis.composite.cointool import CoinTool, import_coin_tool, is_coin_tool, names_to_codes
from resilience_analysis.composite.comparison import (
    LeftOut,
    Versions,
    leave_one_out,
    outranking,
    outranking_matrix,
    what_if,
)
from resilience_analysis.composite.contribution import contributions, margins, strengths_and_weaknesses, trace
from resilience_analysis.composite.correlation import (
    correlation_flags,
    correlations,
    denominator_correlations,
    level_correlations,
    reliability,
)
from resilience_analysis.composite.metadata import ExampleIndex, check_metadata, example_index
from resilience_analysis.composite.montecarlo import Uncertainty, uncertainty
from resilience_analysis.composite.nested import DeclaredFramework as Framework
from resilience_analysis.composite.nested import from_nested
from resilience_analysis.composite.normalisation import normalisation_notes, normalise
from resilience_analysis.composite.optimisation import optimised_weights
from resilience_analysis.composite.preparation import Imputed, denominate, divisors, impute
from resilience_analysis.composite.reporting import (
    compare,
    compare_versions,
    derived_scores,
    ranks,
    results,
    unit_summary,
)
from resilience_analysis.composite.screening import (
    Screened,
    availability,
    availability_by_aggregate,
    screen,
    statistics,
    trends,
)
from resilience_analysis.composite.treatment import Transformed, Treated, transform, treat
from resilience_analysis.composite.weighting import (
    Components,
    effective_weights,
    equal_weights,
    framework_weights,
    pca_weights,
    principal_components,
    weights,
)
from resilience_analysis.composite.workbook import export_workbook, from_coinr, is_coinr

__all__ = [
    "CoinTool",
    "Components",
    "ExampleIndex",
    "Framework",
    "Imputed",
    "LeftOut",
    "Scored",
    "Screened",
    "Transformed",
    "Treated",
    "Uncertainty",
    "Versions",
    "aggregate",
    "availability",
    "availability_by_aggregate",
    "check_metadata",
    "compare",
    "compare_versions",
    "contributions",
    "correlation_flags",
    "correlations",
    "coverage",
    "denominate",
    "denominator_correlations",
    "derived_scores",
    "divisors",
    "effective_weights",
    "equal_weights",
    "example_index",
    "export_workbook",
    "framework_weights",
    "from_coinr",
    "from_nested",
    "import_coin_tool",
    "impute",
    "is_coin_tool",
    "is_coinr",
    "leave_one_out",
    "level_correlations",
    "margins",
    "names_to_codes",
    "normalisation_notes",
    "normalise",
    "optimised_weights",
    "outranking",
    "outranking_matrix",
    "pca_weights",
    "principal_components",
    "ranks",
    "reliability",
    "results",
    "score",
    "screen",
    "statistics",
    "strengths_and_weaknesses",
    "trace",
    "transform",
    "treat",
    "trends",
    "uncertainty",
    "unit_summary",
    "weights",
    "what_if",
    "with_alternatives",
]
