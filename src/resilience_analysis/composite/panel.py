"""Panels: one row per unit and year, with an index of both."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

Rows = npt.NDArray[np.intp]


def is_panel(units: pd.Index) -> bool:
    """Say whether an index is one of units and years."""
    return isinstance(units, pd.MultiIndex)


def year_rows(units: pd.Index) -> Iterator[tuple[object, Rows]]:
    """Yield each year of a panel, ascending, with its rows; without years None and all rows."""
    if not is_panel(units):
        yield None, np.arange(len(units))
        return
    years = units.get_level_values(1)
    for year in sorted(years.unique()):
        yield year, np.flatnonzero(years == year)
