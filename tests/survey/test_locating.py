"""Headings that do not stand in the first row of the first sheet."""

import openpyxl
import pytest

from resilience_analysis.foundation.errors import InputError

ROWS = [["gemeente", "INF1", "INF2"], ["Olen", "3", "4"]]


def said(found):
    return [(problem.row, problem.column, problem.why) for problem in found.problems]


@pytest.mark.parametrize("above", [["Zelfbevraging 2026"], ["Workshop", "Olen", "maart"]])
def test_rows_above_the_headings_are_named_and_counted(run_import, write, above):
    found = run_import(write("\n".join([",".join(above), *map(",".join, ROWS)])))
    assert said(found) == [("1", "", "is above the headings")]
    assert (found.submissions.rows_in, found.rows_used, found.rows_explained) == (2, 1, 1)
    assert found.responses.codes.loc[0].tolist() == [3, 4]


def test_number_of_a_row_is_that_of_the_file_below_a_title(run_import, write):
    found = run_import(write("Titel,,\n\ngemeente,INF1,INF2\nOlen,3,zeven\nOlen,3,3\nOlen,2,2\n"))
    assert ("4", "INF2", "not an answer of this scale; counted as no answer") in said(found)


def test_sheet_with_headings_is_found_behind_another_and_that_one_is_named(run_import, book):
    found = run_import(book(Uitleg=[["Over dit bestand"], ["versie", 3]], Antwoorden=ROWS))
    assert found.responses.codes.loc[0].tolist() == [3, 4]
    assert said(found) == [("", "sheet Uitleg", "this sheet is not read; save it as a file of its own to import it")]


def test_hidden_sheet_is_not_read_but_named(run_import, book):
    path = book(Antwoorden=ROWS, Lijsten=[["Olen"], ["Herentals"]], Leeg=[])
    workbook = openpyxl.load_workbook(path)
    for name in ("Lijsten", "Leeg"):
        workbook[name].sheet_state = "hidden"
    workbook.save(path)
    found = run_import(path)
    why = "this sheet is hidden, and not read; save it as a file of its own to import it"
    assert said(found) == [("", "sheet Lijsten", why)]
    assert found.rows_used == 1


def test_second_sheet_of_answers_is_not_lost_in_silence(run_import, book):
    found = run_import(book(Olen=ROWS, Herentals=ROWS))
    assert found.rows_used == 1
    assert said(found) == [("", "sheet Herentals", "this sheet is not read; save it as a file of its own to import it")]


def test_first_row_is_taken_when_it_has_an_item_whatever_follows(run_import, write):
    found = run_import(write("naam,INF1\nINF2,3\nINF3,INF4\nINF2,3\n"))
    assert list(found.responses.codes) == ["INF1"]


def test_one_code_in_a_row_of_answers_makes_it_no_heading(run_import, write):
    with pytest.raises(InputError, match="no item is recognised among its 3 headings"):
        run_import(write("wie,wat,hoeveel\nr1,INF1,3\nr1,INF2,4\n"))


def test_mapping_finds_its_headings_below_a_title(run_import, write):
    mapping = {"columns": {"INF1": "Vraag een"}}
    found = run_import(write("Titel,\nnaam,Vraag een\nx,3\n"), mapping=mapping)
    assert found.responses.codes["INF1"].tolist() == [3]
    with pytest.raises(InputError, match="0 headings 'Vraag twee'"):
        run_import(write("Titel,\nnaam,Vraag een\nx,3\n"), mapping={"columns": {"INF1": "Vraag twee"}})


def test_tally_below_a_title_is_read(run_import, write):
    found = run_import(write("Workshop Olen,,,,\nstelling,1,2,3,4\nINF1,0,1,2,0\nINF2,1,0,0,0\n"))
    assert found.submissions.tool == "tally"
    assert len(found.responses.codes) == 4
