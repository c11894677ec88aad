"""Each verb against a second, slower route; a gap is never filled and always keeps a reason."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small import CODES, evidence, municipalities, observations

from resilience_analysis.indicators.evidence import Derived, Evidence, years_of
from resilience_analysis.indicators.verbs import derive, recipe_problems

counts = st.lists(st.integers(0, 10_000), min_size=4, max_size=4)


def column(derived: Derived, year: int) -> list[float]:
    return derived.xs(year, level="year")["value"].tolist()


def reasons(derived: Derived, year: int) -> list[str | None]:
    return [None if pd.isna(reason) else reason for reason in derived.xs(year, level="year")["missing_reason"]]


def same(found: list[float], expected: list[float | None]) -> None:
    wanted = [math.nan if value is None else value for value in expected]
    assert found == pytest.approx(wanted, nan_ok=True, rel=1e-12)


def test_a_variable_is_taken_as_it_is_with_its_gaps():
    derived = derive(evidence({"x": {2024: [1, 2, None, 4], 2025: [5, 6, 7, 8]}}), {"take": "x"})
    assert years_of(derived) == [2024, 2025]
    same(column(derived, 2024), [1, 2, None, 4])
    assert reasons(derived, 2024) == [None, None, "unknown", None]


def test_municipalities_come_in_their_own_order_whatever_the_order_of_the_rows():
    rows = observations({"x": {2025: [1, 2, 3, 4]}}).sample(frac=1, random_state=3)
    assert derive(Evidence(rows, municipalities()), {"take": "x"}).index.unique("nis_code").tolist() == CODES


def test_a_variable_that_no_source_has_is_an_error():
    with pytest.raises(KeyError, match="y"):
        derive(evidence({"x": {2025: [1, 2, 3, 4]}}), {"take": "y"})


def test_a_share_is_the_part_of_the_whole_in_percent():
    known = evidence({"part": {2025: [1, 0, 3, 9]}, "whole": {2025: [4, 5, 3, 0]}})
    derived = derive(known, {"share": {"part": "part", "whole": "whole"}})
    same(column(derived, 2025), [100 * 1 / 4, 0, 100, None])
    assert reasons(derived, 2025) == [None, None, None, "not_applicable"]


def test_a_share_is_known_only_in_years_that_both_have():
    known = evidence({"part": {2023: [1] * 4, 2024: [2] * 4}, "whole": {2024: [4] * 4, 2025: [4] * 4}})
    assert years_of(derive(known, {"share": {"part": "part", "whole": "whole"}})) == [2024]


def test_a_gap_in_either_figure_is_a_gap_with_the_reason_of_the_first():
    rows = observations({"part": {2025: [None, 1, None, 1]}, "whole": {2025: [2, None, None, 2]}})
    rows.loc[rows["variable"] == "whole", "missing_reason"] = rows["missing_reason"].mask(
        rows["value"].isna(), "hidden"
    )
    derived = derive(Evidence(rows, municipalities()), {"share": {"part": "part", "whole": "whole"}})
    same(column(derived, 2025), [None, None, None, 50])
    assert reasons(derived, 2025) == ["unknown", "hidden", "unknown", None]


def test_a_rate_is_so_many_of_the_sum_of_the_parts_per_so_many_of_the_sum_of_the_whole():
    known = evidence({"a": {2025: [1, 2, 3, 4]}, "b": {2025: [5, 6, 7, 8]}, "w": {2025: [100, 200, 0, 400]}})
    derived = derive(known, {"rate": {"part": ["a", "b"], "whole": ["w", "w"], "per": 1000}})
    same(column(derived, 2025), [1000 * (1 + 5) / (100 + 100), 1000 * (2 + 6) / 400, None, 1000 * (4 + 8) / 800])
    assert reasons(derived, 2025)[2] == "not_applicable"


def test_a_rate_over_years_is_the_mean_of_the_part_up_to_each_year():
    part = {2020: [1, 1, 1, 1], 2021: [2, 2, 2, 2], 2022: [6, None, 6, 6], 2023: [10, 10, 10, 10]}
    known = evidence({"part": part, "whole": {2025: [100, 100, 50, 0]}})
    recipe = {"rate": {"part": ["part"], "whole": ["whole"], "per": 10, "mean_of_years": 3, "whole_year": 2025}}
    derived = derive(known, recipe)
    assert years_of(derived) == [2022, 2023]  # nothing before three years are known
    for year in years_of(derived):
        window = [part[year - back] for back in range(3)]
        slow = []
        for place, whole in enumerate([100, 100, 50, 0]):
            figures = [figures[place] for figures in window]
            gap = whole == 0 or any(figure is None for figure in figures)
            slow.append(None if gap else 10 * (sum(figures) / 3) / whole)
        same(column(derived, year), slow)
    assert reasons(derived, 2022) == [None, "unknown", None, "not_applicable"]


def test_a_mean_over_years_needs_every_year_in_between():
    known = evidence({"p": {2020: [1] * 4, 2021: [1] * 4, 2023: [1] * 4, 2024: [1] * 4}, "w": {2025: [1] * 4}})
    recipe = {"rate": {"part": ["p"], "whole": ["w"], "per": 1, "mean_of_years": 3, "whole_year": 2025}}
    assert years_of(derive(known, recipe)) == []


def test_a_rate_without_a_fixed_year_divides_year_by_year():
    known = evidence({"p": {2020: [1] * 4, 2021: [3] * 4}, "w": {2020: [2] * 4, 2021: [4] * 4}})
    derived = derive(known, {"rate": {"part": ["p"], "whole": ["w"], "per": 100}})
    same([column(derived, 2020)[0], column(derived, 2021)[0]], [100 * 1 / 2, 100 * 3 / 4])


def test_density_is_the_count_per_square_kilometre():
    known = evidence({"people": {2025: [100, 50, None, 0]}}, area_km2=[10.0, 4.0, 5.0, 8.0])
    same(column(derive(known, {"density": "people"}), 2025), [100 / 10, 50 / 4, None, 0])


def test_growth_is_the_percentage_from_one_year_to_the_other_and_stands_in_the_first():
    known = evidence({"h": {2025: [100, 0, None, 50], 2030: [1, 1, 1, 1], 2040: [110, 5, 5, 40]}})
    derived = derive(known, {"growth": {"of": "h", "from": 2025, "to": 2040}})
    assert years_of(derived) == [2025]
    same(column(derived, 2025), [100 * (110 / 100 - 1), None, None, 100 * (40 / 50 - 1)])
    assert reasons(derived, 2025) == [None, "not_applicable", "unknown", None]


def slow_evenness(sizes: list[int]) -> float | None:
    total = sum(sizes)
    if total == 0:
        return None
    entropy = 0.0
    for size in sizes:
        if size:
            entropy -= size / total * math.log(size / total)
    return entropy / math.log(len(sizes))


@settings(max_examples=25)
@given(counts, counts, counts)
def test_evenness_is_the_entropy_over_its_maximum(a, b, c):
    derived = derive(evidence({"a": {2025: a}, "b": {2025: b}, "c": {2025: c}}), {"evenness": ["a", "b", "c"]})
    same(column(derived, 2025), [slow_evenness(list(sizes)) for sizes in zip(a, b, c, strict=True)])


def test_evenness_is_0_in_one_class_and_1_when_every_class_is_as_large():
    known = evidence({"a": {2025: [5, 7, 0, 1]}, "b": {2025: [0, 7, 0, 3]}})
    derived = derive(known, {"evenness": ["a", "b"]})
    same(column(derived, 2025), [0, 1, None, -(1 / 4 * math.log(1 / 4) + 3 / 4 * math.log(3 / 4)) / math.log(2)])
    assert reasons(derived, 2025)[2] == "not_applicable"


@settings(max_examples=20)
@given(st.lists(st.integers(0, 1000), min_size=3, max_size=6), st.integers(2, 9))
def test_evenness_knows_no_order_and_no_size(sizes, times):
    def of(figures: list[int]) -> float:
        known = evidence({f"c{n}": {2025: [figure] * 4} for n, figure in enumerate(figures)})
        return column(derive(known, {"evenness": [f"c{n}" for n in range(len(figures))]}), 2025)[0]

    value = of(sizes)
    assert np.isnan(value) == (sum(sizes) == 0)
    assert of(sizes[::-1]) == pytest.approx(value, nan_ok=True)
    assert of([times * size for size in sizes]) == pytest.approx(value, nan_ok=True)
    assert np.isnan(value) or -1e-12 <= value <= 1 + 1e-12


def slow_nestedness(areas: dict[str, list[str | None]], place: int) -> float | None:
    groups = {}
    for level, column_ in areas.items():
        own = column_[place]
        groups[level] = set() if own is None else {n for n, area in enumerate(column_) if area == own}
    ratios = []
    for one, other in combinations(areas, 2):
        smaller = min(len(groups[one]), len(groups[other]))
        if smaller:
            ratios.append(len(groups[one] & groups[other]) / smaller)
    return sum(ratios) / len(ratios) if ratios else None


areas_of_four = st.lists(st.sampled_from(["p", "q", "r", None]), min_size=4, max_size=4)


@settings(max_examples=50)
@given(areas_of_four, areas_of_four, areas_of_four)
def test_nestedness_is_the_mean_overlap_of_pairs_of_areas(police, care, housing):
    areas = {"police": police, "care": care, "housing": housing}
    known = evidence({"x": {2025: [1] * 4}}, **{name: pd.array(codes, dtype=object) for name, codes in areas.items()})
    derived = derive(known, {"nestedness": {"levels": list(areas), "year": 2025}})
    same(column(derived, 2025), [slow_nestedness(areas, place) for place in range(4)])
    assert [reason is not None for reason in reasons(derived, 2025)] == [math.isnan(v) for v in column(derived, 2025)]


def test_areas_that_lie_within_each_other_are_fully_nested():
    known = evidence({"x": {2025: [1] * 4}}, small=["a", "a", "b", "c"], large=["z", "z", "z", "y"])
    derived = derive(known, {"nestedness": {"levels": ["small", "large"], "year": 2025}})
    assert column(derived, 2025) == [1, 1, 1, 1]


def test_no_verb_changes_what_it_is_given():
    known = evidence(
        {"a": {2024: [1, 2, 3, 4], 2025: [1, None, 3, 0]}, "b": {2024: [4] * 4, 2025: [0, 1, 2, 3]}},
        z=["p"] * 4,
        y=["q"] * 4,
    )
    before = known.observations.copy(deep=True), known.municipalities.copy(deep=True)
    for recipe in (
        {"take": "a"},
        {"share": {"part": "a", "whole": "b"}},
        {"rate": {"part": ["a"], "whole": ["b"], "per": 1, "mean_of_years": 2, "whole_year": 2025}},
        {"density": "a"},
        {"growth": {"of": "a", "from": 2024, "to": 2025}},
        {"evenness": ["a", "b"]},
        {"nestedness": {"levels": ["z", "y"], "year": 2025}},
    ):
        derive(known, recipe)
    pd.testing.assert_frame_equal(known.observations, before[0])
    pd.testing.assert_frame_equal(known.municipalities, before[1])


@pytest.mark.parametrize(
    ("recipe", "fault"),
    [
        ({"take": "trsut"}, "unknown variable 'trsut'; did you mean 'trust'?"),
        ({"share": {"part": "trust", "whole": "al"}}, "unknown variable 'al'"),
        ({"rate": {"part": ["trust"], "whole": ["x"], "per": 1}}, "unknown variable 'x'"),
        (
            {"rate": {"part": ["trust"], "whole": ["all"], "per": 1, "whole_year": 2030}},
            "all is not known for 2030, only for",
        ),
        ({"growth": {"of": "trust", "from": 2023, "to": 2040}}, "trust is not known for 2040, only for 2023, 2024"),
        ({"evenness": ["trust", "x"]}, "unknown variable 'x'"),
        (
            {"nestedness": {"levels": ["police", "cure"], "year": 2025}},
            "unknown area level 'cure'; did you mean 'care'?",
        ),
    ],
)
def test_a_recipe_that_names_what_is_not_there_is_refused(recipe, fault):
    variables = {"trust": {2023, 2024}, "all": {2023}}
    (problem,) = recipe_problems("indicator x", recipe, variables=variables, levels={"police", "care"})
    assert str(problem).startswith(f"indicator x: {fault}")


def test_a_recipe_that_derives_from_elsewhere_names_no_variable():
    for recipe in ({"self_assessment": "leren"}, {"process": "feedback"}, {"coverage": {"max_age": 3}}):
        assert recipe_problems("x", recipe, variables={}, levels=set()) == []
