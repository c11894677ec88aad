"""Results go to standard output, everything else to standard error, and no text is taken for markup."""

from __future__ import annotations

import io
import sys

import pandas as pd
import pytest

from resilience_analysis.foundation.terminal import (
    complain,
    note,
    say,
    show_table,
    trace,
    write_whatever_the_terminal_knows,
)

MARKUP = "[bold]x[/bold] [/] :smile: [red]"


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    """Make the terminal wide, so that no line is broken."""
    monkeypatch.setenv("COLUMNS", "200")


def test_results_go_to_standard_output(capsys):
    say("done")
    assert capsys.readouterr() == ("done\n", "")


@pytest.mark.parametrize(("tell", "written"), [(note, "working\n"), (complain, "error: working\n"), (trace, "working")])
def test_everything_else_goes_to_standard_error(capsys, tell, written):
    tell("working")
    assert capsys.readouterr() == ("", written)


@pytest.mark.parametrize("tell", [say, note, complain, trace])
def test_no_text_is_taken_for_markup(capsys, tell):
    tell(MARKUP)
    assert MARKUP in "".join(capsys.readouterr())


def test_a_long_line_is_not_broken(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    say("word " * 30)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_table_shows_gaps_as_nothing_and_numbers_to_the_right(capsys):
    show_table(pd.DataFrame({"name": ["Olen", MARKUP, None], "n": [1.5, None, 300.0]}), title="t")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "t"
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if line.startswith("│")]
    assert cells == [["Olen", "1.5"], [MARKUP, ""], ["", "300.0"]]
    assert "│   1.5 │" in lines[4]


def test_a_heading_that_looks_like_markup_is_shown_as_it_is(capsys):
    show_table(pd.DataFrame({"rate [%]": [1], "[x]": [2]}))
    assert "┃ rate [%] ┃ [x] ┃" in capsys.readouterr().out


def test_no_word_of_a_table_is_cut_short_on_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "12")
    show_table(pd.DataFrame({"nis_code": ["13011"], "name": ["Herentals"], "why": ["no figure was found here"]}))
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("nis_code", "13011", "Herentals", "figure"))
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown


def test_a_letter_that_the_terminal_lacks_is_shown_as_its_code(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", write_through=True))
    write_whatever_the_terminal_knows()
    say("Wingené")
    assert written.getvalue() == b"Wingen\\xe9\n"
