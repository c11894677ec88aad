import numpy as np
import pandas as pd
import pytest

from resilience_analysis.survey.crosstab import heads
from resilience_analysis.survey.gaps import gap
from resilience_analysis.survey.intervals import newcombe
from resilience_analysis.survey.representation import evenness, representation


def test_even_spread_is_one_and_one_background_is_zero():
    assert evenness([5, 5, 5], 3) == pytest.approx(1)
    assert evenness([7, 0, 0], 3) == 0


def test_evenness_counts_the_backgrounds_nobody_has():
    assert evenness([5, 5], 4) == pytest.approx(np.log(2) / np.log(4))


def test_evenness_of_nobody_or_nothing_is_unknown():
    assert np.isnan(evenness([], 3))
    assert np.isnan(evenness([4], 1))


def test_representation_counts_people_backgrounds_and_gaps():
    values = pd.DataFrame({"A1": [1, np.nan, 3, 4], "A2": [np.nan, np.nan, 3, 4]})
    by = pd.Series(["x", "x", "x", "y"])
    table = representation(
        values,
        by,
        background=pd.Series(["zorg", "zorg", "ruimte", None]),
        municipality=pd.Series(["13010", "13011", "13011", "13010"]),
        possible_backgrounds=10,
        weights=pd.Series([1.0, 1.0, 2.0, 1.0]),
    )
    first = table.loc[0]
    assert first[["by", "n", "share"]].tolist() == ["x", 3, 100 * 3 / 4]
    assert first["item_nonresponse"] == 100 * 3 / 6
    assert first["n_effective"] == pytest.approx(16 / 6)
    assert first["design_effect"] == pytest.approx(3 / (16 / 6))
    assert first["n_backgrounds"] == 2
    assert first["n_municipalities"] == 2
    shares = np.array([2 / 3, 1 / 3])
    assert first["background_evenness"] == pytest.approx(-(shares * np.log(shares)).sum() / np.log(10))
    assert table.loc[1, "n_backgrounds"] == 0


def test_questions_that_were_not_asked_are_no_nonresponse():
    values = pd.DataFrame({"A1": [1.0, np.nan]})
    asked = pd.DataFrame({"A1": [True, False]})
    table = representation(values, pd.Series(["x", "x"]), asked=asked.assign(B1=False))
    assert table.loc[0, "item_nonresponse"] == 0


def test_columns_about_unknown_attributes_stay_empty():
    table = representation(pd.DataFrame({"A1": [1.0]}), pd.Series(["x"]))
    assert table[["n_backgrounds", "background_evenness", "n_municipalities"]].isna().all(axis=None)


def test_counted_answers_are_not_counted_as_so_many_people():
    asked = pd.DataFrame({"A1": [True] * 4 + [False] * 3 + [True], "A2": [False] * 4 + [True] * 3 + [True]})
    by = pd.Series(["x"] * 8)
    assert heads(asked, by).to_dict() == {"x": 4 + 1}


def test_gap_is_the_first_less_the_second_with_its_interval():
    values = pd.DataFrame({"A1": [4, 4, 3, 1, 2, 3, 1]}, dtype=float)
    role = pd.Series(["ambtenaar"] * 4 + ["inwoner"] * 3)
    table = gap(values, role)
    assert table.loc[0, ["n", "n_other"]].tolist() == [4, 3]
    assert table.loc[0, "share_gap"] == pytest.approx(100 * (3 / 4 - 1 / 3))
    low, high = newcombe(3 / 4, 4, 1 / 3, 3)
    assert table.loc[0, ["share_gap_low", "share_gap_high"]].tolist() == pytest.approx(
        [100 * float(low), 100 * float(high)]
    )
    assert table.loc[0, "mean_gap"] == pytest.approx(3 - 2)
    assert table.loc[0, "mean_gap_low"] < 1 < table.loc[0, "mean_gap_high"]


def test_gap_is_turned_round_with_its_roles():
    values = pd.DataFrame({"A1": [4, 4, 3, 1, 2, 3, 1]}, dtype=float)
    role = pd.Series(["ambtenaar"] * 4 + ["inwoner"] * 3)
    there, back = gap(values, role), gap(values, role, between=("inwoner", "ambtenaar"))
    assert back.loc[0, "share_gap"] == pytest.approx(-there.loc[0, "share_gap"])
    assert back.loc[0, "share_gap_low"] == pytest.approx(-there.loc[0, "share_gap_high"])


def test_gap_with_nobody_is_empty():
    table = gap(pd.DataFrame({"A1": [4.0, 3.0]}), pd.Series(["ambtenaar", "andere"]))
    assert table.loc[0, ["n", "n_other"]].tolist() == [1, 0]
    assert np.isnan(table.loc[0, "share_gap"])
