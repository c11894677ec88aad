"""The group that a profile is held against: named, listed, or that of the municipality itself."""

from __future__ import annotations

import pytest
from tests.small import NETELAND

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.settings import language_codes
from resilience_analysis.profiles.rows import HOME, comparator, home_region, region_of


def test_a_named_group_has_its_own_name_and_members(dataset):
    group = comparator(dataset, "neteland")
    assert (group.id, group.codes) == ("neteland", NETELAND)
    assert group.name["nl"] == "Neteland"


@pytest.mark.parametrize("wanted", ["13011,13029", "Herentals, olen", "13011,Olen,13011", "13011,13029,"])
def test_a_list_of_codes_or_names_is_a_group_without_repeats(dataset, wanted):
    group = comparator(dataset, wanted)
    assert (group.id, group.codes) == ("13011,13029", ("13011", "13029"))
    assert group.name == dict.fromkeys(language_codes(), "Herentals, Olen")


def test_a_single_code_is_a_group_of_one(dataset):
    assert comparator(dataset, "13011").codes == ("13011",)


def test_a_group_of_the_same_kind_depends_on_the_municipality(dataset):
    level = dataset.municipalities["facility_level"]
    group = comparator(dataset, "facility_level", of="13011")
    assert set(group.codes) == set(level.index[level == level["13011"]])


def test_the_nearest_are_ten_besides_itself_nearest_first(dataset):
    group = comparator(dataset, "nearest", of="13011")
    distances = dataset.distances("13011")[list(group.codes)]
    assert group.codes[0] == "13011"
    assert len(group.codes) == 11
    assert distances.is_monotonic_increasing
    others = dataset.distances("13011").drop(list(group.codes)).dropna()
    assert distances.max() <= others.min()


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        ("netland", "unknown region 'netland'; did you mean 'neteland'?"),
        ("13011,99999", "unknown municipality '99999'"),
        ("13011,11007", "11007 merged on 2025-01-01 into 11002 Antwerpen. Ask for 11002"),
        (",", "',' names no municipality or region. Write a group of regions.yml, or codes or names"),
        (" , ,", "' , ,' names no municipality"),
        ("", "'' names no municipality or region"),
        ("99999", "unknown municipality '99999'"),
        ("nearest", "the group nearest depends on a municipality: name one"),
    ],
)
def test_a_group_that_is_none_is_refused(dataset, wanted, fault):
    with pytest.raises(UsageError) as refusal:
        comparator(dataset, wanted)
    assert str(refusal.value).startswith(fault)


def test_the_home_of_a_municipality_of_neteland_is_neteland(dataset):
    assert {home_region(dataset, code).id for code in NETELAND} == {"neteland"}


def test_the_home_of_another_municipality_is_its_reference_region(dataset):
    region = dataset.municipalities["reference_region"]
    home = home_region(dataset, "11002")
    assert home.id == "reference_region"
    assert set(home.codes) == set(region.index[region == region["11002"]])


def test_every_municipality_has_a_home_that_it_belongs_to(dataset):
    for code in dataset.everywhere:
        assert code in home_region(dataset, code).codes


@pytest.mark.parametrize("wanted", ["", HOME])
def test_no_region_and_home_are_the_same(dataset, wanted):
    assert region_of(dataset, wanted, of="13011").id == "neteland"


def test_a_region_that_a_municipality_does_not_belong_to_is_refused_with_its_members(dataset):
    with pytest.raises(UsageError) as refusal:
        region_of(dataset, "neteland", of="11002")
    assert str(refusal.value).startswith("11002 Antwerpen is not in neteland (13010 Grobbendonk, 13011 Herentals")
    assert str(refusal.value).endswith("Ask for another region, or for home")


@pytest.mark.parametrize("group", ["facility_level", "province", "nearest"])
def test_a_group_that_depends_on_a_municipality_names_it_or_its_province(dataset, group):
    for name in comparator(dataset, group, of="37022").name.values():
        assert "Tielt" in name or "West-Vlaanderen" in name or "West Flanders" in name or "Flandre-Occidentale" in name
        assert "{" not in name


def test_a_province_is_called_in_the_language_of_the_page(dataset):
    names = comparator(dataset, "province", of="37022").name
    assert names["fr"] == "les communes de la province de Flandre-Occidentale"
    assert names["en"] == "the municipalities of the province of West Flanders"
