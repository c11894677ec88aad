"""What must hold of scores whatever the figures are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small import mergers, source

from resilience_analysis.data.catalogue import Column
from resilience_analysis.data.observations import observe
from resilience_analysis.geography.municipalities import predecessors
from resilience_analysis.indicators.framework import Framework, Indicator, load_framework
from resilience_analysis.indicators.scores import score
from resilience_analysis.indicators.values import COLUMNS

PLACES = [f"1100{number}" for number in range(1, 6)]
CODES = ["up", "down", "heavy", "light"]
KEY = ["nis_code", "code", "strand"]


def small(package: Framework) -> Framework:
    """A framework of four indicators in one dimension and strand, two of them counting the other way."""
    base = package.indicators["org_trust_municipality"]
    facts = {"up": (1, 1.0), "down": (-1, 1.0), "heavy": (1, 3.0), "light": (-1, 0.0)}

    def entry(code: str, direction: int, weight: float) -> Indicator:
        return replace(base, id=code, direction=direction, weight=weight, goalposts=(20.0, 80.0))

    one = {base.dimension: package.dimensions[base.dimension]}
    return replace(package, dimensions=one, indicators={code: entry(code, *fact) for code, fact in facts.items()})


FRAMEWORK = small(load_framework())
figure = st.none() | st.floats(-50, 150)
figures = st.lists(st.lists(figure, min_size=len(CODES), max_size=len(CODES)), min_size=2, max_size=len(PLACES))


def table(rows: list[list[float | None]], *, half: float = 4.0) -> pd.DataFrame:
    """Return indicators: one row per municipality and indicator, with a margin of `half` on either side."""
    long = [
        (place, 2023, code, "residents", np.nan if value is None else value, "%", np.nan)
        + ((np.nan, np.nan, None, "unknown") if value is None else (value - half, value + half, None, None))
        for place, row in zip(PLACES, rows, strict=False)
        for code, value in zip(CODES, row, strict=True)
    ]
    # somebody knows every indicator, so that the last year is the same whatever the figures are
    known = [("99999", 2023, code, "residents", 50.0, "%", np.nan, 46.0, 54.0, None, None) for code in CODES]
    return pd.DataFrame(long + known, columns=COLUMNS)


def scored(rows: list[list[float | None]]) -> pd.DataFrame:
    return score(table(rows), FRAMEWORK).set_index(KEY)


@settings(max_examples=15)
@given(figures)
def test_scores_and_their_margins_stay_between_0_and_100(rows):
    found = scored(rows)
    for column in ("score", "low", "high"):
        assert found[column].dropna().between(0, 100).all()
    assert (found["score"].isna() == found["missing_reason"].notna()).all()
    known = found.dropna(subset=["low"])
    assert (known["low"] <= known["score"]).all()
    assert (known["score"] <= known["high"]).all()


@settings(max_examples=15)
@given(figures, st.sampled_from(CODES), st.floats(0, 100))
def test_raising_an_indicator_never_moves_a_score_against_its_direction(rows, code, rise):
    place = CODES.index(code)
    raised = [[v if n != place or v is None else v + rise for n, v in enumerate(row)] for row in rows]
    before = scored(rows)["score"]
    change = scored(raised)["score"] - before
    direction = FRAMEWORK.indicators[code].direction
    assert (direction * change.dropna() >= -1e-9).all()
    assert (change.isna() == before.isna()).all()


@settings(max_examples=8)
@given(figures, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(rows, random):
    long = table(rows)
    order = list(long.index)
    random.shuffle(order)
    pd.testing.assert_frame_equal(score(long, FRAMEWORK), score(long.loc[order], FRAMEWORK))


@settings(max_examples=10)
@given(figures, st.integers(0, 4))
def test_removing_a_municipality_changes_no_other_score(rows, place):
    place %= len(rows)
    before = score(table(rows), FRAMEWORK)
    long = table(rows)
    after = score(long[long["nis_code"] != PLACES[place]], FRAMEWORK)
    kept = before[before["nis_code"] != PLACES[place]].reset_index(drop=True)
    pd.testing.assert_frame_equal(after, kept)


@settings(max_examples=10)
@given(figures)
def test_what_is_scored_is_not_changed(rows):
    long = table(rows)
    before = long.copy(deep=True)
    score(long, FRAMEWORK)
    pd.testing.assert_frame_equal(long, before)


@settings(max_examples=6)
@given(figures)
def test_an_indicator_without_weight_moves_no_dimension(rows):
    other = [[*row[:3], 80.0 if row[3] is not None else None] for row in rows]
    pick = (slice(None), "organisatie", "residents")
    one, two = scored(rows)["score"].loc[pick], scored(other)["score"].loc[pick]
    assert one.tolist() == pytest.approx(two.tolist(), nan_ok=True)


STEPS = mergers(
    ("01001", "02001", "2019-01-01"),
    ("01002", "02001", "2019-01-01"),
    ("02001", "03001", "2025-01-01"),
    ("01003", "03001", "2025-01-01"),
    ("01004", "01004", "2025-01-01"),
    ("01005", "01004", "2025-01-01"),
)
TODAY = ["03001", "01004", "01006"]
OF_2018 = ["01001", "01002", "01003", "01004", "01005", "01006"]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 10**6), min_size=6, max_size=6), st.sampled_from([2015, 2019, 2024, 2025]))
def test_adding_up_over_mergers_keeps_the_total(people, year):
    then = [part for parts in predecessors(STEPS, TODAY, year=year).values() for part in parts]
    rows = pd.DataFrame({"nis_code": then, "year": 2025, "people": [float(n) for n in people[: len(then)]]})
    known = source("census", areas=year, columns={"people": Column("count")})
    observed = observe(rows, known, codes=TODAY, mergers=STEPS)
    assert observed["value"].sum() == sum(people[: len(then)])
    assert observed["nis_code"].tolist() == sorted(TODAY)


@pytest.mark.parametrize(("year", "parts"), [(2015, 6), (2018, 6), (2019, 5), (2024, 5), (2025, 3), (2030, 3)])
def test_every_municipality_of_then_is_part_of_exactly_one_of_today(year, parts):
    then = [part for made_of in predecessors(STEPS, TODAY, year=year).values() for part in made_of]
    assert len(then) == len(set(then)) == parts
