"""Maps show every area once, in its class, hatched where nothing is known, with names that do not collide."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from shapely import unary_union
from shapely.geometry import MultiPolygon, Point, Polygon, box

from resilience_analysis.drawing.classes import Classes, classify
from resilience_analysis.drawing.layers import palette
from resilience_analysis.drawing.maps import (
    MISSING_HATCH,
    SUPPRESSED_HATCH,
    draw_choropleth,
    draw_names,
    frame,
    outline,
    scale_bar,
)
from resilience_analysis.drawing.outlines import together

values_of = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=60)


@pytest.fixture
def shapes() -> gpd.GeoDataFrame:
    codes = ["10001", "10002", "10003", "10004"]
    cells = [box(x * 5000, 0, x * 5000 + 5000, 4000) for x in range(4)]
    names = ["Aa", "Beverlo", "Ceedorp", "De Vierde"]
    return gpd.GeoDataFrame({"nis_code": codes, "name": names}, geometry=cells, crs="EPSG:31370")


@given(values_of)
def test_every_value_falls_within_the_limits_of_its_class(values: list[float]) -> None:
    classes = classify(pd.Series(values))
    for value in values:
        low, high = classes.bounds[classes.number(value)]
        assert low <= value <= high


@given(values_of)
def test_classes_follow_the_order_of_the_values(values: list[float]) -> None:
    classes = classify(pd.Series(values))
    numbers = [classes.number(value) for value in sorted(values)]
    assert numbers == sorted(numbers)
    assert len(classes.bounds) <= 5


def test_five_classes_hold_a_fifth_of_the_municipalities_each() -> None:
    values = pd.Series(np.arange(100.0))
    classes = classify(values)
    counts = pd.Series([classes.number(value) for value in values]).value_counts()
    assert list(counts) == [20] * 5


def test_one_value_for_all_makes_one_class() -> None:
    assert classify(pd.Series([3.0, 3.0])).bounds == ((3.0, 3.0),)


def test_an_area_is_filled_with_the_colour_of_its_class(shapes: gpd.GeoDataFrame) -> None:
    ax = Figure().add_subplot()
    classes = Classes((10.0, 20.0, 30.0), ((1.0, 10.0), (11.0, 20.0), (21.0, 30.0)))
    values = pd.Series({"10001": 5.0, "10002": 20.0, "10003": 21.0, "10004": 30.0})
    draw_choropleth(ax, shapes, values, classes, set())
    colours = [to_hex(colour) for colour in ax.collections[0].get_facecolor()]
    assert colours == [palette()["classes"][place].lower() for place in (0, 1, 2, 2)]


def test_areas_smaller_than_a_dot_are_drawn_as_squares_in_the_colour_of_most_of_each() -> None:
    rng, side = np.random.default_rng(4), 40
    cells = [box(x, y, x + rng.uniform(0.3, 1), y + 1) for x in range(side) for y in range(side)]
    shapes = gpd.GeoDataFrame({"nis_code": [f"{n:05d}" for n in range(side**2)]}, geometry=cells, crs="EPSG:31370")
    values = pd.Series(rng.integers(0, 2, side**2).astype(float), index=shapes["nis_code"])
    figure = Figure(figsize=(0.5, 0.5))
    ax = frame(figure.add_axes((0, 0, 1, 1)), shapes)
    draw_choropleth(ax, shapes, values, Classes((0.0, 1.0), ((0.0, 0.0), (1.0, 1.0))), set())
    (areas,) = ax.collections
    shown = [unary_union([Polygon(ring) for ring in path.to_polygons()]) for path in areas.get_paths()]
    drawn = dict(zip(map(to_hex, areas.get_facecolor()), shown, strict=True))
    colours = [palette()["classes"][number].lower() for number in (0, 1)]
    metres = max(high - low for low, high in (ax.get_xlim(), ax.get_ylim())) / 36
    middle, size = shapes.geometry.centroid, shapes.geometry.area
    for inside in shapes.groupby([middle.x // (3 * metres), middle.y // (3 * metres)]).groups.values():
        sizes = size[inside].groupby(values.to_numpy()[inside]).sum()
        spot = Point(middle.x[inside[0]], middle.y[inside[0]])
        assert drawn[colours[int(sizes.idxmax())]].buffer(1e-9).covers(spot)
    one, other = (drawn[colour] for colour in colours)
    assert one.intersection(other).area < 0.2 * one.area  # what lies within a ring is filled here


def test_missing_and_suppressed_areas_are_hatched_differently(shapes: gpd.GeoDataFrame) -> None:
    ax = Figure().add_subplot()
    values = pd.Series({"10001": 5.0, "10002": 6.0})
    draw_choropleth(ax, shapes, values, classify(values), {"10004"})
    hatches = [area.get_hatch() for area in ax.collections]
    assert hatches == [None, MISSING_HATCH, SUPPRESSED_HATCH]
    assert MISSING_HATCH != SUPPRESSED_HATCH


def test_a_region_without_any_value_is_drawn_all_the_same(shapes: gpd.GeoDataFrame) -> None:
    ax = Figure().add_subplot()
    draw_choropleth(ax, shapes, pd.Series(dtype=float), Classes((1.0,), ((0.0, 1.0),)), set())
    assert len(ax.collections[0].get_paths()) == 4


def test_every_name_is_written_once_and_none_collides(shapes: gpd.GeoDataFrame) -> None:
    figure = Figure(figsize=(3, 3))
    ax = frame(figure.add_axes((0, 0, 1, 1)), shapes)
    words = draw_names(ax, shapes, size=11)
    assert sorted(word.get_text() for word in words) == sorted(shapes["name"])
    figure.canvas.draw()
    boxes = [word.get_window_extent() for word in words]
    for place, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[place + 1 :])


def test_a_name_without_room_in_its_area_stands_beside_it_with_a_line_to_it() -> None:
    narrow = [box(x * 700, 0, x * 700 + 700, 300) for x in range(4)]
    names = ["Baarle-Hertog", "Oud-Turnhout", "Herenthout", "Grobbendonk"]
    shapes = gpd.GeoDataFrame({"nis_code": ["1", "2", "3", "4"], "name": names}, geometry=narrow, crs="EPSG:31370")
    figure = Figure(figsize=(3, 3))
    ax = frame(figure.add_axes((0, 0, 1, 1)), shapes)
    words = {word.get_text(): word for word in draw_names(ax, shapes, size=11)}
    figure.canvas.draw()
    boxes = [word.get_window_extent() for word in words.values()]
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[place + 1 :])
    places = shapes.set_index("name").geometry
    outside = {name for name, word in words.items() if not places[name].contains(Point(word.get_position()))}
    homes = {name for name in names for line in ax.lines if places[name].contains(Point(line.get_xydata()[0]))}
    assert outside
    assert homes == outside


@given(st.lists(st.integers(1, 22), min_size=2, max_size=5))
def test_a_name_that_is_narrower_than_the_map_is_not_cut_off_by_its_sides(letters: list[int]) -> None:
    cells = [box(0, row * 4000, 9000, row * 4000 + 4000) for row, _ in enumerate(letters)]
    cells[0] = box(0, 0, 900, 4000)  # at the left side
    named = {"nis_code": [str(n) for n, _ in enumerate(letters)], "name": ["n" * count for count in letters]}
    figure = Figure(figsize=(3, 3))
    shapes = gpd.GeoDataFrame(named, geometry=cells, crs="EPSG:31370")
    ax = frame(figure.add_axes((0, 0, 1, 1)), shapes)
    metres = max(ax.viewLim.size) / (3 * 72)
    for words in draw_names(ax, shapes, size=9):
        half = 0.31 * 9 * len(words.get_text()) * metres
        middle = words.get_position()[0]
        inside = ax.viewLim.x0 - 1 <= middle - half and middle + half <= ax.viewLim.x1 + 1
        assert inside or 2 * half >= ax.viewLim.width


def test_a_map_is_drawn_at_true_proportions(shapes: gpd.GeoDataFrame) -> None:
    ax = frame(Figure().add_subplot(), shapes)
    assert ax.get_aspect() == 1.0
    west, east = ax.get_xlim()
    assert west < 0
    assert east > 20000


def test_a_scale_bar_measures_in_metres(shapes: gpd.GeoDataFrame) -> None:
    ax = scale_bar(frame(Figure().add_subplot(), shapes), shapes)
    (bar,) = [artist for artist in ax.artists if type(artist).__name__ == "ScaleBar"]
    assert bar.dx == 1


def test_a_polygon_with_a_hole_keeps_its_hole() -> None:
    ring = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], holes=[[(3, 3), (6, 3), (6, 6), (3, 6)]])
    path = outline(MultiPolygon([ring, box(20, 0, 21, 1)]))
    assert len(path.vertices) == 5 + 5 + 5
    assert path.contains_point((20.5, 0.5))


@pytest.mark.parametrize(
    ("left_open", "corner"),
    [("lower left", 3), ("lower right", 4), ("upper right", 1), ("upper left", 2), ("none", 3)],
)
def test_a_scale_bar_stands_in_the_corner_with_the_most_room(left_open: str, corner: int) -> None:
    places = {"lower left": (0, 0), "lower right": (8, 0), "upper right": (8, 8), "upper left": (0, 8)}
    taken = [box(x, y, x + 2, y + 2) for name, (x, y) in places.items() if name != left_open]
    shapes = gpd.GeoDataFrame(geometry=taken, crs="EPSG:31370").scale(1000, 1000, origin=(0, 0)).to_frame("geometry")
    ax = Figure().add_subplot()
    ax.set_xlim(0, 10_000)
    ax.set_ylim(0, 10_000)
    scale_bar(ax, shapes)
    (bar,) = [artist for artist in ax.artists if type(artist).__name__ == "ScaleBar"]
    assert bar.location == corner
    assert (ax.get_ylim()[0] < 0) == (left_open == "none")  # where no corner is free it comes below


@pytest.mark.parametrize("other", [Polygon([(0, 0), (2, 0), (1, 1)]), box(0, 0, 2, 2)])
def test_areas_that_overlap_are_one_all_the_same(other):
    assert together(gpd.GeoSeries([box(0, 0, 2, 2), other])).equals(box(0, 0, 2, 2))
