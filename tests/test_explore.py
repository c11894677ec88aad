"""The explorer: what is chosen decides map, dot plot and table."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest

from resilience_analysis.explore import Explorer, explorer
from resilience_analysis.notebook import load_atlas
from resilience_analysis.profiles.comparator import comparator


@pytest.fixture
def chosen() -> Iterator[Explorer]:
    yield explorer(language="nl")
    plt.close("all")


def test_the_table_has_the_region_and_the_median_of_the_comparator(chosen: Explorer) -> None:
    chosen.region.value, chosen.comparator.value = "neteland", "kempen"
    chosen.indicators.value = ("inf_decisions", "div_too_many")
    table, atlas = chosen.table(), load_atlas()
    members = list(comparator(atlas, "neteland").codes)
    assert table.index.tolist() == [*atlas.names[members], "mediaan referentieregio Kempen"]
    assert table["inf_decisions"].tolist()[:-1] == atlas.values.loc[members, "inf_decisions"].tolist()
    others = atlas.values.loc[list(comparator(atlas, "kempen").codes), "div_too_many"]
    assert table["div_too_many"].iloc[-1] == pytest.approx(others.median())


def test_weights_as_typed_decide_the_mean_score(chosen: Explorer) -> None:
    chosen.indicators.value = ("inf_decisions",)
    one = chosen.table()["mean_score"].to_numpy()
    chosen.indicators.value = ("div_too_many",)
    other = chosen.table()["mean_score"].to_numpy()
    chosen.indicators.value = ("inf_decisions", "div_too_many")
    chosen.weights.value = "inf_decisions=3, div_too_many=1"
    assert chosen.table()["mean_score"].to_numpy()[:-1] == pytest.approx(((3 * one + other) / 4)[:-1])


def test_a_weight_that_is_no_number_leaves_the_one_of_the_framework(chosen: Explorer) -> None:
    usual = chosen.table()["mean_score"].tolist()
    chosen.weights.value = "inf_decisions=veel, nergens=2, ="
    assert chosen.table()["mean_score"].tolist() == usual


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
def test_what_is_no_weight_is_named(chosen: Explorer, capsys: pytest.CaptureFixture[str]) -> None:
    said = "Geen gewicht, en dus niet gebruikt: "
    chosen.weights.value = "inf_decisions=2"
    chosen._show()
    assert said not in capsys.readouterr().out
    chosen.weights.value = "inf_decisions=veel, nergens=2, <b>"
    chosen._show()
    assert f"{said}inf_decisions=veel, nergens=2, &lt;b&gt;." in capsys.readouterr().out


def test_choosing_nothing_gives_a_table_without_indicators(chosen: Explorer) -> None:
    chosen.indicators.value = ()
    table = chosen.table()
    assert len(table) == 6
    assert table["mean_score"].isna().all()


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
def test_map_and_dot_plot_follow_what_is_chosen(chosen: Explorer, capsys: pytest.CaptureFixture[str]) -> None:
    chosen.region.value, chosen.indicators.value = "kempen", ("inf_decisions", "div_too_many")
    plt.close("all")
    chosen._show()
    map_axes, dots = (plt.figure(number).axes[0] for number in plt.get_fignums())
    assert "Voldoende informatie over beslissingen" in map_axes.get_title(loc="left")
    assert len(dots.get_yticklabels()) == 2
    assert "Turnhout" in capsys.readouterr().out
