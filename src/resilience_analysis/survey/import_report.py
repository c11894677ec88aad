"""What an import leaves behind and says: answers, a table of problems, a report, and lines to say.

On the terminal a label is named where it is made of words of answering scales only, where at least five answers have
it, or where the file offers it; never a cell or a heading of the file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from resilience_analysis.foundation.cells import write_table
from resilience_analysis.foundation.files import sha256, write_json
from resilience_analysis.survey.exports import ITS_STATUS
from resilience_analysis.survey.headings import BLANK, IDENTIFYING, ITEM, TECHNICAL, UNMATCHED, USED, repeated_targets
from resilience_analysis.survey.importing import NEARLY, OTHER_SHEET, Imported
from resilience_analysis.survey.instrument import NIS_CODE, PSEUDONYM, ROLE, Instrument
from resilience_analysis.survey.mapping import OUT_OF_SCALE, REASONS_OF_A_MAPPING, UNREADABLE
from resilience_analysis.survey.people import not_known
from resilience_analysis.survey.privacy import (
    LEAST_NAMED,
    PRIVATE_FILE,
    identifies,
    is_short_number,
    owner_only,
    redact,
)
from resilience_analysis.survey.responses import ANSWERS_FILE, PROBLEMS_FILE, REPORT_FILE, reason_code, write_answers
from resilience_analysis.survey.scales import Refusal
from resilience_analysis.survey.wording import words_in

_SAID = (*USED, TECHNICAL)
PROBLEM_COLUMNS = ("row", "column", "value", "why")
_NAMES = {NIS_CODE: "a municipality", ROLE: "a role", PSEUDONYM: "a code of their own"}
_COLUMNS_SHOWN = 12
_MOSTLY = 0.6
_USED = "they are used, see problems.csv"
_SHORT_CODE = re.compile(r"(?:ao?)?\d{1,2}")


def _problems_table(imported: Imported) -> pd.DataFrame:
    """Return the problems as a table: row, column, value, why.

    A value is there where it is a short number or `LEAST_NAMED` rows have it; what fewer people wrote is looked up in
    the export. A column that is left out is named by its letter, as on the terminal: its heading may be a cell.
    """
    letters = {match.heading: f"column {match.column}" for match in imported.matches if match.kind not in _SAID}
    times = Counter((problem.column, problem.value) for problem in imported.problems)
    rows = [
        (one.row, letters.get(one.column, one.column), _named(one.value, times[one.column, one.value]), one.why)
        for one in imported.problems
    ]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS), dtype=object)


def _named(value: str, times: int) -> str:
    if times >= LEAST_NAMED and not identifies(value):
        return redact(value)
    return value.strip() if is_short_number(value) else ""


def _report(imported: Imported, source: Path, wave: str) -> dict[str, Any]:
    """Return what was recognised, used and left out; ``rows_in`` is ``rows_used`` and ``rows_explained`` together."""
    matches, found = imported.matches, imported.submissions
    return {
        "file": source.name,
        "sha256": sha256(source),
        "tool": found.tool,
        "recognised_by": found.evidence,
        "wave": wave,
        "synthetic": imported.synthetic,
        "linked": found.linked,
        "rows_in": found.rows_in,
        "rows_used": imported.rows_used,
        "rows_explained": imported.rows_explained,
        "respondents": len(imported.responses.people),
        "unfinished": imported.unfinished,
        "problems": len(imported.problems),
        "columns": [
            {"heading": match.heading, "is": match.target, "by": match.how or match.kind}
            for match in matches
            if match.kind in USED
        ],
        "identifying": [match.column for match in matches if match.kind == IDENTIFYING],
        "technical": [match.heading for match in matches if match.kind == TECHNICAL and match.heading],
        "blank": [match.column for match in matches if match.kind == BLANK],
        "unmatched": [match.column for match in matches if match.kind == UNMATCHED],
        "wordings": {match.target: match.wording for match in matches if match.kind == ITEM},
    }


def write_import(folder: Path, imported: Imported, source: Path, wave: str) -> list[Path]:
    r"""Write ``answers.csv``, ``problems.csv`` and ``import.json`` for their owner only.

    Parameters
    ----------
    folder
        Where to.
    source
        The export: its name and digest are in the report.
    wave
        Label of the wave.

    Returns
    -------
    list
        The paths of the three files. A row of ``problems.csv`` is a row, column or cell of the export that could not be
        used: its row as a spreadsheet program numbers it, empty where a whole column is meant.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.importing import ImportOptions, import_answers
    >>> from resilience_analysis.survey.items import load_instrument
    >>> export = Path(tempfile.mkdtemp()) / "export.csv"
    >>> _ = export.write_text("INF1\n4\nabc\n")
    >>> imported = import_answers(export, load_instrument(), ImportOptions("2026"))
    >>> [path.name for path in write_import(export.parent, imported, export, "2026")]
    ['answers.csv', 'problems.csv', 'import.json']
    """
    paths = [folder / name for name in (ANSWERS_FILE, PROBLEMS_FILE, REPORT_FILE)]
    with owner_only(folder):
        write_answers(paths[0], imported.responses)
        write_table(paths[1], _problems_table(imported))
        write_json(paths[2], _report(imported, source, wave))
    for path in paths:  # a file that did not change keeps the mode it had
        path.chmod(PRIVATE_FILE)
    return paths


class Told(NamedTuple):
    """What an import says."""

    details: list[str]  # what was recognised, used and left out
    problems: list[str]  # what must be looked at, because answers or people are lost by it
    mapping: str  # the mapping that would use the columns that are left out, as YAML; empty where there are none


def tell(imported: Imported, instrument: Instrument) -> Told:
    r"""Return what an import says on the terminal: no cell or heading of the file is in it, and no rare label.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.importing import ImportOptions, import_answers
    >>> from resilience_analysis.survey.items import load_instrument
    >>> export = Path(tempfile.mkdtemp()) / "export.csv"
    >>> _ = export.write_text("INF1\n4\nabc\n")
    >>> imported = import_answers(export, load_instrument(), ImportOptions("2026"))
    >>> tell(imported, load_instrument()).problems[0]
    "INF1 left out: has labels of another scale. Labels: '4' 1; 1 answers in other words, see problems.csv"
    """
    return Told([*_details(imported)], [*_problems(imported, instrument)], _mapping_for(imported, instrument))


def _details(imported: Imported) -> Iterator[str]:
    found = imported.submissions
    yield f"recognised as {found.tool} by {found.evidence}"
    yield f"{found.rows_in} rows in = {imported.rows_used} used + {imported.rows_explained} explained"
    people = len(imported.responses.people)
    ended = "" if imported.unfinished is None else f", {imported.unfinished} of them did not finish"
    yield f"{people} respondents{ended}"
    if people:
        counts = (f"{imported.known[name]} have {called}" for name, called in _NAMES.items())
        yield f"of {people} respondents {', '.join(counts)}"
    columns = [match.column for match in imported.matches if match.kind == UNMATCHED]
    if columns:
        more = " and more" if len(columns) > _COLUMNS_SHOWN else ""
        yield f"{len(columns)} columns match nothing and are left out: {', '.join(columns[:_COLUMNS_SHOWN])}{more}"
    if imported.problems:
        yield f"{len(imported.problems)} problems are listed in problems.csv"
    if imported.synthetic:
        yield "these are made-up answers; they stay marked synthetic"


def _problems(imported: Imported, instrument: Instrument) -> Iterator[str]:
    for refusal in imported.refusals:
        yield f"{', '.join(refusal.items)} left out: {refusal.why}. {_labels_in_words(refusal, instrument)}"
    for target, columns in repeated_targets(imported.matches).items():
        yield f"{target} appears in {len(columns)} columns ({', '.join(columns)}): none of them is used"
    yield from _doubts(imported)
    people = len(imported.responses.people)
    for name in (NIS_CODE, ROLE):
        strange = sum(problem.why == not_known(name) for problem in imported.problems)
        if people and not imported.known[name]:
            remedy = f"say it for all with --set {name}=..., or in a mapping file"
            yield f"0 of {people} respondents have {_NAMES[name]}; {remedy}"
        elif strange:
            yield f"{strange} of {people} respondents name {_NAMES[name]} that is not known, see problems.csv"
    if people and not imported.known[PSEUDONYM]:
        yield from (
            f"column {column} looks like the code that people choose, but does not read as it does: no one can be "
            "followed to another wave. Name it in a mapping file"
            for column in _like_the_code(imported, instrument)
        )


def _doubts(imported: Imported) -> Iterator[str]:
    """Yield what was used or left out although it may be meant otherwise."""
    by_status = {remark.row for remark in imported.submissions.doubts if remark.why.startswith(ITS_STATUS)}
    others = {remark.row for remark in imported.submissions.doubts} - by_status
    if by_status:
        yield f"{len(by_status)} submissions have a status that may say they do not count; {_USED}"
    if others:
        yield f"{len(others)} submissions may be tests, or of people who answered before; {_USED}"
    letters = {match.heading: match.column for match in imported.matches if match.kind == UNMATCHED}
    near = [letters[problem.column] for problem in imported.problems if NEARLY in problem.why]
    if near:
        yield f"column {', '.join(near)} reads nearly as a statement and is left out, see problems.csv"
    unread = [redact(remark.column) for remark in imported.submissions.remarks if remark.why == OTHER_SHEET]
    if unread:
        yield f"not read: {', '.join(unread)}; save it as a file of its own to import it"


def _like_the_code(imported: Imported, instrument: Instrument) -> Iterator[str]:
    """Yield the columns that are left out and hold most words of the question for a code of one's own."""
    questions = [question for question in instrument.questions if question.id == PSEUDONYM]
    asked = [words_in(text) for question in questions for text in question.texts.by_language.values()]
    for match in imported.matches:
        said = words_in(match.heading)
        if match.kind in (IDENTIFYING, UNMATCHED) and any(len(said & text) > _MOSTLY * len(text) for text in asked):
            yield match.column


def _labels_in_words(refusal: Refusal, instrument: Instrument) -> str:
    shown = _nameable(refusal, instrument)
    hidden = sum(refusal.labels.values()) - sum(shown.values())
    named = [", ".join(f"{label!r} {count}" for label, count in shown.items())] if shown else []
    return "Labels: " + "; ".join(named + ([f"{hidden} answers in other words, see problems.csv"] if hidden else []))


def _nameable(refusal: Refusal, instrument: Instrument) -> dict[str, int]:
    """Return the labels that may be named, with their counts: no answer that one person wrote is among them."""
    known, least = _words_of_scales(instrument), instrument.counting.suppress_below

    def says_little(label: str, count: int) -> bool:
        listed = count >= least or label in refusal.offered
        return listed or all(word in known or _short(word) for word in words_in(label))

    return {said: n for said, n in refusal.labels.items() if not identifies(said) and says_little(said, n)}


def _short(word: str) -> bool:
    """Return whether a word is a position or the code of an answer (``A2``), not a number of a person or a house."""
    return _SHORT_CODE.fullmatch(word) is not None


def _words_of_scales(instrument: Instrument) -> frozenset[str]:
    scale = instrument.scale
    labels = [*scale.off_scale, *scale.no_answer, *scale.hedges, *scale.numerals.words, *scale.numerals.before]
    wordings = [part.texts for part in scale.anchors] + [part.texts for part in scale.no_opinion]
    labels += [text for wording in wordings for text in wording.every]
    return frozenset().union(*map(words_in, labels))


def _mapping_for(imported: Imported, instrument: Instrument) -> str:
    """Write the mapping that would use the columns that are left out, ready to be copied and corrected."""
    named = [(refusal, labels) for refusal in imported.refusals if (labels := _nameable(refusal, instrument))]
    if not named:
        return ""
    scale, reasons = instrument.scale, ", ".join(REASONS_OF_A_MAPPING)
    lines = [
        f"answers_of:  # a label means {scale.low} to {scale.high}, {reasons} or {OUT_OF_SCALE}; behind it: answers"
    ]
    for refusal, labels in named:
        lines.append(f'  "{", ".join(refusal.items)}":')
        meanings = zip(_meanings(refusal, labels), labels.values(), strict=True)
        quoted = [json.dumps(label, ensure_ascii=False) for label in labels]
        lines += [f"    {label}: {said}  # {n}" for label, (said, n) in zip(quoted, meanings, strict=True)]
    return "\n".join(lines)


def _meanings(refusal: Refusal, labels: Iterable[str]) -> list[str]:
    """Suggest what each label means: what it would have been read as, where it is the only one of that position."""
    codes = [refusal.readings[label].meant or refusal.readings[label].code for label in labels]
    times = Counter(codes)
    known = {code: str(code) for code in times if 0 < code < UNREADABLE and (refusal.mapped or times[code] == 1)}
    known |= {reason_code(reason): reason for reason in REASONS_OF_A_MAPPING}
    return [known.get(code, OUT_OF_SCALE) for code in codes]
