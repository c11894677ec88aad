"""An indicator of one's own: scored like any other, on the page in its place, and the project left as it is."""

from __future__ import annotations

import pandas as pd
import pytest

import resilience_analysis as ra
from resilience_analysis.analysis import selection
from resilience_analysis.foundation.errors import UsageError

GIVEN = {"code": "org_clubs", "label": "Clubs", "dimension": "organisatie", "year": 2025, "unit": "‰"}


@pytest.fixture(autouse=True)
def found(dataset, monkeypatch):
    """The dataset of the real figures, wherever the functions look for it."""
    monkeypatch.setattr(selection, "load_dataset", lambda: dataset)
    return dataset


@pytest.fixture
def values(found) -> pd.Series:
    return pd.Series(range(len(found.names)), index=found.names.index, dtype=float).where(found.names != "Olen")


def test_an_indicator_of_ones_own_is_scored_between_its_goalposts_and_a_gap_stays_one(found, values):
    data = ra.with_indicator(values, **GIVEN, goalposts=(0, 100), direction=-1)
    scores = data.scores["score"]["organisatie", "register"]
    by_hand = (100 - values).clip(0, 100)
    pd.testing.assert_series_equal(scores, by_hand, check_names=False)
    assert scores["13029"] != scores["13029"]
    assert found.scores["score"].get(("organisatie", "register"), pd.Series(dtype=float)).isna().all()


def test_what_others_score_stays_as_it_is(found, values):
    data = ra.with_indicator(values, **GIVEN)
    others = [pair for pair in found.scores["score"].columns if pair != ("organisatie", "register")]
    pd.testing.assert_frame_equal(data.scores["score"][others], found.scores["score"][others])


def test_an_indicator_of_ones_own_is_on_the_page_of_its_factor(values):
    data = ra.with_indicator(values, **GIVEN, source="Ours")
    page = ra.profile("Herentals", data=data, sections=["factor_details", "sources"], language="en")
    assert "org_clubs" in repr(page.factor("organisatie"))
    shown = page.show().standalone()
    assert "Clubs" in shown
    assert "Ours" in shown


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"dimension": "organisation"}, "did you mean 'organisatie'"),
        ({"code": "org_trust_municipality"}, "is taken"),
        ({"goalposts": (5, 5)}, "the first must be below the second"),
        ({"direction": 0}, "give 1 or -1"),
    ],
)
def test_what_cannot_be_is_refused(values, change, fault):
    with pytest.raises(UsageError, match=fault):
        ra.with_indicator(values, **{**GIVEN, **change})
