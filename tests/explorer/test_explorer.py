"""The explorer: one choice decides charts, table, what moves, the code and the address."""

from __future__ import annotations

import pytest

import resilience_analysis as ra
from resilience_analysis.explorer import explorer
from resilience_analysis.explorer.controls import AGGREGATE, NORMALISE, Explorer
from resilience_analysis.explorer.linked import Choices, read_address
from resilience_analysis.notebook import load_dataset
from resilience_analysis.profiles.rows import comparator

FIRST, SECOND = "inf_decisions", "org_trust_municipality"


@pytest.fixture(scope="module")
def chosen() -> Explorer:
    return explorer(language="nl", address=f"indicators={FIRST},{SECOND}")


def values(found: Explorer, code: str) -> list[float]:
    dataset = load_dataset()
    return dataset.values.loc[list(comparator(dataset, found.region.value).codes), code].tolist()


def mapped(found: Explorer) -> list[dict[str, object]]:
    spec = found.chart.spec
    data = spec["vconcat"][0]["hconcat"][0]["data"]
    return spec["datasets"][data["name"]] if "name" in data else data["values"]


def test_the_table_has_the_region_and_the_median_of_the_comparator(chosen):
    chosen.region.value, chosen.comparator.value = "neteland", "kempen"
    table, dataset = chosen.table(), load_dataset()
    assert table.index[-1] == "mediaan van de referentieregio Kempen"
    assert table.iloc[:-1, 0].tolist() == values(chosen, FIRST)
    others = dataset.values.loc[list(comparator(dataset, "kempen").codes), SECOND]
    assert table.iloc[-1, 1] == pytest.approx(others.median())


def test_charts_show_the_places_of_the_table_and_follow_the_region(chosen):
    chosen.region.value = "kempen"
    assert {shape["code"] for shape in mapped(chosen)} == set(comparator(load_dataset(), "kempen").codes)
    assert chosen.chart.spec["params"][0]["views"] == ["chart_0", "chart_1", "chart_2"]
    chosen.region.value = "neteland"
    assert len(mapped(chosen)) == 5


def test_a_weight_moves_the_mean_score_and_the_scores_of_its_factor_alone(chosen):
    before = chosen.table()["mean_score"]
    assert chosen.moved().empty
    chosen.weights.children[1].value = 5.0
    assert chosen.table()["mean_score"].tolist() != before.tolist()
    dimension = load_dataset().framework.indicators[SECOND].dimension
    assert set(chosen.moved()["code"]) == {dimension}
    assert f"weights={{'{SECOND}': 5.0}}" in chosen.choices.as_code()
    chosen.weights.children[1].value = load_dataset().framework.indicators[SECOND].weight
    assert chosen.moved().empty


def test_places_named_are_the_rows_of_the_table(chosen):
    chosen.places.value = ["Olen", "Mol"]
    assert chosen.table().index.tolist()[:-1] == ["Olen", "Mol"]
    chosen.places.value = []
    assert len(chosen.table()) == 6


def test_the_search_lists_what_matches_and_keeps_what_is_chosen(chosen):
    chosen.search.value = "vertrouwen"
    labels = [label for label, _ in chosen.indicators._options_full]
    assert all(
        "vertrouwen" in label.lower() or code in {FIRST, SECOND} for label, code in chosen.indicators._options_full
    )
    assert len(labels) > 2
    assert chosen.indicators.value == (FIRST, SECOND)
    chosen.search.value = ""


@pytest.mark.parametrize("change", [*({"normalise": name} for name in NORMALISE[2:]), {"aggregate": AGGREGATE[-1]}])
def test_every_method_on_offer_moves_scores_and_keeps_them_within_their_margins(change):
    moved = ra.what_if(region="neteland", **change).dropna(subset=["after", "after_low"])
    assert len(moved) > 20
    assert (moved["moved"].abs() > 1).any()
    assert moved["after"].between(0, 100).all()
    assert ((moved["after_low"] <= moved["after"]) & (moved["after"] <= moved["after_high"])).all()


def test_what_was_moved_stays_when_another_indicator_is_chosen(chosen):
    chosen.weights.children[0].value = 4.0
    chosen.search.value = "vertrouwen"
    chosen.search.value = ""
    chosen.indicators.value = (FIRST,)
    chosen.indicators.value = (FIRST, SECOND)
    assert chosen.choices.weights == {FIRST: 4.0}
    assert len(chosen.goalposts.children) == 2
    chosen.weights.children[0].value = load_dataset().framework.indicators[FIRST].weight


def test_the_address_decides_the_language_where_none_is_asked_for():
    assert explorer(address="language=en").choices.language == "en"
    assert explorer(address="language=xx").choices.language == "nl"


def test_what_cannot_be_scored_is_said_and_nothing_is_lost(chosen):
    chosen.indicators.value = ()
    assert chosen._note.value == "Kies minstens één indicator."
    chosen.indicators.value = (FIRST, SECOND)
    assert chosen._note.value == ""


def test_the_address_brings_the_same_choices_back():
    choices = Choices(
        "kempen", "flanders", places=("13011",), indicators=(FIRST,), weights={FIRST: 2.0},
        goalposts={FIRST: (10.0, 60.0)}, aggregate="median", min_coverage=0.4,
        language="en",
    )  # fmt: skip
    assert read_address(choices.as_address(), Choices("neteland", "flanders")) == choices
    assert read_address("weights=nonsense", choices) == choices


def test_the_code_of_the_choices_gives_the_table_they_show(chosen):
    names: dict[str, object] = {}
    exec(chosen.choices.as_code(), names)
    table = names["table"]
    assert table.iloc[0].tolist()[:-1] == values(chosen, FIRST)
    assert isinstance(ra.explorer, type(explorer))
