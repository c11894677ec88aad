"""The table that profiles and notebooks take from, on made-up answers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.bygroup import Design, estimate_dimensions
from resilience_analysis.survey.estimates import estimates, own_design
from resilience_analysis.survey.outcomes import (
    distribution,
    left_open,
    self_assessment,
    team_check,
    who_answered,
)
from resilience_analysis.survey.responses import Responses, check_survey_table, from_table, to_table
from resilience_analysis.survey.synthetic import simulate

from .conftest import answers_table


def made_up(instrument, wave, seed=1):
    simulated = simulate(instrument, wave=wave, seed=seed)
    people = simulated.people.assign(wave=wave, respondent=[f"synthetic-{n:04d}" for n in range(len(simulated.people))])
    columns = ["respondent", "wave", "nis_code", "village", "role", "background"]
    return to_table(Responses(people[columns].astype(object), simulated.codes.astype(np.int8)))


@pytest.fixture(scope="module")
def answers(instrument):
    return pd.concat([made_up(instrument, wave) for wave in ("2025", "2026")], ignore_index=True)


@pytest.fixture(scope="module")
def table(answers, instrument):
    return estimates(answers, instrument)


def pick(table, nis_code, code, wave="2026", group="all"):
    same = table["nis_code"].isna() if nis_code is None else table["nis_code"] == nis_code
    return table[same & (table["code"] == code) & (table["wave"] == wave) & (table["group"] == group)].iloc[0]


def test_table_keeps_to_its_schema(table):
    assert check_survey_table(table, "estimates").equals(table)


def test_order_of_answers_and_numbers_of_respondents_do_not_change_a_digit(answers, instrument, table):
    shuffled = answers.sample(frac=1, random_state=0).reset_index(drop=True)
    shuffled["respondent"] = "synthetic-" + shuffled["respondent"].map(lambda name: name[::-1])
    pd.testing.assert_frame_equal(estimates(shuffled, instrument), table, check_exact=True)


def test_internal_mean_is_the_respondents_own(answers, instrument):
    mine = from_table(answers[(answers["wave"] == "2026")])
    values = mine.values([item for items in instrument.scored.values() for item in items])
    expected = estimate_dimensions(values, mine.people["nis_code"], instrument.scored, Design(interval="t"))
    row = expected[(expected["by"] == "13011") & (expected["code"] == "leren")].iloc[0]
    found = pick(estimates(answers, instrument, internal=True), "13011", "leren")
    assert found["mean_score"] == pytest.approx(row["mean_score"])
    assert found["mean_score_low"] == pytest.approx(row["mean_score_low"])
    assert found["n"] == row["n"]


def test_published_score_of_a_dimension_follows_from_its_published_items(instrument, table):
    items = [pick(table, "13011", code) for code in instrument.scored["leren"]]
    found = pick(table, "13011", "leren")
    assert not instrument.reversed_items & set(instrument.scored["leren"])
    for column in ("mean_score", "mean_score_se", "mean_score_low", "mean_score_high"):
        assert found[column] == pytest.approx(np.mean([row[column] for row in items]), abs=0.11)


def test_published_error_of_a_dimension_is_never_less_than_that_of_the_respondents_own_scores(
    answers, instrument, table
):
    whole = estimates(answers[answers["answer"].notna()], instrument, internal=True)
    alone = estimates(answers[answers["answer"].notna()], instrument)
    mine = (alone["level"] == "dimension") & (alone["status"] != "suppressed")
    assert mine.any()
    assert (alone.loc[mine, "mean_score_se"] >= whole.loc[mine, "mean_score_se"] - 0.051).all()


def test_shares_and_net_agreement_are_percentages(table):
    found = pick(table, "13011", "INF1")
    shares = found[["share_1", "share_2", "share_3", "share_4"]].astype(float)
    assert shares.sum() == pytest.approx(100)
    assert found["share_agree"] == pytest.approx(shares["share_3"] + shares["share_4"])
    assert found["net_agreement"] == pytest.approx(2 * found["share_agree"] - 100)
    assert found["net_agreement_low"] < found["net_agreement"] < found["net_agreement_high"]


def test_all_together_is_the_sum_of_the_municipalities(answers, table):
    counted = answers[(answers["wave"] == "2026") & (answers["item"] == "INF1") & answers["answer"].notna()]
    assert pick(table, None, "INF1")["n"] == len(counted)


def test_do_not_know_and_no_answer_are_shares_of_those_asked(answers, table):
    mine = answers[(answers["wave"] == "2026") & (answers["nis_code"] == "13011") & (answers["item"] == "INF1")]
    asked = mine[mine["missing_reason"] != "not_applicable"]
    found = pick(table, "13011", "INF1")
    assert found["share_dont_know"] == round(100 * (asked["missing_reason"] == "unknown").mean())
    assert found["share_no_answer"] == round(100 * (asked["missing_reason"] == "empty").mean())


def test_place_with_four_answers_has_no_number(table):
    rows = table[(table["nis_code"] == "13012") & (table["wave"] == "2025")]
    assert set(rows["status"]) == {"suppressed"}
    numbers = rows.drop(columns=["nis_code", "wave", "group", "code", "level", "status", "hidden_because", "synthetic"])
    assert numbers.isna().all(axis=None)


@pytest.mark.parametrize("people", [1, 4])
def test_wave_of_so_few_people_that_none_are_shown_is_hidden_whole(instrument, people):
    rows = [(f"a{number}", "13011", "inwoner", {"INF1": 1 + number % 4}) for number in range(people)]
    found = estimates(answers_table(rows), instrument)
    assert set(found["status"]) == {"suppressed"}
    assert found["n"].isna().all()


def test_place_that_nobody_answered_for_is_absent(table):
    assert "13044" not in set(table["nis_code"])


def test_every_hidden_row_has_its_reason(table):
    hidden = table["status"] == "suppressed"
    assert table.loc[~hidden, "hidden_because"].isna().all()
    assert set(table.loc[hidden, "hidden_because"]) == {"too_few", "would_disclose"}


def test_group_hidden_to_protect_another_is_not_said_to_be_too_small(instrument):
    roles = ["inwoner"] * 20 + ["ambtenaar"] * 8 + ["mandataris"] * 3
    rows = [(f"a{n}", "13011", role, {"INF1": 1 + n % 4}) for n, role in enumerate(roles)]
    found = estimates(answers_table(rows), instrument)
    mine = found[(found["nis_code"] == "13011") & (found["code"] == "respondents")].set_index("group")
    assert mine.loc["role:ambtenaar", "hidden_because"] == "would_disclose"
    assert mine.loc["role:mandataris", "hidden_because"] == "too_few"
    assert mine.loc["role:inwoner", "n"] == 20


def test_published_numbers_carry_no_more_digits_than_are_shown(table):
    whole = ["n", "n_effective", "share_agree", "net_agreement", "share_1", "share_2", "share_3", "share_4"]
    assert (table[whole].dropna() % 1 == 0).all(axis=None)
    scores = table[["mean_score", "mean_score_low", "mean_score_high", "mean_score_se"]]
    assert scores.equals(scores.round(1))
    shown = table[(table["level"] == "item") & table["n"].notna()]
    assert (shown[["share_1", "share_2", "share_3", "share_4"]].sum(axis=1) == 100).all()
    assert (shown["share_3"] + shown["share_4"] == shown["share_agree"]).all()


def test_municipality_in_which_all_answer_alike_is_hidden(instrument):
    rows = [(f"a{n}", "13011", None, {"INF1": 4, "LER1": 1 + n % 4}) for n in range(12)]
    found = estimates(answers_table(rows), instrument)
    assert pick(found, "13011", "INF1")["hidden_because"] == "would_disclose"
    assert pick(found, "13011", "LER1")["n"] == 12


def test_what_few_people_wrote_themselves_is_never_the_name_of_a_group(instrument):
    answers = answers_table([(f"a{n}", "13011", None, {"INF1": 1 + n % 4}) for n in range(12)])
    own = [*["Aan de Kerkstraat 1"] * 2, *["De Wijk"] * 6, *[None] * 4]
    found = estimates(answers.assign(village=own), instrument)
    groups = set(found["group"])
    assert "village:De Wijk" in groups
    assert not [group for group in groups if "Kerkstraat" in group]


def test_error_of_a_group_does_not_depend_on_other_people(instrument):
    mine = [(f"a{n}", "13011", None, {"INF1": 1 + n % 4}) for n in range(12)]
    others = [(f"b{n}", "13029", None, {"INF1": 1 + n % 3}) for n in range(90)]
    alone, beside = (
        pick(estimates(answers_table(rows), instrument), "13011", "INF1") for rows in (mine, mine + others)
    )
    assert (
        alone["mean_score_se"]
        == beside["mean_score_se"]
        == round(100 / 3 * np.std([1, 2, 3, 4] * 3, ddof=1) / 12**0.5, 1)
    )


def test_fewer_than_ten_answers_are_indicative(table):
    shown = table[table["status"] != "suppressed"]
    assert (shown["n"] >= 5).all()
    assert ((shown["status"] == "indicative") == (shown["n"] < 10)).all()


def test_everything_made_up_is_marked(table):
    assert table["synthetic"].all()


def test_places_with_too_few_people_do_not_count_in_the_whole(answers, table):
    counted = answers[(answers["wave"] == "2025") & (answers["item"] == "INF1") & answers["answer"].notna()]
    assert (counted["nis_code"] == "13012").any()
    assert pick(table, None, "INF1", wave="2025")["n"] == (counted["nis_code"] != "13012").sum()
    assert pick(table, "13010", "INF1", wave="2025")["status"] != "suppressed"


def test_people_without_a_role_are_a_group_of_their_own(instrument):
    rows = [(f"a{n}", "13011", "inwoner" if n < 8 else None, {"INF1": 1 + n % 4}) for n in range(16)]
    table = estimates(answers_table(rows), instrument)
    assert pick(table, "13011", "INF1", group="role:not_given")["n"] == 8
    assert pick(table, "13011", "INF1", group="role:inwoner")["n"] == 8


def test_remainder_of_a_total_is_protected_like_any_group(instrument):
    rows = [(f"a{n}", "13011", "inwoner" if n < 14 else None, {"INF1": 1 + n % 4}) for n in range(16)]
    table = estimates(answers_table(rows), instrument)
    assert pick(table, "13011", "INF1", group="role:inwoner")["status"] == "suppressed"
    assert pick(table, "13011", "INF1")["n"] == 16


def test_respondents_without_a_municipality_take_no_part(instrument):
    rows = [(f"a{n}", "13011" if n < 6 else None, None, {"INF1": 2 + n % 2}) for n in range(9)]
    assert pick(estimates(answers_table(rows), instrument), None, "INF1")["n"] == 6


def test_no_answers_give_an_empty_table(instrument):
    assert estimates(answers_table([]), instrument).empty
    assert estimates(answers_table([("a", None, None, {"INF1": 3})]), instrument).empty


def test_people_and_made_up_answers_are_not_mixed(instrument):
    rows = [(name, "13011", None, {"INF1": 3}) for name in ("synthetic-1", "a")]
    with pytest.raises(InputError, match="people and example data answer for 13011 in 2026"):
        estimates(answers_table(rows), instrument)


def test_weights_of_respondents_are_used(instrument):
    rows = [(f"a{n}", "13011", None, {"INF1": 4 if n < 5 else 1}) for n in range(10)]
    weights = pd.Series({f"a{n}": 3.0 if n < 5 else 1.0 for n in range(10)})
    table = estimates(answers_table(rows), instrument, design=replace(own_design(instrument), weights=weights))
    assert pick(table, "13011", "INF1")["share_agree"] == pytest.approx(75)


def test_who_weighs_nothing_is_counted_in_no_group(instrument):
    rows = [(f"a{n}", "13011" if n < 12 else "13029", None, {"INF1": 1 + n % 4}) for n in range(20)]
    weights = pd.Series({f"a{n}": float(n % 2 == 0) for n in range(20)})
    table = estimates(answers_table(rows), instrument, design=replace(own_design(instrument), weights=weights))
    counts = who_answered(table).set_index(["nis_code", "group"])["n"]
    assert counts["13011", "all"] == 6
    assert np.isnan(counts["13029", "all"])  # four who weigh anything
    assert pick(table, None, "INF1")["n"] == 6


def test_self_strand_stands_on_the_scale_with_its_error(table):
    strand = self_assessment(table)
    assert list(strand) == ["nis_code", "year", "dimension", "value", "low", "high", "se", "n", "missing_reason"]
    assert not strand.duplicated(["nis_code", "year", "dimension"]).any()
    shown = strand.dropna(subset="value")
    assert shown["value"].between(1, 4).all()
    assert (shown["low"] <= shown["value"]).all()
    assert (shown["value"] <= shown["high"]).all()
    source = pick(table, "13011", "schaal")
    mine = strand[(strand["nis_code"] == "13011") & (strand["year"] == 2026) & (strand["dimension"] == "schaal")].iloc[
        0
    ]
    assert mine["value"] == pytest.approx(1 + 3 * source["mean_score"] / 100)
    assert mine["se"] == pytest.approx(3 * source["mean_score_se"] / 100)


def test_suppressed_place_has_a_reason_instead_of_a_value(table):
    strand = self_assessment(table)
    hidden = strand[strand["value"].isna()]
    assert len(hidden)
    assert set(hidden["missing_reason"]) == {"suppressed"}
    assert hidden["n"].isna().all()


def test_last_wave_of_a_year_counts(instrument):
    codes = [f"INF{n}" for n in range(1, 5)]
    spring, autumn = (
        answers_table([(f"a{n}", "13011", None, dict.fromkeys(codes, low + n % 2)) for n in range(8)], wave=wave)
        for low, wave in ((1, "2026-1"), (3, "2026-2"))
    )
    strand = self_assessment(estimates(pd.concat([spring, autumn], ignore_index=True), instrument))
    assert strand.set_index("dimension").loc["informatie", "value"] == pytest.approx(3.5, abs=0.005)


def test_wave_without_a_year_is_refused(instrument):
    rows = [(f"a{n}", "13011", None, {"INF1": 3}) for n in range(8)]
    with pytest.raises(InputError, match="voorjaar begins with no year"):
        self_assessment(estimates(answers_table(rows, wave="voorjaar"), instrument))


def test_distribution_has_four_rows_per_statement(table):
    long = distribution(table)
    mine = long[
        (long["nis_code"] == "13011") & (long["wave"] == "2026") & (long["group"] == "all") & (long["code"] == "INF1")
    ]
    assert mine["position"].tolist() == [1, 2, 3, 4]
    assert mine["share"].sum() == pytest.approx(100)
    assert long.loc[long["status"] == "suppressed", "share"].isna().all()


def test_village_team_check_shows_no_team_below_five(table, instrument):
    rows = team_check(table, instrument)
    assert set(rows["code"]) == {f"DT{n}" for n in range(1, 9)}
    assert rows["group"].str.match("all|village:").all()
    assert (rows["n"].dropna() >= 5).all()
    assert rows.loc[rows["n"].isna(), "status"].eq("suppressed").all()
    assert rows["n"].notna().any()


def test_what_is_left_open_comes_first(table):
    rows = left_open(table)
    mine = rows[(rows["nis_code"] == "13011") & (rows["wave"] == "2026")]
    assert mine["share_left_open"].is_monotonic_decreasing
    assert (mine["share_left_open"] == mine["share_dont_know"] + mine["share_no_answer"]).all()
    assert set(mine["code"]) >= {"INF1", "EXP4"}
    assert not rows["n"].isna().any()


def test_who_answered_counts_respondents(answers, table):
    counts = who_answered(table)
    mine = counts[(counts["nis_code"] == "13011") & (counts["wave"] == "2026") & (counts["group"] == "all")]
    assert mine["n"].tolist() == [60]
    assert len(from_table(answers).people) == answers[["respondent", "wave"]].drop_duplicates().shape[0]
