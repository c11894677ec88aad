"""Taking answers out again: of one wave, or of a person who asks for it by a code of their own; and when keeping ends.

A forgotten person stays forgotten: the number that follows from the code, which is useless without the key, is kept in
``forgotten.csv`` beside it, and another import of the same export leaves that person out.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import csv_of_rows, plain_cell
from resilience_analysis.foundation.errors import refusal
from resilience_analysis.foundation.files import write_json, write_text
from resilience_analysis.foundation.locks import locked
from resilience_analysis.survey.issues import contents
from resilience_analysis.survey.memory import records_of, unlink
from resilience_analysis.survey.privacy import PRIVATE_FILE, owner_only
from resilience_analysis.survey.responses import (
    PROBLEMS_FILE,
    REPORT_FILE,
    find_answer_files,
    from_table,
    read_answers,
)

FORGOTTEN_FILE = "forgotten.csv"
_HEADING = "respondent"
_REMEDY = "No one gave this code, two people gave the same, or another key was used: say it with --key"


@dataclass(frozen=True)
class Forgotten:
    """The result of forgetting."""

    files: tuple[Path, ...]  # the files of answers that changed or are gone
    respondents: int  # how many were taken out of them, one who answered in two waves twice
    # what remembers the releases of these waves: gone with a whole wave; of persons it no longer holds a trace, and
    # what was published stands
    records: tuple[Path, ...] = ()


def forget(place: Path, *, wave: str = "", person: str = "") -> Forgotten:
    """Take answers out of every file below a folder: those of one wave, of one person, or of a person in a wave.

    The report of an import says how many were taken out. What an import could not read is emptied, because it may be
    of that person; an import without any answer left is removed. What was released of a wave is forgotten with it;
    of a person the record no longer holds a trace, and goes on to compare, so that what was published stands.

    Parameters
    ----------
    place
        A folder with imports, or one file of answers; `UsageError` when there are none.
    wave
        Label of the wave; all waves when empty.
    person
        The number that follows from a person's code (see `privacy.pseudonym_id`); everybody when empty. `InputError`
        when no answer is of this wave and person.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "answers.csv"
    >>> from resilience_analysis.survey.responses import PEOPLE, Responses, write_answers
    >>> people = pd.DataFrame({"respondent": ["a", "b"], "wave": ["2025", "2026"]}).reindex(columns=list(PEOPLE))
    >>> write_answers(file, Responses(people, pd.DataFrame({"INF1": [4, 3]})))
    >>> forget(file.parent, wave="2025").respondents, read_answers(file)["wave"].tolist()
    (1, ['2026'])
    """
    changed: list[Path] = []
    gone: dict[str, list[str]] = {}  # what those who are taken out answered, by wave, as a record of releases knows it
    for path in find_answer_files(place):
        table = _text_of(path)
        # a made-up respondent has a mark before the number
        meant = (table["wave"] == (wave or table["wave"])) & table["respondent"].str.endswith(person)
        if meant.any():
            found = sorted(set(zip(table["respondent"][meant], table["wave"][meant], strict=True)))
            texts = contents(from_table(read_answers(path)))
            for respondent, of_wave in found:
                gone.setdefault(of_wave, []).append(str(texts[respondent, of_wave]))
            changed.append(path)
            _rewrite(path, table[~meant], len(found))
    if not changed:
        what = "no answers of this person" if person else f"no answers of wave {wave}"
        raise refusal(place.name, what, _REMEDY if person else "")
    records = {record: of_wave for of_wave in gone for record in records_of(changed, of_wave)}
    for record, of_wave in records.items():
        if person:
            unlink(record, gone[of_wave])
        else:
            with locked(record.parent):
                record.unlink(missing_ok=True)
            _remove(record)
    return Forgotten(tuple(changed), sum(map(len, gone.values())), tuple(sorted(records)))


def _remove(path: Path, *beside: str) -> None:
    """Remove a file and others beside it, and their folder where nothing is left in it."""
    for name in (path.name, *beside):
        path.with_name(name).unlink(missing_ok=True)
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def _rewrite(path: Path, table: pd.DataFrame, count: int) -> None:
    """Write a file of answers again, or remove the import when nothing is left."""
    if table.empty:
        _remove(path, PROBLEMS_FILE, REPORT_FILE)
        return
    problems, report = path.with_name(PROBLEMS_FILE), path.with_name(REPORT_FILE)
    with owner_only(path.parent):
        _write_text_of(path, table)
        if problems.is_file():
            _write_text_of(problems, _text_of(problems).assign(value=""))
        if report.is_file():
            content = json.loads(report.read_text(encoding="utf-8"))
            write_json(report, content | {"forgotten": content.get("forgotten", 0) + count})


def _text_of(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _write_text_of(path: Path, table: pd.DataFrame) -> None:
    write_text(
        path, csv_of_rows([plain_cell(cell) for cell in row] for row in [list(table), *table.to_numpy().tolist()])
    )


def read_forgotten(folder: Path) -> frozenset[str]:
    """Return the numbers of the people who asked to be forgotten.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> remember_forgotten(folder, "0123456789abcdef").name, read_forgotten(folder)
    ('forgotten.csv', frozenset({'0123456789abcdef'}))
    """
    path = folder / FORGOTTEN_FILE
    return frozenset(path.read_text(encoding="ascii").split()[1:]) if path.is_file() else frozenset()


def remember_forgotten(folder: Path, person: str) -> Path:
    """Keep the number of a person who asked to be forgotten, and return the file with all of them.

    Examples
    --------
    >>> import tempfile
    >>> remember_forgotten(Path(tempfile.mkdtemp()), "0123456789abcdef").read_text().split()
    ['respondent', '0123456789abcdef']
    """
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
    """Return whether the answers of a wave should be gone by now.

    Examples
    --------
    >>> is_kept_too_long("2025", 2, dt.date(2028, 1, 1))
    True
    """
    return (today or dt.datetime.now(tz=dt.UTC).date()) > keeping_ends(wave, years)
