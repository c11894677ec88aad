"""The tree of a framework: levels, parents and children, and what can be wrong with them and with metadata."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.composite.means import read_mean
from resilience_analysis.composite.operations import read_steps
from resilience_analysis.composite.outliers import TREATMENTS
from resilience_analysis.composite.scales import METHODS as SCALES
from resilience_analysis.foundation.errors import Problem, UsageError, unknown

SCORED = ("indicator", "aggregate")
CONSTANTS = ("refuse", "missing")
OWN_METHODS = {
    "normalise": ("normalisation method", tuple(SCALES)),
    "treat": ("treatment", TREATMENTS),
}
"""What an indicator may ask for itself, by column: what a message calls it, and the known names."""
RISING_PAIRS = (("goalpost_lower", "goalpost_upper"), ("scaled_lower", "scaled_upper"))


def cell_problems(tidy: pd.DataFrame) -> list[Problem]:
    """Find what is wrong with the cells of tidy metadata whose tree is sound."""
    scored = tidy[tidy["type"].isin(SCORED)]
    return [
        *_direction_problems(scored),
        *_weight_problems(scored),
        *_pair_problems(scored),
        *_limit_problems(scored),
        *_method_problems(scored),
        *_own_problems(tidy),
        *_derived_problems(tidy),
    ]


def _direction_problems(scored: pd.DataFrame) -> list[Problem]:
    problems = []
    for code, kind, direction in scored[["type", "direction"]].itertuples(name=None):
        where = f"code {code}, column direction"
        if kind == "indicator" and direction not in (1, -1):
            given = "is missing" if np.isnan(direction) else f"is {direction:g}"
            problems.append(Problem(where, f"{given}, not 1 or -1", "Say 1 when more is better, else -1"))
        if kind == "aggregate" and not np.isnan(direction) and direction != 1:
            problems.append(
                Problem(
                    where,
                    f"is {direction:g}, but an aggregate has no direction",
                    "Give it 1 and turn its indicators",
                )
            )
    return problems


def _weight_problems(scored: pd.DataFrame) -> list[Problem]:
    problems = []
    for code, parent, weight in scored[["parent", "weight"]].itertuples(name=None):
        where = f"code {code}, column weight"
        if np.isnan(weight) and parent:
            problems.append(Problem(where, "is missing", "Give a number of 0 or more"))
        if weight < 0:
            problems.append(
                Problem(where, f"is {weight:g}", "A weight is 0 or more; a direction of -1 turns an indicator")
            )
    sums = scored[scored["parent"] != ""].groupby("parent", sort=False)["weight"].sum(min_count=1)
    for parent in sums.index[sums == 0]:
        problems.append(
            Problem(f"code {parent}", "all its children have weight 0", "Give at least one of them a weight above 0")
        )
    return problems


def _pair_problems(scored: pd.DataFrame) -> list[Problem]:
    problems = []
    for lower, upper in RISING_PAIRS:
        if lower not in scored.columns and upper not in scored.columns:
            continue
        if lower not in scored.columns or upper not in scored.columns:
            problems.append(Problem(f"metadata, columns {lower} and {upper}", "only one of them is there", "Give both"))
            continue
        for code, low, high in scored[[lower, upper]].itertuples(name=None):
            problems += _pair_problem(f"code {code}, columns {lower} and {upper}", low, high)
    return problems


def _limit_problems(scored: pd.DataFrame) -> list[Problem]:
    if "winmax" not in scored.columns:
        return []
    wrong = scored["winmax"][(scored["winmax"] < 0) | (scored["winmax"] % 1 > 0)]
    return [
        Problem(f"code {code}, column winmax", f"is {limit:g}", "Give a whole number of 0 or more")
        for code, limit in wrong.items()
    ]


def _method_problems(scored: pd.DataFrame) -> list[Problem]:
    return [
        Problem(f"code {code}, column {column}", unknown(kind, name, known))
        for column, (kind, known) in OWN_METHODS.items()
        if column in scored.columns
        for code, name in scored[column].items()
        if name and name not in known
    ]


def _own_problems(tidy: pd.DataFrame) -> list[Problem]:
    """Find what single codes ask for that is unknown, or that their type does not have."""
    problems = []
    for column, (kinds, read) in OWN_TEXTS.items():
        if column not in tidy.columns:
            continue
        for code, kind, text in zip(tidy.index, tidy["type"], tidy[column], strict=True):
            where = f"code {code}, column {column}"
            if text and kind not in kinds:
                problems.append(Problem(where, f"is for {' and '.join(kinds)} codes, not for {kind}", "Take it out"))
            elif text:
                problems += _refusal(where, text, read)
    return problems


def _refusal(where: str, text: str, read: Callable[[str], object]) -> list[Problem]:
    try:
        read(text)
    except UsageError as error:
        return [Problem(where, str(error))]
    return []


def read_constant(text: str) -> float | str:
    """Read what to do with an indicator that has one value in every unit: ``refuse``, ``missing`` or a score."""
    if text in CONSTANTS:
        return text
    try:
        return float(text)
    except ValueError:
        raise UsageError(unknown("way with a constant indicator", text, (*CONSTANTS, "a number"))) from None


def _derived_problems(tidy: pd.DataFrame) -> list[Problem]:
    scored = set(tidy.index[tidy["type"].isin(SCORED)])
    derived = tidy[tidy["type"] == "derived"]
    problems = [
        Problem(f"code {code}, column parent", f"{parent!r} is not a code that is scored", "Name the one it is made of")
        for code, parent in derived["parent"].items()
        if parent not in scored
    ]
    if "min_coverage" in tidy.columns:
        least = tidy["min_coverage"]
        problems += [
            Problem(f"code {code}, column min_coverage", f"is {share:g}, not between 0 and 1", "Give a share")
            for code, share in least[(least < 0) | (least > 1)].items()
        ]
    return problems


OWN_TEXTS: dict[str, tuple[tuple[str, ...], Callable[[str], object]]] = {
    "transform": (("indicator",), read_steps),
    "steps": (("indicator", "aggregate", "derived"), read_steps),
    "aggregate": (("aggregate",), read_mean),
    "constant": (("indicator",), read_constant),
}
"""What a code may ask for itself, by column: the types that have it, and how it is read."""


def _pair_problem(where: str, low: float, high: float) -> list[Problem]:
    if np.isnan(low) != np.isnan(high):
        return [Problem(where, "only one of them is given", "Give both or none")]
    if low == high:
        return [Problem(where, f"both are {low:g}", "They must differ")]
    if low > high:
        return [Problem(where, f"{low:g} is above {high:g}", "Give the lower first; direction turns the indicator")]
    return []


@dataclass(frozen=True)
class Node:
    """One aggregate, its level of 2 or more, and its direct children in the order of the metadata."""

    code: str
    level: int
    children: tuple[str, ...]


def nodes(metadata: pd.DataFrame) -> list[Node]:
    """List the aggregates of a tidy metadata table from the bottom up, so that children come before parents."""
    aggregates = metadata[metadata["type"] == "aggregate"].sort_values("level", kind="stable")
    scored = metadata[metadata["type"].isin(("indicator", "aggregate"))]
    families = scored[scored["parent"] != ""].groupby("parent", sort=False).groups
    return [
        Node(str(code), int(level), tuple(str(child) for child in families[code]))
        for code, level in aggregates["level"].items()
    ]


def roots(metadata: pd.DataFrame) -> dict[str, str]:
    """Return the top aggregate that each indicator and aggregate of a tidy metadata table belongs to."""
    scored = metadata[metadata["type"].isin(("indicator", "aggregate"))]
    top: dict[str, str] = {}
    for code, parent in scored.sort_values("level", ascending=False, kind="stable")["parent"].items():
        top[str(code)] = top[parent] if parent else str(code)
    return top


def leaves(metadata: pd.DataFrame) -> dict[str, list[str]]:
    """Return all indicators below each aggregate of a tidy metadata table, at any depth."""
    below: dict[str, list[str]] = {}
    for node in nodes(metadata):
        below[node.code] = [leaf for child in node.children for leaf in below.get(child, [child])]
    return below


def families_at(metadata: pd.DataFrame, level: int) -> dict[str, list[str]]:
    """Return the indicators below each aggregate of a level; one beside aggregates belongs to its own parent."""
    below, found = leaves(metadata), {}
    placed: set[str] = set()
    for node in nodes(metadata):
        if node.level == level or (node.level > level and set(node.children) - set(below) - placed):
            own = below[node.code] if node.level == level else [c for c in node.children if c not in below]
            found[node.code] = [code for code in own if code not in placed]
            placed.update(found[node.code])
    return found


def derive_levels(scored: pd.DataFrame) -> tuple[pd.Series, list[Problem]]:
    """Derive levels from the bottom up, 1 without children, else one more than the highest child; and find circles."""
    parents = scored["parent"].to_dict()
    height = dict.fromkeys(parents, 1.0)
    problems = []
    for code in parents:
        seen = {code}
        child, parent = code, parents[code]
        while parent in parents:
            if parent in seen:
                problems.append(Problem(f"code {code}, column parent", f"leads back to {parent}", "Break the circle"))
                break
            seen.add(parent)
            height[parent] = max(height[parent], height[child] + 1)
            child, parent = parent, parents[parent]
    return pd.Series(height, dtype=float), problems


def structure_problems(scored: pd.DataFrame) -> list[Problem]:
    """Find what is wrong with levels, parents and types of the indicators and aggregates."""
    return [*_level_problems(scored), *_parent_problems(scored), *_childless_problems(scored)]


def _level_problems(scored: pd.DataFrame) -> list[Problem]:
    problems = []
    for code, kind, level in scored[["type", "level"]].itertuples(name=None):
        where = f"code {code}, column level"
        if np.isnan(level):
            problems.append(Problem(where, "is missing", "Indicators have level 1, their parents 2, and so on"))
        elif level < 1 or level != int(level):
            problems.append(Problem(where, f"is {level:g}", "A level is a whole number from 1"))
        elif kind == "indicator" and level != 1:
            problems.append(Problem(where, f"is {level:g}", "An indicator has level 1"))
        elif kind == "aggregate" and level == 1:
            problems.append(Problem(where, "is 1, but the code is an aggregate", "Give it 2 or more"))
    used = {int(level) for level in scored["level"] if level >= 1}
    for level in sorted(set(range(1, max(used, default=0))) - used):
        problems.append(Problem(f"metadata, level {level}", "no code has it", "Number the levels without a gap"))
    return problems


def _parent_problems(scored: pd.DataFrame) -> list[Problem]:
    levels, kinds = scored["level"].to_dict(), scored["type"].to_dict()
    has_aggregates = "aggregate" in kinds.values()
    problems = []
    for code, parent in scored["parent"].items():
        where = f"code {code}, column parent"
        if not parent:
            if kinds[code] == "indicator" and has_aggregates:
                problems.append(Problem(where, "is missing", "Name the aggregate it belongs to"))
        elif parent not in levels:
            problems.append(Problem(where, f"{parent!r} is not a code of an aggregate", "Add it or correct it"))
        elif kinds[parent] == "indicator":
            problems.append(Problem(where, f"{parent!r} is an indicator", "A parent is an aggregate"))
        elif levels[parent] <= levels[code]:
            problems.append(
                Problem(
                    where,
                    f"{parent} has level {levels[parent]:g}, {code} has level {levels[code]:g}",
                    "A parent is at least one level above its child",
                )
            )
    return problems


def _childless_problems(scored: pd.DataFrame) -> list[Problem]:
    aggregates = scored.index[scored["type"] == "aggregate"]
    return [
        Problem(f"code {code}", "is an aggregate without children", "Give it indicators or leave it out")
        for code in aggregates[~aggregates.isin(scored["parent"])]
    ]
