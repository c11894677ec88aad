"""Fill gaps of time series, all series of a panel at once.

Every function takes an array of years x series and the years, ascending, and gives the array with its gaps filled.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from resilience_analysis.composite.checks import Array

Places = npt.NDArray[np.intp]


def fill_latest(grid: Array, years: Array, max_gap: int | None) -> Array:  # noqa: ARG001 - one form for all
    """Take the last value before a gap, at most `max_gap` rows back."""
    before, place = _last_before(grid), _rows(grid)
    reach = (before >= 0) & (place - before <= (len(grid) if max_gap is None else max_gap))
    return np.where(reach, _take(grid, before), np.nan)


def fill_constant(grid: Array, years: Array, max_gap: int | None) -> Array:  # noqa: ARG001 - one form for all
    """Take the last value before a gap, and before the first value that one."""
    before, after = _last_before(grid), _next_after(grid)
    return np.where(before >= 0, _take(grid, before), _take(grid, after))


def fill_linear(grid: Array, years: Array, max_gap: int | None) -> Array:  # noqa: ARG001 - one form for all
    """Take the point on the line between the values around a gap; outside them the nearest value."""
    before, after = _last_before(grid), _next_after(grid)
    inside = (before >= 0) & (after < len(grid)) & (before < after)
    low, high = _take(grid, before), _take(grid, after)
    start, end = years[np.clip(before, 0, None)], years[np.clip(after, None, len(grid) - 1)]
    share = (years[:, None] - start) / np.where(inside, end - start, 1.0)
    return np.where(inside, low + (high - low) * share, np.where(before >= 0, low, high))


def _rows(grid: Array) -> Places:
    return np.arange(len(grid))[:, None]


def _last_before(grid: Array) -> Places:
    """Return the row of the last value at or before each cell, -1 where there is none."""
    found: Places = np.maximum.accumulate(np.where(np.isnan(grid), -1, _rows(grid)), axis=0)
    return found


def _next_after(grid: Array) -> Places:
    """Return the row of the next value at or after each cell, the number of rows where there is none."""
    marked = np.where(np.isnan(grid), len(grid), _rows(grid))
    found: Places = np.minimum.accumulate(marked[::-1], axis=0)[::-1]
    return found


def _take(grid: Array, rows: Places) -> Array:
    taken: Array = np.take_along_axis(grid, np.clip(rows, 0, len(grid) - 1), axis=0)
    return taken
