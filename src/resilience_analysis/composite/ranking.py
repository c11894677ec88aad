"""Ranks of scores, where equal is equal whatever the rounding of the arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import SIGNIFICANT_DIGITS, rank_columns
from resilience_analysis.composite.checks import Rows, year_rows
from resilience_analysis.composite.normalisation import TIES
from resilience_analysis.foundation.errors import UsageError, unknown


def ranks(
    scores: pd.DataFrame, *, ties: str = "min", digits: int = SIGNIFICANT_DIGITS, within: pd.Series | None = None
) -> pd.DataFrame:
    """Rank the units on every column, 1 the highest score.

    Parameters
    ----------
    scores
        One row per unit; in a panel each year is ranked on its own.
    ties
        Equal scores share the best of their places (``min``: 1, 2, 2, 4) or the mean (``average``: 1, 2.5, 2.5, 4).
    digits
        Scores that agree to this many significant digits are equal.
    within
        The group of each row (same index): places are then among the units of the group, and year.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; whole numbers for ``min``. A missing score, and one without a group, has no rank.

    Raises
    ------
    UsageError
        When a name is unknown, or the groups are not those of the rows.

    Examples
    --------
    >>> scores = pd.DataFrame({"index": [70.0, 45.0, 70.0, 60.0]}, index=["AA", "BB", "CC", "DD"])
    >>> ranks(scores)["index"].tolist()
    [1, 4, 1, 3]
    >>> ranks(scores, within=pd.Series(["x", "x", "y", "y"], index=scores.index))["index"].tolist()
    [1, 2, 1, 2]
    """
    if ties not in TIES:
        raise UsageError(unknown("way with ties", ties, TIES))
    if digits < 1:
        raise UsageError(f"{digits} significant digits leave nothing to compare. Give 1 or more")
    values = scores.to_numpy(dtype=np.float64)
    if within is not None and not within.index.equals(scores.index):
        raise UsageError("within needs the group of every row. Give groups with the index of the scores")
    places = np.full(values.shape, np.nan)
    for _, year in year_rows(scores.index):
        for rows in [year] if within is None else _groups(within, year):
            places[rows] = rank_columns(-values[rows], ties=ties, digits=digits)
    table = pd.DataFrame(places, index=scores.index, columns=scores.columns)
    return table.astype("Int64") if ties == "min" else table


def _groups(within: pd.Series, year: Rows) -> list[Rows]:
    """Return the rows of each group among those of a year."""
    own = within.iloc[year]
    return [year[places] for places in own.groupby(own).indices.values()]
