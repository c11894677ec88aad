"""LimeSurvey: CSV and XLSX exports of responses; headings as code, as text, or both.

A heading reads ``array[item]``, ``array_item`` (expression codes), ``question [statement]`` (texts), or code and
text joined as ``array[item]. question [statement]``; underscores may stand for the spaces. Answers are codes or full
texts. A response without submission date was not finished. Its own columns come first, in the language of its user.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import BRACKETED, Heading, Layout, OwnColumns, Submissions, submissions_of
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers, Table, rows_of
from resilience_analysis.survey.tools import SurveyTool, column_holds, is_language, is_moment, is_number
from resilience_analysis.survey.workbook import Sheet

NAME = "limesurvey"
_CODE_OF_PART = re.compile(r"([A-Za-z]\w*)\[(\w+)\](?:\.?\s*(.*))?", re.DOTALL)
_CODE_THEN_TEXT = re.compile(r"([A-Za-z]\w*)\.\s+(.*)", re.DOTALL)
_EXPRESSION_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+){1,2}")
_SPACE = re.compile(r"\s")
_FEW = 2
_ENDED = ("submitdate", "Date submitted", "Datum ingezonden", "submitdate. Date submitted", "Date de soumission",
          "Datum Abgeschickt", "Fecha de envío")  # fmt: skip
_RESPONSE = ("Response ID", "Antwoord-ID", "Antwoord ID", "id. Response ID", "ID de la réponse", "Antwort ID",
             "ID de respuesta")  # fmt: skip
OWN = OwnColumns(
    marks=(
        *_ENDED, *_RESPONSE, "lastpage", "Last page", "Laatste pagina", "startlanguage", "Start language", "Begintaal",
        "Starttaal", "seed", "startdate", "Date started", "datestamp", "Date last action", "ipaddr", "IP address",
        "refurl", "Referrer URL", "Datum gestart", "Datum laatste actie", "IP-adres", "Access code", "Toegangscode",
        "lastpage. Last page", "startlanguage. Start language", "seed. Seed", "startdate. Date started",
        "datestamp. Date last action", "ipaddr. IP address", "refurl. Referrer URL", "token. Token", "Dernière page",
        "Langue de départ", "Tête de série", "Letzte Seite", "Start-Sprache", "Zufallsstartwert", "Última página",
        "Lenguaje inicial", "Semilla", "Date de lancement", "Datum gestartet", "Fecha de inicio",
    ),
    needed=2,
    ids=(("id",), *((name,) for name in _RESPONSE)),
    finished=_ENDED,
    unfinished=("", "n a"),
)  # fmt: skip
_PLACED = (0, 1, 2, 3)  # number, moment of submission, last page, language


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Return what shows that the file is LimeSurvey's, or nothing."""
    evidence = OWN.evidence(sheets[0].rows[0])
    if evidence:
        return evidence
    if _begins_as_limesurvey(sheets[0]):
        return "columns of number, submission, page and language"
    parts = [text for text in sheets[0].rows[0] if _CODE_OF_PART.fullmatch(text)]
    return "headings such as array[item]" if len(parts) >= _FEW else ""


def _begins_as_limesurvey(sheet: Sheet) -> bool:
    number, submitted, page, language = _PLACED
    return (
        column_holds(sheet, number, is_number)
        and column_holds(sheet, submitted, is_moment, blank=True)
        and column_holds(sheet, page, is_number, blank=True)
        and column_holds(sheet, language, is_language)
    )


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet."""
    layout = Layout(heading, OWN)
    if _begins_as_limesurvey(sheets[0]):
        layout = Layout(heading, OWN, placed=_PLACED, finished=1, ids=(0,))
    return submissions_of(sheets[0], NAME, evidence, layout)


def heading(text: str) -> Heading:
    """Return a heading with what may be a code or a wording in it."""
    if _EXPRESSION_CODE.fullmatch(text):
        first, *codes = text.split("_")
        return Heading(text, (*codes, text), first)
    return _of_text(text, text if _SPACE.search(text) else text.replace("_", " "))


def _of_text(text: str, spaced: str) -> Heading:
    part = _CODE_OF_PART.fullmatch(spaced)
    if part:
        return Heading(text, (part[2], *_wordings(part[3] or ""), f"{part[1]}[{part[2]}]", spaced), part[1])
    coded = _CODE_THEN_TEXT.fullmatch(spaced)
    if coded:
        return Heading(text, (coded[1], *_wordings(coded[2]), spaced))
    bracketed = BRACKETED.fullmatch(spaced)
    return Heading(text, (*_wordings(spaced), spaced), bracketed[1].strip() if bracketed else "")


def _wordings(text: str) -> list[str]:
    bracketed = BRACKETED.fullmatch(text)
    return [part for part in (bracketed[2], bracketed[1], text) if part.strip()] if bracketed else [text]


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export with code and text in its headings, and full answers."""
    table: Table = {
        "id. Response ID": made.numbers,
        "submitdate. Date submitted": [MOMENT if ended else "" for ended in made.people["finished"]],
        "lastpage. Last page": ["8" if ended else "4" for ended in made.people["finished"]],
        "startlanguage. Start language": made.same(made.lang),
    }
    table |= {f"{q.code}. {q.texts[made.lang]}": made.field(q) for q in made.instrument.questions}
    for item in made.items:
        name = f"{item.section}[{item.id}]. {made.prompt(item)} [{item.texts[made.lang]}]"
        table[name] = made.answers(item, numbered=True)
    return rows_of(table | made.coded_marker)


TOOL = SurveyTool(40, recognise, read, example)
