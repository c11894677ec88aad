"""The municipalities of Flanders: finding one by code or name, and saying what happened to a code that is gone."""

from __future__ import annotations

import difflib
import unicodedata

import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.geography.mergers import NAME, successor


def find(names: pd.Series, wanted: str, *, mergers: pd.DataFrame | None = None) -> str:
    """Find the NIS code that a user means.

    Parameters
    ----------
    names
        Names of the municipalities, indexed by NIS code.
    wanted
        A NIS code or a name; case and accents do not matter.
    mergers
        Table of `read_mergers`, to say what an ended code or name became.

    Raises
    ------
    UsageError
        When nothing matches; suggests the nearest name, or says into what the municipality merged.
    """
    text = str(wanted).strip()
    if text in names.index:
        return text
    folded = {_fold(str(name)): str(code) for code, name in names.items()}
    if _fold(text) in folded:
        return folded[_fold(text)]
    merged = None if mergers is None else successor(mergers, _ended(text, mergers))
    if merged:
        code, day = merged
        raise UsageError(f"{text} merged on {day} into {code} {names[code]}. Ask for {code}")
    raise UsageError(f"unknown municipality {text!r}{_suggestion(text, names, folded)}")


def find_all(names: pd.Series, wanted: list[str], *, mergers: pd.DataFrame | None = None) -> list[str]:
    """Find several codes at once, without repeats and in the order asked; all faults in one message."""
    found, faults = [], []
    for text in wanted:
        try:
            found.append(find(names, text, mergers=mergers))
        except UsageError as error:
            faults.append(str(error))
    if faults:
        raise UsageError("\n".join(faults))
    return list(dict.fromkeys(found))


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


def _suggestion(text: str, names: pd.Series, folded: dict[str, str]) -> str:
    near = difflib.get_close_matches(_fold(text), folded, n=1, cutoff=0.5)
    code = folded[near[0]] if near else _nearest_code(text, names)
    return ". All are listed by: resilience list" if code is None else f"; did you mean {code} {names[code]}?"


def _nearest_code(text: str, names: pd.Series) -> str | None:
    """Return the code that looks most like `text`; of several, the one with the most digits in their place."""
    near = [str(code) for code in difflib.get_close_matches(text, names.index)]
    return max(near, key=lambda code: sum(map(str.__eq__, code, text)), default=None)
