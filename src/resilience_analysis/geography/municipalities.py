"""The municipalities of a project: finding one by code or name, and saying what happened to a code that is gone."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.geography.mergers import NAME, successor

_SHOWN = 10
"""At most so many codes of one name are listed."""


def find(names: pd.Series, wanted: str, *, mergers: pd.DataFrame | None = None, kind: str = "municipality") -> str:
    """Find the code that a user means.

    Parameters
    ----------
    names
        Names of the municipalities, indexed by code.
    wanted
        A code or a name; case and accents do not matter.
    mergers
        Table of `read_mergers`, to say what an ended code or name became.
    kind
        What the places are, for a message.

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
    folded = _codes_by_word(names)
    if codes := folded.get(_fold(text)):
        return only_one(text, codes)
    merged = None if mergers is None else successor(mergers, _ended(text, mergers))
    if merged:
        code, day = merged
        raise UsageError(f"{text} merged on {day} into {code} {names[code]}. Ask for {code}")
    raise UsageError(f"unknown {kind} {text!r}{_suggestion(text, names, folded, kind)}")


def find_all(
    names: pd.Series, wanted: Iterable[str], *, mergers: pd.DataFrame | None = None, kind: str = "municipality"
) -> list[str]:
    """Find several codes at once, without repeats and in the order asked; all faults in one message.

    Each text can hold several codes or names, separated by commas.
    """
    found, faults, folded = [], [], _codes_by_word(names)
    for text in (part for written in wanted for part in _parts(str(written), folded)):
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
    return parts if parts and _fold(text.strip()) not in known else [text]


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
        found.setdefault(_fold(str(name)), []).append(str(code))
    for code in names.index:
        found.setdefault(_fold(str(code)), [str(code)])
    return found


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def _ended(text: str, mergers: pd.DataFrame) -> str:
    """Return the code of the municipality of then that had this name; `text` itself when none had."""
    if NAME not in mergers:
        return text
    known = mergers.dropna(subset=NAME)
    codes = {_fold(name): str(code) for name, code in zip(known[NAME], known["old_nis_code"], strict=True)}
    return codes.get(_fold(text), text)


def _suggestion(text: str, names: pd.Series, folded: Mapping[str, Sequence[str]], kind: str) -> str:
    near = difflib.get_close_matches(_fold(text), folded, n=1, cutoff=0.5)
    code = folded[near[0]][0] if near else _nearest_code(text, names)
    if code is None:
        return ". All are listed by: resilience list" if kind == "municipality" else ""
    return f"; did you mean {code} {names[code]}?"


def _nearest_code(text: str, names: pd.Series) -> str | None:
    """Return the code that looks most like `text`; of several, the one with the most digits in their place."""
    near = [str(code) for code in difflib.get_close_matches(text, names.index)]
    return max(near, key=lambda code: sum(map(str.__eq__, code, text)), default=None)
