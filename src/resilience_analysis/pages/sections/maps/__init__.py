"""The maps: the region with all names, its place among all municipalities, indicators and villages."""

from __future__ import annotations

from functools import partial
from typing import Any

import geopandas as gpd

from resilience_analysis.drawing.layers import Base, Drawing, Shown, new_figure, palette
from resilience_analysis.drawing.maps import draw_areas, draw_names, draw_paths, frame, scale_bar
from resilience_analysis.drawing.outlines import MOST_AREAS, Outlines
from resilience_analysis.pages import base_maps as of_region
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
    locator = [locator_map(subject)] if _has_others(subject) else []
    return Views([opening, region_map(subject), *village_map(subject), *locator, indicator_maps(subject)])


def _has_others(subject: Subject) -> bool:
    """Return whether there are municipalities outside the region, among which its place can be shown."""
    return len(subject.region.codes) < len(subject.data.municipalities)


def _sources(subject: Subject, *lines: str) -> str:
    return " ".join([*lines, subject.texts("map.boundaries")])


def region_map(subject: Subject) -> Picture:
    """Show the region with the name of every municipality and a thick outline around this one."""
    t, base = subject.texts, _region_base(subject)
    names = sorted(str(subject.data.names[code]) for code in subject.region.codes)
    words = {"region": subject.region_name, "count": len(names), "place": subject.place}
    kind = "region" if subject.nis_code else "plain"
    title = t(f"maps.{kind}_title", **words)
    return picture(
        Drawing(base, of_region.own_outlines(base, subject)), t,
        alt=t(f"maps.{kind}_alt", **words), caption=f"{title}. {_sources(subject)}",
        text=f"{title}\n{', '.join(names)}", half=True, crowded=len(names) > of_region.MANY,
    )  # fmt: skip


def _region_base(subject: Subject) -> Base:
    return of_region.map_base(subject, "region map", _draw_region)


def _draw_region(subject: Subject) -> Shown:
    region, outlines, colours = of_region.region_shapes(subject), of_region.region_outlines(subject), palette()
    figure, ax = of_region.new_map(region)
    if len(region) > MOST_AREAS:
        land, borders = outlines.path("land"), outlines.path("borders")
        draw_paths(ax, [land], colours=colours["region"], edge="none")
        draw_paths(ax, [land, borders], colours="none", edge=colours["border"], width=0.5)
    else:
        of_region.draw_surroundings(ax, outlines)
        draw_areas(ax, region, colours=colours["region"], width=1.2, outlines=outlines)
    of_region.add_slot(ax)
    draw_names(ax, region, size=11 if len(region) <= of_region.MANY else 9)
    scale_bar(ax, region)
    return figure, {"map": ax}


def locator_map(subject: Subject) -> Picture:
    """Show where the region lies among all municipalities."""
    t, title = subject.texts, subject.texts("maps.locator_title", region=subject.region_name)
    alt, base = "maps.locator_alt" if subject.nis_code else "maps.plain_locator_alt", _locator_base(subject)
    return picture(
        Drawing(base, of_region.own_outlines(base, subject, width=1.4)), t,
        alt=t(alt, region=subject.region_name, place=subject.place),
        caption=f"{title}. {_sources(subject)}", text=title, half=True,
    )  # fmt: skip


def _locator_base(subject: Subject) -> Base:
    data, codes = subject.data, subject.region.codes

    def outlines() -> Outlines:
        shapes = data.boundaries.set_index("nis_code").geometry
        key = of_region.outlines_key("l", subject)
        make = partial(of_region.overview, subject, key, shapes, pixels=_LOCATOR_PIXELS)
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
        of_region.add_slot(ax)
        scale_bar(ax, data.boundaries)
        return figure, {"map": ax}

    return of_region.shared_base(subject, ("locator", *codes), draw, outlines)


def indicator_maps(subject: Subject) -> Picture:
    """Show one indicator per factor on a map of the region, in classes cut on all municipalities."""
    t, data, region = subject.texts, subject.data, subject.region
    codes, base = list(data.framework.mapped), _indicator_base(subject)
    title = t("maps.indicators_title", region=subject.region_name)
    least, most, gaps = _known(subject)
    notes = [t("maps.indicators_note", all=str(least) if least == most else t("span", low=least, high=most))]
    if gaps:
        notes.append(t("maps.hatched"))
    if len(region.codes) > MOST_AREAS:
        notes.append(t("maps.too_small"))
    sources_of = (data.catalogue[data.framework.indicators[code].source] for code in codes)
    citations = dict.fromkeys(str(t.pick(source.citation)) for source in sources_of)
    sources = _sources(subject, *notes, t("map.source", sources=t("listed").join(citations)))
    table, text = _indicator_table(subject)
    return picture(
        Drawing(base, of_region.own_outlines(base, subject, width=1.8)), t,
        alt=t("maps.indicators_alt", region=subject.region_name), caption=f"{title}. {sources}",
        table=table, text=f"{title}\n{text}",
    )  # fmt: skip


def _known(subject: Subject) -> tuple[int, int, bool]:
    """Return how many municipalities at least and at most have a value, and whether any of the region lacks one."""

    def find() -> tuple[int, int, bool]:
        values = subject.data.values[list(subject.data.framework.mapped)]
        counts = values.notna().sum()
        gaps = values.loc[list(subject.region.codes)].isna().any(axis=None)
        return int(counts.min()), int(counts.max()), bool(gaps)

    return subject.data.keep(("known on maps", *subject.region.codes), find)


def _indicator_base(subject: Subject) -> Base:
    return of_region.map_base(subject, "indicator maps", _draw_indicators, worded=True)


def _indicator_table(subject: Subject) -> tuple[str, str]:
    return of_region.map_table(subject, list(subject.data.framework.mapped), digits=2)


def _draw_indicators(subject: Subject) -> Shown:
    region, codes = of_region.region_shapes(subject), subject.data.framework.mapped
    count = -(-len(codes) // _ACROSS)
    west, south, east, north = region.total_bounds
    titles = {code: of_region.map_title(subject, code, subject.data.years[code], letters=25) for code in codes}
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
        of_region.draw_classes(ax, subject, code)
        ax.set_title(titles[code], fontsize=9.5, pad=4)
        ax.legend(**legends[code])
        scale_bar(ax, region)
        of_region.add_slot(ax, code)
        axes[code] = ax
    return figure, axes


def _legend(subject: Subject, code: str) -> dict[str, Any]:
    """Return the legend of a small map, in two columns where these fit below it."""
    patches = of_region.class_patches(subject, code)
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
    t, inside = subject.texts, of_region.region_villages(subject)
    if inside.empty:
        return []
    base, names = of_region.village_base(subject), sorted(inside["name"])
    title = t("maps.villages_title", count=len(inside), region=subject.region_name)
    shown = picture(
        Drawing(base, of_region.own_outlines(base, subject)), t, alt=_village_words(subject, inside),
        caption=f"{title}. {t('maps.villages_note')} {_sources(subject)}", text=f"{title}\n{', '.join(names)}",
        half=True,
    )  # fmt: skip
    return [shown]


def _village_words(subject: Subject, inside: gpd.GeoDataFrame) -> str:
    t, count = subject.texts, {"region": subject.region_name, "all": len(inside)}
    if not subject.nis_code:
        return t("maps.plain_villages_alt", names=t.enumerate(sorted(inside["name"])), **count)
    own = sorted(inside.loc[inside["nis_code"] == subject.nis_code, "name"])
    return t("maps.villages_alt", place=subject.place, own=t.enumerate(own), count=len(own), **count)


def _prepare(subject: Subject) -> None:
    for make in (_region_base, _indicator_base, _indicator_table, _known):
        make(subject)
    if _has_others(subject):
        _locator_base(subject)
    if not of_region.region_villages(subject).empty:
        of_region.village_base(subject)


SECTION = PageSection(maps, "maps", rests_on=frozenset({REGION}), prepare=_prepare)
