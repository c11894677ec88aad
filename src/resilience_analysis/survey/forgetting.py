"""Taking answers out again: of one wave, or of a person who asks for it by a code of their own; and when keeping ends.

A forgotten person stays forgotten: the number that follows from the code, which is useless without the key, is kept in
``forgotten.csv`` beside it, and another import of the same export leaves that person out.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import dataclass
from pathlib import Path

from resilience_analysis.foundation.cells import csv_of_rows, plain_cell
from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.files import write_json, write_text
from resilience_analysis.survey.importfiles import PROBLEMS_FILE, REPORT_FILE
from resilience_analysis.survey.issues import contents
from resilience_analysis.survey.privacy import PRIVATE_FILE, owner_only
from resilience_analysis.survey.released import records_of, unlink
from resilience_analysis.survey.responses import find_answer_files, from_table, read_answers

FORGOTTEN_FILE = "forgotten.csv"
_HEADING = "respondent"
_REMEDY = "No one gave this code, two people gave the same, or another key was used: say it with --key"


@dataclass(frozen=True)
class Forgotten:
    """The result of forgetting.

    Attributes
    ----------
    files
        The files of answers that changed or are gone.
    respondents
        How many respondents were taken out of them, one who answered in two waves twice.
    records
        What remembers the releases of these waves: gone with a whole wave; of persons it no longer holds a trace, and
        what was published stands.
    """

    files: tuple[Path, ...]
    respondents: int
    records: tuple[Path, ...] = ()


def forget(place: Path, *, wave: str = "", person: str = "") -> Forgotten:
    """Take answers out of every file below a folder: those of one wave, of one person, or of a person in a wave.

    The report of an import says how many were taken out. What an import could not read is emptied, because it may be
    of that person; an import without any answer left is removed. What was released of a wave is forgotten with it;
    of a person the record no longer holds a trace, and goes on to compare, so that what was published stands.

    Parameters
    ----------
    place
        A folder with imports, or one file of answers.
    wave
        Label of the wave; all waves when empty.
    person
        The number that follows from a person's code (see `privacy.pseudonym_id`); everybody when empty.

    Raises
    ------
    UsageError
        When there are none.
    InputError
        When none of them is meant.
    """
    changed: list[Path] = []
    respondents = 0
    gone: dict[str, list[str]] = {}
    for path in find_answer_files(place):
        heading, *rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        named = [dict(zip(heading, row, strict=True)) for row in rows]
        meant = [_meant(row, wave, person) for row in named]
        if any(meant):
            found = {(row["respondent"], row["wave"]) for row, out in zip(named, meant, strict=True) if out}
            respondents += len(found)
            _note_gone(gone, path, found)
            changed.append(path)
            _rewrite(path, heading, [row for row, out in zip(rows, meant, strict=True) if not out], len(found))
    if not changed:
        what = "no answers of this person" if person else f"no answers of wave {wave}"
        raise InputError(place.name, [Problem(place.name, what, _REMEDY if person else "")])
    records = {record: wave for wave in gone for record in records_of(changed, wave)}
    for record, label in records.items():
        if person:
            unlink(record, gone[label])
        else:
            _remove(record)
    return Forgotten(tuple(changed), respondents, tuple(sorted(records)))


def _remove(path: Path, *beside: str) -> None:
    """Remove a file and others beside it, and their folder where nothing is left in it."""
    for name in (path.name, *beside):
        path.with_name(name).unlink(missing_ok=True)
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def _note_gone(gone: dict[str, list[str]], path: Path, found: set[tuple[str, str]]) -> None:
    """Add what those who are taken out of a file answered, by wave, as a record of releases knows it."""
    texts = contents(from_table(read_answers(path)))
    for respondent, wave in sorted(found):
        gone.setdefault(wave, []).append(str(texts[respondent, wave]))


def _meant(row: dict[str, str], wave: str, person: str) -> bool:
    # a made-up respondent has a mark before the number
    return (not wave or row["wave"] == wave) and (not person or row["respondent"].endswith(person))


def _rewrite(path: Path, heading: list[str], rows: list[list[str]], count: int) -> None:
    """Write a file of answers again, or remove the import when nothing is left."""
    if not rows:
        _remove(path, PROBLEMS_FILE, REPORT_FILE)
        return
    with owner_only(path.parent):
        write_text(path, _as_csv([heading, *rows]))
        _empty_problems(path.with_name(PROBLEMS_FILE))
        report = path.with_name(REPORT_FILE)
        if report.is_file():
            content = json.loads(report.read_text(encoding="utf-8"))
            write_json(report, content | {"forgotten": content.get("forgotten", 0) + count})


def _empty_problems(path: Path) -> None:
    if path.is_file():
        heading, *rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        place = heading.index("value")
        write_text(path, _as_csv([heading, *([*row[:place], "", *row[place + 1 :]] for row in rows)]))


def _as_csv(rows: list[list[str]]) -> str:
    return csv_of_rows(map(plain_cell, row) for row in rows)


def read_forgotten(folder: Path) -> frozenset[str]:
    """Return the numbers of the people who asked to be forgotten."""
    path = folder / FORGOTTEN_FILE
    return frozenset(path.read_text(encoding="ascii").split()[1:]) if path.is_file() else frozenset()


def remember_forgotten(folder: Path, person: str) -> Path:
    """Keep the number of a person who asked to be forgotten, and return the file with all of them."""
    path = folder / FORGOTTEN_FILE
    with owner_only(folder):
        write_text(path, "\n".join([_HEADING, *sorted(read_forgotten(folder) | {person})]) + "\n")
    path.chmod(PRIVATE_FILE)
    return path


def keeping_ends(wave: str, years: int) -> dt.date:
    """Return the last day on which answers of a wave are kept: the end of the year, so many years after its own.

    Examples
    --------
    >>> keeping_ends("2025-autumn", 2).isoformat()
    '2027-12-31'
    """
    return dt.date(int(wave[:4]) + years, 12, 31)


def is_kept_too_long(wave: str, years: int, today: dt.date | None = None) -> bool:
    """Return whether the answers of a wave should be gone by now."""
    return (today or dt.datetime.now(tz=dt.UTC).date()) > keeping_ends(wave, years)
