"""The municipalities of a project: finding one by code or name, and what became of a code that is gone."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any
from resilience_analysis.foundation.numbers import read_day
from resilience_analysis.foundation.settings import ANY_CODE, is_code, not_a_code
from resilience_analysis.foundation.tables import folded, read_rows

_SHOWN = 10
"""At most so many codes of one name are listed."""


def find(names: pd.Series, wanted: str, *, mergers: pd.DataFrame | None = None, kind: str = "municipality") -> str:
    """Find the code that a user means.

    Raises
    ------
    UsageError
        When nothing matches: suggests the nearest name, or says into what the municipality merged. When several places
        have the name: lists their codes.
    """
    text = str(wanted).strip()
    if not text.strip(", "):
        raise UsageError(f"{str(wanted)!r} names no {kind}. Write a code or a name")
    if text in names.index:
        return text
    known = _codes_by_word(names)
    if codes := known.get(folded(text)):
        return only_one(text, codes)
    merged = None if mergers is None else successor(mergers, _ended(text, mergers))
    if merged:
        code, day = merged
        raise UsageError(f"{text} merged on {day} into {code} {names[code]}. Ask for {code}")
    raise UsageError(f"unknown {kind} {text!r}{_suggestion(text, names, known, kind)}")


def find_all(
    names: pd.Series, wanted: Iterable[str], *, mergers: pd.DataFrame | None = None, kind: str = "municipality"
) -> list[str]:
    """Find several codes at once, without repeats and in the order asked; all faults in one message.

    Each text can hold several codes or names, separated by commas.
    """
    found, faults, known = [], [], _codes_by_word(names)
    for text in (part for written in wanted for part in _parts(str(written), known)):
        try:
            found.append(find(names, text, mergers=mergers, kind=kind))
        except UsageError as error:
            faults.append(str(error))
    if faults:
        raise UsageError("\n".join(faults))
    return list(dict.fromkeys(found))


def _parts(text: str, known: Mapping[str, list[str]]) -> list[str]:
    """Return what is between the commas of a text, unless it is a name with a comma in it."""
    parts = [part for part in text.split(",") if part.strip()]
    return parts if parts and folded(text.strip()) not in known else [text]


def only_one(name: str, codes: Sequence[str]) -> str:
    """Return the one code of a name; raise `UsageError` with all its codes when there are several."""
    if len(codes) > 1:
        shown = ", ".join(codes[:_SHOWN]) + (f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else "")
        raise UsageError(f"{len(codes)} places are called {name}: {shown}. Ask for one by its code")
    return codes[0]


def _codes_by_word(names: pd.Series) -> dict[str, list[str]]:
    """Return the codes of the places that a word can mean: those of that name, or else the one with that code."""
    found: dict[str, list[str]] = {}
    for code, name in names.items():
        found.setdefault(folded(str(name)), []).append(str(code))
    for code in names.index:
        found.setdefault(folded(str(code)), [str(code)])
    return found


def _ended(text: str, mergers: pd.DataFrame) -> str:
    """Return the code of the municipality of then that had this name; `text` itself when none had."""
    if NAME not in mergers:
        return text
    known = mergers.dropna(subset=NAME)
    codes = {folded(name): str(code) for name, code in zip(known[NAME], known["old_nis_code"], strict=True)}
    return codes.get(folded(text), text)


def _suggestion(text: str, names: pd.Series, known: Mapping[str, Sequence[str]], kind: str) -> str:
    near = difflib.get_close_matches(folded(text), known, n=1, cutoff=0.5)
    code = known[near[0]][0] if near else _nearest_code(text, names)
    if code is None:
        return ". All are listed by: resilience list" if kind == "municipality" else ""
    return f"; did you mean {code} {names[code]}?"


def _nearest_code(text: str, names: pd.Series) -> str | None:
    """Return the code that looks most like `text`; of several, the one with the most digits in their place."""
    near = [str(code) for code in difflib.get_close_matches(text, names.index)]
    return max(near, key=lambda code: sum(map(str.__eq__, code, text)), default=None)


def by_name(codes: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return the code that each code and each folded name stands for; a name of two places stands for neither.

    Examples
    --------
    >>> by_name(["11001"], {"11001": "Sint-Niklaas"})["sintniklaas"]
    '11001'
    """
    known = {code: code for code in codes}
    spoken = [folded(names.get(code, "")) for code in known]
    often = Counter(spoken)
    alone = {name: code for name, code in zip(spoken, known, strict=True) if name and often[name] == 1}
    return alone | known


def coded(cells: pd.Series, places: Mapping[str, str]) -> pd.Series:
    """Return the codes of cells that hold a code or a name; what is neither stays as it is."""
    return cells.map({cell: places.get(cell) or places.get(folded(cell), cell) for cell in cells.unique()})


COLUMNS = ["old_nis_code", "new_nis_code", "valid_from"]
NAME = "old_name"


def read_mergers(path: Path, *, codes: str = ANY_CODE) -> pd.DataFrame:
    """Read the table of mergers: one row per code that ended or grew, oldest first.

    The column ``old_name``, by which people still ask for a municipality, may be left out.

    Raises
    ------
    InputError
        When the file cannot be read, columns are missing, a code is not one or merges twice on a day, or a date
        is not a date.
    """
    table = read_rows(path, columns=COLUMNS).reindex(columns=[*COLUMNS, NAME], fill_value="")
    problems = []
    for row, old, new, day in table[COLUMNS].itertuples(name=None):
        faults = [not_a_code(code, codes) for code in (old, new) if not is_code(code, codes)]
        if read_day(day) != day:
            faults.append(f"{day!r} is not a date such as 2025-01-01")
        problems += [Problem(f"{path.name}, row {row}", fault) for fault in faults]
    for row, (old, _, day) in table.loc[table.duplicated(["old_nis_code", "valid_from"]), COLUMNS].iterrows():
        problems.append(Problem(f"{path.name}, row {row}", f"{old} merges for the second time on {day}"))
    raise_if_any(path.name, problems)
    return table.sort_values(["valid_from", "old_nis_code"], ignore_index=True)


def predecessors(mergers: pd.DataFrame, codes: list[str], *, year: int) -> dict[str, tuple[str, ...]]:
    """Give, for each municipality of today, the codes it consisted of on 1 January of `year`.

    Returns
    -------
    dict
        Code of today to the codes of then; a municipality that never merged since maps to itself alone.
    """
    later = mergers[mergers["valid_from"] > f"{year}-01-01"]
    made_of: dict[str, tuple[str, ...]] = {code: (code,) for code in codes}
    for day in sorted(later["valid_from"].unique(), reverse=True):
        step = later[later["valid_from"] == day].groupby("new_nis_code")["old_nis_code"].apply(tuple).to_dict()
        made_of = {
            code: tuple(old for part in parts for old in step.get(part, (part,))) for code, parts in made_of.items()
        }
    return made_of


def successor(mergers: pd.DataFrame, code: str) -> tuple[str, str] | None:
    """Return what an ended code became and when, as (new code, date); None when it did not end."""
    found: tuple[str, str] | None = None
    while True:
        ended = mergers[(mergers["old_nis_code"] == code) & (mergers["new_nis_code"] != code)]
        ended = ended[ended["valid_from"] > (found[1] if found else "")]
        if ended.empty:
            return found
        code = str(ended["new_nis_code"].iloc[0])
        found = (code, str(ended["valid_from"].iloc[0]))


def no_mergers() -> pd.DataFrame:
    """Return the table of mergers of a project in which nothing merged."""
    return pd.DataFrame(columns=[*COLUMNS, NAME], dtype=object)


def end_problems(mergers: pd.DataFrame, codes: list[str], *, file: str) -> list[Problem]:
    """Return every new code of `mergers` that is not a municipality of today, nor became one; `file` is their file."""
    ends = {new: (successor(mergers, new) or (new, ""))[0] for new in sorted(set(mergers["new_nis_code"]))}
    return [
        Problem(f"{file}, {new}", "is not a municipality of today and became none", "Add what it merged into")
        for new, end in ends.items()
        if end not in codes
    ]
