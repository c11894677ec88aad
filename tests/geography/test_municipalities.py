"""A municipality is found by its code or name; otherwise the nearest is suggested, or what it merged into."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.small import mergers

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.geography.municipalities import find, find_all

NAMES = pd.Series(
    {
        "13011": "Herentals",
        "13012": "Herenthout",
        "13029": "Olen",
        "46030": "Beveren-Kruibeke-Zwijndrecht",
        "37022": "Wingené",
    }
)
STEPS = mergers(("11056", "46030", "2025-01-01", "Zwijndrecht"), ("37018", "37022", "2025-01-01", "Wingene"))


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("13011", "13011"),
        (" 13011 ", "13011"),
        ("Herentals", "13011"),
        ("HERENTALS", "13011"),
        ("olen", "13029"),
        ("wingene", "37022"),
        ("beveren kruibeke zwijndrecht", "46030"),
    ],
)
def test_a_municipality_is_found_by_code_or_name_without_case_accents_and_signs(wanted, code):
    assert find(NAMES, wanted, mergers=STEPS) == code


@pytest.mark.parametrize(
    ("wanted", "suggestion"),
    [
        ("Herentls", "; did you mean 13011 Herentals?"),
        ("Herenthaut", "; did you mean 13012 Herenthout?"),
        ("37002", "; did you mean 37022 Wingené?"),
        ("Ole", "; did you mean 13029 Olen?"),
        ("13112", "; did you mean 13012 Herenthout?"),  # with 31012, as near, fewer digits stand in their place
        ("Quetzalcoatl", ". All are listed by: resilience list"),
    ],
)
def test_an_unknown_municipality_is_refused_with_the_nearest(wanted, suggestion):
    with pytest.raises(UsageError) as refusal:
        find(NAMES, wanted, mergers=STEPS)
    assert str(refusal.value) == f"unknown municipality {wanted!r}{suggestion}"


@pytest.mark.parametrize("wanted", ["Zwijndrecht", "zwijndrecht"])
def test_a_name_that_merged_says_into_what_and_when(wanted):
    with pytest.raises(UsageError) as refusal:
        find(NAMES, wanted, mergers=STEPS)
    assert str(refusal.value) == (
        f"{wanted} merged on 2025-01-01 into 46030 Beveren-Kruibeke-Zwijndrecht. Ask for 46030"
    )


def test_a_name_that_the_new_municipality_kept_is_that_one():
    assert find(NAMES, "Wingene", mergers=STEPS) == "37022"


def test_a_code_that_merged_says_into_what_and_when():
    with pytest.raises(UsageError) as refusal:
        find(NAMES, "11056", mergers=STEPS)
    assert str(refusal.value) == "11056 merged on 2025-01-01 into 46030 Beveren-Kruibeke-Zwijndrecht. Ask for 46030"


def test_several_are_found_without_repeats_in_the_order_asked():
    assert find_all(NAMES, ["Olen", "13011", "olen"]) == ["13029", "13011"]


def test_all_that_are_unknown_are_named_at_once():
    with pytest.raises(UsageError) as refusal:
        find_all(NAMES, ["Olen", "Herentls", "11056", "x"], mergers=STEPS)
    assert len(str(refusal.value).splitlines()) == 3


def test_the_names_of_flanders_cannot_be_taken_for_each_other(built):
    names = built.tables.municipalities["name"]
    assert {find(names, str(name)) for name in names} == set(names.index)


def test_a_name_of_several_places_is_refused_with_their_codes():
    names = pd.Series({"76451": "Neuville", "59602": "Neuville", "01": "Ars"})
    with pytest.raises(UsageError, match=r"2 places are called neuville: 76451, 59602\. Ask for one by its code"):
        find(names, "neuville")
    assert find(names, "59602") == "59602"


def test_the_capitals_of_a_code_do_not_matter():
    assert find(pd.Series({"E07000223": "Adur"}), "e07000223") == "E07000223"


def test_several_in_one_text_are_found_like_those_in_several():
    names = pd.Series({"11001": "Aartselaar", "11002": "Antwerpen", "X1": "Bath, Somerset"}, name="name")
    assert find_all(names, ["11002, aartselaar ,", "bath, somerset"]) == ["11002", "11001", "X1"]
    for nothing in ("", " ", ",", " , "):
        with pytest.raises(UsageError, match="names no municipality"):
            find_all(names, [nothing])
