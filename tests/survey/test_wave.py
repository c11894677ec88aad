"""Attacks on everything that is published of a wave: whole numbers of people and of answers to each position."""

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.publishing import published

from .attack import given_away, people_given_away, readers, rows_shown, what_follows
from .conftest import answers_table
from .regions import made_up_region
from .together import what_follows_together

# The second is one in which a reason told a number, the third one in which unanswered questions did.
SEEDS = (1, 25, 46)
REGIONS = range(100, 400)
# Percentages and numbers of rows of statements and of people: with five, and shown.
SHOWN = ([48, 20, 56, 42], 39218, 16171, 7776, 5809)


@pytest.fixture(scope="module")
def rows():
    """Collect how many rows are shown of every region that is attacked."""
    return []


def leaks(answers, instrument, rows=None):
    """Attack every item of a region, and the people by all items together; nothing may be left undecided."""
    table = estimates(answers, instrument)
    codes = sorted(set(table.loc[table["level"] == "item", "code"]))
    known = readers(answers, table, codes)
    if rows is not None:
        rows.append(rows_shown(known))
    found = [(code, *leak) for code, one in zip(codes, known, strict=True) for leak in what_follows(one)]
    found += [("people", *cell) for cell in people_given_away(known)]
    assert not sum(one.undecided for one in known)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_follows_of_a_hidden_group_in_a_small_region(instrument, seed):
    assert leaks(made_up_region(instrument, seed), instrument) == []


def test_row_that_is_shown_is_told_by_its_group_alone(instrument):
    # So that exact counts are all that a reader can know of it, whatever is printed: errors, intervals, digits. What is
    # printed of a dimension follows from its items.
    answers = made_up_region(instrument, 1)
    table = estimates(answers, instrument)
    shown = table[(table["status"] != "suppressed") & table["nis_code"].notna() & (table["level"] != "dimension")]
    for area, rows in shown.groupby("nis_code"):
        alone = estimates(answers[answers["nis_code"] == area], instrument, internal=True)
        numbers = published(alone.assign(status="ok")).set_index(["nis_code", "group", "code"])
        columns = rows.select_dtypes("number").columns
        own = rows.set_index(["nis_code", "group", "code"])
        pd.testing.assert_frame_equal(own[columns], numbers.loc[own.index, columns])


@pytest.mark.trial
@pytest.mark.parametrize("seed", REGIONS)
def test_nothing_follows_in_hundreds_of_regions(instrument, seed, rows):
    assert leaks(made_up_region(instrument, seed), instrument, rows) == []


@pytest.mark.trial
def test_share_of_rows_that_is_shown_is_as_documented(rows):
    # After the regions: docs/survey.md has these numbers.
    if len(rows) < len(REGIONS):
        pytest.skip("not all regions were attacked in this run")
    (filled, enough, shown), (people, enough_people, shown_people) = np.sum(rows, axis=0)
    found = [round(100 * one / whole) for one, whole in ((enough, filled), (shown, filled))]
    found += [round(100 * one / whole) for one, whole in ((enough_people, people), (shown_people, people))]
    assert (found, enough, shown, enough_people, shown_people) == SHOWN


def _careless(table):
    """Show again what was hidden of the roles to protect another."""
    one = (
        (table["status"] == "suppressed")
        & (table["hidden_because"] == "would_disclose")
        & table["group"].str.startswith("role:")
    )
    return table.assign(status=table["status"].mask(one, "ok"), hidden_because=table["hidden_because"].mask(one, None))


def test_attack_finds_what_a_table_without_protection_gives_away(instrument):
    answers = made_up_region(instrument, 1)
    table = estimates(answers, instrument)
    assert given_away(answers, _careless(table), "INF1")


def test_who_was_asked_does_not_tell_how_many_others_there_are(instrument):
    # 38 people, 20 and 10 of whom are shown: with the 6 who were asked about the team, 2 would be left.
    roles = ["inwoner"] * 20 + ["ambtenaar"] * 10 + ["mandataris"] * 2 + ["dorpsteamlid"] * 6
    rows = []
    for number, role in enumerate(roles):
        team = {f"DT{item}": 1 + (number + item) % 4 for item in range(1, 9)} if role == "dorpsteamlid" else {}
        rows.append((f"a{number}", "13011", role, {"INF1": 1 + number % 4} | team))
    found = estimates(answers_table(rows), instrument)
    mine = found[found["nis_code"] == "13011"].set_index(["group", "code"])
    shown = mine.xs("respondents", level="code")["n"].dropna()
    asked = mine.loc[("all", "DT1"), "n"]
    rest = (
        shown["all"]
        - shown.filter(like="role:").sum()
        - (0 if pd.isna(asked) or "role:dorpsteamlid" in shown else asked)
    )
    assert rest == 0 or rest >= 5


def test_what_a_hidden_group_said_does_not_follow_from_positions(instrument):
    # Everywhere residents say 1 and officials 4; three residents of one municipality are hidden.
    sizes = {("13010", "inwoner"): 3, ("13010", "ambtenaar"): 6, ("13011", "inwoner"): 6, ("13011", "ambtenaar"): 3}
    rows = [
        (f"{place}-{role}-{number}", place, role, {"INF1": 1 if role == "inwoner" else 4})
        for (place, role), size in sizes.items()
        for number in range(size)
    ]
    answers = answers_table(rows)
    assert given_away(answers, estimates(answers, instrument), "INF1") == []
    assert what_follows_together(answers, estimates(answers, instrument), instrument) == ([], 0)
    assert what_follows_together(answers, _careless(estimates(answers, instrument)), instrument)[0]
