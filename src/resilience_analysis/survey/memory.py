"""What was released of a wave, remembered beside the answers, so that a second release does not disclose anyone.

Two tables of the same answers tell, by what they differ in, of the people in whom they differ. What was released is
kept as groups of respondents, each under a digest of what it answered, in a file that only its owner can read, with
the tables as they were published.
"""

from __future__ import annotations

import errno
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.errors import InputError, Problem, refusal
from resilience_analysis.foundation.files import replacing
from resilience_analysis.foundation.locks import locked
from resilience_analysis.survey.releases import MARK, PEOPLE_ONE_BY_ONE, Issue, marks_of, tell_apart, written_down
from resilience_analysis.survey.responses import ANSWERS_FILE
from resilience_analysis.survey.together import Together

PRIVATE, FOLDER = "private", "releases"
_SAME = ("what", "columns", "marks", "groups", "shown", "named", "alike")
_OTHER_WEIGHTS = "its weights tell other people apart than those of a release before: both together may tell of few"


def record_of(place: Path, wave: str) -> Path:
    """Return the file that remembers what was released of a wave of answers in a file or folder.

    It is in ``data/private/releases`` where the answers are below a folder ``private``, else beside them.

    Examples
    --------
    >>> record_of(Path("private/2026/answers.csv"), "2026").parts[-3:-1]
    ('private', 'releases')
    """
    folder = place.resolve() if place.is_dir() else place.resolve().parent
    private = next((one for one in (folder, *folder.parents) if one.name == PRIVATE), None)
    name = hashlib.sha256(wave.encode()).hexdigest()[:8]
    text = wave if place.is_dir() or place.name == ANSWERS_FILE else f"{place.name}-{wave}"
    label = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text)
    return (folder if private is None else private) / FOLDER / f"{label}-{name}.json"


def records_of(files: Iterable[Path], wave: str) -> list[Path]:
    """Return the records of releases in which answers of a wave took part, of those that exist.

    A release may be of such a file or of any folder above it.

    Examples
    --------
    >>> records_of([Path("private/2026/answers.csv")], "2026")  # nothing was released yet
    []
    """
    places = {place for path in files for place in (path.resolve(), *path.resolve().parents)}
    return sorted({record for place in places if (record := record_of(place, wave)).is_file()})


def told_beside(record: Path, issue: Issue, *, least: int) -> str:
    """Return what a release would give away beside those before it; nothing where it gives nothing away.

    Parameters
    ----------
    record
        See `record_of`.
    issue
        What is to be released.
    least
        Fewest people in whom two releases may differ.

    Raises
    ------
    InputError
        When the record is broken.

    Examples
    --------
    >>> from resilience_analysis.survey.responses import Responses
    >>> nothing = Issue("estimates", {}, [], Responses.none())
    >>> told_beside(Path("2026.json"), nothing, least=5)
    ''
    """
    before = _read(record)
    return _told(before, written_down(issue, before["salt"]), issue, least) if before["released"] else ""


def _told(before: Mapping[str, Any], fresh: Mapping[str, Any], issue: Issue, least: int) -> str:
    """Return what a release gives away beside others; the first one, and one that was made before, tell no more."""
    if any(_is_same(one, fresh) for one in before["released"]):
        return ""
    if issue.what == PEOPLE_ONE_BY_ONE and any(one["what"] == issue.what for one in before["released"]):
        return "answers of this wave were passed on before, with other columns or people"
    first = [written_down(issue.beside, before["salt"])] if issue.beside else []
    known = [*before["released"], *first]
    if not known:
        return ""
    beside = f"{'with its comparison, or ' if first else ''}beside what was released before"
    together = Together([*known, fresh], issue.responses, marks_of(issue.contents, before["salt"]), least)
    if by := together.told():
        return f"{beside}, it tells of fewer than {least} people, or of some who all answered alike, by {by}"
    left = together.left()
    return f"{beside}, it may tell what fewer than {least} people answered who are out now" if left else ""


def _is_same(one: Mapping[str, Any], fresh: Mapping[str, Any]) -> bool:
    """Return whether two releases are of the same people in the same groups, under the same weights."""
    return all(one.get(name) == fresh.get(name) for name in _SAME)


def remember(record: Path, issue: Issue, *, least: int, tables: Mapping[str, str] | None = None) -> bool:
    """Compare a release with those before it, write it down, and say whether that could be written.

    Parameters
    ----------
    record, issue, least
        As for `told_beside`.
    tables
        What is published, by name, as text.

    Raises
    ------
    InputError
        When what releases differ in tells of fewer people, or the weights of two tell people apart: then nothing is
        written.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.responses import Responses
    >>> nothing = Issue("estimates", {}, [], Responses.none())
    >>> record = Path(tempfile.mkdtemp()) / "2026.json"
    >>> remember(record, nothing, least=5, tables={"estimates": "nis_code"}), tables_of(record)
    (True, {'estimates': 'nis_code'})
    """
    return remember_all({record: issue}, least=least, tables=tables)


def remember_all(records: Mapping[Path, Issue], *, least: int, tables: Mapping[str, str] | None = None) -> bool:
    """Remember the releases of several waves, all or none of them, as `remember` does one.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.responses import Responses
    >>> nothing = Issue("estimates", {}, [], Responses.none())
    >>> remember_all({Path(tempfile.mkdtemp()) / f"{wave}.json": nothing for wave in ("2025", "2026")}, least=5)
    True
    """
    with ExitStack() as held:  # another process would not know of this release
        for folder in sorted({record.parent for record in records}):  # in one order, so that none waits for ever
            held.enter_context(locked(folder))
        before = {record: _read(record) for record in records}
        fresh = {record: written_down(issue, before[record]["salt"]) for record, issue in records.items()}
        for record, issue in records.items():
            if any(tell_apart(one, fresh[record]) for one in before[record]["released"]):
                raise refusal("release", _OTHER_WEIGHTS, f"Weigh by the same margins. {_unless_kept(record)}")
            why = _told(before[record], fresh[record], issue, least)
            if why:
                raise InputError("release", [Problem("release", why, remedy(record, least))])
        return False not in {_kept(record, before[record], fresh[record], tables or {}) for record in records}


def _kept(record: Path, before: Mapping[str, Any], fresh: dict[str, Any], tables: Mapping[str, str]) -> bool:
    """Add a release to a record, and say whether that could be written."""
    kept = {**before["tables"], **tables}
    is_new = not any(_is_same(one, fresh) for one in before["released"])
    if not is_new and kept == before["tables"]:
        return True
    released = [*before["released"], fresh] if is_new else before["released"]
    return _write(record, {"salt": before["salt"], "released": released, "tables": kept})


def remedy(record: Path, least: int) -> str:
    """Return what can be done where a release would tell of few people beside those before it.

    Examples
    --------
    >>> remedy(Path("releases/2026.json"), 5).split(".")[0]
    'Release it when, in every group that is shown, at least 5 more people make the difference'
    """
    more = f"Release it when, in every group that is shown, at least {least} more people make the difference"
    return f"{more}. {_unless_kept(record)}"


def _unless_kept(record: Path) -> str:
    where = f"{record.name} in {record.parent.name}"
    return f"If nothing that was made before ever left this machine, remove {where} and try again"


def tables_of(record: Path) -> dict[str, str]:
    """Return what was published last, by name, as text; nothing where nothing was.

    Examples
    --------
    >>> tables_of(Path("2026.json"))  # nothing was published yet
    {}
    """
    return dict(_read(record)["tables"])


def unlink(record: Path, contents: Sequence[str]) -> None:
    """Let a record no longer know some respondents: they stay in its groups, under a random mark.

    `contents` are `issues.contents` of each of them.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.responses import Responses
    >>> nothing = Issue("estimates", {}, [], Responses.none())
    >>> record = Path(tempfile.mkdtemp()) / "2026.json"
    >>> _ = remember(record, nothing, least=5)
    >>> unlink(record, ["13011|nan|nan|nan|INF1=4"])
    """
    with locked(record.parent):
        known = _read(record)
        for one in known["released"]:
            for text in contents:
                mine = [mark for mark in marks_of([text] * len(one["marks"]), known["salt"]) if mark in one["marks"]]
                if mine:  # of several who answered the same, the last one: the others keep their number
                    one["marks"][one["marks"].index(mine[-1])] = secrets.token_hex(MARK // 2)
        _write(record, known)


def _read(record: Path) -> dict[str, Any]:
    if not record.is_file():
        return {"salt": secrets.token_hex(16), "released": [], "tables": {}}
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
        for one in found["released"]:
            places = [place for at in one["groups"].values() for place in at]
            _ = one["what"], one["columns"], one["shown"].items(), [one["marks"][place] for place in places]
        return {"salt": str(found["salt"]), "released": list(found["released"]), "tables": dict(found["tables"])}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        what = "is not a record of what was released"
        raise InputError(record.name, [Problem(record.name, what, "Put the file back as it was")]) from error


def _write(record: Path, known: Mapping[str, Any]) -> bool:
    """Write a record for its owner only, and say whether that was possible."""
    try:
        with replacing(record, private=True) as temporary:
            temporary.write_text(json.dumps(known), encoding="utf-8")
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            return False
        raise
    return True
