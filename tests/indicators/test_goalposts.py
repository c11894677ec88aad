"""Goalposts are percentiles of all municipalities, frozen with their year and moved by nobody but the command."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small import both, framework_content, indicator, small_framework

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.indicators.values import freeze, lopsided_problems, needing_goalposts, reference_goalposts

PACKAGE = load_framework()
DAY = dt.date(2026, 1, 2)


def figures(values: list[float | None], *, year: int = 2023, code: str = "trust") -> pd.DataFrame:
    return pd.DataFrame(
        {"nis_code": [f"{n:05}" for n in range(len(values))], "year": year, "indicator": code, "value": values}
    )


def slow_percentile(values: list[float], share: float) -> float:
    """Interpolate linearly between the ranks around (n - 1) * share."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


@settings(max_examples=40)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=60, unique=True))
def test_goalposts_are_the_fifth_and_the_ninety_fifth_percentile(values):
    posts = reference_goalposts(figures([float(v) for v in values]), PACKAGE, ["trust"])
    expected = [round(slow_percentile(values, 0.05), 6), round(slow_percentile(values, 0.95), 6)]
    assert posts["trust"]["goalposts"] == pytest.approx(expected, abs=2e-6)
    assert (posts["trust"]["year"], posts["trust"]["n"]) == (2023, len(values))


def test_only_the_latest_year_counts_and_gaps_do_not():
    table = pd.concat([figures([0.0, 1000.0], year=2020), figures([10.0, None, 20.0], year=2023)])
    posts = reference_goalposts(table, PACKAGE, ["trust"])
    assert posts["trust"] == {"goalposts": [10.5, 19.5], "year": 2023, "n": 2}


def test_the_framework_says_which_percentiles():
    framework = replace(PACKAGE, scoring=replace(PACKAGE.scoring, goalpost_percentiles=(0, 100)))
    assert reference_goalposts(figures([3.0, 9.0, 6.0]), framework, ["trust"])["trust"]["goalposts"] == [3.0, 9.0]


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0, 5.0], [None, None]])
def test_values_that_give_no_two_goalposts_are_refused(values):
    table = figures(values) if values else figures([1.0]).assign(value=float("nan"))
    with pytest.raises(InputError, match=r"indicator trust: \d values give no two goalposts"):
        reference_goalposts(table.astype({"value": float}), PACKAGE, ["trust"])


def test_theory_leaves_nothing_to_freeze():
    content = framework_content(theory=indicator(goalposts=[1, 4]), data=indicator(goalposts=None))
    assert needing_goalposts(content) == ["data"]


POSTS = {"trust": {"goalposts": [30.0, 70.0], "year": 2023, "n": 285}}


def test_frozen_goalposts_say_their_day_framework_and_year(tmp_path):
    moved = freeze(POSTS, tmp_path, today=DAY, version="1.0")
    assert moved.to_numpy().tolist() == [["trust", "", "[30.0, 70.0]"]]
    content = yaml.safe_load((tmp_path / "goalposts.yml").read_text())
    assert content == {"frozen": "2026-01-02", "framework": "1.0", "indicators": POSTS}
    framework = small_framework(tmp_path, trust=indicator(goalposts=None))
    assert framework.indicators["trust"].goalposts == (30.0, 70.0)


def test_freezing_again_changes_no_byte_and_keeps_the_day(tmp_path):
    freeze(POSTS, tmp_path, today=DAY, version="1.0")
    before = (tmp_path / "goalposts.yml").read_bytes()
    assert freeze(POSTS, tmp_path, today=dt.date(2027, 1, 1), version="1.0").empty
    assert (tmp_path / "goalposts.yml").read_bytes() == before


def test_what_moves_is_said_with_before_and_after(tmp_path):
    freeze(POSTS, tmp_path, today=DAY, version="1.0")
    moved = freeze({"trust": POSTS["trust"] | {"goalposts": [31.0, 70.0]}}, tmp_path, today=DAY, version="1.0")
    assert moved.to_numpy().tolist() == [["trust", "[30.0, 70.0]", "[31.0, 70.0]"]]


def test_a_new_year_with_the_same_goalposts_is_written_down(tmp_path):
    freeze(POSTS, tmp_path, today=DAY, version="1.0")
    assert freeze({"trust": POSTS["trust"] | {"year": 2026}}, tmp_path, today=DAY, version="1.0").empty
    assert yaml.safe_load((tmp_path / "goalposts.yml").read_text())["indicators"]["trust"]["year"] == 2026


def test_goalposts_of_indicators_that_are_gone_go_with_them(tmp_path):
    freeze(POSTS | {"gone": POSTS["trust"]}, tmp_path, today=DAY, version="1.0")
    freeze(POSTS, tmp_path, today=DAY, version="1.0")
    assert list(yaml.safe_load((tmp_path / "goalposts.yml").read_text())["indicators"]) == ["trust"]


@pytest.mark.parametrize("broken", ["indicators: [", "- a", "indicators: [a]", "indicators: {trust: 3}", ""])
def test_broken_goalposts_are_written_anew(tmp_path, broken):
    (tmp_path / "goalposts.yml").write_text(broken)
    assert freeze(POSTS, tmp_path, today=DAY, version="1.0")["indicator"].tolist() == ["trust"]
    assert yaml.safe_load((tmp_path / "goalposts.yml").read_text())["indicators"] == POSTS


@pytest.mark.parametrize(("at_zero", "said"), [(15, False), (16, True)])
def test_an_indicator_of_which_more_than_half_of_the_values_lie_at_one_goalpost_is_refused(tmp_path, at_zero, said):
    framework = small_framework(tmp_path, trust=indicator(goalposts=[0, 80]))
    values = [0.0] * at_zero + [float(place) for place in range(1, 31 - at_zero)]
    rows = pd.DataFrame({"indicator": "trust", "nis_code": [f"{n:05}" for n in range(30)], "year": 2023})
    problems = lopsided_problems(rows.assign(value=values), framework)
    expected = "framework.yml, indicator trust: 53 % of 30 values lie at the goalpost 0. Show it as context instead, or"
    assert [str(problem).startswith(expected) for problem in problems] == ([True] if said else [])


def test_a_lopsided_indicator_that_says_why_is_scored(tmp_path):
    framework = small_framework(tmp_path, trust=indicator(goalposts=[0, 80], lopsided=both("rare, and it matters")))
    rows = pd.DataFrame({"indicator": "trust", "nis_code": [f"{n:05}" for n in range(30)], "year": 2023, "value": 0.0})
    assert lopsided_problems(rows, framework) == []
