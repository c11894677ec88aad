"""Every kind of fault of sources.yml is refused with its source and field, all of them at once."""

from __future__ import annotations

import pytest
from tests.small import both, source_entry

from resilience_analysis.data.catalogue_checks import catalogue_problems

COUNT = {"kind": "count"}
CHECK = {"variable": "population", "year": 2025, "values": {"11001": 5}}
GAP = {"nis_code": "11001", "reason": "hidden", "why": both("too few")}


def recipe(**parts) -> dict[str, object]:
    return {"fetch": {"reader": "table", **parts}}


def faults(**entries) -> list[str]:
    return [str(problem) for problem in catalogue_problems(entries)]


def test_a_list_without_fault_has_no_problem():
    assert faults(people=source_entry(checks=[CHECK], gaps=[GAP], none={"zone": "x"})) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"publisher": None}, ": publisher is missing"),
        ({"title": None}, ": title is missing"),
        ({"licence": {"nl": "alleen"}}, ", licence: has no wording in en"),
        ({"purpose": "words"}, ", purpose: has no wording in nl"),
        ({"file": "../secret.csv"}, ", file: '../secret.csv' is not a file below its folder"),
        ({"file": "/etc/passwd"}, ", file: '/etc/passwd' is not a file below its folder"),
        ({"file": 3}, ", file: 3 is not a file below its folder"),
        ({"items": ["a"]}, ", items: ['a'] is not a file below its folder"),
        ({"crs": 31370}, ", crs: 31370 is not a reference system. Write one such as EPSG:4326"),
        ({"format": "tabel"}, ", format: unknown format 'tabel'; did you mean 'table'?"),
        ({"format": ["table"]}, ", format: unknown format"),
        ({"areas": None}, ", areas: must be by_year or a year such as 2025"),
        ({"areas": "2025"}, ", areas: must be by_year or a year such as 2025"),
        ({"areas": True}, ", areas: must be by_year or a year such as 2025"),
        ({"columns": None}, ", columns: a table declares at least one column"),
        ({"columns": ["population"]}, ", columns: must be a mapping of 1 or more"),
        ({"columns": {"x": "count"}}, ", columns, x: must be a mapping of fields"),
        ({"columns": {"x": {"kind": "cuont"}}}, ", columns, x, kind: unknown kind 'cuont'; did you mean 'count'?"),
        ({"columns": {"x": {}}}, ", columns, x: kind is missing"),
        ({"columns": {"x": COUNT | {"empty": "gone"}}}, ", columns, x, empty: unknown missing reason 'gone'"),
        ({"columns": {"x": COUNT | {"unit": "%"}}}, ", columns, x: unknown field 'unit'"),
        ({"columns": {"x": COUNT | {"at_most": "al"}}}, ", columns, x: unknown variable 'al'"),
        ({"gaps": [{**GAP, "reason": "shy"}]}, ", gaps, entry 1, reason: unknown missing reason 'shy'"),
        (
            {"gaps": [{**GAP, "nis_code": 11001}]},
            ", gaps, entry 1, nis_code: 11001 is not a code of a place",
        ),
        ({"gaps": [{"reason": "hidden", "why": both("x")}]}, ", gaps, entry 1: nis_code is missing"),
        ({"gaps": [{**GAP, "why": "few"}]}, ", gaps, entry 1, why: has no wording in nl"),
        ({"gaps": "11001"}, ", gaps: must be a list"),
        (recipe(rename={"n": "peopel"}), ", fetch, rename: unknown variable 'peopel'"),
        (recipe(scale={"peopel": 100}), ", fetch, scale: unknown variable 'peopel'"),
        (recipe(count={"peopel": {"of": "id"}}), ", fetch, count: unknown variable 'peopel'"),
        (
            recipe(pivot={"column": "a", "values": "b", "labels": {"x": "y"}}),
            ", fetch, pivot, labels: unknown variable 'y'",
        ),
        (recipe(years="(20"), ", fetch, years: '(20' is not a pattern"),
        (recipe(years="20[0-9]{2}"), ", fetch, years: '20[0-9]{2}' has 0 groups instead of 1"),
        ({"checks": [{**CHECK, "variable": None}]}, ", checks, entry 1: variable is missing"),
        ({"checks": [{**CHECK, "year": "2025"}]}, ", checks, entry 1, year: '2025' is not a year"),
        (
            {"checks": [{**CHECK, "values": {11001: 5}}]},
            ", checks, entry 1, values: 11001 is not a code of a place",
        ),
        ({"checks": [{**CHECK, "values": [5]}]}, ", checks, entry 1, values: must be a mapping"),
        ({"checks": [{**CHECK, "mean_of_all": "5"}]}, ", checks, entry 1, mean_of_all: '5' is not a number"),
        ({"checks": [CHECK, "x"]}, ", checks, entry 2: must be a mapping"),
        ({"checks": [{**CHECK, "mean": 5}]}, ", checks, entry 1: unknown field 'mean'"),
        ({"fetch": {"reader": "tabel"}}, ", fetch, reader: unknown reader 'tabel'; did you mean 'table'?"),
        ({"fetch": {"address": "https://example.org"}}, ", fetch: reader is missing"),
        ({"fetch": {"reader": "table", "url": "x"}}, ", fetch: unknown field 'url'"),
        ({"fetch": "table"}, ", fetch: must be a mapping"),
        (
            {"fetch": {"reader": "table", "address": "file:///etc/passwd"}},
            ", fetch, address: 'file:///etc/passwd' is not",
        ),
        ({"fetch": {"reader": "table", "where": {"a": {"fro": 1}}}}, ", fetch, where, a: must be a value, a list"),
        (
            {"page": "javascript:alert(1)"},
            ", page: 'javascript:alert(1)' is not an address",
        ),
        ({"sampling": {"assumed_n": 0}}, ", sampling, assumed_n: must be a whole number of 1 or more"),
        ({"sampling": {"assumed_n": 9}}, ", sampling: why is missing"),
        ({"sampling": {}}, ", sampling: names neither assumed_n nor known numbers"),
        ({"sampling": {"known": {11002: 5}}}, ", sampling, known: 11002 is not a code of a place"),
        (
            {"sampling": {"assumed_n": [{"n": 9}, {"n": 8}], "why": both("x")}},
            ", sampling, assumed_n: limits must rise",
        ),
        ({"sampling": {"assumed_n": [{"n": 9}], "why": both("x")}}, ", sampling, assumed_n: steps need the variable"),
        ({"inhabitants": "poplation"}, ", inhabitants: unknown variable 'poplation'; did you mean 'population'?"),
        (
            {"sampling": {"assumed_n": 9, "rounding_pct": -1}},
            ", sampling, rounding_pct: -1 is not a number of 0",
        ),
        ({"none": ["x"]}, ", none: must be a mapping"),
        ({"tilte": both("x")}, ": unknown field 'tilte'; did you mean 'title'?"),
    ],
)
def test_a_fault_of_a_source_is_refused_with_its_place(changes, fault):
    found = faults(people=source_entry(**changes))
    assert any(line.startswith(f"sources.yml, people{fault}") for line in found)


@pytest.mark.parametrize("entry", [None, "people.csv", ["a"], 3])
def test_a_source_that_is_no_mapping_is_refused(entry):
    assert faults(people=entry) == [
        "sources.yml, people: must be a mapping of fields: file, format, publisher, citation, accessed and others"
    ]


def test_a_file_belongs_to_one_source_only():
    found = faults(one=source_entry(), two=source_entry(columns={"x": COUNT}))
    assert found == ["sources.yml, two: publisher/people.csv already belongs to one"]


def test_the_items_of_a_survey_belong_to_one_source_too():
    found = faults(
        one=source_entry(), two=source_entry(file="b.csv", items="publisher/people.csv", columns={"x": COUNT})
    )
    assert found == ["sources.yml, two: publisher/people.csv already belongs to one"]


def test_a_column_belongs_to_one_source_only():
    found = faults(one=source_entry(), two=source_entry(file="b.csv"))
    assert found == ["sources.yml, two: the column population already belongs to one"]


def test_a_ceiling_may_stand_in_another_source():
    men = source_entry(file="men.csv", columns={"men": {"kind": "count", "at_most": "population"}})
    assert faults(people=source_entry(), men=men) == []


def test_all_faults_of_all_sources_come_back_at_once():
    found = faults(one=source_entry(citation=None, areas="x"), two="text", three=source_entry(file="c.csv", title=None))
    assert len(found) == 2 + 1 + 1 + 1  # the last: population stands in one and in three


def test_a_count_within_a_level_that_no_recipe_of_areas_makes_is_named():
    people = source_entry(fetch={"reader": "table", "count": {"population": {"of": "id", "within": "zoen"}}})
    areas = source_entry(
        file="areas.csv", format="areas", columns=None, fetch={"reader": "table", "rename": {"z": "zone"}}
    )
    (fault,) = faults(people=people, areas=areas)
    assert fault.endswith("fetch, count, population: unknown level of areas 'zoen'; did you mean 'zone'? Known: zone")
