"""Every number is described: definition, source, year, how many have it."""

from __future__ import annotations

import pytest

from resilience_analysis.pages.sections.sources import card, used_sources


def test_a_survey_indicator_has_its_source_year_and_wording(dataset):
    described = card(dataset, "org_trust_municipality")
    assert described["entry"].id == "org_trust_municipality"
    assert described["source"].name == "abb_residents_survey"
    assert (described["year"], described["n"]) == (2023, 284)
    assert "gemeentebestuur" in described["item"].lower()


def test_a_derived_indicator_has_no_source_of_its_own_and_no_wording(dataset):
    described = card(dataset, "ctx_data_coverage")
    assert (described["source"], described["item"]) == (None, None)


def test_a_context_indicator_is_described_too(dataset):
    assert card(dataset, "ctx_population")["source"].name == "statbel_population"


def test_every_indicator_of_the_framework_is_described(dataset):
    for code in [*dataset.framework.indicators, *dataset.framework.context]:
        assert card(dataset, code)["entry"].id == code


def test_a_code_that_does_not_exist_has_none(dataset):
    with pytest.raises(KeyError, match="nothing"):
        card(dataset, "nothing")


def test_the_sources_of_a_profile_are_those_it_uses_in_the_order_of_the_list(dataset):
    names = [source.name for source in used_sources(dataset)]
    assert names == [name for name in dataset.catalogue if name in names]
    assert {"abb_residents_survey", "statbel_boundaries", "statbel_mergers", "provinces_areas"} <= set(names)
    used = {entry.source for entry in dataset.framework.indicators.values()}
    assert used & set(dataset.catalogue) <= set(names)
