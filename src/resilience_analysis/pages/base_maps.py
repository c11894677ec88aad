"""What the maps of several sections share: areas of the region, its base, classes and their legend."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from shapely.geometry import box

from resilience_analysis.drawing.layers import WIDTH, Plate, in_style, new_figure, palette
from resilience_analysis.drawing.maps import (
    MISSING_HATCH,
    SUPPRESSED_HATCH,
    Classes,
    classify,
    draw_areas,
    draw_highlight,
    draw_names,
    frame,
    scale_bar,
)
from resilience_analysis.pages.subject import Subject

_SURROUNDINGS = 0.25  # how far beyond the region a map goes, as a share of its size
_REGION_HEIGHT = 4.6  # inches
_LARGEST_HEIGHT = 7.6  # inches, for a region of many municipalities
MANY = 12  # municipalities whose names need more room


def region_shapes(subject: Subject) -> gpd.GeoDataFrame:
    """Return the areas of the region."""
    shapes = subject.data.boundaries
    return shapes[shapes["nis_code"].isin(subject.region.codes)]


def nearby(subject: Subject) -> gpd.GeoDataFrame:
    """Return the areas outside the region that fall within the frame of its map."""
    shapes, region = subject.data.boundaries, region_shapes(subject)
    west, south, east, north = region.total_bounds
    pad = _SURROUNDINGS * max(east - west, north - south)
    window = box(west - pad, south - pad, east + pad, north + pad)
    outside = shapes[~shapes["nis_code"].isin(subject.region.codes)]
    return outside[outside.intersects(window)]


def map_size(shapes: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return height and width in inches of a map of `shapes` that fits the text width of a page."""
    west, south, east, north = shapes.total_bounds
    height = _REGION_HEIGHT if len(shapes) <= MANY else _LARGEST_HEIGHT
    width = height * (east - west) / (north - south)
    return height * min(1, WIDTH / width), min(width, WIDTH)


def outline_of(axes: Mapping[str, Axes], subject: Subject, width: float) -> list[Artist]:
    """Draw a thick outline around the municipality, and its names above it."""
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
    villages = subject.data.villages
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


def classes_of(subject: Subject, code: str) -> Classes:
    """Return the classes of an indicator, cut on all municipalities."""
    data = subject.data
    return data.keep(("classes", code), lambda: classify(data.values[code]))


def class_patches(subject: Subject, code: str, classes: Classes) -> list[Patch]:
    """Return the legend of a choropleth: a patch per class, and one for what is missing or suppressed in the region."""
    patches = [
        Patch(facecolor=palette()["classes"][place], label=_limits(subject, code, low, high))
        for place, (low, high) in enumerate(classes.bounds)
    ]
    gaps = region_shapes(subject)["nis_code"].map(subject.data.values[code]).isna().to_numpy()
    hidden = region_shapes(subject)["nis_code"].isin(suppressed(subject, code)).to_numpy()
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


def _limits(subject: Subject, code: str, low: float, high: float) -> str:
    decimals = 0 if subject.entry(code).unit == "%" else 1
    return subject.texts("span", low=subject.texts.number(low, decimals), high=subject.texts.number(high, decimals))


def village_plate(subject: Subject) -> Plate:
    """Return the base of a map of the region's villages with their names."""
    return subject.data.keep(("villages", *subject.region.codes), lambda: _village_plate(subject))


@in_style
def _village_plate(subject: Subject) -> Plate:
    villages = subject.data.villages
    inside = villages[villages["nis_code"].isin(subject.region.codes)]
    height, width = map_size(inside)
    figure = new_figure(height, width=width)
    ax = figure.add_axes((0, 0, 1, 1))
    frame(ax, inside)
    draw_areas(ax, nearby(subject), colours=palette()["land"])
    draw_areas(ax, inside, colours=palette()["region"], edge=palette()["line"], width=0.8)
    draw_names(ax, inside, size=10)
    scale_bar(ax, inside)
    return Plate(figure, {"map": ax})
