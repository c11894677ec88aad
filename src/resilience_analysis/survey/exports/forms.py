"""Forms of an office suite, plain tables, and answers of a room: Microsoft and Google Forms, Mentimeter, and a tally.

The own columns of Microsoft Forms come first, in the language of its user: a number, the moments of beginning and end,
mail and name. The moment comes first in Google Forms, and a row of a grid reads ``question [statement]``. Mentimeter
exports a sheet of voters, or counts per statement or per choice. Its layout differs between question types and
versions, and its exports begin with lines about the presentation. Therefore the heading row is looked for: a row with a
voter column, or one with positions and counts. Answers of voters are preferred, because they keep together what one
person answered. A tally is long (statement, position, count) or wide (statement, and a column of counts for each
position). Nothing links the answers of one person, so it gives results per statement and none per dimension.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.counts import Block, expand, find_columns
from resilience_analysis.survey.exports import (
    BRACKETED,
    IS_MOMENT,
    Heading,
    Layout,
    OwnColumns,
    Submissions,
    SurveyTool,
    after,
    column_holds,
)
from resilience_analysis.survey.instrument import NIS_CODE
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.synthetic import CODE, MOMENT, YES, Example, MadeUpAnswers
from resilience_analysis.survey.workbook import Sheet

_COPY_NUMBER = re.compile(r"(.*[^\d\s])\d{1,2}\s*", re.DOTALL)
_LONGER_THAN_A_CODE = 6
_PLACED = (0, 1, 2)  # number, begin, end
_MICROSOFT = OwnColumns(
    marks=(
        "Start time", "Completion time", "Last modified time", "Begintijd", "Tijd van voltooien",
        "Tijd van laatste wijziging", "Tijdstip van laatste wijziging", "Language", "Taal", "Tijdstip van voltooiing",
        "Starttijd", "Voltooiingstijd", "Heure de début", "Heure de fin", "Startzeit", "Fertigstellungszeit",
        "Hora de inicio", "Hora de finalización",
    ),
    needed=2,
    ids=(("ID",),),
)  # fmt: skip
_GOOGLE = OwnColumns(marks=("Timestamp", "Tijdstempel", "Horodateur", "Zeitstempel", "Marca temporal"))
_NAMED = re.compile(r"([A-Za-z]\w*)\.\s+(.*)", re.DOTALL)
_MENTIMETER = OwnColumns(
    marks=("Voter", "Voter ID", "Voters", "Voter name", "Deelnemer", "Stemmer", "Votant", "Teilnehmer")
)
_SEARCHED_ROWS = 20
_SEPARATORS = ("\n", ": ", " - ", " \u2013 ")


def _microsoft(sheets: Sequence[Sheet], _reader: AnswerReader) -> Layout:
    sheet, (number, *moments) = sheets[0], _PLACED
    timed = column_holds(sheet, number, str.isdecimal) and all(column_holds(sheet, n, IS_MOMENT) for n in moments)
    placed = _PLACED if timed and _many_words(sheet.rows[0][3:]) else ()
    evidence = _MICROSOFT.evidence(sheet.rows[0]) or ("columns of number, begin and end" if placed else "")
    return Layout(sheet, evidence, _microsoft_heading, _MICROSOFT, placed=placed, ids=placed[:1])


def _microsoft_heading(text: str) -> Heading:
    """Return a heading; also without the number that Forms puts behind a question it has twice."""
    copy = _COPY_NUMBER.fullmatch(text)
    return Heading(text, (text, copy[1]) if copy and len(text) > _LONGER_THAN_A_CODE else (text,))


def _google(sheets: Sequence[Sheet], _reader: AnswerReader) -> Layout:
    headings = sheets[0].rows[0]
    asked = any(map(BRACKETED.fullmatch, headings)) or _many_words(headings[1:])
    timed = asked and column_holds(sheets[0], 0, IS_MOMENT)
    evidence = _GOOGLE.evidence(headings[:1]) or ("a column of moments before the questions" if timed else "")
    return Layout(sheets[0], evidence, _google_heading, _GOOGLE, placed=(0,))


def _google_heading(text: str) -> Heading:
    """Return a heading with the statement between brackets, if there is one; the question before it is the grid."""
    bracketed = BRACKETED.fullmatch(text)
    return Heading(text, (bracketed[2], text), bracketed[1].strip()) if bracketed else Heading(text, (text,))


def _many_words(headings: Sequence[str]) -> bool:
    """Return whether most headings are sentences rather than names."""
    return sum(len(heading.split()) > 2 for heading in headings) * 2 > len(headings)  # noqa: PLR2004 - a name has two


def _any_table(sheets: Sequence[Sheet], _reader: AnswerReader) -> Layout:
    return Layout(sheets[0], f"a table with {len(sheets[0].rows[0])} columns", _plain_heading)


def _plain_heading(text: str) -> Heading:
    """Return a heading; of a name with a label, as of a variable of SPSS, both may tell."""
    named = _NAMED.fullmatch(text)
    return Heading(text, (text, *named.groups()) if named else (text,))


def _mentimeter(sheets: Sequence[Sheet], reader: AnswerReader) -> Layout:
    """Lay out the sheet of voters, or else every block of counts."""
    for sheet in sheets:
        header = _voters_header(sheet)
        if header is not None:
            voters = Layout(sheet, "a column of voters", _mentimeter_heading, _MENTIMETER)
            return replace(voters, header=header, first=header + 1)
    named = any("mentimeter" in cell.casefold() for row in sheets[0].rows[:_SEARCHED_ROWS] for cell in row)
    counted = "the name Mentimeter, and counts per position" if named and any(_blocks(sheets, reader)) else ""
    return Layout(sheets[0], counted, reads=partial(_read_blocks, sheets, reader))


def _read_blocks(sheets: Sequence[Sheet], reader: AnswerReader) -> Submissions:
    blocks = list(_blocks(sheets, reader))
    if not blocks:
        what = "has neither a column of voters nor counts per position"
        raise InputError("Mentimeter export", [Problem(sheets[0].name, what, "Download the results as Excel again")])
    return expand(blocks, reader)


def _mentimeter_heading(text: str) -> Heading:
    """Return a heading with the part between brackets, and what follows a line end, a colon or a dash."""
    bracketed = BRACKETED.fullmatch(text)
    endings = [ending for separator in _SEPARATORS for ending in after(text, separator)]
    return Heading(text, (text, *([bracketed[2]] if bracketed else []), *endings))


def _voters_header(sheet: Sheet) -> int | None:
    """Return the position of the row with a column of voters, or None."""
    for number, row in enumerate(sheet.rows[:_SEARCHED_ROWS]):
        if sum(bool(cell.strip()) for cell in row) > 1 and _MENTIMETER.evidence(row):
            return number
    return None


def _blocks(sheets: Sequence[Sheet], reader: AnswerReader) -> Iterator[Block]:
    for sheet in sheets:
        header = _counts_header(sheet, reader)
        if header is None:
            continue
        numbers = sheet.numbers[header + 1 :]
        names = [f"{sheet.name}!{number}" if len(sheets) > 1 else str(number) for number in numbers]
        rows = list(zip(names, sheet.rows[header + 1 :], strict=True))
        yield Block(sheet.name, sheet.rows[header], rows, _title(sheet, header))


def _counts_header(sheet: Sheet, reader: AnswerReader) -> int | None:
    for number, row in enumerate(sheet.rows[:_SEARCHED_ROWS]):
        columns = find_columns(row, reader, sheet.rows[number + 1 :])
        if columns.long or columns.wide or columns.pairs:
            return number
    return None


def _title(sheet: Sheet, header: int) -> str:
    """Return the last line above the heading row that is not empty, else the name of the sheet."""
    above = [cell.strip() for row in sheet.rows[:header] for cell in row if cell.strip()]
    return above[-1] if above else sheet.name


def _mentimeter_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as the sheet of voters, below a line about the presentation."""
    rows = Example({"Voter": "{number}"}, item="{prompt}: {text}", says=CODE)(made)
    title = ["Mentimeter", made.instrument.title[made.lang]]
    return [title + [""] * (len(rows[0]) - len(title)), *rows]


def _tally(sheets: Sequence[Sheet], reader: AnswerReader) -> Layout:
    """Lay out the first sheet, of which every counted answer becomes one row."""
    sheet, columns = sheets[0], find_columns(sheets[0].rows[0], reader, sheets[0].rows[1:])
    wide = "a statement and counts per position" if columns.wide else ""
    block = Block(sheet.name, sheet.rows[0], list(zip(map(str, sheet.numbers[1:]), sheet.rows[1:], strict=True)))
    evidence = "columns of statement, position and count" if columns.long else wide
    return Layout(sheet, evidence, reads=partial(expand, [block], reader))


def _tally_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as counts per statement, position and municipality."""
    rows = [["stelling", "positie", "aantal", "gemeente", made.instrument.synthetic.code]]
    places = made.people[NIS_CODE]
    for item in made.items:
        answered = made.codes[item.id][made.codes[item.id] > 0]
        counts = pd.crosstab(places[answered.index], answered).stack().reset_index()
        rows += [
            [item.texts[made.lang], str(position), str(count), str(place), YES]
            for place, position, count in counts.to_numpy()
            if count
        ]
    return rows


TOOLS = (
    SurveyTool(
        "microsoft_forms",
        "Microsoft Forms: XLSX; each statement of a scale is a column.",
        80,
        Example(
            {
                "ID": "{number}",
                "Begintijd": MOMENT,
                "Tijd van voltooien": MOMENT,
                "E-mail": "anonymous",
                "Naam": "",
            }
        ),
        lays_out=_microsoft,
        file_types=(".xlsx",),
    ),
    SurveyTool(
        "google_forms",
        "Google Forms: CSV, often in a ZIP; the moment comes first, and a row of a grid reads ``question "
        "[statement]``.",
        90,
        Example({"Tijdstempel": MOMENT}, item="{prompt} [{text}]"),
        lays_out=_google,
    ),
    SurveyTool(
        "plain",
        "A plain table: one heading row, one respondent a row, CSV or XLSX.",
        1000,
        Example({}, question="{code}", item="{id}. {text}", says=CODE, coded=True),
        lays_out=_any_table,
    ),
    SurveyTool(
        "mentimeter",
        "Mentimeter: XLSX with a sheet of voters, or with counts per statement or per choice.",
        100,
        _mentimeter_example,
        lays_out=_mentimeter,
        file_types=(".xlsx",),
        sheet="Voters",
    ),
    SurveyTool(
        "tally",
        "A workshop tally: how many people stood at each position of each statement.",
        110,
        _tally_example,
        lays_out=_tally,
    ),
)
