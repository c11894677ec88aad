"""Single tables for a notebook cell: one line each, on the same figures as the profiles."""

from __future__ import annotations

import pytest
from tests.datasets import FIVE

from resilience_analysis.analysis import frames
from resilience_analysis.foundation.errors import UsageError

MAPPED = "sch_public_transport"
HIDDEN = "73028"  # Herstappe: too few people for a survey
HALF_KNOWN = "38002"  # half of what its diversity rests on has no figure


@pytest.fixture(autouse=True)
def found(dataset, monkeypatch):
    """The dataset of the real figures, wherever the module looks for it."""
    monkeypatch.setattr(frames, "load_dataset", lambda: dataset)
    return dataset


def test_a_table_of_indicators_has_a_row_for_each_municipality_of_the_region(found):
    table = frames.indicator_table([MAPPED, "exp_renewal"])
    assert list(table.columns) == [MAPPED, "exp_renewal"]
    assert table.loc["Herentals", MAPPED] == found.values.loc["13011", MAPPED]
    assert sorted(table.index) == ["Grobbendonk", "Herentals", "Herenthout", "Olen", "Vorselaar"]


@pytest.mark.parametrize("code", FIVE)
def test_the_steps_of_a_score_add_up_to_the_score_that_is_published(found, code):
    scores = found.tables.scores.set_index(["nis_code", "code", "strand"])["score"]
    rows = frames.step_by_step(code, "diversiteit", "register")
    assert rows["contribution"].sum() == pytest.approx(scores[code, "diversiteit", "register"], abs=1e-9)


@pytest.mark.parametrize(
    ("code", "strand", "reason"), [(HIDDEN, "residents", "hidden"), (HALF_KNOWN, "register", "low_coverage")]
)
def test_a_score_that_is_missing_has_no_contributions(found, code, strand, reason):
    scores = found.tables.scores.set_index(["nis_code", "code", "strand"])
    assert scores.at[(code, "diversiteit", strand), "missing_reason"] == reason
    rows = frames.step_by_step(code, "diversiteit", strand)
    assert len(rows) > 0
    assert rows["contribution"].isna().all()


def test_each_step_follows_from_the_one_before():
    rows = frames.step_by_step("13011", "informatie")
    by_hand = 100 * (rows["value"] - rows["goalpost_lower"]) / (rows["goalpost_upper"] - rows["goalpost_lower"])
    by_hand = by_hand.where(rows["direction"] > 0, 100 - by_hand).clip(0, 100)
    assert rows["score"].tolist() == pytest.approx(by_hand.tolist())
    assert rows["contribution"].tolist() == pytest.approx((rows["share"] * rows["score"]).tolist())
    assert rows["share"].sum() == pytest.approx(1)


def test_a_spine_table_holds_the_quartiles_of_flanders(found):
    table = frames.spine_table("13044", "organisatie")
    values = found.values["org_trust_municipality"]
    row = table.loc["org_trust_municipality"]
    assert row["value"] == values["13044"]
    assert [row["all_q1"], row["all_median"], row["all_q3"]] == values.quantile([0.25, 0.5, 0.75]).tolist()


def test_a_municipality_that_is_not_known_is_refused():
    with pytest.raises(UsageError, match="13099"):
        frames.spine_table("13099", "organisatie")
