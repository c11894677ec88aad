"""What was released of a wave, remembered beside the answers, so that a second release does not disclose anyone.

Two tables of the same answers tell, by what they differ in, of the people in whom they differ. What was released is
kept as groups of respondents, each under a digest of what it answered, in a file that only its owner can read.
"""

from __future__ import annotations

import errno
import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.files import replacing
from resilience_analysis.survey.responses import ANSWERS_FILE

ESTIMATES, PEOPLE_ONE_BY_ONE = "estimates", "answers one by one"
PRIVATE, FOLDER = "private", "releases"
WHOLE = "table"  # instead of a wave, where none was named
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Issue:
    """One release.

    Attributes
    ----------
    what
        `ESTIMATES` or `PEOPLE_ONE_BY_ONE`.
    columns
        Columns of answers one by one; empty for estimates.
    groups
        Which respondents are in every group that is shown, by name: their places in the table of respondents.
    """

    what: str
    columns: tuple[str, ...]
    groups: Mapping[str, np.ndarray]


def record_of(place: Path, wave: str) -> Path:
    """Return the file that remembers what was released of a wave of answers in a file or folder.

    It is in ``data/private/releases`` where the answers are below a folder ``private``, else beside them.
    """
    folder = place.resolve() if place.is_dir() else place.resolve().parent
    private = next((one for one in (folder, *folder.parents) if one.name == PRIVATE), None)
    name = hashlib.sha256(wave.encode()).hexdigest()[:8]
    text = wave if place.is_dir() or place.name == ANSWERS_FILE else f"{place.name}-{wave}"
    label = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text)
    return (folder if private is None else private) / FOLDER / f"{label}-{name}.json"


def records_of(files: Iterable[Path], waves: Collection[str], among: Collection[str]) -> list[Path]:
    """Return the records of releases in which answers of some waves took part, of those that exist.

    Parameters
    ----------
    files
        Files of answers; a release may be of such a file or of any folder above it.
    waves
        The waves.
    among
        All waves there are: a release may be of several of them together.
    """
    every = sorted({*among, *waves})
    together = chain.from_iterable(combinations(every, number) for number in range(1, len(every) + 1))
    texts = [WHOLE, *("-".join(some) for some in together if set(some) & set(waves))]
    places = {place for path in files for place in (path.resolve(), *path.resolve().parents)}
    return sorted({record for place in places for text in texts if (record := record_of(place, text)).is_file()})


def remember(record: Path, issue: Issue, people: pd.DataFrame, *, least: int) -> bool:
    """Compare a release with those before it, write it down, and say whether that could be written.

    Parameters
    ----------
    record
        See `record_of`.
    issue
        What is released.
    people
        Everything that is known and answered, one row per respondent.
    least
        Fewest people in whom two releases may differ.

    Raises
    ------
    InputError
        When what two releases differ in tells of fewer people. Nothing is written then.
    """
    before = _read(record)
    marks = _digests(people, before["salt"])
    fresh = {
        "what": issue.what,
        "columns": list(issue.columns),
        "groups": {name: sorted(marks[place] for place in places) for name, places in issue.groups.items()},
    }
    if fresh in before["released"]:
        return True
    why = _conflict(before["released"], fresh, least)
    if why:
        remedy = (
            f"Release it when at least {least} more people make the difference. If nothing that was made before ever "
            f"left this machine, remove {record.name} in {record.parent.name} and try again"
        )
        raise InputError("release", [Problem("release", why, remedy)])
    before["released"].append(fresh)
    try:
        with replacing(record, private=True) as temporary:
            temporary.write_text(json.dumps(before), encoding="utf-8")
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            return False
        raise
    return True


def _read(record: Path) -> dict[str, Any]:
    if not record.is_file():
        return {"salt": secrets.token_hex(16), "released": []}
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
        return {"salt": str(found["salt"]), "released": list(found["released"])}
    except (ValueError, KeyError, TypeError) as error:
        what = "is not a record of what was released"
        raise InputError(record.name, [Problem(record.name, what, "Put the file back as it was")]) from error


def _digests(people: pd.DataFrame, salt: str) -> list[str]:
    """Return a mark for every respondent: the same for the same content, numbered where several have the same."""
    text = people.astype(object).where(people.notna(), "").astype(str)
    rows = ["\x1f".join(row) for row in text[sorted(text.columns)].to_numpy().tolist()]
    seen: Counter[str] = Counter()
    marks = []
    for row in rows:
        seen[row] += 1
        marks.append(hashlib.sha256(f"{salt}\x1e{row}\x1e{seen[row]}".encode()).hexdigest()[:24])
    return marks


def _conflict(released: Sequence[Mapping[str, Any]], fresh: Mapping[str, Any], least: int) -> str:
    """Say what a release would give away beside those before it; nothing where it gives nothing away."""
    same = [one for one in released if one["what"] == fresh["what"]]
    if fresh["what"] == PEOPLE_ONE_BY_ONE:
        return "answers of this wave were passed on before, with other columns or people" if same else ""
    groups = [set(group) for one in (*same, fresh) for group in one["groups"].values()]
    if same and smallest_difference(groups) < least:
        return f"beside what was released before, it tells of fewer than {least} people"
    return ""


def smallest_difference(groups: Sequence[set[str]]) -> int:
    """Return the fewest people of whom published groups tell when they are added up and subtracted.

    Parameters
    ----------
    groups
        The people of every group.

    Notes
    -----
    The groups are rows of a matrix of people; every row of its reduced form that takes some people and leaves the
    others out is a group that follows. So is what one group has beyond another that lies in it.
    """
    people = sorted(set().union(*groups))
    place = {name: number for number, name in enumerate(people)}
    table = np.zeros((len(groups), len(people)))
    for row, group in enumerate(groups):
        table[row, [place[name] for name in group]] = 1
    table = np.unique(table, axis=0)
    atoms, sizes = np.unique(table, axis=1, return_counts=True)
    return int(min(_nested(atoms, sizes), _following(atoms, sizes)))


def _nested(atoms: np.ndarray, sizes: np.ndarray) -> float:
    """Return the smallest difference between a group and one that lies in it."""
    total = atoms @ sizes
    common = (atoms * sizes) @ atoms.T
    inside = np.isclose(common, total[:, None])  # the group of the row lies in that of the column
    beyond = total[None, :] - total[:, None]
    found = beyond[inside & (beyond > 0)]
    return float(found.min()) if len(found) else float("inf")


def _following(atoms: np.ndarray, sizes: np.ndarray) -> float:
    """Return the smallest group that the rows of the reduced matrix hold."""
    rows = atoms.astype(float).copy()
    at = 0
    for column in range(rows.shape[1]):
        if at == len(rows):
            break
        best = at + int(np.argmax(np.abs(rows[at:, column])))
        if abs(rows[best, column]) < _ROUNDING:
            continue
        rows[[at, best]] = rows[[best, at]]
        rows[at] /= rows[at, column]
        others = np.arange(len(rows)) != at
        rows[others] -= np.outer(rows[others, column], rows[at])
        at += 1
    plain = np.isclose(rows[:at], 0, atol=_ROUNDING) | np.isclose(rows[:at], 1, atol=_ROUNDING)
    found = (np.rint(rows[:at]) @ sizes)[plain.all(axis=1)]
    return float(found.min()) if len(found) else float("inf")
