"""The official history of Belgian codes (Statbel, TU_COM_REFNIS): every area with its period and the area above it."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from resilience_analysis.data.publishers import table
from resilience_analysis.data.recipe import Recipe

_NEEDED = ["LVL_REFNIS", "CD_REFNIS", "CD_SUP_REFNIS", "DT_VLDT_START", "DT_VLDT_END"]
_MUNICIPALITY = "4"
_DAY = "%d/%m/%Y"


def read(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read the municipalities of a day (1 January of ``year``, else today).

    Returns
    -------
    pandas.DataFrame
        The published columns, with ``arrondissement``, ``province`` and ``region`` (codes of the areas above).
    """
    areas = table.read(content, file, Recipe(rename={name: name for name in _NEEDED}))
    day = pd.Timestamp(dt.date(recipe.year, 1, 1) if recipe.year else dt.datetime.now(tz=dt.UTC).date())
    begin = pd.to_datetime(areas["DT_VLDT_START"], format=_DAY)
    end = areas["DT_VLDT_END"].str[-4:].astype(int)  # beyond what a date can be: 31/12/9999
    current = areas[(begin <= day) & ((end > day.year) | (areas["DT_VLDT_END"] == f"31/12/{day.year}"))]
    above = dict(zip(current["CD_REFNIS"], current["CD_SUP_REFNIS"], strict=True))
    places = current[current["LVL_REFNIS"] == _MUNICIPALITY].copy()
    places["arrondissement"] = places["CD_SUP_REFNIS"]
    places["province"] = places["arrondissement"].map(above)
    places["region"] = places["province"].map(above)
    return places.reset_index(drop=True)
