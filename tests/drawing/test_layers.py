"""A plate gives the same pixels as drawing everything anew, and keeps nothing of what was added."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from PIL import Image

from resilience_analysis.drawing.layers import WIDTH, Plate, in_style, new_figure, palette, png_of, style


@pytest.fixture
def plate() -> Plate:
    return _plate()


@in_style
def _plate() -> Plate:
    figure = new_figure(2.0)
    ax = figure.add_axes((0.1, 0.2, 0.8, 0.7))
    ax.set_xlim(0, 100)
    ax.barh([0, 1], [40, 60], color=palette()["interquartile"])
    ax.set_title("base")
    return Plate(figure, {"main": ax})


def _point(x: float):  # type: ignore[no-untyped-def]
    def add(axes: Mapping[str, Axes]) -> list[Artist]:
        ax = axes["main"]
        return [*ax.plot([x], [0.5], marker="o", color="k", zorder=10), ax.text(x, 0.7, "é", zorder=11)]

    return add


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_a_kept_base_gives_the_same_pixels_as_drawing_anew(plate: Plate) -> None:
    for x in (10, 55, 90):
        assert np.array_equal(pixels(plate.png(_point(x))), pixels(plate.png_anew(_point(x))))


def test_nothing_of_one_picture_is_left_in_the_next(plate: Plate) -> None:
    first = plate.png(_point(20))
    plate.png(_point(80))
    assert plate.png(_point(20)) == first
    assert len(plate.axes["main"].lines) == 0


def test_two_different_additions_give_two_different_pictures(plate: Plate) -> None:
    assert plate.png(_point(20)) != plate.png(_point(80))


def test_the_picture_does_not_depend_on_the_settings_of_the_caller(plate: Plate) -> None:
    expected = plate.png(_point(30))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.markersize": 40}):
        assert _plate().png(_point(30)) == expected


def test_a_picture_of_the_text_width_is_720_pixels_wide_on_screen(plate: Plate) -> None:
    assert plate.width == 720
    assert pixels(plate.png(_point(1))).shape[1] == int(WIDTH * style()["figure.dpi"])


def test_a_png_holds_exactly_the_pixels_it_was_made_of() -> None:
    random = np.random.default_rng(1)
    for height, width in ((1, 1), (7, 3), (64, 200)):
        drawn = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        assert np.array_equal(pixels(png_of(drawn)), drawn)


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
