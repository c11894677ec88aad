"""Each picture draws what its table says: read back from the artists, and the same pixels when drawn again."""

from __future__ import annotations

import io
import subprocess
import sys
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle, Wedge
from shapely.geometry import box
from tests.composite.conftest import make_metadata, make_random

from resilience_analysis import composite
from resilience_analysis.composite import plots
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.style import palette


@pytest.fixture(scope="module")
def run() -> composite.Scored:
    return composite.score(make_random(12), metadata=make_metadata(), settings={"normalise.bounds": (1, 100)})


@pytest.fixture(scope="module")
def draws() -> composite.Uncertainty:
    choices = {"weights.noise": 0.3, "normalise": [{"method": "minmax"}, {"method": "percentile-rank"}]}
    return composite.uncertainty(
        make_random(12), metadata=make_metadata(), choices=choices, settings={"normalise.bounds": (1, 100)}, n=16
    )


def pixels(ax: Axes) -> bytes:
    stream = io.BytesIO()
    ax.figure.savefig(stream, format="rgba", dpi=50)
    return stream.getvalue()


DRAWINGS = {
    "bars": lambda made: plots.draw_bars(made[0].tables["scores"]["index"], marked=["U003"]),
    "dots": lambda made: plots.draw_dots(made[0].tables["scores"][["social", "index"]], marked=["U001"]),
    "histogram": lambda made: plots.draw_distribution(made[0].tables["data"]["a"], marked="U002"),
    "box": lambda made: plots.draw_distribution(made[0].tables["data"]["a"], kind="box"),
    "violin": lambda made: plots.draw_distribution(made[0].tables["data"]["a"], kind="violin"),
    "scatter": lambda made: plots.draw_scatter(made[0].tables["scores"]["a"], made[0].tables["scores"]["b"]),
    "correlations": lambda made: plots.draw_correlations(composite.correlations(made[0].tables["normalised"])),
    "ranks": lambda made: plots.draw_rank_uncertainty(made[1].intervals, code="index"),
    "sensitivity": lambda made: plots.draw_sensitivity(made[1].sobol, code="index"),
    "sunburst": lambda _: plots.draw_framework(make_metadata()),
    "tree": lambda _: plots.draw_framework(make_metadata(), kind="tree"),
    "scree": lambda made: plots.draw_scree(
        composite.principal_components(made[0].tables["scores"], metadata=make_metadata()).variances
    ),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_picture_is_drawn_on_axes_of_its_own_and_twice_alike(run, draws, name):
    first, second = DRAWINGS[name]((run, draws)), DRAWINGS[name]((run, draws))
    assert isinstance(first, Axes)
    assert first.figure is not second.figure
    shown = pixels(first)
    assert shown == pixels(second)
    assert len(set(shown[::4])) > 3, "more than an empty page"


def test_axes_that_are_given_are_used_and_returned(run):
    figure = Figure()
    FigureCanvasAgg(figure)
    ax = figure.add_subplot()
    assert plots.draw_bars(run.tables["scores"]["index"], ax=ax) is ax


def test_bars_have_the_length_of_scores_and_their_parts_add_up(run):
    scores = run.tables["scores"]["index"]
    ordered = scores.sort_values(ascending=False)
    plain = plots.draw_bars(scores)
    np.testing.assert_allclose([bar.get_width() for bar in plain.patches], ordered)
    assert [text.get_text() for text in plain.get_yticklabels()] == list(ordered.index)
    parts = composite.contributions(run.tables["normalised"], metadata=make_metadata())
    stacked = plots.draw_bars(scores, parts=parts)
    ends = pd.Series([bar.get_x() + bar.get_width() for bar in stacked.patches[-len(scores) :]])
    np.testing.assert_allclose(ends, ordered)


def test_a_ring_of_the_framework_is_as_wide_as_its_weight():
    effective = composite.effective_weights(make_metadata())["effective"]
    ax = plots.draw_framework(make_metadata())
    wedges = [patch for patch in ax.patches if isinstance(patch, Wedge)]
    widths = sorted((wedge.theta2 - wedge.theta1) / 360 for wedge in wedges)
    np.testing.assert_allclose(widths, sorted(effective))
    tree = plots.draw_framework(make_metadata(), kind="tree")
    boxes = [patch for patch in tree.patches if isinstance(patch, Rectangle)]
    np.testing.assert_allclose(sorted(patch.get_height() for patch in boxes), sorted(effective))


def test_correlations_without_significance_are_white_and_families_framed(run):
    pairs = composite.correlations(run.tables["normalised"])
    ax = plots.draw_correlations(pairs, families=make_metadata()["parent"].to_dict(), values=False)
    shown = ax.collections[0].get_array().reshape(4, 4)
    hidden = pairs["p_value"].to_numpy().reshape(4, 4) > 0.05
    np.fill_diagonal(hidden, val=False)
    np.testing.assert_array_equal(np.ma.getmaskarray(np.ma.masked_invalid(shown)), hidden)
    assert [patch.get_width() for patch in ax.patches] == [2, 2]


def test_intervals_of_ranks_are_those_of_the_table(draws):
    own = draws.intervals[draws.intervals["code"] == "index"].sort_values("rank", kind="stable")
    ax = plots.draw_rank_uncertainty(draws.intervals, code="index")
    segments = np.array(ax.collections[0].get_segments())
    np.testing.assert_allclose(segments[:, 0, 0], own["rank_low"])
    np.testing.assert_allclose(segments[:, 1, 0], own["rank_high"])


def test_a_map_has_five_classes_and_hatches_what_has_no_score():
    areas = gpd.GeoSeries([box(n, 0, n + 1, 1) for n in range(11)], index=[f"U{n}" for n in range(11)])
    scores = pd.Series(np.arange(10.0), index=[f"U{n}" for n in range(10)], name="index")
    ax = plots.draw_score_map(areas, scores)
    known, gap = ax.collections
    assert len({to_hex(colour) for colour in known.get_facecolor()}) == 5
    assert gap.get_hatch() == "////"
    assert [text.get_text() for text in ax.get_legend().get_texts()][-1] == "no score"


def test_colours_of_parts_differ_in_lightness_for_readers_who_see_no_hue():
    light = [np.dot(to_rgb(colour), [0.2126, 0.7152, 0.0722]) for colour in palette()["categories"]]
    assert min(abs(one - other) for one, other in pairwise(light)) > 0.08


@pytest.mark.parametrize(
    "draw",
    [
        lambda made: plots.draw_bars(made[0].tables["scores"]["index"], marked=["ZZ"]),
        lambda made: plots.draw_distribution(made[0].tables["data"]["a"], kind="strip"),
        lambda made: plots.draw_scatter(
            made[0].tables["scores"]["a"], made[0].tables["scores"]["b"], labelled=["nowhere"]
        ),
        lambda _: plots.draw_framework(make_metadata(), kind="pie"),
        lambda made: plots.draw_sensitivity(made[1].sobol, code="zz"),
        lambda made: plots.draw_rank_uncertainty(made[1].intervals, code="zz"),
        lambda _: plots.draw_score_map(gpd.GeoSeries([box(0, 0, 1, 1)], index=["U"]), pd.Series({"V": 1.0})),
    ],
)
def test_what_is_not_there_cannot_be_drawn(run, draws, draw):
    with pytest.raises(UsageError):
        draw((run, draws))


def test_the_engine_loads_no_library_of_pictures_before_a_picture():
    code = "import sys; from resilience_analysis import composite; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_violin_marks_every_unit_and_the_median(run):
    values = run.tables["data"]["a"]
    ax = plots.draw_distribution(values, kind="violin")
    marks = next(line for line in ax.lines if line.get_marker() == "|")
    assert sorted(marks.get_xdata()) == sorted(values.dropna())
    medians = [found.get_segments()[0][:, 0] for found in ax.collections if hasattr(found, "get_segments")]
    np.testing.assert_allclose(medians[0], values.median())


def test_bars_with_more_parts_than_bars_keep_room_for_their_names():
    scores = pd.Series([2.0, 1.0], index=["AA", "BB"], name="index")
    parts = pd.DataFrame(np.outer(scores, np.full(49, 1 / 49)), scores.index, [f"part {n}" for n in range(49)])
    ax = plots.draw_bars(scores, parts=parts)
    pixels(ax)
    assert len(ax.get_legend().get_texts()) == 49
    assert ax.get_position().width > 0.3
