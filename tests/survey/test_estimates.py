"""From files to published tables; and a reader who tries to work hidden numbers back from them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.survey.answertable import AnswerTable, ItemList
from resilience_analysis.survey.estimates import Grouped, estimates
from resilience_analysis.survey.representation import REPRESENTATION_COLUMNS
from resilience_analysis.survey.responses import write_answers
from resilience_analysis.survey.tables import DIMENSION_COLUMNS, ITEM_COLUMNS, estimate_file
from resilience_analysis.survey.weights import EstimateOptions

from .attack import of_groups, what_follows
from .conftest import random_values

ITEMS = "item,dimension,reverse\nA1,A,FALSE\nA2,A,FALSE\nB1,B,TRUE\n"
SIZES = {"p": 30, "q": 12, "r": 7, "s": 3}


@pytest.fixture
def files(write, instrument):
    """Write answers of four places, one of them small, and estimate them."""
    values = random_values(sum(SIZES.values()), ["A1", "A2", "B1"], missing=0.0, seed=2).astype(int)
    places = [place for place, size in SIZES.items() for _ in range(size)]
    roles = ["inwoner", "ambtenaar"] * (len(places) // 2)
    table = values.assign(place=places, role=roles, w=np.tile([1.0, 2.0], len(places) // 2))
    answers = write(table.to_csv(index=False), "answers.csv")
    items = write(ITEMS, "items.csv")

    def run(**options):
        return estimate_file(answers, EstimateOptions(**{"by": "place", "items": items, **options}), instrument)

    return run


def test_tables_have_exactly_the_columns_that_are_promised(files):
    tables = files().tables
    assert list(tables) == [
        "items.csv",
        "dimensions.csv",
        "reliability.csv",
        "item_reliability.csv",
        "representation.csv",
    ]
    assert tuple(tables["items.csv"]) == ITEM_COLUMNS
    assert tuple(tables["dimensions.csv"]) == DIMENSION_COLUMNS
    assert tuple(tables["representation.csv"]) == REPRESENTATION_COLUMNS
    assert list(tables["reliability.csv"]) == ["dimension", "n_items", "alpha", "alpha_se", "alpha_if_dropped_max"]


def test_small_place_is_suppressed_and_takes_the_next_with_it(files):
    table = files().tables["items.csv"].set_index(["by", "item"])
    assert (table.loc["s", "status"] == "suppressed").all()
    assert (table.loc["r", "status"] == "suppressed").all()
    assert (table.loc["q", "status"] == "ok").all()
    assert table.loc[["r", "s"]].drop(columns=["status", "hidden_because"]).isna().all(axis=None)


def test_internal_tables_show_all_and_are_stamped(files):
    public, internal = files().tables, files(internal=True).tables
    for name, table in internal.items():
        assert (table["publication"] == "not for publication").all()
        assert "publication" not in public[name]
    assert internal["items.csv"]["mean"].notna().all()
    pd.testing.assert_series_equal(internal["items.csv"]["status"], public["items.csv"]["status"])


def test_total_is_added_when_asked_and_still_gives_nothing_away(files):
    table = files(total=True).tables["items.csv"].set_index(["by", "item"])
    assert (table.loc["total", "n"] == sum(SIZES.values())).all()
    hidden = table.loc[["r", "s"], "n"]
    assert hidden.isna().all()


def test_group_called_total_is_refused(write, instrument):
    path = write("A1,A2,B1,place\n1,2,3,total\n")
    with pytest.raises(UsageError, match="a group is called 'total'"):
        estimate_file(path, EstimateOptions("place", items=write(ITEMS, "items.csv")), instrument)


def test_column_without_any_value_is_wrong_use(write, instrument):
    path = write("A1,A2,B1,place\n1,2,3,\n")
    with pytest.raises(UsageError, match="no respondent has a value in column place"):
        estimate_file(path, EstimateOptions("place", items=write(ITEMS, "items.csv")), instrument)


def test_weights_change_the_means_and_the_effective_number(files):
    plain, weighted = (files(weight=weight).tables["items.csv"].set_index(["by", "item"]) for weight in (None, "w"))
    assert weighted.loc[("p", "A1"), "n"] == plain.loc[("p", "A1"), "n"] == 30
    assert weighted.loc[("p", "A1"), "n_effective"] == round(45**2 / (15 * 1 + 15 * 4))
    assert weighted.loc[("p", "A1"), "mean"] != plain.loc[("p", "A1"), "mean"]


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        ("-1", "answers.csv, column w, respondent 2: this is not a weight"),
        ("", "answers.csv, column w, respondent 2: the weight is missing"),
        ("inf", "respondent 2: this is not a weight"),
        ("heavy", "respondent 2: this is not a weight"),
        ("0", "answers.csv, column w: no weight is above 0"),
    ],
)
def test_weights_that_are_none_are_refused_by_their_place(write, instrument, weight, said):
    answers = write(f"A1,A2,B1,place,w\n1,2,3,x,0\n2,3,4,x,{weight}\n", "answers.csv")
    with pytest.raises(InputError) as caught:
        estimate_file(answers, EstimateOptions("place", items=write(ITEMS, "items.csv"), weight="w"), instrument)
    assert said in str(caught.value)


def test_many_wrong_weights_are_counted_after_the_first(write, instrument):
    answers = write("A1,A2,B1,place,w\n" + "1,2,3,x,-1\n" * 25, "answers.csv")
    with pytest.raises(InputError, match="column w: 5 more like these"):
        estimate_file(answers, EstimateOptions("place", items=write(ITEMS, "items.csv"), weight="w"), instrument)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"min_answered": 2.0}, "a least share of 2 answered items is not possible"),
        ({"missing": ["9", "4"]}, "--missing 4: this is a position of the scale"),
        ({"confidence": 95.0}, "a coverage of 95.0 is not possible"),
    ],
)
def test_options_outside_their_range_are_wrong_use(files, options, said):
    with pytest.raises(UsageError, match=said):
        files(**options)


def test_item_nonresponse_does_not_tell_how_many_answered_a_hidden_item(write, instrument):
    rows = [f"{'' if place == 'x' and n > 2 else 1 + n % 3},{n % 4 + 1},{place}" for place in "xyz" for n in range(12)]
    answers = write("\n".join(["A1,B1,place", *rows]), "answers.csv")
    items = write("item,dimension,reverse\nA1,A,FALSE\nB1,B,FALSE\n", "items.csv")
    public, internal = (
        estimate_file(answers, EstimateOptions("place", items=items, internal=shown), instrument).tables
        for shown in (False, True)
    )
    status = public["items.csv"].set_index(["by", "item"])["status"]
    assert status[("x", "A1")] == status[("y", "A1")] == "suppressed"
    rate = public["representation.csv"].set_index("by")["item_nonresponse"]
    assert rate.isna().tolist() == [True, True, False]
    assert internal["representation.csv"].set_index("by")["item_nonresponse"]["x"] == pytest.approx(100 * 9 / 24)


def test_raked_weights_report_what_they_cost(files, write):
    margins = write("column,value,n\nrole,inwoner,70\nrole,ambtenaar,30\n", "margins.csv")
    estimated = files(margins=margins)
    raked = estimated.raked
    assert raked.design_effect > 1
    design = estimated.tables["representation.csv"].set_index("by").loc["p", "design_effect"]
    assert design == round(30 / (raked.weights[:30].sum() ** 2 / (raked.weights[:30] ** 2).sum()), 1)


def test_population_narrows_the_intervals(files, write):
    population = write("place,N\np,60\nq,24\nr,14\ns,6\n", "population.csv")
    plain, corrected = (files(population=path).tables["items.csv"] for path in (None, population))
    ratio = (corrected["mean_se"] / plain["mean_se"]).dropna()
    np.testing.assert_allclose(ratio, np.sqrt(1 / 2), atol=0.05)


def test_population_names_groups_it_lacks_and_groups_too_small(files, write):
    population = write("place,N\np,60\nq,11\n", "population.csv")
    with pytest.raises(InputError) as caught:
        files(population=population)
    message = str(caught.value)
    assert "population.csv: group 'r' is missing. Add a row with its N" in message
    assert "groups are missing: 1, of fewer than 5 respondents each" in message
    assert "population.csv, group 'q': more people answered than 11. Correct its N" in message
    assert not any(f"'{name}'" in message for name in "ps")


def test_many_groups_without_a_population_are_counted_after_the_first(write, instrument):
    answers = write("A1,place\n" + "".join(f"1,p{n}\n" * 5 for n in range(25)), "answers.csv")
    items = write("item,dimension,reverse\nA1,A,FALSE\n", "items.csv")
    options = EstimateOptions("place", items=items, population=write("place,N\n", "people.csv"))
    with pytest.raises(InputError, match=r"people\.csv: 5 more groups are missing"):
        estimate_file(answers, options, instrument)


def test_groups_of_the_population_where_nobody_answered_are_told(files, write):
    population = write("place,N\np,60\nq,24\nr,14\ns,6\nu,9\nt,9\n", "population.csv")
    assert files(population=population).unanswered == ("t", "u")
    assert files().unanswered == ()


def test_who_weighs_nothing_is_counted_nowhere(write, instrument):
    weighing = {"x": 6, "y": 12, "z": 0}
    rows = [f"{n % 4 + 1},{place},{int(n < few)}" for place, few in weighing.items() for n in range(12)]
    answers = write("\n".join(["A1,place,w", *rows]), "answers.csv")
    items = write("item,dimension,reverse\nA1,A,FALSE\n", "items.csv")
    options = EstimateOptions("place", items=items, weight="w", internal=True)
    tables = estimate_file(answers, options, instrument).tables
    people = tables["representation.csv"].set_index("by")
    assert people["n"].to_dict() == weighing
    assert people["n"].tolist() == tables["items.csv"]["n"].tolist()
    assert people["share"].tolist() == pytest.approx([100 * 6 / 18, 100 * 12 / 18, 0])
    assert people["design_effect"].iloc[:2].tolist() == [1, 1]


def test_reliability_of_very_few_is_not_shown(write, instrument):
    path = write("A1,A2,B1,place\n1,2,3,x\n2,3,4,x\n4,4,1,x\n")
    items = write(ITEMS, "items.csv")
    public, internal = (
        estimate_file(path, EstimateOptions("place", items=items, internal=shown), instrument).tables["reliability.csv"]
        for shown in (False, True)
    )
    assert public["alpha"].isna().all()
    assert internal["alpha"].notna().any()


def test_shrunk_scores_stand_beside_direct_ones_of_shown_places(files):
    table = files(shrink=True).tables["shrunk.csv"]
    hidden = table["by"].isin(["r", "s"])
    assert table.loc[hidden, ["direct", "shrunk"]].isna().all(axis=None)
    assert set(table.loc[hidden, "status"]) == {"suppressed"}
    everything = files(shrink=True, internal=True).tables["shrunk.csv"]
    assert everything.loc[~hidden, "model"].eq("fay_herriot").all()
    assert everything["shrunk"].notna().all()


def test_gap_between_roles_is_written_with_its_interval(files):
    table = files(by="role", gap="role:ambtenaar:inwoner").tables["gap.csv"].set_index("code")
    assert list(table.index) == ["A1", "A2", "B1", "A", "B"]
    assert table.loc["A1", ["n", "n_other"]].tolist() == [26, 26]
    assert (table["mean_gap_low"] < table["mean_gap_high"]).all()
    assert table.loc[["A", "B"], "share_gap"].isna().all()


def test_gap_of_a_dimension_counts_who_answered_enough_of_it(write, instrument):
    rows = [f"{n % 4 + 1},{'' if n % 3 == 0 else 1 + n % 4},{'ab'[n % 2]},x" for n in range(36)]
    answers = write("\n".join(["A1,A2,role,place", *rows]), "answers.csv")
    items = write("item,dimension,reverse\nA1,A,FALSE\nA2,A,FALSE\n", "items.csv")
    counts = {}
    for least in (None, 1.0):
        options = EstimateOptions("place", items=items, gap="role:a:b", min_answered=least)
        counts[least] = estimate_file(answers, options, instrument).tables["gap.csv"].set_index("code").loc["A", "n"]
    assert counts == {None: 18, 1.0: 12}


@pytest.mark.parametrize("gap", ["role", "role:ambtenaar", "role:ambtenaar:piloot", "rol:a:b"])
def test_gap_that_makes_no_sense_is_wrong_use(files, gap):
    with pytest.raises(UsageError):
        files(gap=gap)


def test_gap_with_a_hidden_group_is_hidden(files):
    table = files(gap="place:p:s").tables["gap.csv"]
    assert set(table["status"]) == {"suppressed"}
    assert table.drop(columns=["code", "status"]).isna().all(axis=None)


@pytest.mark.parametrize(("silent", "status"), [(0, "ok"), (2, "suppressed"), (5, "ok")])
def test_gap_does_not_tell_what_the_few_without_a_role_answered(write, instrument, silent, status):
    # Both means follow from the mean of all and the gap, but for the answers of those who gave no role.
    values = random_values(30 + silent, ["A1", "A2", "B1"], missing=0.0, seed=4).astype(int)
    roles = ["inwoner"] * 20 + ["ambtenaar"] * 10 + [""] * silent
    answers = write(values.assign(place="p", role=roles).to_csv(index=False), "answers.csv")
    options = EstimateOptions(by="place", items=write(ITEMS, "items.csv"), gap="role:ambtenaar:inwoner")
    assert set(estimate_file(answers, options, instrument).tables["gap.csv"]["status"]) == {status}


@pytest.mark.parametrize("options", [{"confidence": 95}, {"interval": "bca"}, {"by": "nowhere"}, {"weight": "nowhere"}])
def test_unknown_choices_are_wrong_use(files, options):
    with pytest.raises(UsageError):
        files(**options)


def test_forgotten_reversal_is_told(write, instrument):
    height = np.random.default_rng(3).integers(1, 5, 60)
    table = pd.DataFrame({"A1": height, "A2": 5 - height, "B1": height, "place": "x"})
    items = write(ITEMS, "items.csv")
    estimated = estimate_file(write(table.to_csv(index=False)), EstimateOptions("place", items=items), instrument)
    assert set(estimated.suspects["item"]) == {"A1", "A2"}


@settings(deadline=None, max_examples=6)
@given(
    st.lists(st.integers(1, 14), min_size=2, max_size=7),
    st.booleans(),
    st.sampled_from([0.0, 0.1, 0.4]),
    st.integers(0, 1000),
)
# With a total, groups that are named because somebody is in them could be no other size.
@example(sizes=[1, 1], total=False, missing=0.0, seed=0)
@example(sizes=[5, 1], total=True, missing=0.0, seed=0)
@example(sizes=[1, 1, 1, 1, 1], total=True, missing=0.0, seed=0)
@example(sizes=[4, 4], total=True, missing=0.0, seed=0)
def test_nothing_follows_of_a_hidden_group(instrument, sizes, total, missing, seed):
    by = pd.Series([f"g{group}" for group, size in enumerate(sizes) for _ in range(size)])
    values = random_values(len(by), ["A1", "A2", "A3", "B1"], missing=missing, seed=seed)
    items = ItemList(("A1", "A2", "A3", "B1"), {"A": ("A1", "A2", "A3"), "B": ("B1",)}, frozenset())
    asked = pd.DataFrame(data=True, index=values.index, columns=values.columns)
    table = AnswerTable(values, pd.DataFrame({"by": by}), asked, items)
    found = estimates(Grouped(table, by, total=True), instrument, internal=True).rename(columns={"group": "by"})
    rows, people = found[found["level"] == "item"], found[found["level"] == "respondents"]
    assert (rows.loc[rows["n"] < 5, "status"] == "suppressed").all()
    if not total:  # a total counts as known where it is not published too
        alone = estimates(Grouped(table, by), instrument, internal=True).rename(columns={"group": "by"})
        pd.testing.assert_frame_equal(alone, found[found["by"] != "total"].reset_index(drop=True))
    for item in values:
        mine = rows[rows["code"] == item]
        categories = values[item].fillna(6).astype(int) - 1
        known = of_groups(by, categories, people.set_index("by"), mine.set_index("by"))
        assert not what_follows(known)


def test_groups_that_all_answer_alike_are_hidden_with_another(write, instrument):
    rows = [f"{4 if place == 'x' else 1 + n % 4},{place}" for place in "xyz" for n in range(6 if place == "x" else 12)]
    answers, items = write("\n".join(["A1,place", *rows])), write("item,dimension,reverse\nA1,A,FALSE\n", "items.csv")
    table = (
        estimate_file(answers, EstimateOptions("place", items=items), instrument).tables["items.csv"].set_index("by")
    )
    assert table["hidden_because"].dropna().to_dict() == {"x": "would_disclose", "y": "would_disclose"}
    assert np.isnan(table.loc["x", "mean"])


def test_interval_of_a_group_does_not_depend_on_the_others(write, instrument):
    items = write("item,dimension,reverse\nA1,A,FALSE\n", "items.csv")
    mine = "".join(f"{answer},m\n" for answer in (1, 2, 2, 3, 4))
    others = "".join(f"{1 + n % 4},o\n" for n in range(100))
    for rows in (mine, mine + others):
        options = EstimateOptions("place", items=items, interval="t")
        table = estimate_file(write("A1,place\n" + rows, "a.csv"), options, instrument).tables["items.csv"]
        assert table.set_index("by").loc["m", ["mean_low", "mean_high"]].tolist() == [0.98, 3.82]


@pytest.mark.parametrize("column", ["deelgemeente", "village", "rol", "achtergrond", "role"])
def test_what_fewer_than_five_wrote_names_no_group(write, instrument, column):
    rows = [f"{1 + n % 4},{'Olen' if n < 20 else 'Vermeulen' if n < 23 else 'Bakker'}" for n in range(30)]
    answers, items = (
        write("\n".join([f"A1,{column}", *rows])),
        write("item,dimension,reverse\nA1,A,FALSE\n", "items.csv"),
    )
    tables = estimate_file(answers, EstimateOptions(column, items=items), instrument).tables
    assert "Vermeulen" not in "".join(table.to_csv() for table in tables.values())
    assert set(tables["items.csv"]["by"]) == {"Olen", "Bakker", "not_given"}


def test_people_without_a_value_are_a_group_like_others(write, instrument):
    rows = [f"{1 + n % 4},{'r1' if n < 8 else 'r2' if n < 16 else ''}" for n in range(17)]
    answers, items = write("\n".join(["A1,role", *rows])), write("item,dimension,reverse\nA1,A,FALSE\n", "items.csv")
    table = estimate_file(answers, EstimateOptions("role", items=items, total=True), instrument).tables["items.csv"]
    table = table.set_index("by")
    assert table.loc["not_given", "hidden_because"] == "too_few"
    assert table.loc["total", "n"] == 17
    assert (table["status"] == "suppressed").sum() == 2


def test_raking_that_misses_its_margins_is_refused(files, write):
    margins = write("column,value,n\nrole,inwoner,95\nrole,ambtenaar,5\n", "margins.csv")
    with pytest.raises(InputError, match=r"the margins are not met: .* percentage points off"):
        files(margins=margins)


def write_answers_of(imported, write):
    path = write("", "answers.csv")
    write_answers(path, imported.responses)
    return path


def test_margins_match_answers_as_people_write_them(write, instrument):
    answers = write("A1,place,age\n" + "".join(f"{1 + n % 4},x,{' 1' if n % 2 else '2.0'}\n" for n in range(20)))
    items = write("item,dimension,reverse\nA1,A,FALSE\n", "items.csv")
    margins = write("column,value,n\nage,1.0,60\nage,2,40\n", "margins.csv")
    assert estimate_file(answers, EstimateOptions("place", items=items, margins=margins), instrument).raked


def test_item_is_held_beside_the_rest_of_its_dimension(files):
    table = files(internal=True).tables["item_reliability.csv"].set_index("item")
    assert list(table.index) == ["A1", "A2", "B1"]
    assert -1 <= table.loc["A1", "item_rest_correlation"] <= 1


def test_message_of_a_gap_repeats_nothing_that_few_people_wrote(write, instrument):
    rows = "".join(f"{1 + n % 4},x,{'inwoner' if n < 8 else 'Jan Voorbeeld'}\n" for n in range(9))
    answers, items = write("A1,place,role\n" + rows), write("item,dimension,reverse\nA1,A,FALSE\n", "items.csv")
    with pytest.raises(UsageError, match="column role has no piloot") as caught:
        estimate_file(answers, EstimateOptions("place", items=items, gap="role:piloot:inwoner"), instrument)
    assert "Voorbeeld" not in str(caught.value)


def test_withheld_tables_hold_no_number_of_a_suppressed_row(files):
    for name, table in files().tables.items():
        if "status" in table:
            hidden = table[table["status"] == "suppressed"]
            assert len(hidden), name
            assert hidden.select_dtypes("number").isna().all(axis=None), name


@pytest.mark.parametrize("who", ["jan{}@voorbeeld.be", "10.0.0.{}", "0470 12 34 {}0", "2026-01-01 10:{}0"])
@pytest.mark.parametrize("internal", [False, True])
def test_column_that_identifies_people_makes_no_groups(write, instrument, who, internal):
    rows = "".join(f"{who.format(n)},{n % 4 + 1}\n" for n in range(6))
    answers, items = write("wie,A1\n" + rows, "answers.csv"), write("item,dimension,reverse\nA1,A,FALSE\n", "items.csv")
    with pytest.raises(UsageError, match="--by wie: the column holds mail or IP addresses"):
        estimate_file(answers, EstimateOptions(by="wie", items=items, internal=internal), instrument)


def test_reliability_of_a_dimension_that_few_answered_is_not_shown(write, instrument):
    rows = "".join(f"p,{n % 4 + 1 if n < 4 else ''},{(n + 1) % 4 + 1 if n < 4 else ''}\n" for n in range(30))
    answers = write("place,A1,A2\n" + rows, "answers.csv")
    items = write("item,dimension,reverse\nA1,A,FALSE\nA2,A,FALSE\n", "items.csv")
    shown, whole = (
        estimate_file(answers, EstimateOptions(by="place", items=items, internal=internal), instrument)
        for internal in (False, True)
    )
    assert shown.tables["reliability.csv"].iloc[0, 2:].isna().all()
    assert whole.tables["reliability.csv"]["alpha"].notna().all()


def test_margins_and_people_of_imported_answers_may_have_the_names_of_the_questionnaire(run_import, write, instrument):
    rows = "".join(
        f"{place},{role},{n % 4 + 1}\n" for place in ("Olen", "13011") for role in ("ambt", "inw") for n in range(6)
    )
    answers = write_answers_of(run_import(f"gemeente,rol,INF1\n{rows}"), write)
    margins = write(
        "column;value;n\nGemeente;olen;1 200\nGemeente;Herentals;600\nrol;official;1\nrol;Inwoner ;1\n", "m.csv"
    )
    people = write("Gemeente;N\nOLEN;1200\nHerentals;600\n", "p.csv")
    options = EstimateOptions("nis_code", margins=margins, population=people)
    found = estimate_file(answers, options, instrument)
    weight = found.tables["representation.csv"].set_index("by")["n"]
    assert found.corrected == 2
    assert found.raked.margin_gap < 1e-6
    assert list(weight.index) == ["13011", "13029"]
