import numpy as np
import pandas as pd
import pytest

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.synthetic import DONT_KNOW, EMPTY, NOT_APPLICABLE, simulate


def test_same_seed_gives_the_same_answers(instrument):
    first, second = simulate(instrument), simulate(instrument)
    pd.testing.assert_frame_equal(first.codes, second.codes)
    pd.testing.assert_frame_equal(first.people, second.people)
    assert not first.codes.equals(simulate(instrument, seed=5).codes)


def test_sizes_run_from_four_to_sixty_with_one_place_empty(instrument):
    sizes = [
        size
        for wave in instrument.synthetic.waves
        for size in simulate(instrument, wave=wave).people["nis_code"].value_counts()
    ]
    assert (min(sizes), max(sizes)) == (4, 60)
    places = {choice.id for choice in instrument.question("nis_code").choices}
    assert places - set(simulate(instrument).people["nis_code"]) == {"13044"}


def test_most_people_come_back_under_their_pseudonym(instrument):
    waves = [simulate(instrument, wave=wave).people for wave in ("2025", "2026")]
    back = set(waves[0]["pseudonym"]) & set(waves[1]["pseudonym"])
    assert 0.4 < len(back) / len(waves[0]) < 0.85


def test_one_who_comes_back_keeps_municipality_and_role(instrument):
    earlier, later = (simulate(instrument, wave=wave).people for wave in ("2025", "2026"))
    both = earlier.merge(later, on=["nis_code", "pseudonym"])
    assert (both["role_x"] == both["role_y"]).mean() > 0.95


def test_answers_are_positions_or_missing_for_a_reason(instrument):
    codes = simulate(instrument).codes
    assert set(np.unique(codes)) == {1, 2, 3, 4, EMPTY, DONT_KNOW, NOT_APPLICABLE}


def test_village_belongs_to_the_municipality(instrument):
    people = simulate(instrument).people
    parents = instrument.question("village").parents
    assert (people["village"].map(parents) == people["nis_code"]).all()


def test_only_team_members_answer_for_the_team(instrument):
    simulated = simulate(instrument)
    others = simulated.people["role"] != "dorpsteamlid"
    assert (simulated.codes.loc[others, "DT1"] == EMPTY).all()
    assert (simulated.codes.loc[~others, "DT1"] > 0).any()


def test_unfinished_forms_end_halfway(instrument):
    simulated = simulate(instrument)
    stopped = ~simulated.people["finished"]
    assert stopped.any()
    assert (simulated.codes.loc[stopped, ["SCH4", "EXP1"]] == EMPTY).all(axis=None)


def test_unknown_wave_is_wrong_use(instrument):
    with pytest.raises(UsageError, match="unknown wave '1999'"):
        simulate(instrument, wave="1999")
