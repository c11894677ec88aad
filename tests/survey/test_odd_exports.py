"""What people and tools do to an export: read as it is meant, or left out and named, never half of it in silence."""

import pytest

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.import_report import tell
from resilience_analysis.survey.responses import reason_code

from .conftest import whys

FOUR = ["helemaal niet akkoord", "eerder niet akkoord", "eerder akkoord", "helemaal akkoord"]
INF1 = "Meten is weten: dit is belangrijk in mijn organisatie/lokaal bestuur."
ENGLISH = "To measure is to know: this matters in my organisation/local government."


def column(heading, answers=("1", "2", "3", "4")):
    return f'gemeente,"{heading}"\n' + "".join(f"Olen,{answer}\n" for answer in answers)


@pytest.mark.parametrize(
    ("heading", "why"),
    [
        (f"{INF1} (1 = helemaal akkoord, 4 = helemaal niet akkoord)", "the file says that 1 is 'helemaal akkoord'"),
        ("INF1. Van 1 (helemaal akkoord) tot 4 (helemaal niet akkoord)", "the file says that 1 is 'helemaal akkoord'"),
        ("INF1. Op een schaal van 1 tot 5", "the file speaks of a scale from 1 to 5"),
        ("INF1 (0-10)", "the file speaks of a scale from 0 to 10"),
        ("INF1. Sur une échelle de 1 à 7", "the file speaks of a scale from 1 to 7"),
    ],
)
def test_numbers_that_their_heading_explains_otherwise_are_another_scale(run_import, heading, why):
    found = run_import(column(heading))
    assert [refusal.why for refusal in found.refusals] == [why]
    assert found.responses.codes.empty


@pytest.mark.parametrize(
    "heading",
    [
        "INF1. Waar sta jij op een schaal van 1 (helemaal niet akkoord) tot 4 (helemaal akkoord)?",
        f"Vraag 4: {INF1}",
        "INF1 (1-4)",
        "INF1. (1 = helemaal niet akkoord, 4 = helemaal akkoord)",
    ],
)
def test_heading_that_explains_our_own_scale_changes_nothing(run_import, heading):
    assert sorted(run_import(column(heading)).responses.codes["INF1"]) == [1, 2, 3, 4]


def test_codes_on_another_sheet_that_turn_the_scale_round_are_believed(run_import, book, instrument):
    codes = [["code", "betekenis"], *[[4 - n, label] for n, label in enumerate(FOUR)]]
    rows = [["gemeente", "INF1"], *[["Olen", n] for n in (1, 2, 3, 4)]]
    found = run_import(book(Antwoorden=rows, Codes=codes))
    assert not len(found.responses.people)
    assert '"1": 4' in tell(found, instrument).mapping
    assert run_import(book(Antwoorden=rows, Codes=[codes[0], *[[n + 1, x] for n, x in enumerate(FOUR)]])).rows_used == 4


def test_labels_with_other_numbers_are_left_out_and_the_mapping_says_what_they_mean(run_import, instrument):
    found = run_import(column("INF1", [f"{4 - n} - {label}" for n, label in enumerate(FOUR)]))
    assert found.refusals[0].why == "numbers its labels otherwise than our scale does"
    assert f'"1 - {FOUR[3]}": 4' in tell(found, instrument).mapping


def test_dates_that_a_spreadsheet_made_of_answers_are_said_to_be_dates(run_import):
    assert "has dates" in run_import(column("INF1", ["1-apr", "3-apr", "4-apr"])).refusals[0].why


@pytest.mark.parametrize("word", ["Totaal", "Gemiddelde score", "TOTAL (n=2)", "N"])
def test_row_that_adds_up_others_is_not_a_respondent(run_import, word):
    found = run_import(f"gemeente,INF1\nOlen,3\nOlen,1\n{word},4\n")
    assert (found.rows_used, whys(found.problems)) == (2, {("4", ""): "is a total or a mean of other rows"})


@pytest.mark.parametrize("said", ["Gemiddelde burger", "Total mess", "Som van mensen"])
def test_who_begins_with_such_a_word_is_a_respondent(run_import, said):
    assert run_import(f"opmerking,INF1\ngoed,3\n{said},4\n").rows_used == 2


@pytest.mark.parametrize("second", ["gemeente,INF1", f'In welke gemeente?,"{INF1}"'])
def test_second_row_of_headings_is_not_a_respondent(run_import, second):
    found = run_import(f"gemeente,INF1\n{second}\nOlen,3\n{second}\nOlen,1\n")
    assert found.rows_used == 2
    assert whys(found.problems) == {("2", ""): "is a row of headings", ("4", ""): "is a row of headings"}


def test_row_that_says_it_is_a_test_is_set_aside_unless_tests_are_kept(run_import, instrument):
    text = "gemeente,opmerking,INF1\ntest,,3\nOlen,Test,1\nOlen,testen is goed,2\n"
    found = run_import(text)
    assert found.rows_used == 2
    assert [(remark.row, remark.column) for remark in found.submissions.doubts] == [("3", "opmerking")]
    assert any(said.startswith("1 submissions may be tests") for said in tell(found, instrument).problems)
    assert run_import(text, keep=["tests"]).rows_used == 3


def test_address_that_appears_again_is_named_by_its_row_only(run_import):
    found = run_import("e-mail,gemeente,INF1\na@b.be,Olen,3\nA@b.be ,Olen,1\nc@b.be,Olen,2\n")
    assert [(doubt.row, doubt.why) for doubt in found.submissions.doubts] == [
        ("3", "has the same e-mail address as row 2; used all the same")
    ]
    assert not run_import("e-mail,gemeente,INF1\na@b.be,Olen,3\na@b.be,Olen,1\n").submissions.doubts


@pytest.mark.parametrize(
    "headings", [("INF1_nl", "INF1_en"), ("INF1 (nl)", "INF1 (en)"), (f"INF1. {INF1}", f"INF1. {ENGLISH}")]
)
def test_a_column_for_each_language_is_one_answer(run_import, headings):
    first, second = headings
    found = run_import(f'gemeente,"{first}","{second}"\nOlen,{FOUR[3]},\nOlen,,rather agree\nOlen,,\n')
    assert sorted(found.responses.codes["INF1"]) == [3, 4]
    with pytest.raises(InputError, match="INF1 appears in 2 columns"):
        run_import(f'gemeente,"{first}","{second}"\nOlen,{FOUR[3]},rather agree\n')


@pytest.mark.parametrize(("yes", "no"), [("x", ""), ("1", "0"), ("Ja", "Nee"), ("label", "")])
@pytest.mark.parametrize("heading", ["INF1 [{}]", "INF1/{}", f"{INF1} [{{}}]"])
def test_boxes_of_one_statement_are_one_answer(run_import, heading, yes, no):
    headings = ",".join(f'"{heading.format(label)}"' for label in FOUR)
    ticked = [[(yes if yes != "label" else FOUR[n]) if n == row else no for n in range(4)] for row in range(4)]
    found = run_import("\n".join([f"gemeente,{headings}", *("Olen," + ",".join(row) for row in ticked)]))
    assert sorted(found.responses.codes["INF1"]) == [1, 2, 3, 4]


def test_boxes_of_a_scale_with_a_middle_are_left_out_though_no_one_ticked_it(run_import):
    headings = ",".join(f"INF1 [{label}]" for label in [*FOUR[:2], "neutraal", *FOUR[2:]])
    found = run_import(f"gemeente,{headings}\nOlen,x,,,,\nOlen,,,,x,\nOlen,,,,,x\n")
    assert found.refusals
    assert found.responses.codes.empty


@pytest.mark.parametrize(
    "text",
    ["2250 Olen", "Olen (2250)", "B-2250 Olen", "Gemeente Olen", "13029 - Olen", "13029.0", "NIS 13029", "Olen, Olen"],
)
def test_municipality_is_read_with_what_is_written_beside_it(run_import, text):
    assert run_import(f'gemeente,INF1\n"{text}",3\n').responses.people["nis_code"].tolist() == ["13029"]


def test_village_behind_its_municipality_agrees_with_it_or_nothing_is_read(run_import):
    found = run_import("gemeente,INF1\nHerentals - Noorderwijk,3\nOlen - Noorderwijk,2\n2250,1\nOlens,4\n")
    assert found.responses.people["nis_code"].tolist() == ["13011", None, None, None]
    assert whys(found.problems)["3", "gemeente"] == "several values where one is asked"


def test_municipalities_that_are_not_known_are_told(run_import, instrument):
    found = run_import("gemeente,rol,INF1\nOlen,inwoner,3\nOlens,inwoner,2\n")
    assert tell(found, instrument).problems == [
        "1 of 2 respondents name a municipality that is not known, see problems.csv"
    ]


@pytest.mark.parametrize("text", ["andere: postbode", "Anders, namelijk: postbode", "Other (please specify)", "-oth-"])
def test_other_with_what_is_filled_in_behind_it_is_other(run_import, text):
    assert run_import(f'rol,INF1\n"{text}",3\n').responses.people["role"].tolist() == ["andere"]


@pytest.mark.parametrize("label", ["Geen mening / niet van toepassing", "weet niet of geen mening"])
def test_several_reasons_for_no_position_are_the_first_of_them(run_import, label):
    assert run_import(column("INF1", [label])).responses.codes["INF1"].tolist() == [reason_code("unknown")]


def test_sheet_that_is_not_read_is_told(run_import, book, instrument):
    rows = [["gemeente", "INF1"], ["Olen", 3]]
    told = tell(run_import(book(Olen=rows, Herentals=rows)), instrument).problems
    assert "not read: sheet Herentals; save it as a file of its own to import it" in told


@pytest.mark.parametrize("text", ["vraag,antwoord\nINF1,3\nINF2,4\n", "stelling,persoon 1\nINF1,3\nINF2,4\n"])
def test_statements_below_each_other_are_said_to_be_so(run_import, text):
    with pytest.raises(InputError, match="the statements are below each other, in column A"):
        run_import(text)


@pytest.mark.parametrize("text", ['"gemeente,INF1,INF2"\n"Olen,3,4"\n', '"gemeente;INF1;INF2"\n"Olen;3;4"\n'])
def test_lines_that_are_quoted_as_a_whole_are_split(run_import, text):
    assert run_import(text).responses.codes.to_numpy().tolist() == [[3, 4]]


def test_table_in_one_column_of_a_workbook_is_split(run_import, book):
    found = run_import(book(Blad1=[["gemeente;INF1;INF2"], ["Olen;3;4"]]))
    assert found.responses.codes.to_numpy().tolist() == [[3, 4]]


@pytest.mark.parametrize(
    ("content", "kind"),
    [("<html><table><tr><td>INF1</td></tr></table></html>", "a web page"), ('[{"INF1": 3}]', "JSON")],
)
def test_other_kinds_of_text_are_named(run_import, content, kind):
    with pytest.raises(InputError, match=f"is {kind}, not a table"):
        run_import(content)


@pytest.mark.parametrize(("heading", "own"), [("Tijdstempel", "2026-01-0{} 10:15:00"), ("nr", "{}")])
def test_export_that_is_pasted_twice_counts_once_where_a_moment_or_number_shows_it(run_import, heading, own):
    rows = "".join(f"{own.format(n)},Olen,{n}\n" for n in (1, 2, 3))
    found = run_import(f"{heading},gemeente,INF1\n{rows}{rows}")
    assert sorted(found.responses.codes["INF1"]) == [1, 2, 3]
    assert run_import(f"{heading},gemeente,INF1\n{rows}{rows}", keep=["repeats"]).rows_used == 6


@pytest.mark.parametrize(("heading", "own"), [("gemeente", "Olen"), ("Tijdstempel", "2026-01-0{}"), ("naam", "An {}")])
def test_people_of_one_day_or_name_may_answer_alike(run_import, heading, own):
    rows = "".join(f"{own.format(n)},{n}\n" for n in (1, 2, 3))
    assert run_import(f"{heading},INF1\n{rows}{rows}").rows_used == 6


def test_code_that_two_people_chose_is_named_by_row(run_import):
    found = run_import("eigencode,INF1\nab12,3\nab12,4\ncd34,1\n", key=lambda: bytes(32))
    assert [doubt.row for doubt in found.submissions.doubts] == ["2", "3"]


def test_heading_that_reads_nearly_as_a_statement_is_named_with_it_and_not_used(run_import, instrument):
    nearly = "Ik weet waar en bij wie ik cijfers of data kan vinden."
    found = run_import(f"INF1,{nearly}\n3,4\n")
    assert list(found.responses.codes) == ["INF1"]
    assert "it reads nearly as INF2" in whys(found.problems)["", nearly]
    assert "column B reads nearly as a statement and is left out, see problems.csv" in tell(found, instrument).problems
