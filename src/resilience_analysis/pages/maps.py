"""The maps of a profile: the region with all names, the region in Flanders, and indicators on the map."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from shapely.geometry import box

from resilience_analysis.drawing.charts import wrap
from resilience_analysis.drawing.layers import WIDTH, Plate, in_style, new_figure, palette
from resilience_analysis.drawing.maps import (
    MISSING_HATCH,
    SUPPRESSED_HATCH,
    Classes,
    classify,
    draw_areas,
    draw_choropleth,
    draw_highlight,
    draw_names,
    frame,
    scale_bar,
)
from resilience_analysis.pages.render import html, plain_table, render
from resilience_analysis.pages.show import Picture, Section
from resilience_analysis.pages.subject import Subject

_SURROUNDINGS = 0.25  # how far beyond the region a map goes, as a share of its size
_REGION_HEIGHT = 4.6  # inches
_LARGEST_HEIGHT = 7.6  # inches, for a region of many municipalities
MANY = 12  # municipalities whose names need more room
_LOCATOR_TOLERANCE = 150  # metres; finer detail does not show on a map of Flanders


def maps(subject: Subject) -> Section:
    """Show the region with all names, its place in Flanders, and six indicators on the map."""
    t = subject.texts
    opening = html("heading.html.j2", t, text=t("section.maps"), name="maps", intro="")
    pictures = [region_map(subject), locator_map(subject), indicator_maps(subject), *village_map(subject)]
    return Section([opening, *pictures])


def region_shapes(subject: Subject) -> gpd.GeoDataFrame:
    """Return the areas of the region."""
    shapes = subject.atlas.boundaries
    return shapes[shapes["nis_code"].isin(subject.region.codes)]


def _nearby(subject: Subject) -> gpd.GeoDataFrame:
    """Return the areas outside the region that fall within the frame of its map."""
    shapes, region = subject.atlas.boundaries, region_shapes(subject)
    west, south, east, north = region.total_bounds
    pad = _SURROUNDINGS * max(east - west, north - south)
    window = box(west - pad, south - pad, east + pad, north + pad)
    outside = shapes[~shapes["nis_code"].isin(subject.region.codes)]
    return outside[outside.intersects(window)]


def _sources(subject: Subject, *lines: str) -> str:
    return " ".join([*lines, subject.texts("maps.boundaries_source")])


def map_size(shapes: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return height and width in inches of a map of `shapes` that fits the text width of a page."""
    west, south, east, north = shapes.total_bounds
    height = _REGION_HEIGHT if len(shapes) <= MANY else _LARGEST_HEIGHT
    width = height * (east - west) / (north - south)
    return height * min(1, WIDTH / width), min(width, WIDTH)


def region_map(subject: Subject) -> Picture:
    """Show the region with the name of every municipality and a thick outline around this one."""
    t, key = subject.texts, ("region map", *subject.region.codes)
    plate = subject.atlas.keep(key, lambda: _region_plate(subject))
    names = sorted(str(subject.atlas.names[code]) for code in subject.region.codes)
    words = {"region": subject.region_name, "count": len(names), "place": subject.place}
    title = t("maps.region_title", **words) if subject.nis_code else t("maps.plain_title", **words)
    alt = t("maps.region_alt", **words) if subject.nis_code else t("maps.plain_alt", **words)
    return Picture(
        png=plate.png(lambda axes: _outline(axes, subject, 2.4)),
        alt=alt,
        caption=f"{title}. {_sources(subject)}",
        table="",
        text=f"{title}\n{', '.join(names)}",
        width=plate.width,
    )


@in_style
def _region_plate(subject: Subject) -> Plate:
    region = region_shapes(subject)
    height, width = map_size(region)
    figure = new_figure(height, width=width)
    ax = figure.add_axes((0, 0, 1, 1))
    frame(ax, region)
    draw_areas(ax, _nearby(subject), colours=palette()["land"])
    draw_areas(ax, region, colours=palette()["region"], width=1.2)
    draw_names(ax, region, size=11 if len(region) <= MANY else 9)
    scale_bar(ax, region)
    return Plate(figure, {"map": ax})


def _outline(axes: Mapping[str, Axes], subject: Subject, width: float) -> list[Artist]:
    shapes, code = region_shapes(subject), subject.nis_code
    if not code:
        return []
    return [
        artist
        for ax in axes.values()
        for artist in (*draw_highlight(ax, shapes, code, width=width), *_names_again(ax, subject))
    ]


def _names_again(ax: Axes, subject: Subject) -> list[Artist]:
    """Write the municipality's own name, and those of its villages, above its outline."""
    villages = subject.atlas.villages
    own = villages.loc[villages["nis_code"] == subject.nis_code, "name"]
    others = [artist for name in own if name != subject.place for artist in name_again(ax, name, weight="normal")]
    return [*others, *name_again(ax, subject.place)]


def name_again(ax: Axes, name: str, *, weight: str = "bold") -> list[Artist]:
    """Write a name that is on a map once more: above an outline that runs through it or a dot that covers it."""
    return [
        ax.text(
            *words.get_position(), name, fontsize=words.get_fontsize(), fontweight=weight, ha="center", va="center",
            color=words.get_color(), path_effects=words.get_path_effects(), zorder=words.get_zorder(),
            transform=words.get_transform(),
        )
        for words in ax.texts
        if words.get_text() == name
    ]  # fmt: skip


def locator_map(subject: Subject) -> Picture:
    """Show where the region lies in Flanders."""
    t, key, own = subject.texts, ("locator", *subject.region.codes), bool(subject.nis_code)
    plate = subject.atlas.keep(key, lambda: _locator_plate(subject))
    title = t("maps.locator_title", region=subject.region_name)
    return Picture(
        png=plate.png(lambda axes: _outline(axes, subject, 1.4)),
        alt=t("maps.locator_alt" if own else "maps.plain_locator_alt", region=subject.region_name, place=subject.place),
        caption=f"{title}. {_sources(subject)}",
        table="",
        text=title,
    )


@in_style
def _locator_plate(subject: Subject) -> Plate:
    shapes = subject.atlas.boundaries
    coarse = shapes.assign(geometry=shapes.geometry.simplify(_LOCATOR_TOLERANCE))
    west, south, east, north = shapes.total_bounds
    figure = new_figure(6.7 * (north - south) / (east - west) * 0.98)
    ax = figure.add_axes((0, 0, 1, 1))
    frame(ax, shapes, margin=0.02)
    inside = shapes["nis_code"].isin(subject.region.codes)
    draw_areas(ax, coarse[~inside], colours=palette()["land"], edge=palette()["interquartile"], width=0.5)
    draw_areas(ax, coarse[inside], colours=palette()["classes"][3], edge=palette()["border"], width=0.5)
    scale_bar(ax)
    return Plate(figure, {"map": ax})


def indicator_maps(subject: Subject) -> Picture:
    """Show one indicator per factor on a map of the region, in classes cut on all municipalities."""
    t, atlas = subject.texts, subject.atlas
    codes = list(atlas.framework.mapped)
    key = ("indicator maps", t.language, *subject.region.codes)
    plate = atlas.keep(key, lambda: _indicator_plate(subject, codes))
    title = t("maps.indicators_title", region=subject.region_name)
    note = t("maps.indicators_note", all=len(atlas.municipalities))
    citations = dict.fromkeys(atlas.catalogue[atlas.framework.indicators[code].source].citation for code in codes)
    sources = t("maps.source", sources="; ".join(citations))
    table = atlas.values.loc[list(subject.region.codes), codes]
    return Picture(
        png=plate.png(lambda axes: _outline(axes, subject, 1.8)),
        alt=t("maps.indicators_alt", region=subject.region_name),
        caption=f"{title}. {note} {_sources(subject, sources)}",
        table=render("map_table.html.j2", t, subject=subject, codes=codes, table=table),
        text=f"{title}\n{plain_table(table.reset_index(), digits=2)}",
    )


@in_style
def _indicator_plate(subject: Subject, codes: list[str]) -> Plate:
    region = region_shapes(subject)
    west, south, east, north = region.total_bounds
    columns, rows = 3, -(-len(codes) // 3)
    height = 2.1 * (north - south) / (east - west) + 1.25
    figure = new_figure(rows * height)
    axes = {}
    for place, code in enumerate(codes):
        column, row = place % columns, place // columns
        bottom = 1 - (row + 1) / rows
        ax = figure.add_axes(
            (column / columns + 0.01, bottom + 0.72 / height / rows, 0.31, 1 / rows * (1 - 1.25 / height))
        )
        _one_map(ax, subject, region, code)
        scale_bar(ax, region)
        axes[code] = ax
    return Plate(figure, axes)


def _one_map(ax: Axes, subject: Subject, region: gpd.GeoDataFrame, code: str) -> None:
    atlas = subject.atlas
    classes = classes_of(subject, code)
    frame(ax, region)
    draw_choropleth(ax, region, atlas.values[code], classes, suppressed(subject, code))
    unit, year = subject.entry(code).unit, atlas.years[code]
    title = f"{subject.label(code)} ({unit}, {year})" if unit == "%" else f"{subject.label(code)} ({year})"
    ax.set_title(wrap(title, 25), fontsize=9.5, pad=4)
    ax.legend(
        handles=class_patches(subject, code, classes),
        loc="upper left", bbox_to_anchor=(-0.02, -0.01), ncols=2, fontsize=9, handlelength=1, handleheight=0.9,
        columnspacing=0.8, labelspacing=0.25, handletextpad=0.4, borderpad=0,
    )  # fmt: skip


def classes_of(subject: Subject, code: str) -> Classes:
    """Return the classes of an indicator, cut on all municipalities."""
    atlas = subject.atlas
    return atlas.keep(("classes", code), lambda: classify(atlas.values[code]))


def class_patches(subject: Subject, code: str, classes: Classes) -> list[Patch]:
    """Return the legend of a choropleth: a patch per class, and one for what is missing or suppressed in the region."""
    patches = [
        Patch(facecolor=palette()["classes"][place], label=_limits(subject, code, low, high))
        for place, (low, high) in enumerate(classes.bounds)
    ]
    gaps = region_shapes(subject)["nis_code"].map(subject.atlas.values[code]).isna().to_numpy()
    hidden = region_shapes(subject)["nis_code"].isin(suppressed(subject, code)).to_numpy()
    look = {"facecolor": palette()["missing"], "edgecolor": palette()["hatch"]}
    if (gaps & ~hidden).any():
        patches.append(Patch(**look, hatch=MISSING_HATCH, label=subject.texts("legend.missing")))
    if (gaps & hidden).any():
        patches.append(Patch(**look, hatch=SUPPRESSED_HATCH, label=subject.texts("legend.suppressed")))
    return patches


def suppressed(subject: Subject, code: str) -> set[str]:
    """Return the NIS codes of which the value of an indicator is suppressed."""
    reasons = subject.atlas.column("missing_reason")[code]
    return set(reasons.index[reasons == "suppressed"])


def _limits(subject: Subject, code: str, low: float, high: float) -> str:
    decimals = 0 if subject.entry(code).unit == "%" else 1
    return subject.texts("span", low=subject.texts.number(low, decimals), high=subject.texts.number(high, decimals))


def village_map(subject: Subject) -> list[Picture]:
    """Show the villages of the region with their names; nothing where those of some municipality are not known."""
    t, villages = subject.texts, subject.atlas.villages
    inside = villages[villages["nis_code"].isin(subject.region.codes)]
    if set(inside["nis_code"]) < set(subject.region.codes):
        return []
    plate = village_plate(subject)
    title = t("maps.villages_title", count=len(inside), region=subject.region_name)
    return [
        Picture(
            png=plate.png(lambda axes: _outline(axes, subject, 2.4)),
            alt=_village_words(subject, inside),
            caption=f"{title}. {t('maps.villages_note')} {_sources(subject)}",
            table="",
            text=f"{title}\n{', '.join(sorted(inside['name']))}",
            width=plate.width,
        )
    ]


def _village_words(subject: Subject, inside: gpd.GeoDataFrame) -> str:
    t, count = subject.texts, {"region": subject.region_name, "all": len(inside)}
    if not subject.nis_code:
        return t("maps.plain_villages_alt", names=t.enumerate(sorted(inside["name"])), **count)
    own = sorted(inside.loc[inside["nis_code"] == subject.nis_code, "name"])
    return t("maps.villages_alt", place=subject.place, own=t.enumerate(own), count=len(own), **count)


def village_plate(subject: Subject) -> Plate:
    """Return the base of a map of the region's villages with their names."""
    return subject.atlas.keep(("villages", *subject.region.codes), lambda: _village_plate(subject))


@in_style
def _village_plate(subject: Subject) -> Plate:
    villages = subject.atlas.villages
    inside = villages[villages["nis_code"].isin(subject.region.codes)]
    height, width = map_size(inside)
    figure = new_figure(height, width=width)
    ax = figure.add_axes((0, 0, 1, 1))
    frame(ax, inside)
    draw_areas(ax, _nearby(subject), colours=palette()["land"])
    draw_areas(ax, inside, colours=palette()["region"], edge=palette()["line"], width=0.8)
    draw_names(ax, inside, size=10)
    scale_bar(ax, inside)
    return Plate(figure, {"map": ax})
