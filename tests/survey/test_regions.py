"""Attacks on what is published of regions of dozens of municipalities, and by who puts everything together."""

import pytest

from resilience_analysis.survey.estimates import estimates

from .regions import made_up_large_region, made_up_region
from .test_wave import leaks
from .together import what_follows_together


@pytest.mark.trial
@pytest.mark.parametrize("seed", range(40))
def test_nothing_follows_in_regions_of_dozens_of_municipalities(instrument, seed):
    assert leaks(made_up_large_region(instrument, seed), instrument) == []


@pytest.mark.parametrize("seed", [25, *(pytest.param(seed, marks=pytest.mark.trial) for seed in (1, 30, 34, 37))])
def test_nothing_follows_for_who_knows_that_a_person_is_in_every_grouping_once(instrument, seed):
    answers = made_up_region(instrument, seed)
    assert what_follows_together(answers, estimates(answers, instrument), instrument) == ([], 0)
