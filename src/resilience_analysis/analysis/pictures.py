"""Maps and charts for a notebook: one line each, on the project's figures or on a table of one's own.

Every function takes ``ax=`` (a new figure when not given), gives its Axes back, and keeps the style of the package
inside its own call. ``region`` is a group or places separated by commas, the project's region when empty; ``language``
is that of the words, the project's first when empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from resilience_analysis.analysis.selection import (
    Chosen,
    Figures,
    Several,
    by_place,
    figures,
    members_of,
    places_named,
    table_of,
    words,
)
from resilience_analysis.drawing.charts import draw_likert
from resilience_analysis.drawing.classes import Classes, cut
from resilience_analysis.drawing.layers import in_style, palette
from resilience_analysis.drawing.maps import MISSING_HATCH, draw_choropleth, draw_names, frame, scale_bar
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.notebook import load_dataset

_MOST_NAMES = 40
_WIDTH = 6.7


def _axes(ax: Axes | None, height: float) -> Axes:
    return ax if ax is not None else plt.subplots(figsize=(_WIDTH, height))[1]


@in_style
def area_map(
    what: Chosen, *, region: str = "", ax: Axes | None = None, cmap: str | None = None, scheme: str | Sequence[float] =
    "quantiles", labels: bool | None = None, language: str = "",
) -> Axes:  # fmt: skip
    """Draw a map of an indicator, a score or values of one's own, in five classes cut on all places.

    Parameters
    ----------
    what
        A code; or a Series, or a DataFrame with one column of numbers, indexed by codes or names of places or with them
        in a column ``code``, ``nis_code`` or ``name``.
    region
        A group, or places separated by commas; the project's region when empty.
    cmap
        A matplotlib colour map; the package's five blues when not given.
    scheme
        ``quantiles`` (as many places in each class), ``equal`` (classes of one width), ``pretty`` (round limits), or
        the upper limits of the classes.
    labels
        Whether to write the names of places; where they fit when not given.

    Returns
    -------
    Axes
        In metres; a legend stands beside it.

    Raises
    ------
    UsageError
        When a code, region or scheme is not known, with the nearest that is.

    Examples
    --------
    >>> area_map("ctx_density", scheme=[100, 200, 500], language="en").get_title(loc="left")
    'Inhabitants per km² (/km², 2025)'
    """
    dataset, texts, shown = load_dataset(), words(language), figures(what, language)
    shapes = dataset.boundaries[dataset.boundaries["nis_code"].isin(members_of(region))]
    classes = cut(shown.values, scheme)
    colours = _colours(cmap, len(classes.edges))
    ax = frame(_axes(ax, 5.2), shapes)
    draw_choropleth(ax, shapes, shown.values, classes, set(shown.hidden), colours=colours)
    if labels or (labels is None and len(shapes) <= _MOST_NAMES):
        draw_names(ax, shapes, size=9)
    scale_bar(ax, shapes)
    ax.legend(handles=_patches(classes, colours, shown, texts), loc="upper left", bbox_to_anchor=(1, 1))
    ax.set_title(shown.title)
    return ax


def _colours(cmap: str | None, count: int) -> list[str]:
    if cmap is None:
        return list(palette()["classes"])
    if cmap not in mpl.colormaps:
        raise UsageError(unknown("colour map", cmap, list(mpl.colormaps)))
    return [mpl.colors.to_hex(colour) for colour in mpl.colormaps[cmap](np.linspace(0.1, 0.95, max(count, 1)))]


def _patches(classes: Classes, colours: Sequence[str], shown: Figures, texts: Texts) -> list[Patch]:
    low, high = shown.values.min(), shown.values.max()
    decimals = int(np.clip(2 - np.floor(np.log10(max(high - low, 1e-9))), 0, 6))
    written = [[texts.number(end, decimals) for end in bounds] for bounds in classes.bounds]
    patches = [
        Patch(facecolor=colour, edgecolor=palette()["line"], label=texts("span", low=first, high=last))
        for colour, (first, last) in zip(colours, written, strict=False)
    ]
    look = {"facecolor": "white", "edgecolor": palette()["hatch"], "hatch": MISSING_HATCH}
    return [*patches, Patch(**look, label=texts("legend.missing"))]


@in_style
def dots(codes: Several, *, region: str = "", ax: Axes | None = None, language: str = "") -> Axes:
    """Draw a row per indicator with a dot per place of a region.

    Each row runs from the lowest to the highest value of all places.

    Parameters
    ----------
    codes
        One code or several, or columns of a DataFrame of one's own.
    region
        A group, or places separated by commas; the project's region when empty.

    Returns
    -------
    Axes
        A row per indicator, the first on top.

    Examples
    --------
    >>> len(dots(["ctx_density", "ctx_population"]).get_yticks())
    2
    """
    chosen, texts = table_of(codes, language), words(language)
    inside = members_of(region)
    ax = _axes(ax, 0.5 * len(chosen) + 1.1)
    for y, shown in enumerate(chosen.values()):
        low, high = shown.values.min(), shown.values.max()
        places = 100 * (shown.values - low) / (high - low)
        ax.plot([0, 100], [y, y], color=palette()["range"], linewidth=6, solid_capstyle="butt", zorder=1)
        ax.plot([places.median()], [y], marker="|", markersize=14, color=palette()["everywhere"], linewidth=0, zorder=2)
        known = places[inside].dropna()
        ax.plot(known, [y] * len(known), marker="o", linewidth=0, color=palette()["municipality"], alpha=0.8, zorder=3)
    ax.set_yticks(range(len(chosen)), [shown.title for shown in chosen.values()], fontsize=9)
    ax.set_ylim(len(chosen) - 0.5, -0.5)
    ax.set_xticks([0, 100], [texts("explore.low"), texts("explore.high")])
    return ax


@in_style
def spread(what: Chosen, *, region: str = "", ax: Axes | None = None, bins: int = 30, language: str = "") -> Axes:
    """Draw how all places are spread on an indicator, with marks where those of a region lie and its goalposts.

    Parameters
    ----------
    what
        A code, or a Series or DataFrame of one's own, as in `area_map`.
    region
        A group, or places separated by commas; the project's region when empty.
    bins
        How many bars.

    Returns
    -------
    Axes
        The indicator to the right, numbers of places upwards.

    Examples
    --------
    >>> spread("ctx_density", bins=10, language="en").get_xlabel()
    'Inhabitants per km² (/km², 2025)'
    """
    shown = figures(what, language)
    ax = _axes(ax, 2.8)
    ax.hist(shown.values.dropna(), bins=bins, color=palette()["interquartile"], edgecolor="white")
    for value in shown.values[members_of(region)].dropna():
        ax.axvline(value, ymax=0.12, color=palette()["municipality"], linewidth=2)
    for place in shown.indicator.goalposts if shown.indicator else ():
        ax.axvline(place, color=palette()["group"], linestyle="--", linewidth=1)
    ax.set(xlabel=shown.title, ylabel="")
    return ax


@in_style
def scatter(
    x: Chosen, y: Chosen, *, hue: str | None = None, label: str | Iterable[str] | None = None,
    region: str | None = None, ax: Axes | None = None, language: str = "",
) -> Axes:  # fmt: skip
    """Draw two indicators against each other, a dot per place.

    Parameters
    ----------
    x, y
        Codes, or Series or DataFrames of one's own, as in `area_map`.
    hue
        A column of `places` (such as ``province``) to colour by.
    label
        Which places to name: a region, or one name or several.
    region
        Only the places of a region; all when not given.

    Returns
    -------
    Axes
        A dot per place that has both.

    Raises
    ------
    UsageError
        When a code, column, place or region is not known, with the nearest that is.

    Examples
    --------
    >>> scatter("ctx_density", "ctx_population", label="neteland").texts[0].get_text()
    'Grobbendonk'
    """
    dataset, across, up = load_dataset(), figures(x, language), figures(y, language)
    table = pd.DataFrame({"x": across.values, "y": up.values})
    table = (table if region is None else table.loc[members_of(region)]).dropna()
    ax = _axes(ax, 4.6)
    for colour, (name, rows) in zip(_hues(), _grouped(table, hue), strict=False):
        ax.scatter(rows["x"], rows["y"], s=22, color=colour, alpha=0.7, linewidths=0, label=name)
    for code in places_named(label):
        if code in table.index:
            place = (across.values[code], up.values[code])
            ax.annotate(str(dataset.names[code]), place, xytext=(4, 4), textcoords="offset points", fontsize=9)
            ax.plot(*place, marker="o", color=palette()["group"], zorder=3)
    ax.set(xlabel=across.title, ylabel=up.title)
    if hue is not None:
        ax.legend(fontsize=9)
    return ax


def _hues() -> list[Any]:
    return [palette()["municipality"], *mpl.colormaps["tab10"](range(10))]


def _grouped(table: pd.DataFrame, hue: str | None) -> list[tuple[str, pd.DataFrame]]:
    if hue is None:
        return [("", table)]
    places = load_dataset().municipalities
    if hue not in places:
        raise UsageError(unknown("column", hue, places.columns))
    return [(str(name), rows) for name, rows in table.groupby(places.loc[table.index, hue].astype(str))]


@in_style
def trend(
    code: str | pd.DataFrame, places: str | Iterable[str] = "", *, ax: Axes | None = None, language: str = "",
) -> Axes:  # fmt: skip
    """Draw how an indicator moved over the years, with the median of all places; gaps break the line.

    Parameters
    ----------
    code
        An indicator with at least three years; or a DataFrame of one's own, a row per place and a column per year.
    places
        A region, or one name or code or several; the project's region when empty.

    Returns
    -------
    Axes
        A line per place, and one for the median.

    Raises
    ------
    UsageError
        When the indicator has no three years, or a place is not known.

    Examples
    --------
    >>> len(trend("ctx_population", "Olen").lines)
    2
    """
    dataset, texts = load_dataset(), words(language)
    table, label = _over_years(code, language)
    ax = _axes(ax, 3.4)
    for colour, place in zip(_hues() * 10, places_named(places or dataset.project.settings.region), strict=False):
        ax.plot(
            table.columns, table.loc[place], marker="o", markersize=3, color=colour, label=str(dataset.names[place])
        )
    ax.plot(table.columns, table.median(), linestyle="--", color=palette()["everywhere"], label=texts("legend.median"))
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    ax.set(ylabel=label, xlabel="")
    ax.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def _over_years(code: str | pd.DataFrame, language: str) -> tuple[pd.DataFrame, str]:
    """Return the values of every place over the years, and what they are called."""
    if isinstance(code, pd.DataFrame):
        table = by_place(code)
        return pd.DataFrame({int(str(year)): figures(table[year]).values for year in table}), ""
    series = load_dataset().series
    if code not in series:
        raise UsageError(unknown("indicator with at least three years", code, series))
    shown = figures(code, language)
    return series[code], f"{shown.label} ({shown.unit})"


@in_style
def likert(
    estimates: pd.DataFrame | None = None, *, municipality: str, wave: str = "", ax: Axes | None = None,
    language: str = "",
) -> Axes:  # fmt: skip
    """Draw the answers of one municipality and wave as diverging bars, a row per statement.

    Parameters
    ----------
    estimates
        Schema ``estimates``, such as ``ra.read_survey().voices.estimates``; those of the project when not given.
        Suppressed statements have no bar.
    municipality
        Code or name.
    wave
        Label of the wave; the latest when empty.

    Returns
    -------
    Axes
        A row per statement, as `draw_likert` draws it.

    Raises
    ------
    UsageError
        When the municipality is not known, or nobody there answered in that wave.
    """
    dataset, texts = load_dataset(), words(language)
    (code,) = places_named([municipality])
    table = dataset.tables.estimates if estimates is None else estimates
    rows = table[(table["nis_code"] == code) & (table["group"] == "all") & (table["level"] == "item")]
    waves = sorted(rows["wave"].astype(str).unique())
    if not waves or (wave and str(wave) not in waves):
        raise UsageError(unknown(f"wave with answers in {municipality}", str(wave), waves))
    rows = rows[rows["wave"].astype(str) == str(wave or waves[-1])].set_index("code")
    codes = [item for dimension in dataset.instrument.scored.values() for item in dimension]
    labels = {item: dataset.instrument.items[item].texts[texts.language] for item in codes}
    return draw_likert(_axes(ax, 0.42 * len(codes) + 0.8), rows.reindex(codes), labels, texts)
