"""Made-up answers in each tool's own form of export, to try the whole road on: ask, import, estimate, show."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import safe_cell, write_workbook
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.files import write_bytes
from resilience_analysis.survey.exports import TOOLS
from resilience_analysis.survey.instrument import NIS_CODE, VILLAGE, Instrument, Item, Question
from resilience_analysis.survey.questionnaire.template import template_headings
from resilience_analysis.survey.questionnaire.xlsform import PEOPLE_GROUP
from resilience_analysis.survey.responses import reason_code
from resilience_analysis.survey.synthetic import Simulated

YES = "ja"
_MOMENT = "1980-01-01 00:00:00"
_SUFFIXES = {"microsoft_forms": ".xlsx", "mentimeter": ".xlsx"}
Table = dict[str, list[str]]


class _Form:
    """Made-up answers as texts: labels or codes, per question and item."""

    def __init__(self, simulated: Simulated, instrument: Instrument) -> None:
        self.instrument = instrument
        self.people = simulated.people
        self.codes = simulated.codes
        self.wave = simulated.wave
        self.count = len(simulated.people)
        marker = instrument.synthetic
        self.marker: Table = {marker.texts.nl: [YES] * self.count}
        self.coded_marker: Table = {marker.code: [YES] * self.count}

    def field(self, question: Question, *, short: bool = False, ids: bool = False) -> list[str]:
        """Return what the respondents chose: labels, or the short codes, or the ids."""
        shown = {
            choice.id: choice.code if short else choice.id if ids and question.id != VILLAGE else choice.texts.nl
            for choice in question.choices
        }
        shown |= {c.id: c.code for c in question.choices} if ids and question.id == VILLAGE else {}
        return [shown.get(value, value) if isinstance(value, str) else "" for value in self.people[question.id]]

    def answers(self, item: Item, *, labels: bool = True, numbered: bool = False) -> list[str]:
        """Return the answers to one item: labels, labels after their number, or codes."""
        scale = self.instrument.scale
        shown = {reason_code("empty"): ""}
        for anchor in scale.anchors:
            label = f"{anchor.value} - {anchor.texts.nl}" if numbered else anchor.texts.nl
            shown[anchor.value] = label if labels else str(anchor.value)
        for option in scale.no_opinion:
            shown[reason_code(option.reason)] = option.texts.nl if labels else option.code
        return [shown[code] for code in self.codes[item.id].tolist()]

    @property
    def items(self) -> list[Item]:
        return list(self.instrument.items.values())

    def prompt(self, item: Item) -> str:
        team = self.instrument.village_team
        texts = team.prompt if item.section == team.section.id else self.instrument.scale.prompt
        return texts.nl


def write_example(path: Path, tool: str, simulated: Simulated, instrument: Instrument) -> None:
    """Write made-up answers as one tool exports them.

    Parameters
    ----------
    path
        ``.csv``, or ``.xlsx`` for the tools that export that; Microsoft Forms and Mentimeter know nothing else.
    tool
        One of `readers.TOOLS`.

    Raises
    ------
    UsageError
        When the tool is not known, or does not export such a file.
    """
    if tool not in TOOLS:
        raise UsageError(unknown("tool", tool, TOOLS))
    suffix = path.suffix.casefold()
    if suffix not in {".csv", ".xlsx"} or suffix != _SUFFIXES.get(tool, suffix):
        raise UsageError(f"{path.name}: {tool} exports {_SUFFIXES.get(tool, '.csv or .xlsx')}. Change the name")
    rows = _WRITERS[tool](_Form(simulated, instrument))
    if suffix == ".xlsx":
        sheet = "Voters" if tool == "mentimeter" else "Sheet1"
        write_workbook(path, {sheet: pd.DataFrame(rows)}, headings=False)
    else:
        write_bytes(path, _csv(rows, ";" if tool == "kobotoolbox" else ",").encode("utf-8-sig"))


def _csv(rows: list[list[str]], delimiter: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(
        [safe_cell(cell) for cell in row] for row in rows
    )
    return stream.getvalue()


def _rows(table: Mapping[str, list[str]]) -> list[list[str]]:
    """Lay columns out as rows, headings first."""
    return [list(table), *(list(row) for row in zip(*table.values(), strict=True))]


def _limesurvey(form: _Form) -> list[list[str]]:
    finished = [_MOMENT if ended else "" for ended in form.people["finished"]]
    table: Table = {
        "id. Response ID": [str(n + 1) for n in range(form.count)],
        "submitdate. Date submitted": finished,
        "lastpage. Last page": ["8" if ended else "4" for ended in finished],
        "startlanguage. Start language": ["nl"] * form.count,
    }
    table |= {f"{q.code}. {q.texts.nl}": form.field(q) for q in form.instrument.questions}
    for item in form.items:
        heading = f"{item.section}[{item.id}]. {form.prompt(item)} [{item.texts.nl}]"
        table[heading] = form.answers(item, numbered=True)
    return _rows(table | form.coded_marker)


def _kobotoolbox(form: _Form) -> list[list[str]]:
    table: Table = {"start": [_MOMENT] * form.count, "end": [_MOMENT] * form.count}
    table |= {f"{PEOPLE_GROUP}/{q.code}": form.field(q, ids=True) for q in form.instrument.questions}
    table |= {f"{item.section}/{item.id}": form.answers(item, labels=False) for item in form.items}
    table |= form.coded_marker
    numbers = [str(n + 1) for n in range(form.count)]
    table |= {"_id": numbers, "_uuid": [f"uuid-{n}" for n in numbers], "_submission_time": [_MOMENT] * form.count}
    return _rows(table | {"_index": numbers})


def _microsoft_forms(form: _Form) -> list[list[str]]:
    table: Table = {
        "ID": [str(n + 1) for n in range(form.count)],
        "Begintijd": [_MOMENT] * form.count,
        "Tijd van voltooien": [_MOMENT] * form.count,
        "E-mail": ["anonymous"] * form.count,
        "Naam": [""] * form.count,
    }
    return _rows(table | _texts(form) | form.marker)


def _texts(form: _Form) -> Table:
    table = {q.texts.nl: form.field(q) for q in form.instrument.questions}
    return table | {item.texts.nl: form.answers(item) for item in form.items}


def _google_forms(form: _Form) -> list[list[str]]:
    table: Table = {"Tijdstempel": [_MOMENT] * form.count}
    table |= {q.texts.nl: form.field(q) for q in form.instrument.questions}
    table |= {f"{form.prompt(item)} [{item.texts.nl}]": form.answers(item) for item in form.items}
    return _rows(table | form.marker)


def _mentimeter(form: _Form) -> list[list[str]]:
    table: Table = {"Voter": [str(n + 1) for n in range(form.count)]}
    table |= {q.texts.nl: form.field(q) for q in form.instrument.questions}
    table |= {f"{form.prompt(item)}: {item.texts.nl}": form.answers(item, labels=False) for item in form.items}
    title = ["Mentimeter", form.instrument.title.nl]
    rows = _rows(table | form.marker)
    return [title + [""] * (len(rows[0]) - len(title)), *rows]


def _qualtrics(form: _Form) -> list[list[str]]:
    finished = ["True" if ended else "False" for ended in form.people["finished"]]
    own = {
        "StartDate": [_MOMENT] * form.count,
        "Status": ["IP Address"] * form.count,
        "IPAddress": ["0.0.0.0"] * form.count,  # noqa: S104 - made up, not bound to
        "Finished": finished,
        "RecordedDate": [_MOMENT] * form.count,
        "ResponseId": [f"R_{n + 1}" for n in range(form.count)],
    }
    questions = {q.code: form.field(q) for q in form.instrument.questions}
    answers = {f"{item.section}_{item.id}": form.answers(item) for item in form.items}
    asked = [q.texts.nl for q in form.instrument.questions]
    asked += [f"{form.prompt(item)} - {item.texts.nl}" for item in form.items]
    names, *rows = _rows(own | questions | answers | form.coded_marker)
    labels = [*own, *asked, *form.marker]
    return [names, labels, [f'{{"ImportId":"{name}"}}' for name in names], *rows]


def _plain(form: _Form) -> list[list[str]]:
    columns = [form.field(q) for q in form.instrument.questions]
    columns += [form.answers(item, labels=False) for item in form.items]
    headings = template_headings(form.instrument, "nl")
    return _rows(dict(zip(headings, columns, strict=True)) | form.coded_marker)


def _tally(form: _Form) -> list[list[str]]:
    rows = [["stelling", "positie", "aantal", "gemeente", form.instrument.synthetic.code]]
    places = form.people[NIS_CODE]
    for item in form.items:
        answered = form.codes[item.id][form.codes[item.id] > 0]
        counts = pd.crosstab(places[answered.index], answered).stack().reset_index()
        rows += [
            [item.texts.nl, str(position), str(count), str(place), YES]
            for place, position, count in counts.to_numpy()
            if count
        ]
    return rows


_WRITERS: dict[str, Callable[[_Form], list[list[str]]]] = {
    "limesurvey": _limesurvey,
    "kobotoolbox": _kobotoolbox,
    "microsoft_forms": _microsoft_forms,
    "google_forms": _google_forms,
    "mentimeter": _mentimeter,
    "qualtrics": _qualtrics,
    "plain": _plain,
    "tally": _tally,
}
