"""What is chosen in the explorer, as data and as linked charts: to draw, to write as Python, to put in an address."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import parse_qs, urlencode

import altair as alt
import geopandas as gpd
import pandas as pd

from resilience_analysis.analysis.selection import Figures, figures, members_of
from resilience_analysis.drawing.classes import cut
from resilience_analysis.drawing.layers import palette
from resilience_analysis.notebook import load_dataset


@dataclass(frozen=True)
class Choices:
    """Everything that can be chosen."""

    region: str  # ids of groups
    comparator: str
    places: tuple[str, ...] = ()  # codes of the places that are named
    indicators: tuple[str, ...] = ()  # codes; the first is on the map, the second beside it
    weights: Mapping[str, float] = field(default_factory=dict)  # by indicator, where they differ from the framework
    goalposts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """(low, high) by indicator, where they differ from the framework."""
    normalise: str = ""  # methods; those of the framework when empty
    aggregate: str = ""
    min_coverage: float | None = None  # least coverage, 0-1; that of the framework when None
    language: str = ""  # of the words; the project's first when empty

    @property
    def changes(self) -> dict[str, Any]:
        """Return what differs from the framework, as arguments of `Framework.with_`."""
        named = {name: getattr(self, name) for name in ("weights", "goalposts", "normalise", "aggregate")}
        given = {name: dict(value) if isinstance(value, Mapping) else value for name, value in named.items() if value}
        return given if self.min_coverage is None else {**given, "min_coverage": self.min_coverage}

    def as_code(self) -> str:
        """Return lines of Python that give the same table and, where something is changed, what moves.

        Examples
        --------
        >>> print(Choices("neteland", "flanders", indicators=("trust",)).as_code())
        import resilience_analysis as ra
        <BLANKLINE>
        table = ra.compare('neteland', ['trust'])
        """
        said = f", language={self.language!r}" if self.language else ""
        lines = [
            "import resilience_analysis as ra",
            "",
            f"table = ra.compare({self.region!r}, {list(self.indicators)!r}{said})",
        ]
        if self.changes:
            arguments = ", ".join(f"{name}={value!r}" for name, value in self.changes.items())
            lines.append(f"moved = ra.what_if({arguments}, region={self.region!r})")
        return "\n".join(lines)

    def as_address(self) -> str:
        """Return the part of an address after the question mark."""
        given = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return urlencode({name: _written(value) for name, value in given.items() if value not in ((), {}, "", None)})


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return json.dumps(dict(value), separators=(",", ":"))
    return ",".join(value) if isinstance(value, tuple) else str(value)


def read_address(address: str, usual: Choices) -> Choices:
    """Return the choices of an address; what it lacks, or cannot be read, is as in `usual`.

    Examples
    --------
    >>> read_address("region=kempen&weights=%7B%22trust%22%3A2%7D", Choices("neteland", "flanders")).weights
    {'trust': 2.0}
    """
    given = {name: values[0] for name, values in parse_qs(address).items()}
    single = ("region", "comparator", "normalise", "aggregate", "language")
    read: dict[str, Any] = {name: getattr(usual, name) for name in single}
    read |= {name: given[name] for name in read if name in given}
    for name in ("places", "indicators"):
        read[name] = tuple(given[name].split(",")) if name in given else getattr(usual, name)
    try:
        read["weights"] = {code: float(value) for code, value in json.loads(given.get("weights", "{}")).items()}
        posts = json.loads(given.get("goalposts", "{}"))
        read["goalposts"] = {code: (float(low), float(high)) for code, (low, high) in posts.items()}
        read["min_coverage"] = float(given["min_coverage"]) if "min_coverage" in given else None
    except (ValueError, TypeError, AttributeError):
        return usual
    return Choices(**read)


SELECTION = "pick"
_WIDTH, _HEIGHT = 380, 300


@dataclass(frozen=True)
class Shown:
    """What the charts show."""

    shapes: gpd.GeoDataFrame
    """One row per place of the region: ``code``, ``name``, ``value`` (of the first indicator) and ``geometry``, in
    metres.
    """
    places: pd.DataFrame
    """One row per place of the project: ``code``, ``name``, ``inside`` (the region), ``named``, ``x``, ``y``."""
    dots: pd.DataFrame
    """One row per place of the region and indicator: ``code``, ``name``, ``named``, ``label``, ``score``, ``value``."""
    series: pd.DataFrame
    """One row per place of the region and year: ``code``, ``name``, ``named``, ``year``, ``value``; empty where there
    are fewer than three years.
    """
    x: str  # what the first and second indicator are called, with unit
    y: str
    limits: tuple[float, ...]  # values between the classes of the map, cut on all places of the project


def linked_charts(shown: Shown, words: dict[str, str]) -> Any:
    """Draw what is shown; clicking a place in one chart selects it in all.

    Parameters
    ----------
    shown
        The rows to draw.
    words
        ``value``, ``score`` and ``year`` in the language.
    """
    pick = alt.selection_point(name=SELECTION, fields=["code"], toggle="true", empty=False)
    chosen = pick | alt.datum.named
    colour = alt.condition(chosen, alt.value(palette()["group"]), alt.value(palette()["municipality"]))
    charts = [_map(shown, chosen, words), _dots(shown, chosen, colour, words), _scatter(shown, chosen, colour)]
    if len(shown.series):
        charts.append(_trend(shown, colour, words))
    named = [chart.properties(name=f"chart_{number}") for number, chart in enumerate(charts)]
    rows = alt.vconcat(alt.hconcat(*named[:2]), alt.hconcat(*named[2:])).configure_view(stroke=None)
    # said once for all charts by name: added to each, it would be merged with a warning
    select = alt.PointSelectionConfig(type="point", fields=["code"], toggle="true")
    everywhere = [chart.name for chart in named]
    rows.params = [alt.TopLevelSelectionParameter(name=SELECTION, select=select, views=everywhere)]
    return rows


def _tooltip(**named: str) -> list[alt.Tooltip]:
    figures = (alt.Tooltip(f"{name}:Q", title=title, format=",.4~r") for name, title in named.items())
    return [alt.Tooltip("name:N", title=""), *figures]


def _axis(kind: Any, name: str, title: str) -> Any:
    return kind(f"{name}:Q", title=title, scale=alt.Scale(zero=False))


def _map(shown: Shown, chosen: Any, words: dict[str, str]) -> Any:
    features = json.loads(shown.shapes.to_json())["features"]
    rows = [{**feature["properties"], "type": "Feature", "geometry": feature["geometry"]} for feature in features]
    scale = alt.Scale(type="threshold", domain=list(shown.limits), range=list(palette()["classes"]))
    known = alt.Color("value:Q", title=words["value"], scale=scale)
    chart = alt.Chart(alt.InlineData(values=rows), title=shown.x, width=_WIDTH, height=_HEIGHT).mark_geoshape()
    return chart.encode(
        color=alt.condition("isValid(datum.value)", known, alt.value("#FFFFFF")),
        stroke=alt.condition(chosen, alt.value(palette()["group"]), alt.value(palette()["line"])),
        strokeWidth=alt.condition(chosen, alt.value(2.5), alt.value(0.6)),
        tooltip=_tooltip(value=words["value"]),
    ).project(type="identity", reflectY=True)


def _dots(shown: Shown, chosen: Any, colour: Any, words: dict[str, str]) -> Any:
    labels: Sequence[str] = list(dict.fromkeys(shown.dots["label"]))
    chart = alt.Chart(shown.dots, width=_WIDTH, height=alt.Step(34)).mark_circle(size=70, opacity=0.8)
    return chart.encode(
        x=alt.X("score:Q", title=words["score"], scale=alt.Scale(domain=[0, 100])),
        y=alt.Y("label:N", title=None, sort=labels, axis=alt.Axis(labelLimit=220)),
        color=colour,
        size=alt.condition(chosen, alt.value(160), alt.value(60)),
        tooltip=_tooltip(value=words["value"], score=words["score"]),
    )


def _scatter(shown: Shown, chosen: Any, colour: Any) -> Any:
    return (
        alt.Chart(shown.places, width=_WIDTH, height=_HEIGHT)
        .mark_circle()
        .encode(
            x=_axis(alt.X, "x", shown.x),
            y=_axis(alt.Y, "y", shown.y),
            color=colour,
            opacity=alt.condition(alt.datum.inside, alt.value(0.95), alt.value(0.25)),
            size=alt.condition(chosen, alt.value(160), alt.value(40)),
            tooltip=_tooltip(x=shown.x, y=shown.y),
        )
    )


def _trend(shown: Shown, colour: Any, words: dict[str, str]) -> Any:
    x, y = alt.X("year:O", title=words["year"]), _axis(alt.Y, "value", shown.x)
    chart = alt.Chart(shown.series, width=_WIDTH, height=_HEIGHT).mark_line(point=True)
    return chart.encode(x=x, y=y, detail="code:N", color=colour, tooltip=_tooltip(value=words["value"]))


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
        shapes=_shapes(inner.rename(columns={"x": "value"})), places=places,
        dots=pd.concat([_dot_rows(found, inner) for found in chosen.values()], ignore_index=True),
        series=_series_rows(first.code, inner), x=first.title, y=second.title, limits=cut(first.values).edges[:-1],
    )  # fmt: skip


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
