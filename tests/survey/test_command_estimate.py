"""The commands that estimate, compare and pass on, as a user types them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest


def estimate(call, *options, answers="answers.csv"):
    return call("estimate", answers, "--items", "items.csv", "--by", "place", "--out", "out", *options)


def test_estimate_writes_five_tables_and_says_so(call):
    code, said = estimate(call)
    assert code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "dimensions.csv",
        "item_reliability.csv",
        "items.csv",
        "reliability.csv",
        "representation.csv",
    ]
    assert "wrote out/items.csv" in said
    assert "items.csv: 6 suppressed, 3 ok" in said


def test_public_tables_hide_and_internal_tables_are_stamped(call):
    estimate(call)
    public = pd.read_csv("out/items.csv")
    assert public[public["by"] == "tiny"].drop(columns=["by", "item", "status", "hidden_because"]).isna().all(axis=None)
    estimate(call, "--internal")
    internal = pd.read_csv("out/items.csv")
    assert internal["mean"].notna().all()
    assert set(internal["publication"]) == {"not for publication"}


def test_missing_codes_can_be_given_apart_or_together(call):
    Path("answers.csv").write_text(Path("answers.csv").read_text().replace(",4\n", ",9\n").replace(",1\n", ",8\n"))
    assert estimate(call)[0] == 1
    assert estimate(call, "--missing", "9")[0] == 1
    assert estimate(call, "--missing", "9,8")[0] == 0
    assert estimate(call, "--missing", "9", "--missing", "8")[0] == 0


def test_extra_tables_come_when_asked(call):
    assert estimate(call, "--total", "--shrink", "--gap", "role:a:b")[0] == 0
    assert {path.name for path in Path("out").iterdir()} >= {"shrunk.csv", "gap.csv"}
    assert "total" in set(pd.read_csv("out/items.csv")["by"])


def test_raking_reports_effective_number_and_design_effect(call):
    Path("margins.csv").write_text("column,value,n\nrole,a,70\nrole,b,30\n")
    code, said = estimate(call, "--margins", "margins.csv")
    assert code == 0
    assert "effective n" in said
    assert "design effect" in said


def test_groups_of_the_population_that_nobody_answered_for_are_named(call):
    Path("population.csv").write_text("place,N\nbig,900\nmid,90\ntiny,9\nempty,9\n")
    code, said = estimate(call, "--population", "population.csv")
    assert code == 0, said
    assert "no respondents in these groups of the population: empty" in said
    Path("population.csv").write_text("place,N\nbig,900\nmid,90\ntiny,9\n" + "".join(f"p{n},9\n" for n in range(9)))
    assert "of the population: p0, p1, p2, p3, p4 and 4 more" in estimate(call, "--population", "population.csv")[1]


def test_forgotten_reversal_is_warned_of(call):
    Path("items.csv").write_text("item,dimension,reverse\nA1,A,FALSE\nB1,A,FALSE\n")
    assert "warning: B1 runs against the rest of A" in estimate(call)[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--weight", "w"], "unknown column 'w'"),
        (["--interval", "bca"], "unknown interval"),
        (["--confidence", "95"], "a coverage of 95.0 is not possible"),
        (["--gap", "role"], "column:one:other"),
        (["--margins", "nowhere.csv"], "nowhere.csv does not exist"),
    ],
)
def test_wrong_use_ends_with_two(call, options, words):
    code, said = estimate(call, *options)
    assert code == 2
    assert words in said


def test_unusable_answers_end_with_one_and_their_rows(call):
    Path("answers.csv").write_text(Path("answers.csv").read_text().replace("r0,big,b,1", "r0,big,b,7"))
    code, said = estimate(call)
    assert code == 1
    assert "answers.csv, column A1, row 2: '7' is not a position from 1 to 4" in said


def test_change_compares_two_waves(call):
    for wave in ("2025", "2026"):
        call("example", "--wave", wave, "--out", f"{wave}.csv")
        call("import", f"{wave}.csv", "--wave", wave, "--out", f"data/private/{wave}", "--key", "key")
    code, said = call("change", "data/private", "--earlier", "2025", "--later", "2026", "--out", "change.csv")
    assert code == 0
    table = pd.read_csv("change.csv", dtype={"nis_code": str})
    assert {"paired", "unpaired"} >= set(table["method"].dropna())
    assert (table["method"] == "paired").any()
    assert set(table["data"]) == {"synthetic"}
    assert (table.dropna(subset="change")["low"] <= table.dropna(subset="change")["change"]).all()
    code, said = call("change", "data/private", "--earlier", "2024", "--later", "2026", "--out", "change.csv")
    assert (code, "no answers of wave 2024" in said) == (2, True)


def test_several_waves_are_not_thrown_together(call):
    for wave in ("2025", "2026"):
        call("example", "--wave", wave, "--out", f"{wave}.csv")
        call("import", f"{wave}.csv", "--wave", wave, "--out", f"data/private/{wave}")
    estimate = ["estimate", "data/private", "--out", "e", "--by"]
    code, said = call(*estimate, "nis_code")
    assert (code, "the answers hold several waves: 2025, 2026" in said) == (2, True)
    assert call(*estimate, "nis_code", "--wave", "2024")[0] == 2
    assert call(*estimate, "nis_code", "--wave", "2025")[0] == 0
    assert pd.read_csv("e/representation.csv")["n"].sum() == 12 + 48 + 22 - 12
    assert call(*estimate, "wave")[0] == 0
    assert pd.read_csv("e/representation.csv")["n"].tolist() == [86, 116]


def test_export_refuses_until_nobody_stands_out(call):
    call("example", "--out", "example.csv")
    call("import", "example.csv", "--wave", "2026", "--out", "o")
    code, said = call("export", "o", "--out", "people.csv")
    assert code == 1
    assert "combinations of fewer than 5" in said
    drops = ["--drop", "role", "--drop", "background", "--drop", "village"]
    assert call("export", "o", "--out", "people.csv", *drops)[0] == 0
    table = pd.read_csv("people.csv")
    assert not {"respondent", "role", "village"} & set(table)
