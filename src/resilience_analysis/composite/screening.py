"""Leave out units with too little to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import listed, values_of
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, unknown

CRITERIA = ("missing", "zeros", "both")
ROUNDING = 1e-9


class Screened(NamedTuple):
    """The result of `screen`.

    Attributes
    ----------
    data
        The rows that are kept, unchanged and in the same order.
    summary
        One row per unit: ``missing``, ``zeros`` (counts), ``available``, ``nonzero`` (shares), ``kept``.
    """

    data: pd.DataFrame
    summary: pd.DataFrame


def screen(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    min_available: float = 2 / 3,
    min_nonzero: float = 0.05,
    by: str = "missing",
    keep: Sequence[object] = (),
    drop: Sequence[object] = (),
) -> Screened:
    """Keep the units with enough values, or enough values other than zero.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator.
    metadata
        One row per code; see `check_metadata`.
    min_available
        The least share (0 to 1) of indicators with a value.
    min_nonzero
        The least share of a unit's values that are not zero.
    by
        What counts: ``missing`` values, ``zeros``, or ``both``.
    keep, drop
        Units (their index) kept or left out whatever they have.

    Raises
    ------
    UsageError
        When a name or unit is unknown, or a share is not between 0 and 1.
    InputError
        When no unit would be left.

    Examples
    --------
    >>> from resilience_analysis import composite
    >>> data, metadata = composite.example_index()
    >>> composite.screen(data, metadata=metadata, min_available=0.9).data.index.tolist()
    ['AA', 'BB', 'CC', 'EE']
    """
    tidy = check_metadata(metadata, data)
    _check(data.index, min_available, min_nonzero, by, [*keep, *drop])
    summary = availability(data[indicator_codes(tidy)])
    enough = summary["available"] >= min_available - ROUNDING
    filled = ~(summary["nonzero"] < min_nonzero - ROUNDING)
    kept = {"missing": enough, "zeros": filled, "both": enough & filled}[by].copy()
    kept[data.index.isin(list(keep))] = True
    kept[data.index.isin(list(drop))] = False
    if not kept.any():
        raise InputError(
            "data",
            [Problem("screening", "would leave no unit", f"The best unit has {summary['available'].max():.0%}")],
        )
    return Screened(data[kept.to_numpy()], summary.assign(kept=kept))


def availability(data: pd.DataFrame) -> pd.DataFrame:
    """Count what each unit has: ``missing`` and ``zeros``, and the shares ``available`` and ``nonzero``.

    ``nonzero`` is a share of the values the unit has, NaN when it has none.

    Examples
    --------
    >>> from resilience_analysis import composite
    >>> data, metadata = composite.example_index()
    >>> composite.availability(data).loc["DD"].to_dict()
    {'missing': 1.0, 'zeros': 0.0, 'available': 0.75, 'nonzero': 1.0}
    """
    values = values_of(data, data.columns)
    missing, zeros = np.isnan(values).sum(axis=1), (values == 0).sum(axis=1)
    present = values.shape[1] - missing
    return pd.DataFrame(
        {
            "missing": missing,
            "zeros": zeros,
            "available": present / values.shape[1],
            "nonzero": 1 - zeros / np.where(present > 0, present, np.nan),
        },
        index=data.index,
    )


def _check(units: pd.Index, available: float, nonzero: float, by: str, named: list[object]) -> None:
    if by not in CRITERIA:
        raise UsageError(unknown("screening criterion", by, CRITERIA))
    for share in (available, nonzero):
        if not 0 <= share <= 1:
            raise UsageError(f"the share {share:g} is not between 0 and 1. Screen with a share, such as 0.9")
    absent = [unit for unit in named if unit not in units]
    if absent:
        raise UsageError(f"units to keep or drop that are not in the data: {listed(absent)}")
