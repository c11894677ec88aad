"""What the maps of several sections share: areas of a region, bases, classes, legends, and the tables behind them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING
from zlib import crc32

import geopandas as gpd
from shapely import from_wkb, line_merge, to_wkb
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from resilience_analysis.drawing.charts import wrap
from resilience_analysis.drawing.classes import Classes, classify
from resilience_analysis.drawing.layers import TOP, WIDTH, Base, Bold, Mark, Outline, Shown, new_figure, palette
from resilience_analysis.drawing.maps import (
    MISSING_HATCH,
    SUPPRESSED_HATCH,
    draw_areas,
    draw_choropleth,
    draw_names,
    draw_paths,
    frame,
    scale_bar,
)
from resilience_analysis.drawing.outlines import (
    MOST_AREAS,
    Outlines,
    add_surroundings,
    shared_outlines,
    together,
)
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.pages.render import plain_table, render
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.region import alphabetical

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch


_SURROUNDINGS = 0.25  # how far beyond the region a map goes, as a share of its size
_REGION_HEIGHT = 4.6  # inches
_LARGEST_HEIGHT = 7.6  # inches, for a region of many municipalities
MANY = 12  # municipalities whose names need more room
_MOST_BORDERS = 2500  # areas: the borders of more are closer together than a pixel
_PIXELS = 450  # as wide as most maps are shown
_LARGE = 1000  # limits of classes that are as large need no decimal
_SHORT = 4  # letters of a unit that fits behind a number in a legend


def shared_base(
    subject: Subject,
    key: tuple[Hashable, ...],
    make: Callable[[], Shown],
    outlines: Callable[[], Outlines] = lambda: Outlines(""),
) -> Base:
    """Return a base that many pages share, drawn once for all of them and kept on disk with what the data came from."""
    data = subject.data
    return data.keep(key, lambda: Base(make, outlines=outlines, kept=data.disk, name=repr(key)))


def map_base(subject: Subject, name: str, draw: Callable[[Subject], Shown], *, worded: bool = False) -> Base:
    """Return the base of a map that the pages of all places of a region share; `worded` where it has words on it."""
    key = (name, *([subject.texts.language] if worded else []), *subject.region.codes)
    return shared_base(subject, key, lambda: draw(subject), lambda: region_outlines(subject))


def region_shapes(subject: Subject) -> gpd.GeoDataFrame:
    """Return the areas of the region."""
    shapes = subject.data.boundaries
    return shapes[shapes["nis_code"].isin(subject.region.codes)]


def _nearby(subject: Subject) -> gpd.GeoDataFrame:
    """Return the areas outside the region, as far as they fall within the frame of its map."""
    shapes, region = subject.data.boundaries, region_shapes(subject)
    west, south, east, north = region.total_bounds
    pad = _SURROUNDINGS * max(east - west, north - south)
    window = box(west - pad, south - pad, east + pad, north + pad)
    outside = shapes[~shapes["nis_code"].isin(subject.region.codes)]
    near = outside[outside.intersects(window)]
    near = near.assign(geometry=near.geometry.intersection(window))
    return near[near.geom_type.isin(["Polygon", "MultiPolygon"])]


def draw_surroundings(ax: Axes, outlines: Outlines) -> None:
    """Draw what lies around a region as its ground."""
    draw_paths(ax, [outlines.path("around")], colours=palette()["land"], edge="none")
    draw_paths(ax, [outlines.path("between")], colours="none")


def new_map(shapes: gpd.GeoDataFrame, *, below: float = 0.0) -> tuple[Figure, Axes]:
    """Make an empty map of `shapes` that fits the text width of a page, with some inches below it."""
    west, south, east, north = shapes.total_bounds
    tallest = _REGION_HEIGHT if len(shapes) <= MANY else _LARGEST_HEIGHT
    width = tallest * (east - west) / (north - south)
    height = tallest * min(1, WIDTH / width)
    figure = new_figure(height + below, width=min(width, WIDTH))
    ax = figure.add_axes((0, below / (height + below), 1, height / (height + below)))
    return figure, frame(ax, shapes)


def draw_classes(ax: Axes, subject: Subject, code: str) -> None:
    """Colour the municipalities of the region by the class of their value of an indicator."""
    values, outlines = subject.data.values[code], region_outlines(subject)
    draw_choropleth(
        ax, region_shapes(subject), values, classes_of(subject, code), suppressed(subject, code), outlines=outlines
    )


def classes_of(subject: Subject, code: str) -> Classes:
    """Return the classes of an indicator, cut on all municipalities."""
    data = subject.data
    return data.keep(("classes", code), lambda: classify(data.values[code]))


def class_patches(subject: Subject, code: str) -> list[Patch]:
    """Return the legend of a choropleth: a patch per class, and one for what is missing or suppressed in the region."""
    from matplotlib.patches import Patch  # noqa: PLC0415 - only what is drawn anew

    labels = class_labels(subject, code)
    patches = [
        Patch(facecolor=colour, label=label) for colour, label in zip(palette()["classes"], labels, strict=False)
    ]
    codes = region_shapes(subject)["nis_code"]
    gaps, hidden = codes.map(subject.data.values[code]).isna(), codes.isin(suppressed(subject, code))
    look = {"facecolor": palette()["missing"], "edgecolor": palette()["hatch"]}
    if (gaps & ~hidden).any():
        patches.append(Patch(**look, hatch=MISSING_HATCH, label=subject.texts("legend.missing")))
    if (gaps & hidden).any():
        patches.append(Patch(**look, hatch=SUPPRESSED_HATCH, label=subject.texts("legend.suppressed")))
    return patches


def suppressed(subject: Subject, code: str) -> set[str]:
    """Return the NIS codes of which the value of an indicator is suppressed."""
    reasons = subject.data.column("missing_reason")[code]
    return set(reasons.index[reasons == "suppressed"])


def _is_long(t: Texts, unit: str) -> bool:
    """Return whether a unit is written as a word or more, for which the legend of a small map has no room."""
    return len(t.value(0, unit, decimals=0)) - len(t.number(0)) > _SHORT


def map_title(subject: Subject, code: str, *facts: object, letters: int) -> str:
    """Return what an indicator is called on a map, in lines of so many letters; with its unit if legends lack it."""
    unit = subject.entry(code).unit
    if unit == "%" or _is_long(subject.texts, unit):
        facts = (unit, *facts)
    said = ", ".join(map(str, facts))
    return wrap(f"{subject.label(code)} ({said})" if said else subject.label(code), letters)


def class_labels(subject: Subject, code: str) -> list[str]:
    """Return the limits of every class, the first with a short unit: without holes, with digits that tell them apart.

    A class begins where the one below it ends; a value on a limit belongs to the lower class.
    """
    t, unit, classes = subject.texts, subject.entry(code).unit, classes_of(subject, code)
    limits = [classes.bounds[0][0], *classes.edges]
    whole = unit in {"%", "count"} or max(map(abs, limits)) >= _LARGE
    digits = _digits(limits, least=0 if whole else 1)
    written = [t.number(high, digits) for high in limits[1:]]
    if not _is_long(t, unit):
        written[0] = t.value(limits[1], unit, decimals=digits)
    ends = [t.number(low, digits) for low in limits[:-1]]
    if limits[0] == limits[1]:  # the lowest class is one value
        return [written[0], *(t("span", low=low, high=high) for low, high in zip(ends[1:], written[1:], strict=True))]
    return [t("span", low=low, high=high) for low, high in zip(ends, written, strict=True)]


def _digits(limits: Sequence[float], *, least: int, most: int = 6) -> int:
    """Return the fewest decimals with which limits that differ are written differently."""
    different = len(set(limits))
    return next((n for n in range(least, most) if len({round(limit, n) for limit in limits}) == different), most)


def region_outlines(subject: Subject) -> Outlines:
    """Return the outlines of the municipalities of the region and around it, which its maps share."""

    def make() -> Outlines:
        region = region_shapes(subject)
        if len(region) > MOST_AREAS:
            shapes = region.set_index("nis_code").geometry
            return overview(subject, outlines_key("a", subject), shapes, pixels=_PIXELS)
        parts = [(region, "nis_code"), (region_villages(subject), "village_code")]
        inside, *villages = (table.set_index(code).geometry for table, code in parts if len(table))
        found = shared_outlines(outlines_key("a", subject), inside, *villages, pixels=_PIXELS)
        if len(near := _nearby(subject)):
            add_surroundings(found, inside, near.set_index("nis_code").geometry)
        return found

    return subject.data.keep(("outlines", *subject.region.codes), make)


def overview(subject: Subject, key: str, shapes: gpd.GeoSeries, *, pixels: int) -> Outlines:
    """Return the outlines of a map of many areas: all as ``land``, the ``region``, and ``borders`` if they can be seen.

    Parameters
    ----------
    key
        What their names in a page begin with.
    shapes
        All areas by their code, in metres; each of the region can be drawn in full.
    pixels
        How many pixels wide the map is shown: finer detail is left out. That is worked out once, and kept on disk.
    """
    west, south, east, north = (float(end) for end in shapes.total_bounds)
    pixel = max(east - west, north - south) / pixels

    def make() -> dict[str, str]:
        return {code: to_wkb(shape, hex=True) for code, shape in _coarse(shapes, pixel).items()}

    kept = subject.data.disk.plain(f"coarse areas, {pixels} pixels: {','.join(shapes.index)}", make)
    coarse = dict(zip(kept, from_wkb(list(kept.values())), strict=True))
    own = {code: coarse[code] for code in subject.region.codes}
    whole: dict[str, BaseGeometry] = {name: coarse[name] for name in ("land", "borders") if name in coarse}
    return Outlines(key, pixel, west, north, {**whole, "region": together(gpd.GeoSeries(own)), **own}, set(own))


def _coarse(shapes: gpd.GeoSeries, pixel: float) -> dict[str, BaseGeometry]:
    coarse = shapes.simplify_coverage(pixel)
    whole: dict[str, BaseGeometry] = {"land": together(coarse)}
    if len(coarse) <= _MOST_BORDERS:
        whole["borders"] = line_merge(coarse.boundary.union_all().difference(whole["land"].boundary))
    return {**whole, **{str(code): shape for code, shape in coarse.items()}}


def outlines_key(kind: str, subject: Subject) -> str:
    """Return what the names of areas begin with: pages of several regions can lie in one notebook."""
    return f"{kind}{crc32(','.join(subject.region.codes).encode()) % 16**5:x}"


def region_villages(subject: Subject) -> gpd.GeoDataFrame:
    """Return the villages of the region; none where those of some municipality are not known."""

    def make() -> gpd.GeoDataFrame:
        villages = subject.data.villages
        inside = villages[villages["nis_code"].isin(subject.region.codes)]
        return inside.iloc[:0] if set(inside["nis_code"]) < set(subject.region.codes) else inside

    return subject.data.keep(("villages inside", *subject.region.codes), make)


def own_outlines(base: Base, subject: Subject, *, width: float = 2.4) -> list[Mark]:
    """Return a thick outline around the municipality on every map of a base, with its name in bold."""
    if not subject.nis_code:
        return []
    around: list[Mark] = [Outline(name, subject.nis_code, width) for name in base.names]
    return [*around, Bold(base.names[0], subject.place)]


def add_slot(ax: Axes, name: str = "map") -> None:
    """Leave a place for marks above the areas of a map and below its names."""
    from resilience_analysis.drawing.vector import Placeholder  # noqa: PLC0415 - loads matplotlib

    ax.add_artist(Placeholder(f"marks {name}", zorder=TOP))


def village_base(subject: Subject) -> Base:
    """Return the base of a map of the region's villages with their names."""
    return map_base(subject, "villages", _draw_villages)


def _draw_villages(subject: Subject) -> Shown:
    inside, outlines = region_villages(subject), region_outlines(subject)
    figure, ax = new_map(inside)
    draw_surroundings(ax, outlines)
    look = {"colours": palette()["region"], "edge": palette()["line"], "width": 0.8}
    draw_areas(ax, inside, outlines=outlines, code="village_code", **look)
    add_slot(ax)
    draw_names(ax, inside, size=10)
    scale_bar(ax, inside)
    return figure, {"map": ax}


MOST_ROWS = 40


def table_codes(subject: Subject) -> list[str]:
    """Return the municipalities of the region that a table names.

    All of them, or of many: the municipality and those around it; the first by name where a report is about no single
    one.
    """
    codes = list(subject.region.codes)
    if len(codes) <= MOST_ROWS:
        return codes
    if not subject.nis_code:
        return alphabetical(subject.data, codes)[:MOST_ROWS]
    region = subject.data.keep(("areas", *codes), lambda: region_shapes(subject).set_index("nis_code").geometry)
    near = region.iloc[region.sindex.query(region[subject.nis_code], predicate="intersects")].index
    others = [str(code) for code in near if code != subject.nis_code]
    return [subject.nis_code, *alphabetical(subject.data, others)][:MOST_ROWS]


def cut(subject: Subject, shown: int) -> str:
    """Return which municipalities a table names; empty where it names all of the region."""
    t, every = subject.texts, len(subject.region.codes)
    if shown == every:
        return ""
    words = {"shown": t.number(shown), "all": t.number(every), "place": subject.place}
    return t("table.cut" if subject.nis_code else "table.cut_region", **words)


def map_table(subject: Subject, indicators: list[str], *, digits: int) -> tuple[str, str]:
    """Return the values behind maps of some indicators, as an HTML table and as text."""
    codes = table_codes(subject)

    def make() -> tuple[str, str]:
        table = subject.data.values.loc[codes, indicators]
        content = {"subject": subject, "codes": indicators, "table": table, "cut": cut(subject, len(codes))}
        made = render("map_table.html.j2", subject.texts, **content)
        return made, plain_table(table.reset_index(), digits=digits)

    if len(codes) < len(subject.region.codes):
        return make()
    return subject.data.keep(("map table", subject.texts.language, *indicators, *codes), make)
