"""Tables that once gave people away, each with the check that showed it: read by the whole road, from copies."""

import runpy
import shutil

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.responses import read_answers, to_table

from .attack import given_away


@pytest.fixture
def case(shared, tmp_path):
    """Copy the files of a case, so that nothing is written beside them, and return one."""

    def copy(folder, name="answers.csv"):
        shutil.copytree(shared / "cases" / "privacy" / folder, tmp_path, dirs_exist_ok=True)
        return tmp_path / name

    return copy


@pytest.fixture
def answers_of(case, instrument):
    def read(folder):
        return to_table(import_answers(case(folder), instrument, ImportOptions("2026")).responses)

    return read


def shown(folder, name):
    return pd.read_csv(folder / name)


def test_error_of_a_group_tells_its_own_number_only(answers_of, instrument):
    # As se_n.py: the number that a standard error was worked out with, from exact shares; not that of everybody.
    answers = answers_of("E6_team")
    table = estimates(answers, instrument, internal=True)
    rows = table[(table["level"] == "item") & (table["n"] > 5)]
    shares, position = rows[[f"share_{number}" for number in range(1, 5)]].to_numpy() / 100, np.arange(1, 5)
    squares = rows["n"] * (shares @ position**2 - (shares @ position) ** 2)
    ratio = (rows["mean_score_se"] * 3 / 100) ** 2 * rows["n"] ** 2 / squares
    spread = squares > 1e-9
    np.testing.assert_allclose((ratio / (ratio - 1))[spread], rows["n"][spread])


def test_who_gave_no_role_is_not_what_a_total_leaves_over(call, case):
    path, groups = case("E2"), {}
    for by in ("rol", "gemeente"):
        assert call("estimate", str(path), "--by", by, "--out", by, "--total")[0] == 0
        groups[by] = shown(path.parent / by, "items.csv").query("item == 'INF1'").set_index("by")["n"]
    rest = groups["gemeente"]["total"] - groups["rol"].drop("total").sum()
    assert rest == 0 or rest >= 5


def test_evenness_of_few_is_not_shown(call, case):
    path = case("E1_evenness")
    assert call("estimate", str(path), "--by", "gemeente", "--out", "out")[0] == 0
    table = shown(path.parent / "out", "representation.csv")
    assert table[["background_evenness", "n_backgrounds"]].isna().all(axis=None)


def test_effective_number_of_a_group_with_few_officials_is_not_shown(call, case):
    # Of the first municipality 2 people are officials, who weigh otherwise; with the total, hiding one is not enough.
    options = ("--by", "gemeente", "--out", "out", "--margins", str(case("E3_rake", "margins.csv")))
    path = case("E3_rake")
    assert call("estimate", str(path), *options)[0] == 0
    table = shown(path.parent / "out", "representation.csv")
    assert table.loc[0, ["n", "n_effective", "design_effect"]].isna().all()
    assert table["n"].isna().sum() > 1


def test_change_leaves_nobody_alone(call, case):
    for wave in ("2025", "2026"):
        path = case("E4_change", f"w{wave[2:]}.csv")
        assert call("import", str(path), "--wave", wave)[0] == 0
    assert call("change", "data/private", "--earlier", "2025", "--later", "2026", "--out", "c.csv")[0] == 0
    table = shown(path.parent, "c.csv")
    assert table["n_pairs"].isna().all()
    assert set(table["method"].dropna()) == {"unpaired"}


def test_second_export_does_not_join_with_the_first(call, case):
    assert call("import", str(case("E5_export")), "--wave", "2026")[0] == 0
    dropped = ("--drop", "village", "--drop", "background")
    assert call("export", "data/private", "--out", "a.csv", "--drop", "role", *dropped)[0] == 0
    code, said = call("export", "data/private", "--out", "b.csv", "--drop", "nis_code", *dropped)
    assert code == 1
    assert "fewer than 5" in said or "passed on before" in said
    assert not (case("E5_export").parent / "b.csv").exists()


def test_who_was_asked_tells_no_hidden_role(answers_of, instrument):
    answers = answers_of("E6_team")
    table = estimates(answers, instrument)
    mine = table[table["nis_code"] == "13011"].set_index(["group", "code"])["n"]
    roles = mine.xs("respondents", level="code").filter(like="role:").dropna()
    asked = mine["all", "DT1"]
    rest = mine["all", "respondents"] - roles.sum()
    if "role:dorpsteamlid" not in roles and not np.isnan(asked):
        rest -= asked
    assert rest == 0 or rest >= 5
    assert given_away(answers, table, "DT1") == []


def test_positions_of_others_do_not_tell_what_few_said(case, instrument, capsys):
    answers = runpy.run_path(str(case("E8_positions", "case.py")))["a"]
    capsys.readouterr()
    assert given_away(answers, estimates(answers, instrument), "INF1") == []


def test_reason_why_a_row_is_hidden_holds(case, instrument):
    answers = read_answers(case("E10_false_text"))
    table, whole = (estimates(answers, instrument, internal=internal) for internal in (False, True))
    people = whole[whole["level"] == "respondents"].set_index(["nis_code", "group"])["n"]
    rows = table[table["status"] == "suppressed"]
    few = people.loc[pd.MultiIndex.from_frame(rows[["nis_code", "group"]])].to_numpy() < 5
    asked = ~rows["code"].str.startswith("DT") | ~rows["group"].str.startswith("role:")
    assert (few == (rows["hidden_because"] == "too_few"))[asked].all()


def test_what_one_person_wrote_names_no_group(call, case):
    assert call("import", str(case("privacy", "i.csv")), "--wave", "2026")[0] == 0
    code, said = call("estimate", "data/private", "--by", "village", "--out", "out")
    folder = case("privacy").parent / "out"
    written = "".join(path.read_text() for path in folder.iterdir()) if code == 0 else ""
    assert "Kerkstraat" not in said + written


@pytest.mark.parametrize(("name", "by"), [("a.csv", "naam"), ("b.csv", "mail")])
def test_names_and_mail_are_repeated_by_no_message(call, case, name, by):
    for gap in ((), ("--gap", f"{by}:x:y")):
        code, said = call("estimate", str(case("privacy", name)), "--by", by, "--out", "out", *gap)
        assert code != 0
        assert "oorbeeld" not in said
