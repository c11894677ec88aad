"""Groups of municipalities: chosen one way each, and refused when that way leads nowhere."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml
from tests.small import both, municipalities

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.foundation.project import find_project
from resilience_analysis.geography.groups import (
    Group,
    members,
    named_group,
    places_meant,
    read_regions,
    select_group,
    standing_groups,
)

PLACES = municipalities(zone=["a", "a", "b", None])
CONTENT = {
    "provinces": {"10000": "P"},
    "home": ["two"],
    "groups": {
        "two": {"name": both("two"), "members": ["11001", "11003"]},
        "zone": {"name": both("zone"), "same": "zone"},
        "whole": {"name": both("whole"), "all": True},
    },
    "resemblance": ["ctx_population"],
}


@pytest.fixture
def write(tmp_path):
    """Write regions.yml and give its path."""

    def write_regions(content):
        (tmp_path / "regions.yml").write_text(yaml.safe_dump(content))
        return tmp_path / "regions.yml"

    return write_regions


def refusal(path) -> list[str]:
    with pytest.raises(InputError) as raised:
        read_regions(path)
    return [str(problem) for problem in raised.value.problems]


def test_regions_are_read_as_they_stand(write):
    geography = read_regions(write(CONTENT))
    assert geography.groups["two"] == Group("two", both("two"), members=("11001", "11003"))
    assert (geography.provinces, geography.home, geography.resemblance) == (
        {"10000": "P"},
        ("two",),
        ("ctx_population",),
    )


def test_the_regions_of_the_package_are_sound():
    geography = read_regions(find_project().definition("regions.yml"))
    assert geography.groups["neteland"].members == ("13010", "13011", "13012", "13029", "13044")
    assert len(geography.provinces) == 5
    assert set(geography.home) <= set(geography.groups)


@pytest.mark.parametrize(
    ("group", "fault"),
    [
        ("text", ": must be a mapping of fields"),
        ({"members": ["11001"]}, ": name is missing"),
        ({"name": {"nl": "x"}, "all": True}, ", name: has no wording in en"),
        ({"name": both("x")}, ": needs exactly one of members, where, same, nearest, all"),
        ({"name": both("x"), "all": True, "same": "zone"}, ": needs exactly one of members, where, same, nearest, all"),
        ({"name": both("x"), "members": []}, ", members: must be a list of 1 or more"),
        ({"name": both("x"), "members": "11001"}, ", members: must be a list of 1 or more"),
        (
            {"name": both("x"), "members": [1101]},
            ", members, entry 1: 1101 is not a code of a place. Write it",
        ),
        ({"name": both("x"), "where": "zone"}, ", where: must be a mapping of fields"),
        ({"name": both("x"), "where": {"column": "zone"}}, ", where: value is missing"),
        ({"name": both("x"), "same": ["zone"]}, ", same: ['zone'] is not a text"),
        ({"name": both("x"), "nearest": 0}, ", nearest: 0 is not a whole number of 1 or more"),
        ({"name": both("x"), "all": False}, ", all: False is not true"),
        ({"name": both("x"), "al": True}, ": unknown field 'al'; did you mean 'all'?"),
        ({"name": both("x {palce}"), "same": "zone"}, ", name, en: unknown blank 'palce'; did you mean 'place'?"),
        ({"name": both("x {"), "all": True}, ", name, en: its blanks cannot be filled in"),
    ],
)
def test_a_fault_of_a_group_is_named_with_it(write, group, fault):
    found = refusal(write({**CONTENT, "groups": {**CONTENT["groups"], "bad": group}}))
    assert found[0].startswith(f"regions.yml, groups, bad{fault}")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"provinces": []}, "regions.yml, provinces: must be a mapping"),
        ({"groups": ["two"]}, "regions.yml, groups: must be a mapping"),
        ({"home": "two"}, "regions.yml, home: must be a list"),
        ({"home": ["tow"]}, "regions.yml, home: unknown group 'tow'; did you mean 'two'?"),
        ({"resemblance": "ctx"}, "regions.yml, resemblance: must be a list"),
        ({"regions": {}}, "regions.yml: unknown field 'regions'"),
        (
            {"groups": CONTENT["groups"] | {"a,b": {"name": both("x"), "all": True}}},
            "regions.yml, groups, a,b: has a comma in its name",
        ),
    ],
)
def test_a_fault_of_the_file_is_named_with_its_section(write, changes, fault):
    assert refusal(write({**CONTENT, **changes}))[0].startswith(fault)


@pytest.mark.parametrize("content", [None, [], "words", 3])
def test_a_file_that_is_no_mapping_is_refused(write, content):
    assert refusal(write(content)) == ["regions.yml: must be a mapping of fields: groups"]


def test_a_group_is_selected_by_its_id_whatever_the_case(write):
    assert select_group(read_regions(write(CONTENT)), "TWO").id == "two"


def test_an_unknown_region_is_refused_with_the_nearest_and_the_list(write):
    with pytest.raises(UsageError, match=r"unknown region 'towo'; did you mean 'two'\? Known: two, whole, zone"):
        select_group(read_regions(write(CONTENT)), "towo")


@pytest.mark.parametrize(
    ("way", "codes"),
    [
        ({"members": ("11003", "11001")}, ["11001", "11003"]),
        ({"where": ("zone", "a")}, ["11001", "11002"]),
        ({"where": ("zone", "z")}, []),
        ({"all": True}, ["11001", "11002", "11003", "11004"]),
    ],
)
def test_members_come_in_the_order_of_the_table(way, codes):
    group = Group("g", both("g"), **way)
    assert members(group, PLACES) == codes
    assert not group.relative


def test_a_group_of_the_same_area_depends_on_the_municipality():
    group = Group("g", both("g"), same="zone")
    assert members(group, PLACES, of="11002") == ["11001", "11002"]
    assert members(group, PLACES, of="11003") == ["11003"]
    with pytest.raises(UsageError, match="the group g depends on a municipality: name one"):
        members(group, PLACES)


def test_the_nearest_come_after_the_municipality_itself_nearest_first():
    distances = pd.Series({"11001": 0.0, "11002": 3.0, "11003": 1.0, "11004": float("nan")})
    group = Group("g", both("g"), nearest=2)
    assert members(group, PLACES, of="11001", distances=distances) == ["11001", "11003", "11002"]
    assert members(group, PLACES, of="11001") == ["11001"]


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        ({"members": ("11001", "99999")}, "the group g names 99999, which are not municipalities of today"),
        ({"same": "zoen"}, "the group g names an unknown column 'zoen'; did you mean 'zone'"),
        ({"where": ("zoen", "a")}, "the group g names an unknown column 'zoen'; did you mean 'zone'"),
    ],
)
def test_a_group_that_names_what_is_not_there_is_refused(way, fault):
    with pytest.raises(UsageError, match=fault):
        members(Group("g", both("g"), **way), PLACES, of="11001")


def test_standing_groups_are_the_same_for_everybody_and_less_than_all(write):
    content = {**CONTENT, "groups": {**CONTENT["groups"], "all": {"name": both("all"), "all": True}}}
    content["groups"]["a"] = {"name": both("a"), "where": {"column": "zone", "value": "a"}}
    assert standing_groups(read_regions(write(content)), PLACES) == {"two": {"11001", "11003"}, "a": {"11001", "11002"}}


@pytest.fixture
def geography(write):
    return read_regions(write(CONTENT))


NAMES = pd.Series({"11001": "Aartselaar", "11002": "Antwerpen", "11003": "Boechout"})


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("two", "two"),
        (" TWO ", "two"),
        ("two,", "two"),
        ("11002", "11002"),
        (" 11002", "11002"),
        ("antwerpen", "11002"),
        ("11003, 11001,", "11003,11001"),
        ("Boechout,11003", "11003"),
    ],
)
def test_a_group_a_code_a_name_and_a_list_are_one_grammar(geography, wanted, meant):
    assert named_group(geography, NAMES, wanted).id == meant


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (
            ",",
            "',' names no municipality or region. Write a group of regions.yml, or codes or names separated by commas",
        ),
        (" ", "' ' names no municipality or region"),
        ("99999", "unknown municipality '99999'"),
        ("11001,99999", "unknown municipality '99999'"),
        ("tow", "unknown region 'tow'; did you mean 'two'?"),
        ("two,11002", "'two' is a group, and cannot be named beside others. Write a group"),
    ],
)
def test_what_names_nothing_or_nothing_known_is_refused_in_one_way(geography, wanted, fault):
    with pytest.raises(UsageError) as refused:
        named_group(geography, NAMES, wanted)
    assert str(refused.value).startswith(fault)


def test_regions_without_a_group_of_all_places_are_refused(write):
    groups = {name: group for name, group in CONTENT["groups"].items() if name != "whole"}
    assert refusal(write(CONTENT | {"groups": groups})) == [
        "regions.yml, groups: no group has all places. Add one with all: true"
    ]


def test_places_are_meant_one_by_one_or_by_their_group(write):
    geography = read_regions(write(CONTENT))
    table = NAMES.rename("name").to_frame()
    codes = list(NAMES.index)
    assert places_meant(geography, table, [" WHOLE "]) == codes
    assert places_meant(geography, table, [f"{codes[1]},{codes[0]}", "whole"])[:2] == [codes[1], codes[0]]
    with pytest.raises(UsageError, match="depends on a municipality"):
        places_meant(geography, table, [next(name for name, group in geography.groups.items() if group.relative)])
