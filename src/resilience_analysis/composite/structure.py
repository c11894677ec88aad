"""The tree of a framework: levels, parents and children, and what can be wrong with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import Problem


@dataclass(frozen=True)
class Node:
    """One aggregate and its direct children.

    Attributes
    ----------
    code
        The aggregate.
    level
        Its level, 2 or more.
    children
        Codes of its direct children, in the order of the metadata.
    """

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
    """Derive levels from the bottom up: 1 without children, else one more than the highest child.

    Returns
    -------
    tuple
        The level of each code, and a problem for each code that is its own ancestor.
    """
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
