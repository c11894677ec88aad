"""Every number has its papers: definition, source, year, how many have it."""

from __future__ import annotations

import pytest

from resilience_analysis.profiles.metadata import card, used_sources


def test_a_survey_indicator_has_its_source_year_and_wording(atlas):
    papers = card(atlas, "org_trust_municipality")
    assert papers["entry"].id == "org_trust_municipality"
    assert papers["source"].name == "abb_residents_survey"
    assert (papers["year"], papers["n"]) == (2023, 284)
    assert "gemeentebestuur" in papers["item"].lower()


def test_a_derived_indicator_has_no_source_of_its_own_and_no_wording(atlas):
    papers = card(atlas, "ctx_data_coverage")
    assert (papers["source"], papers["item"]) == (None, None)


def test_a_context_indicator_has_its_papers_too(atlas):
    assert card(atlas, "ctx_population")["source"].name == "statbel_population"


def test_every_indicator_of_the_framework_has_papers(atlas):
    for code in [*atlas.framework.indicators, *atlas.framework.context]:
        assert card(atlas, code)["entry"].id == code


def test_a_code_that_does_not_exist_has_none(atlas):
    with pytest.raises(KeyError, match="nothing"):
        card(atlas, "nothing")


def test_the_sources_of_a_profile_are_those_it_uses_in_the_order_of_the_list(atlas):
    names = [source.name for source in used_sources(atlas)]
    assert names == [name for name in atlas.catalogue if name in names]
    assert {"abb_residents_survey", "statbel_boundaries", "statbel_mergers", "provinces_areas"} <= set(names)
    used = {entry.source for entry in atlas.framework.indicators.values()}
    assert used & set(atlas.catalogue) <= set(names)
