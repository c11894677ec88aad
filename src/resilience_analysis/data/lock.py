"""The lock on raw data: what every file was when it was last accepted.

``sources.yml`` is written by people, ``sources.lock.yml`` by this module. A file that is not what the lock says is
refused until somebody accepts it, so that no figure changes unseen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from resilience_analysis.data.catalogue import Catalogue, Source
from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any
from resilience_analysis.foundation.files import read_yaml, sha256, write_yaml

FILE_NAME = "sources.lock.yml"
_HEAD = "Written by `resilience lock`: what each raw file is. Do not edit; accept a changed file with that command."


@dataclass(frozen=True)
class Fingerprint:
    """What one file is: hash, size in bytes, lines below the header and columns (None for what is not a CSV)."""

    sha256: str
    bytes: int
    rows: int | None = None
    columns: int | None = None


def fingerprint(path: Path) -> Fingerprint:
    """Take the fingerprint of one file."""
    rows = columns = None
    if path.suffix == ".csv":
        lines = path.read_bytes().splitlines()
        rows = max(len(lines) - 1, 0)
        columns = lines[0].count(b",") + 1 if lines else 0
    return Fingerprint(sha256(path), path.stat().st_size, rows, columns)


def read_lock(folder: Path) -> dict[str, Fingerprint]:
    """Read the accepted fingerprints, by file relative to `folder`; empty when nothing was accepted yet.

    Raises
    ------
    InputError
        When the lock is not as `accept` writes it, for instance after a merge of two branches.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return {}
    content = read_yaml(path) or {}
    if not isinstance(content, dict) or not all(_is_fingerprint(facts) for facts in content.values()):
        remedy = "Remove it, look at the raw files and accept them with: resilience lock"
        raise InputError(FILE_NAME, [Problem(FILE_NAME, "is not what resilience lock writes", remedy)])
    return {str(file): Fingerprint(**facts) for file, facts in content.items()}


def _is_fingerprint(facts: object) -> bool:
    known = {field.name for field in fields(Fingerprint)}
    return isinstance(facts, dict) and {"sha256", "bytes"} <= set(facts) <= known


def accept(folder: Path, catalogue: Catalogue, names: Iterable[str] | None = None) -> dict[str, str]:
    """Accept the files of the sources `names` (all when None) as they are now; give the files that changed, and how.

    Files that no source claims any more leave the lock.

    Raises
    ------
    InputError
        When a file to accept does not exist; then nothing is accepted.
    """
    locked = read_lock(folder)
    chosen = set(catalogue if names is None else names)
    absent = [(name, file) for name in chosen for file in catalogue[name].files if not (folder / file).is_file()]
    raise_if_any("raw data", [_absent(catalogue[name], file) for name, file in sorted(absent)])
    fresh = {}
    for name, source in sorted(catalogue.items(), key=lambda entry: entry[1].file):
        for file in source.files:
            if name in chosen:
                fresh[file] = fingerprint(folder / file)
            elif file in locked:
                fresh[file] = locked[file]
    write_yaml(folder / FILE_NAME, {file: asdict(mark) for file, mark in fresh.items()}, head=_HEAD)
    changed = [file for file in fresh if fresh[file] != locked.get(file)]
    return {file: _sizes(locked.get(file), fresh[file]) for file in changed}


def lock_problems(folder: Path, catalogue: Catalogue) -> list[Problem]:
    """Return every raw file that is missing, new or not what the lock says."""
    locked = read_lock(folder)
    problems = []
    for source in catalogue.values():
        for file in source.files:
            problems += _file_problems(folder, file, locked.get(file), source)
    return problems


def _file_problems(folder: Path, file: str, expected: Fingerprint | None, source: Source) -> list[Problem]:
    command = f"If this is intended, accept it with: resilience lock {source.name}"
    if not (folder / file).is_file():
        return [_absent(source, file)]
    found = fingerprint(folder / file)
    if expected is None:
        return [Problem(file, f"was never accepted (sha256 {found.sha256})", command)]
    if found != expected:
        what = f"changed: sha256 {expected.sha256} expected, {found.sha256} found ({_sizes(expected, found)})"
        return [Problem(file, what, command)]
    return []


def _absent(source: Source, file: str) -> Problem:
    fetch = (
        f", or run: resilience fetch {source.name}"
        if source.recipe and source.recipe.address and file == source.file
        else ""
    )
    return Problem(file, "the raw file does not exist", f"Restore it{fetch}")


def _sizes(expected: Fingerprint | None, found: Fingerprint) -> str:
    """Return how large a file was and is, so that one that broke off is noticed before it is accepted."""
    sizes = {"bytes": (expected and expected.bytes, found.bytes), "rows": (expected and expected.rows, found.rows)}
    known = {unit: pair for unit, pair in sizes.items() if pair[1] is not None}
    return ", ".join(f"{'new' if old is None else old} -> {new} {unit}" for unit, (old, new) in known.items())


def verify(folder: Path, catalogue: Catalogue) -> None:
    """Refuse to go on when a raw file is not what was accepted; names all such files at once.

    Raises
    ------
    InputError
        With both hashes and the command that accepts the file.
    """
    raise_if_any("raw data", lock_problems(folder, catalogue))
