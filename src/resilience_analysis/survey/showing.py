"""The tables of an analysis by file name, as they are shown, and a model beside them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from resilience_analysis.survey.analysis import Analysis
from resilience_analysis.survey.release import (
    DIMENSION_COLUMNS,
    ITEM_COLUMNS,
    REPRESENTATION_COLUMNS,
    SUPPRESSED,
    rounded,
)
from resilience_analysis.survey.reliability import COLUMNS as RELIABILITY_COLUMNS
from resilience_analysis.survey.shrinkage import shrink


def release_tables(analysis: Analysis, *, suppress_below: int, internal: bool = False) -> dict[str, pd.DataFrame]:
    """Return the five tables of an analysis by file name, safe to show unless `internal`.

    Parameters
    ----------
    analysis
        What the answers say.
    suppress_below
        Fewest answers to every item of a dimension for which its reliability is shown.
    internal
        Show what would be suppressed; the status stays what it would be.
    """
    release = analysis.release if internal else analysis.release.withheld(suppress_below)
    scales = analysis.reliability[list(RELIABILITY_COLUMNS)]
    items = analysis.item_reliability
    if not internal:
        few = analysis.reliability["n_answered"] < suppress_below
        thin = items["dimension"].isin(analysis.reliability.loc[few, "dimension"])
        scales = rounded(_emptied(scales, few, ("alpha", "alpha_se", "alpha_if_dropped_max")))
        items = _emptied(items, thin, ("n", "item_rest_correlation", "alpha_if_dropped"))
        # Where no group is shown, what they have together may tell of each.
        shown = release.items.loc[release.items["status"] != SUPPRESSED, "item"]
        items = rounded(_emptied(items, ~items["item"].isin(shown), ("n",)))
    return {
        "items.csv": release.items[list(ITEM_COLUMNS)],
        "dimensions.csv": release.dimensions[list(DIMENSION_COLUMNS)],
        "reliability.csv": scales,
        "item_reliability.csv": items,
        "representation.csv": release.representation[list(REPRESENTATION_COLUMNS)],
    }


def _emptied(table: pd.DataFrame, rows: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    return table.assign(**{name: table[name].astype(float).mask(rows) for name in columns})


def shrunk_dimensions(shown: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """Return Fay-Herriot estimates beside the direct ones of every dimension, from the groups that are shown.

    A suppressed group takes no part: its score would weigh in the mean that the others are drawn to.

    Returns
    -------
    pandas.DataFrame
        by, dimension, direct, direct_se, shrunk, shrunk_se, kept, model, status; scores from 0 to 100.
    """
    effective = analysis.release.dimensions["n_effective"].where(shown["score"].notna())
    areas = shown.assign(n_effective=effective).rename(columns={"score": "mean", "score_se": "se"})
    frames = []
    for dimension, rows in areas[areas["by"] != "total"].groupby("dimension", sort=False):
        frames.append(shrink(rows).assign(dimension=dimension, status=rows["status"].to_numpy()))
    columns = ["by", "dimension", "direct", "direct_se", "shrunk", "shrunk_se", "kept", "model", "status"]
    return pd.concat(frames, ignore_index=True)[columns]
