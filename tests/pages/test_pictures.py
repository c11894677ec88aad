"""A handful of charts and maps, compared with pictures that somebody looked at and accepted.

Pictures are kept at half their size and compared in blocks: how a version of FreeType puts letters on pixels then
hardly shows, a dot that moved or an area in another class does. When they change on purpose, look at the difference
(written to ``tests/observed``), accept it and commit it:

    RESILIENCE_ACCEPT=1 python -m pytest tests/pages/test_pictures.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from resilience_analysis.drawing.layers import style
from resilience_analysis.pages.render import Picture
from resilience_analysis.pages.sections.factors import factors
from resilience_analysis.pages.sections.housing import housing_map
from resilience_analysis.pages.sections.maps import indicator_maps, locator_map, region_map, village_map
from resilience_analysis.pages.subject import Subject, subject
from resilience_analysis.profiles.dataset import Dataset

ACCEPT = "RESILIENCE_ACCEPT"
FOLDER = Path(__file__).parents[1] / "golden" / "pictures"
OBSERVED = Path(__file__).parents[1] / "observed"
BLOCK = 4  # pixels of a halved picture, so 8 of the picture itself
STRONG = 64  # of 255: a block that differs more, differs
TOLERANCE = 0.002  # share of such blocks; the last tests say what stays below it and what does not

Pixels = np.ndarray


def _dots(about: Subject) -> Picture:
    (picture,) = (view for view in factors(about) if isinstance(view, Picture))
    return picture


DRAWN: dict[str, Callable[[Subject], Picture]] = {
    "factors": _dots,
    "region": region_map,
    "flanders": locator_map,
    "indicators": indicator_maps,
    "villages": lambda about: village_map(about)[0],
    "housing": housing_map,
}


def halved(picture: Picture) -> Pixels:
    """Return what the same marks look like as matplotlib draws them (see tests/drawing: the page has the same)."""
    figure = next(iter(picture.axes().values())).get_figure(root=True)
    assert figure is not None
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return shrunk(np.asarray(canvas.buffer_rgba())[:, :, :3], 2)


def shrunk(pixels: Pixels, times: int) -> Pixels:
    """Return the mean colour of every block of so many pixels wide and high."""
    height, width = pixels.shape[0] // times, pixels.shape[1] // times
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX))


def unlike(one: Pixels, other: Pixels) -> float:
    """Return the share of blocks that differ strongly (0-1); 1 for pictures of another size."""
    if one.shape != other.shape:
        return 1.0
    blocks = [shrunk(picture, BLOCK).astype(int) for picture in (one, other)]
    return float((np.abs(blocks[0] - blocks[1]).max(axis=2) > STRONG).mean())


def difference(one: Pixels, other: Pixels) -> Pixels:
    """Return a picture that is white where two agree and darker the more they differ."""
    height, width = min(one.shape[0], other.shape[0]), min(one.shape[1], other.shape[1])
    cut = [picture[:height, :width].astype(int) for picture in (one, other)]
    return (255 - np.abs(cut[0] - cut[1])).astype(np.uint8)


def save(pixels: Pixels, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


@pytest.mark.parametrize("name", list(DRAWN))
def test_a_picture_looks_as_it_was_accepted(example_dataset: Dataset, name: str) -> None:
    found, path = halved(DRAWN[name](subject(example_dataset, "13011"))), FOLDER / f"{name}.png"
    if os.environ.get(ACCEPT):
        save(found, path)
    accepted = np.asarray(Image.open(path).convert("RGB"))
    share = unlike(accepted, found)
    if share > TOLERANCE:
        save(found, OBSERVED / path.name)
        save(difference(accepted, found), OBSERVED / f"{name}-difference.png")
    assert share <= TOLERANCE, f"look at {OBSERVED / name}-difference.png; accept it with {ACCEPT}=1"


@pytest.mark.parametrize("hinting", ["none", "force_autohint"])
@pytest.mark.parametrize("name", list(DRAWN))
def test_another_way_of_putting_letters_on_pixels_is_the_same_picture(
    example_dataset: Dataset, monkeypatch: pytest.MonkeyPatch, name: str, hinting: str
) -> None:
    usual = halved(DRAWN[name](subject(example_dataset, "13011")))
    monkeypatch.setitem(style(), "text.hinting", hinting)
    other = halved(DRAWN[name](subject(replace(example_dataset, kept={}), "13011")))
    assert unlike(usual, other) <= TOLERANCE


def test_dots_five_points_to_the_right_are_another_picture(example_dataset: Dataset) -> None:
    scores = example_dataset.tables.scores.copy()
    own = (scores["nis_code"] == "13011") & (scores["level"] == "dimension") & (scores["strand"] == "residents")
    scores.loc[own, ["score", "low", "high"]] += 5
    moved = replace(example_dataset, tables=replace(example_dataset.tables, scores=scores), kept={})
    pictures = [halved(DRAWN["factors"](subject(dataset, "13011"))) for dataset in (example_dataset, moved)]
    assert unlike(*pictures) > TOLERANCE


def test_an_area_in_another_class_is_another_picture(example_dataset: Dataset) -> None:
    indicators = example_dataset.tables.indicators.copy()
    chosen = (indicators["nis_code"] == "13010") & (indicators["indicator"] == "org_trust_municipality")
    assert chosen.sum() == 1
    indicators.loc[chosen, "value"] = 9.0
    other = replace(example_dataset, tables=replace(example_dataset.tables, indicators=indicators), kept={})
    pictures = [halved(DRAWN["indicators"](subject(dataset, "13011"))) for dataset in (example_dataset, other)]
    assert unlike(*pictures) > TOLERANCE


def test_the_difference_is_white_where_two_pictures_agree() -> None:
    one, other = np.full((4, 4, 3), 200, dtype=np.uint8), np.full((4, 4, 3), 200, dtype=np.uint8)
    other[1, 2] = 0
    shown = difference(one, other)
    assert (shown[1, 2] == 55).all()
    assert (np.delete(shown.reshape(-1, 3), 6, axis=0) == 255).all()


def test_pictures_of_another_size_are_wholly_unlike() -> None:
    assert unlike(np.zeros((8, 8, 3), dtype=np.uint8), np.zeros((8, 16, 3), dtype=np.uint8)) == 1.0


def test_the_accepted_pictures_are_small() -> None:
    sizes = [path.stat().st_size for path in FOLDER.glob("*.png")]
    assert len(sizes) == len(DRAWN)
    assert sum(sizes) < 150_000
