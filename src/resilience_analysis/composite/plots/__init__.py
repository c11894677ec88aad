"""Pictures of an index: each function takes tables of the engine and returns the Axes it drew on.

These are ``ax`` where it is given, else those of a new figure. Examples begin as those of `composite`, and with
``from resilience_analysis.composite import plots``.

>>> import pandas as pd
>>> from resilience_analysis.composite import plots
>>> scores = pd.DataFrame({"index": [70.0, 45.0]}, index=["AA", "BB"])
>>> ax = plots.draw_bars(scores["index"])
>>> [label.get_text() for label in ax.get_yticklabels()]
['AA', 'BB']
"""

from resilience_analysis.composite.plots.charts import draw_bars, draw_dots, draw_score_map
from resilience_analysis.composite.plots.distributions import (
    draw_distribution,
    draw_rank_uncertainty,
    draw_scatter,
    draw_scree,
    draw_sensitivity,
)
from resilience_analysis.composite.plots.structure import draw_correlations, draw_framework

__all__ = [
    "draw_bars",
    "draw_correlations",
    "draw_distribution",
    "draw_dots",
    "draw_framework",
    "draw_rank_uncertainty",
    "draw_scatter",
    "draw_score_map",
    "draw_scree",
    "draw_sensitivity",
]
