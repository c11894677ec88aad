"""Ranks of scores, where equal is equal whatever the rounding of the arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import SIGNIFICANT_DIGITS, rank_columns
from resilience_analysis.composite.normalisation import TIES
from resilience_analysis.composite.panel import year_rows
from resilience_analysis.foundation.errors import UsageError, unknown


def ranks(scores: pd.DataFrame, *, ties: str = "min", digits: int = SIGNIFICANT_DIGITS) -> pd.DataFrame:
    """Rank the units on every column, 1 the highest score.

    Parameters
    ----------
    scores
        One row per unit; in a panel each year is ranked on its own.
    ties
        Equal scores share the best of their places (``min``: 1, 2, 2, 4) or the mean (``average``: 1, 2.5, 2.5, 4).
    digits
        Scores that agree to this many significant digits are equal.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; whole numbers for ``min``. A missing score has no rank.
    """
    if ties not in TIES:
        raise UsageError(unknown("way with ties", ties, TIES))
    if digits < 1:
        raise UsageError(f"{digits} significant digits leave nothing to compare. Give 1 or more")
    values = scores.to_numpy(dtype=np.float64)
    places = np.empty(values.shape)
    for _, rows in year_rows(scores.index):
        places[rows] = rank_columns(-values[rows], ties=ties, digits=digits)
    table = pd.DataFrame(places, index=scores.index, columns=scores.columns)
    return table.astype("Int64") if ties == "min" else table
