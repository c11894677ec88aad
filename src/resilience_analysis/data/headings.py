"""Who is meant in a table: a municipality by its code or its name, a column by any of its names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.tables import folded

KEY = ("nis_code", "year")
NAME = "name"


@cache
def other_names() -> Mapping[str, Sequence[str]]:
    """Return, by key column (and ``name``), the other names under which it is found."""
    names: dict[str, list[str]] = read_yaml(Path(__file__).with_name("headings.yml"))
    return names


def by_name(codes: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return the code that each code and each folded name stands for; a name of two places stands for neither.

    Examples
    --------
    >>> by_name(["11001"], {"11001": "Sint-Niklaas"})["sintniklaas"]
    '11001'
    """
    known = {code: code for code in codes}
    spoken = [folded(names.get(code, "")) for code in known]
    often = Counter(spoken)
    alone = {name: code for name, code in zip(spoken, known, strict=True) if name and often[name] == 1}
    return alone | known


def coded(cells: pd.Series, places: Mapping[str, str]) -> pd.Series:
    """Return the codes of cells that hold a code or a name; what is neither stays as it is.

    Parameters
    ----------
    cells
        Text.
    places
        From `by_name`.
    """
    return cells.map({cell: places.get(cell) or places.get(folded(cell), cell) for cell in cells.unique()})
