"""The classes of a map: cut on all municipalities, the same in every profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import UsageError, unknown

CLASSES = 5
SCHEMES = ("quantiles", "equal", "pretty")


@dataclass(frozen=True)
class Classes:
    """Five classes of an indicator, cut on all municipalities and the same in every profile."""

    edges: tuple[float, ...]  # the largest value in each class
    bounds: tuple[tuple[float, float], ...]  # the smallest and largest value that falls in each class

    def number(self, value: float) -> int:
        """Return the class (0 for the lowest) of a value."""
        return int(np.searchsorted(self.edges[:-1], value, side="left"))

    @classmethod
    def cut(cls, known: np.ndarray[Any, Any], limits: np.ndarray[Any, Any]) -> Classes:
        """Cut sorted values at the upper limits of the classes; a class without a value is left out."""
        parts = [known[(known <= high) & (known > low)] for low, high in zip([-np.inf, *limits], limits, strict=False)]
        filled = [part for part in parts if len(part)]
        return cls(tuple(float(part[-1]) for part in filled), tuple((float(p[0]), float(p[-1])) for p in filled))


def classify(values: pd.Series) -> Classes:
    """Cut the values of all municipalities into five classes of as many municipalities (quintiles).

    Parameters
    ----------
    values
        One for each municipality; NaN is left out.

    Returns
    -------
    Classes
        Five, or fewer where many municipalities share a value.

    Examples
    --------
    >>> import pandas as pd
    >>> classify(pd.Series(range(1, 11))).edges
    (2.0, 4.0, 6.0, 8.0, 10.0)
    """
    known = np.sort(values.dropna().to_numpy(dtype=float))
    # as mapclassify.Quantiles does, which takes a second to load with all that it needs
    limits = np.unique([_at_share(known, 100 / CLASSES * step / 100) for step in range(1, CLASSES + 1)])
    return Classes.cut(known, limits)


def _at_share(known: np.ndarray[Any, Any], share: float) -> float:
    """Return the value below which a share (0-1) of sorted values lies, between two by linear interpolation."""
    place = share * (len(known) - 1)
    low = min(int(place), len(known) - 1)
    if low == place or low == len(known) - 1:
        return float(known[low])
    weights = (low + 1 - place, place - low)
    return float((known[low] * weights[0] + known[low + 1] * weights[1]) / sum(weights))


def cut(values: pd.Series, scheme: str | Sequence[float] = "quantiles") -> Classes:
    """Cut values of all places into classes by a scheme of `area_map`; NaN is left out.

    Parameters
    ----------
    values
        A value per place.
    scheme
        ``quantiles``, ``equal``, ``pretty`` or the upper limits of the classes.

    Returns
    -------
    Classes
        Those that hold a value.

    Raises
    ------
    UsageError
        When the scheme is not known or no value is there.

    Examples
    --------
    >>> cut(pd.Series([1.0, 2.0, 7.0, 9.0]), [5, 8]).bounds
    ((1.0, 2.0), (7.0, 7.0), (9.0, 9.0))
    """
    known = np.sort(values.dropna().to_numpy(dtype=float))
    if not len(known):
        raise UsageError("there is no value to draw")
    if not isinstance(scheme, str):
        limits = np.unique(np.append(np.asarray(scheme, dtype=float), known[-1]))
    elif scheme == "quantiles":
        return classify(values)
    elif scheme == "equal":
        limits = np.linspace(known[0], known[-1], 6)[1:]
    elif scheme == "pretty":
        from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - only what is drawn anew

        limits = np.asarray(MaxNLocator(nbins=5).tick_values(known[0], known[-1]))[1:]
    else:
        raise UsageError(unknown("scheme", scheme, SCHEMES))
    return Classes.cut(known, limits)
