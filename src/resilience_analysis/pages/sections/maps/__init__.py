"""The maps: the region with all names, its place among all municipalities, indicators and villages."""

from __future__ import annotations

import geopandas as gpd
from matplotlib.axes import Axes

from resilience_analysis.drawing.charts import wrap
from resilience_analysis.drawing.layers import Plate, in_style, new_figure, palette
from resilience_analysis.drawing.maps import (
    draw_areas,
    draw_choropleth,
    draw_names,
    frame,
    scale_bar,
)
from resilience_analysis.pages.base_maps import (
    MANY,
    class_patches,
    classes_of,
    map_size,
    nearby,
    outline_of,
    region_shapes,
    suppressed,
    village_plate,
)
from resilience_analysis.pages.registry import REGION, PageSection
from resilience_analysis.pages.render import heading, plain_table, render
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Picture, Views


def maps(subject: Subject) -> Views:
    """Show the region with all names, its place in Flanders, and six indicators on the map."""
    opening = heading("maps", subject, anchor="maps")
    pictures = [region_map(subject), locator_map(subject), indicator_maps(subject), *village_map(subject)]
    return Views([opening, *pictures])


def _sources(subject: Subject, *lines: str) -> str:
    return " ".join([*lines, subject.texts("map.boundaries")])


def region_map(subject: Subject) -> Picture:
    """Show the region with the name of every municipality and a thick outline around this one."""
    t, key = subject.texts, ("region map", *subject.region.codes)
    plate = subject.data.keep(key, lambda: _region_plate(subject))
    names = sorted(str(subject.data.names[code]) for code in subject.region.codes)
    words = {"region": subject.region_name, "count": len(names), "place": subject.place}
    title = t("maps.region_title", **words) if subject.nis_code else t("maps.plain_title", **words)
    alt = t("maps.region_alt", **words) if subject.nis_code else t("maps.plain_alt", **words)
    return Picture(
        png=plate.png(lambda axes: outline_of(axes, subject, 2.4)),
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
    draw_areas(ax, nearby(subject), colours=palette()["land"])
    draw_areas(ax, region, colours=palette()["region"], width=1.2)
    draw_names(ax, region, size=11 if len(region) <= MANY else 9)
    scale_bar(ax, region)
    return Plate(figure, {"map": ax})


def locator_map(subject: Subject) -> Picture:
    """Show where the region lies in Flanders."""
    t, key, own = subject.texts, ("locator", *subject.region.codes), bool(subject.nis_code)
    plate = subject.data.keep(key, lambda: _locator_plate(subject))
    title = t("maps.locator_title", region=subject.region_name)
    return Picture(
        png=plate.png(lambda axes: outline_of(axes, subject, 1.4)),
        alt=t("maps.locator_alt" if own else "maps.plain_locator_alt", region=subject.region_name, place=subject.place),
        caption=f"{title}. {_sources(subject)}",
        table="",
        text=title,
    )


_LOCATOR_TOLERANCE = 150  # metres; finer detail does not show on a map of Flanders


@in_style
def _locator_plate(subject: Subject) -> Plate:
    shapes = subject.data.boundaries
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
    t, data = subject.texts, subject.data
    codes = list(data.framework.mapped)
    key = ("indicator maps", t.language, *subject.region.codes)
    plate = data.keep(key, lambda: _indicator_plate(subject, codes))
    title = t("maps.indicators_title", region=subject.region_name)
    note = t("maps.indicators_note", all=len(data.municipalities))
    citations = dict.fromkeys(data.catalogue[data.framework.indicators[code].source].citation for code in codes)
    sources = t("map.source", sources="; ".join(citations))
    table = data.values.loc[list(subject.region.codes), codes]
    return Picture(
        png=plate.png(lambda axes: outline_of(axes, subject, 1.8)),
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
    data = subject.data
    classes = classes_of(subject, code)
    frame(ax, region)
    draw_choropleth(ax, region, data.values[code], classes, suppressed(subject, code))
    unit, year = subject.entry(code).unit, data.years[code]
    title = f"{subject.label(code)} ({unit}, {year})" if unit == "%" else f"{subject.label(code)} ({year})"
    ax.set_title(wrap(title, 25), fontsize=9.5, pad=4)
    ax.legend(
        handles=class_patches(subject, code, classes),
        loc="upper left", bbox_to_anchor=(-0.02, -0.01), ncols=2, fontsize=9, handlelength=1, handleheight=0.9,
        columnspacing=0.8, labelspacing=0.25, handletextpad=0.4, borderpad=0,
    )  # fmt: skip


def village_map(subject: Subject) -> list[Picture]:
    """Show the villages of the region with their names; nothing where those of some municipality are not known."""
    t, villages = subject.texts, subject.data.villages
    inside = villages[villages["nis_code"].isin(subject.region.codes)]
    if set(inside["nis_code"]) < set(subject.region.codes):
        return []
    plate = village_plate(subject)
    title = t("maps.villages_title", count=len(inside), region=subject.region_name)
    return [
        Picture(
            png=plate.png(lambda axes: outline_of(axes, subject, 2.4)),
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


SECTION = PageSection(maps, "maps", rests_on=frozenset({REGION}))
