"""A framework written as a tree: what our YAML files say, as metadata and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from resilience_analysis.composite.checks import first_per_place
from resilience_analysis.composite.declared import DEFAULTS, choice_problems, default_problems
from resilience_analysis.composite.metadata import find_problems
from resilience_analysis.foundation.errors import Problem, raise_if_any, unknown

TOP_KEYS = ("codes", "groups", "other", "defaults", "uncertainty", "title")
CODE_KEYS = {
    "code": "code",
    "label": "name",
    "weight": "weight",
    "direction": "direction",
    "unit": "unit",
    "target": "target",
    "target_cap": "target_cap",
    "denominator": "denominator",
    "denominator_scale": "denominator_scale",
    "goalpost_scale": "goalpost_scale",
    "goalpost_truncate": "goalpost_truncate",
    "reference": "reference",
    "normalise": "normalise",
    "treat": "treat",
    "winmax": "winmax",
}
PAIRS = {
    "goalposts": ("goalpost_lower", "goalpost_upper"),
    "scaled": ("scaled_lower", "scaled_upper"),
    "range": ("minmax_lower", "minmax_upper"),
    "zscore": ("zscore_mean", "zscore_sd"),
}


class Framework(NamedTuple):
    """A framework from a file.

    Attributes
    ----------
    metadata
        As `check_metadata` gives it.
    settings
        What the framework asks for, named as for `score`; an option of the caller goes before.
    choices
        What an uncertainty run varies, named as for `uncertainty`; empty when the framework does not say.
    """

    metadata: pd.DataFrame
    settings: dict[str, Any]
    choices: dict[str, Any]


def from_nested(document: Any, *, name: str = "framework") -> Framework:
    """Turn a framework written as a tree into metadata and settings.

    Parameters
    ----------
    document
        A mapping with ``codes``, a list of mappings with ``code``, ``children`` (a list of the same) and the keys
        of `CODE_KEYS` and `PAIRS`; and with ``groups`` and ``other`` (columns of the data that are not scored),
        ``defaults`` (the keys of `declared.DEFAULTS`), ``uncertainty`` (choices), ``title``.
    name
        What a message calls it, such as a file name.

    Raises
    ------
    InputError
        With every key that is not known and all that `check_metadata` refuses.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("codes"), list):
        raise_if_any(name, [Problem("codes", "is not a list of codes", "Begin with 'codes:' and a list below it")])
    problems = [Problem(key, unknown("key", key, TOP_KEYS)) for key in document if key not in TOP_KEYS]
    rows = list(_rows(document["codes"], "", problems))
    for kind, key in (("group", "groups"), ("other", "other")):
        rows += [{"code": code, "type": kind} for code in _names(document, key, problems)]
    rows += [{"code": code, "type": "denominator"} for code in _denominators(rows)]
    defaults, choices = document.get("defaults") or {}, document.get("uncertainty") or {}
    tidy, more = find_problems(pd.DataFrame(rows).assign(**_absent(rows)))
    problems += [*more, *default_problems(defaults, None if more else tidy), *choice_problems(choices)]
    raise_if_any(name, first_per_place(problems))
    return Framework(tidy, {DEFAULTS[key]: value for key, value in defaults.items()}, dict(choices))


def _rows(found: Any, parent: str, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """Yield one row per code, children after their parent; what cannot be read becomes a problem."""
    if not isinstance(found, list):
        problems.append(Problem(f"children of {parent}", "is not a list", "Put a dash before every child"))
        return
    for entry in found:
        if not isinstance(entry, Mapping) or "code" not in entry:
            problems.append(Problem(f"below {parent or 'codes'}", f"{entry!r} has no code", "Give it a code"))
            continue
        code = str(entry["code"])
        yield {"parent": parent, "weight": 1.0, "type": "indicator", **_cells(entry, code, problems)}
        if entry.get("children") is not None:
            yield from _rows(entry["children"], code, problems)


def _cells(entry: Mapping[str, Any], code: str, problems: list[Problem]) -> dict[str, Any]:
    cells: dict[str, Any] = {"type": "aggregate"} if "children" in entry else {}
    for key, value in entry.items():
        if key in CODE_KEYS:
            cells[CODE_KEYS[key]] = value
        elif key in PAIRS:
            if isinstance(value, list) and len(value) == 2:  # noqa: PLR2004 - a lower and an upper end
                cells.update(zip(PAIRS[key], value, strict=True))
            else:
                problems.append(Problem(f"code {code}, key {key}", f"{value!r} is not [lower, upper]"))
        elif key != "children":
            known = [*CODE_KEYS, *PAIRS, "children"]
            problems.append(Problem(f"code {code}, key {key}", unknown("key", key, known)))
    return cells


def _names(document: Mapping[str, Any], key: str, problems: list[Problem]) -> list[str]:
    """Return the columns that a list names, as text."""
    given = document.get(key) or []
    if isinstance(given, list):
        return [str(name) for name in given]
    problems.append(Problem(key, f"{given!r} is not a list", "Put a dash before every name"))
    return []


def _denominators(rows: list[dict[str, Any]]) -> list[str]:
    listed = {row["code"] for row in rows}
    named = dict.fromkeys(str(row["denominator"]) for row in rows if row.get("denominator"))
    return [name for name in named if name not in listed]


def _absent(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the columns that check_metadata wants and no row has."""
    present = {key for row in rows for key in row}
    return {column: None for column in ("parent", "direction", "weight") if column not in present}
