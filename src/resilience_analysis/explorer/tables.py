"""The tables behind the explorer: rows of the charts, values with the comparator, and what other choices move."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from resilience_analysis.analysis.pictures import cut
from resilience_analysis.analysis.selection import Figures, figures, members_of
from resilience_analysis.explorer.linked import Shown
from resilience_analysis.explorer.state import Choices
from resilience_analysis.notebook import load_dataset

_METRES = 120  # what boundaries are simplified to: less than a pixel of the map


def shown_rows(choices: Choices, language: str) -> Shown:
    """Return the rows that the charts draw.

    Raises
    ------
    UsageError
        When a code or region is not known.
    """
    dataset, inside = load_dataset(), members_of(choices.region)
    chosen = {code: figures(code, language) for code in choices.indicators}
    first, *others = chosen.values()
    second = others[0] if others else first
    names = dataset.names.astype(str)
    places = pd.DataFrame({"code": names.index, "name": names.to_numpy()})
    places["inside"], places["named"] = places["code"].isin(inside), places["code"].isin(choices.places)
    places["x"], places["y"] = (places["code"].map(found.values) for found in (first, second))
    inner = places[places["inside"]]
    return Shown(
        shapes=_shapes(inner.rename(columns={"x": "value"})),
        places=places,
        dots=pd.concat([_dot_rows(found, inner) for found in chosen.values()], ignore_index=True),
        series=_series_rows(first.code, inner),
        x=first.title,
        y=second.title,
        limits=cut(first.values).edges[:-1],
    )


def _shapes(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    shapes = load_dataset().boundaries.set_index("nis_code").geometry
    chosen = shapes.loc[rows["code"]].simplify(_METRES)
    return gpd.GeoDataFrame(rows[["code", "name", "named", "value"]], geometry=chosen.to_numpy(), crs=shapes.crs)


def _dot_rows(found: Figures, places: pd.DataFrame) -> pd.DataFrame:
    values = places["code"].map(found.values)
    low, high = found.indicator.goalposts if found.indicator else (found.values.min(), found.values.max())
    share = 100 * (values - low) / (high - low)
    if found.indicator and found.indicator.direction < 0:
        share = 100 - share
    rows = places[["code", "name", "named"]].assign(label=found.label, score=share.clip(0, 100), value=values)
    return rows.dropna(subset="value")


def _series_rows(code: str, places: pd.DataFrame) -> pd.DataFrame:
    series = load_dataset().series
    if code not in series:
        return pd.DataFrame(columns=["code", "name", "named", "year", "value"])
    long = series[code].loc[places["code"]].stack().reset_index()
    long.columns = pd.Index(["code", "year", "value"])
    return long.merge(places[["code", "name", "named"]], on="code", validate="m:1")


def values_table(choices: Choices, language: str, *, median: str, picked: list[str] | None = None) -> pd.DataFrame:
    """Return the values of the chosen indicators.

    Parameters
    ----------
    choices
        What is chosen.
    language
        Of the labels.
    median
        What the last row is called.
    picked
        Codes of places to show instead of those of the region.

    Returns
    -------
    pandas.DataFrame
        One row per place (indexed by name) and, last, the median of the comparator; one column per indicator.
    """
    dataset = load_dataset()
    rows = picked or members_of(choices.region)
    others = members_of(choices.comparator)
    chosen = {found.title: found.values for found in (figures(code, language) for code in choices.indicators)}
    table = pd.DataFrame(chosen, index=dataset.names.index)
    shown = table.loc[rows].set_axis([str(dataset.names[code]) for code in rows])
    return pd.concat([shown, table.loc[others].median().rename(median).to_frame().T])
