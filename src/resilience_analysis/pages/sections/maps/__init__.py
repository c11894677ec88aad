"""The maps: the region with all names, its place among all municipalities, indicators and villages."""

from __future__ import annotations

from functools import partial
from typing import Any

import geopandas as gpd

from resilience_analysis.drawing.layers import Base, Drawing, Outline, Shown, new_figure, palette
from resilience_analysis.drawing.maps import (
    draw_areas,
    draw_choropleth,
    draw_names,
    draw_paths,
    frame,
    scale_bar,
)
from resilience_analysis.drawing.outlines import MOST_AREAS, Outlines, overview_outlines
from resilience_analysis.pages.base_maps import (
    MANY,
    add_slot,
    class_patches,
    classes_of,
    draw_surroundings,
    map_size,
    map_table,
    map_title,
    outlines_key,
    own_outlines,
    region_outlines,
    region_shapes,
    region_villages,
    shared_base,
    suppressed,
    village_base,
)
from resilience_analysis.pages.page import REGION, PageSection
from resilience_analysis.pages.render import Picture, Views, heading, picture
from resilience_analysis.pages.subject import Subject

_LOCATOR_PIXELS = 320
_WIDE = 0.5  # height of a region that leaves no corner, as a share of its width
_ACROSS = 3  # small maps beside each other
_LETTERS = 26  # in both columns of the legend of one


def maps(subject: Subject) -> Views:
    """Show the region with all names, its place in Flanders, and six indicators on the map."""
    opening = heading("maps", subject, anchor="maps")
    pictures = [region_map(subject), *village_map(subject), locator_map(subject), indicator_maps(subject)]
    return Views([opening, *pictures])


def _sources(subject: Subject, *lines: str) -> str:
    return " ".join([*lines, subject.texts("map.boundaries")])


def region_map(subject: Subject) -> Picture:
    """Show the region with the name of every municipality and a thick outline around this one."""
    t, base = subject.texts, _region_base(subject)
    names = sorted(str(subject.data.names[code]) for code in subject.region.codes)
    words = {"region": subject.region_name, "count": len(names), "place": subject.place}
    title = t("maps.region_title", **words) if subject.nis_code else t("maps.plain_title", **words)
    return picture(
        Drawing(base, own_outlines(base, subject)), t,
        alt=t("maps.region_alt", **words) if subject.nis_code else t("maps.plain_alt", **words),
        caption=f"{title}. {_sources(subject)}",
        text=f"{title}\n{', '.join(names)}",
        half=True, crowded=len(names) > MANY,
    )  # fmt: skip


def _region_base(subject: Subject) -> Base:
    key = ("region map", *subject.region.codes)
    return shared_base(subject, key, lambda: _draw_region(subject), lambda: region_outlines(subject))


def _draw_region(subject: Subject) -> Shown:
    region, outlines = region_shapes(subject), region_outlines(subject)
    height, width = map_size(region)
    figure = new_figure(height, width=width)
    ax = figure.add_axes((0, 0, 1, 1))
    frame(ax, region)
    if len(region) > MOST_AREAS:
        draw_paths(ax, [outlines.path("land")], colours=palette()["region"], edge="none")
        draw_paths(
            ax, [outlines.path("land"), outlines.path("borders")], colours="none", edge=palette()["border"], width=0.5
        )
    else:
        draw_surroundings(ax, outlines)
        draw_areas(ax, region, colours=palette()["region"], width=1.2, outlines=outlines)
    add_slot(ax)
    draw_names(ax, region, size=11 if len(region) <= MANY else 9)
    scale_bar(ax, region)
    return figure, {"map": ax}


def locator_map(subject: Subject) -> Picture:
    """Show where the region lies among all municipalities."""
    t, own = subject.texts, bool(subject.nis_code)
    base = _locator_base(subject)
    title = t("maps.locator_title", region=subject.region_name)
    words = {"region": subject.region_name, "place": subject.place}
    return picture(
        Drawing(base, [Outline("map", subject.nis_code, 1.4)] if own else []), t,
        alt=t("maps.locator_alt" if own else "maps.plain_locator_alt", **words),
        caption=f"{title}. {_sources(subject)}",
        text=title,
        half=True,
    )  # fmt: skip


def _locator_base(subject: Subject) -> Base:
    data, codes = subject.data, subject.region.codes

    def outlines() -> Outlines:
        shapes = data.boundaries.set_index("nis_code").geometry
        make = partial(overview_outlines, outlines_key("l", subject), shapes, codes, pixels=_LOCATOR_PIXELS)
        return data.keep(("locator outlines", *codes), make)

    def draw() -> Shown:
        west, south, east, north = data.boundaries.total_bounds
        figure = new_figure(6.7 * (north - south) / (east - west) * 0.98)
        ax = figure.add_axes((0, 0, 1, 1))
        frame(ax, data.boundaries, margin=0.02)
        land, region, borders = (outlines().path(name) for name in ("land", "region", "borders"))
        draw_paths(ax, [land], colours=palette()["land"], edge="none")
        draw_paths(ax, [region], colours=palette()["classes"][3], edge="none")
        draw_paths(ax, [land, borders], colours="none", edge=palette()["interquartile"], width=0.5)
        add_slot(ax)
        scale_bar(ax, data.boundaries)
        return figure, {"map": ax}

    return shared_base(subject, ("locator", *codes), draw, outlines)


def indicator_maps(subject: Subject) -> Picture:
    """Show one indicator per factor on a map of the region, in classes cut on all municipalities."""
    t, data = subject.texts, subject.data
    codes = list(data.framework.mapped)
    base = _indicator_base(subject, codes)
    title = t("maps.indicators_title", region=subject.region_name)
    counts = sorted(int(number) for number in data.values[codes].notna().sum())
    known = str(counts[0]) if counts[0] == counts[-1] else t("span", low=counts[0], high=counts[-1])
    note = t("maps.indicators_note", all=known)
    if data.values.loc[list(subject.region.codes), codes].isna().any(axis=None):
        note = f"{note} {t('maps.hatched')}"
    if len(subject.region.codes) > MOST_AREAS:
        note = f"{note} {t('maps.too_small')}"
    sources_of = (data.catalogue[data.framework.indicators[code].source] for code in codes)
    citations = dict.fromkeys(str(t.pick(source.citation)) for source in sources_of)
    sources = t("map.source", sources=t("listed").join(citations))
    table, text = _indicator_table(subject, codes)
    own = [Outline(name, subject.nis_code, 1.8) for name in base.names] if subject.nis_code else []
    return picture(
        Drawing(base, own), t,
        alt=t("maps.indicators_alt", region=subject.region_name),
        caption=f"{title}. {note} {_sources(subject, sources)}",
        table=table,
        text=f"{title}\n{text}",
    )  # fmt: skip


def _indicator_base(subject: Subject, codes: list[str]) -> Base:
    key = ("indicator maps", subject.texts.language, *subject.region.codes)
    return shared_base(subject, key, lambda: _draw_indicators(subject, codes), lambda: region_outlines(subject))


def _indicator_table(subject: Subject, codes: list[str]) -> tuple[str, str]:
    return map_table(subject, codes, digits=2)


def _draw_indicators(subject: Subject, codes: list[str]) -> Shown:
    region, count = region_shapes(subject), -(-len(codes) // _ACROSS)
    west, south, east, north = region.total_bounds
    titles = {code: map_title(subject, code, subject.data.years[code], letters=25) for code in codes}
    legends = {code: _legend(subject, code) for code in codes}
    # inches above and below each map, in which usually three lines fit
    above = 0.53 + 0.16 * max(0, *(title.count("\n") - 2 for title in titles.values()))
    below = 0.72 + 0.17 * max(0, *(-(-len(legend["handles"]) // legend["ncols"]) - 3 for legend in legends.values()))
    steep = (north - south) / (east - west)
    height = 2.1 * steep + (0 if steep > _WIDE else 0.33) + above + below  # below a wide region comes the scale bar
    figure, axes = new_figure(count * height), {}
    for place, code in enumerate(codes):
        row, column = divmod(place, _ACROSS)
        bottom = 1 - (row + 1) / count + below / height / count
        ax = figure.add_axes((column / _ACROSS + 0.01, bottom, 0.31, 1 / count * (1 - (above + below) / height)))
        frame(ax, region)
        values, hidden = subject.data.values[code], suppressed(subject, code)
        draw_choropleth(ax, region, values, classes_of(subject, code), hidden, outlines=region_outlines(subject))
        ax.set_title(titles[code], fontsize=9.5, pad=4)
        ax.legend(**legends[code])
        scale_bar(ax, region)
        add_slot(ax, code)
        axes[code] = ax
    return figure, axes


def _legend(subject: Subject, code: str) -> dict[str, Any]:
    """Return the legend of a small map, in two columns where these fit below it."""
    patches = class_patches(subject, code, classes_of(subject, code))
    letters = [len(str(patch.get_label())) for patch in patches]
    half = -(-len(letters) // 2)
    fits = max(letters[:half]) + max(letters[half:], default=0) <= _LETTERS
    return {
        "handles": patches, "ncols": 2 if fits else 1, "loc": "upper left", "bbox_to_anchor": (-0.02, -0.01),
        "fontsize": 9, "handlelength": 1, "handleheight": 0.9, "columnspacing": 0.8, "labelspacing": 0.25,
        "handletextpad": 0.4, "borderpad": 0,
    }  # fmt: skip


def village_map(subject: Subject) -> list[Picture]:
    """Show the villages of the region with their names; nothing where those of some municipality are not known."""
    t, inside = subject.texts, region_villages(subject)
    if inside.empty:
        return []
    base = village_base(subject)
    title = t("maps.villages_title", count=len(inside), region=subject.region_name)
    return [
        picture(
            Drawing(base, own_outlines(base, subject)), t,
            alt=_village_words(subject, inside),
            caption=f"{title}. {t('maps.villages_note')} {_sources(subject)}",
            text=f"{title}\n{', '.join(sorted(inside['name']))}",
            half=True,
        )
    ]  # fmt: skip


def _village_words(subject: Subject, inside: gpd.GeoDataFrame) -> str:
    t, count = subject.texts, {"region": subject.region_name, "all": len(inside)}
    if not subject.nis_code:
        return t("maps.plain_villages_alt", names=t.enumerate(sorted(inside["name"])), **count)
    own = sorted(inside.loc[inside["nis_code"] == subject.nis_code, "name"])
    return t("maps.villages_alt", place=subject.place, own=t.enumerate(own), count=len(own), **count)


def _prepare(subject: Subject) -> None:
    _region_base(subject)
    _locator_base(subject)
    _indicator_base(subject, list(subject.data.framework.mapped))
    _indicator_table(subject, list(subject.data.framework.mapped))
    if not region_villages(subject).empty:
        village_base(subject)


SECTION = PageSection(maps, "maps", rests_on=frozenset({REGION}), prepare=_prepare)
