"""A base is drawn once; a report fills in its marks, the same in a page and on axes."""

from __future__ import annotations

import itertools
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from shapely.geometry import box

from resilience_analysis.drawing.layers import (
    WIDTH,
    Base,
    Bold,
    Drawing,
    Margin,
    Mark,
    Note,
    Outline,
    Point,
    Shown,
    new_figure,
    palette,
    style,
)
from resilience_analysis.drawing.maps import MISSING_HATCH, SUPPRESSED_HATCH, draw_paths
from resilience_analysis.drawing.outlines import Outlines
from resilience_analysis.drawing.vector import POINTS, Placeholder

MARKS: list[Mark] = [
    Outline("main", "10002"), Margin("main", 40, 70, 1), Point("main", 20, 1.5, of="group"), Point("main", 55, 1),
    Note("main", 30, 2, ("te weinig", "antwoorden")), Bold("main", "Aa & Bee"),
]  # fmt: skip


@pytest.fixture
def outlines() -> Outlines:
    found = Outlines("x", unit=0.01, west=0.0, north=3.0)
    for place in range(3):
        found.shapes[f"1000{place + 1}"] = box(place * 30, 0, place * 30 + 30, 3)
    return found


@pytest.fixture
def base(outlines: Outlines) -> Base:
    return Base(lambda: draw(outlines), outlines=lambda: outlines)


def draw(outlines: Outlines) -> Shown:
    figure = new_figure(2.0)
    ax = figure.add_axes((0.1, 0.2, 0.8, 0.7))
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 3)
    draw_paths(ax, [outlines.path("10001"), outlines.path("10002")], colours=["#112233", "#445566"])
    draw_paths(ax, [outlines.path("10003")], colours="#ffffff", hatch=MISSING_HATCH)
    draw_paths(ax, [outlines.path("10003")], colours="#ffffff", hatch=SUPPRESSED_HATCH)
    ax.add_artist(Placeholder("marks main", zorder=10))
    ax.text(30, 1, "Aa & Bee", ha="center", zorder=12, gid="name Aa & Bee")
    ax.set_title("base")
    return figure, {"main": ax}


def numbers(svg: str, pattern: str) -> list[tuple[float, ...]]:
    return [tuple(float(part) for part in match.groups()) for match in re.finditer(pattern, svg)]


def in_picture(ax: Axes, x: float, y: float) -> tuple[float, float]:
    """Return where matplotlib puts a point, in points from the upper left corner."""
    figure = ax.figure
    assert isinstance(figure, Figure)
    across, up = ax.transData.transform((x, y)) / figure.dpi * POINTS
    return float(across), float(figure.get_figheight() * POINTS - up)


def test_a_page_and_axes_have_the_same_marks_in_the_same_places(base: Base) -> None:
    drawing = Drawing(base, MARKS)
    svg, ax = drawing.svg(label="x"), drawing.axes()["main"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert numbers(svg, r'<circle cx="([\d.]+)" cy="([\d.]+)" r="3.5"') == [
        pytest.approx(in_picture(ax, *line.get_xydata()[0]), abs=0.06) for line in dots
    ]
    diamonds = [line for line in ax.lines if line.get_marker() == "D"]
    found = numbers(svg, r'<path d="M([\d.]+) ([\d.]+)l4.2 4.2')
    assert [(x, y + 6 / 2**0.5) for x, y in found] == [
        pytest.approx(in_picture(ax, *line.get_xydata()[0]), abs=0.1) for line in diamonds
    ]
    margins = [line.get_xydata() for line in ax.lines if len(line.get_xydata()) == 2]
    ends = [(*in_picture(ax, *low), in_picture(ax, *high)[0]) for low, high in margins]
    assert numbers(svg, r'<path d="M([\d.]+) ([\d.]+)H([\d.]+)"') == [pytest.approx(end, abs=0.06) for end in ends]
    notes = [text.get_text().split("\n") for text in ax.texts if text.get_style() == "italic"]
    assert notes == [re.findall(r'font-style="italic"[^>]*>([^<]*)<', svg)]


def test_a_page_and_axes_have_the_same_fills_and_hatches(base: Base) -> None:
    drawing = Drawing(base)
    svg, ax = drawing.svg(label="x"), drawing.axes()["main"]
    fills = [to_hex(face) for area in ax.collections if not area.get_hatch() for face in area.get_facecolor()]
    assert re.findall(r'<use href="#x-\d+" fill="(#\w+)"', svg) == fills
    assert [area.get_hatch() for area in ax.collections if area.get_hatch()] == [MISSING_HATCH, SUPPRESSED_HATCH]
    patterns = re.findall(r'fill="url\(#(x-\w+)\)"', svg)
    assert patterns == ["x-missing", "x-suppressed"]
    assert all(f'<pattern id="{name}"' in svg for name in patterns)


def test_an_area_lies_in_the_page_where_matplotlib_puts_it(base: Base, outlines: Outlines) -> None:
    svg, ax = Drawing(base, [Outline("main", "10002")]).svg(label="x"), Drawing(base).axes()["main"]
    (matrix,) = numbers(svg, r'<use href="#x-10002" transform="matrix\(([-\d.e]+) \S+ \S+ ([-\d.e]+) (\S+) (\S+)\)"')
    (corners,) = re.findall(r'<path id="x-10002" d="M(\d+) (\d+)l', svg)
    scale_x, scale_y, left, top = matrix
    corner = (scale_x * int(corners[0]) + left, scale_y * int(corners[1]) + top)
    path = outlines.path("10002")
    assert path is not None
    assert corner == pytest.approx(in_picture(ax, *np.asarray(path.vertices)[0]), abs=0.1)


def test_marks_lie_below_names_and_a_name_is_bold_where_it_is_asked_for(base: Base) -> None:
    drawing = Drawing(base, MARKS)
    svg = drawing.svg(label="x")
    assert svg.index(f'fill="none" stroke="{palette()["group"]}"') < svg.index(">Aa &amp; Bee<")
    assert re.search(r'<text[^>]*font-weight="bold"[^>]*>Aa &amp; Bee<', svg)
    assert "font-weight" not in re.findall(r"<text[^>]*>Aa", Drawing(base).svg(label="x"))[0]
    (name,) = [text for text in drawing.axes()["main"].texts if text.get_text() == "Aa & Bee"]
    assert name.get_fontweight() == "bold"


def test_nothing_of_one_report_is_left_in_the_next(base: Base) -> None:
    first = Drawing(base, [Point("main", 20, 1)])
    once = first.svg(label="x")
    Drawing(base, [Point("main", 80, 1)]).svg(label="x")
    assert first.svg(label="x") == once
    assert len(Drawing(base).axes()["main"].lines) == 0


def test_text_stays_text_and_the_description_is_escaped(base: Base) -> None:
    svg = Drawing(base).svg(label='the "base" & more')
    assert ">base</text>" in svg
    assert 'role="img" aria-label="the &quot;base&quot; &amp; more"' in svg


def test_the_picture_does_not_depend_on_the_settings_of_the_caller(base: Base, outlines: Outlines) -> None:
    expected = Drawing(base, MARKS).svg(label="x")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.markersize": 40}):
        other = Base(lambda: draw(outlines), outlines=lambda: outlines)
        assert Drawing(other, MARKS).svg(label="x") == expected


def test_a_picture_of_the_text_width_is_720_pixels_wide_on_screen(base: Base) -> None:
    assert base.width == 720
    assert f'viewBox="0 0 {WIDTH * POINTS:.1f} 144.0" width="720"' in Drawing(base).svg(label="x")


def test_text_is_at_least_nine_points_on_paper() -> None:
    sizes = [style()[name] for name in ("font.size", "xtick.labelsize", "ytick.labelsize", "legend.fontsize")]
    assert min(float(size) for size in sizes) >= 9


def _lightness(colour: str) -> float:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_lightness(one), _lightness(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_five_classes_grow_darker_so_that_grey_print_keeps_their_order() -> None:
    lightness = [_lightness(colour) for colour in palette()["classes"]]
    assert lightness == sorted(lightness, reverse=True)
    assert all(a / b > 1.2 for a, b in itertools.pairwise(lightness))


@pytest.mark.parametrize("name", ["municipality", "group", "everywhere"])
def test_marks_stand_out_from_paper_by_three_to_one(name: str) -> None:
    assert _contrast(palette()[name], "#FFFFFF") >= 3


def test_words_stand_out_from_paper_by_four_and_a_half_to_one() -> None:
    assert _contrast(palette()["ink"], "#FFFFFF") >= 4.5
    assert _contrast(palette()["everywhere"], "#FFFFFF") >= 4.5
