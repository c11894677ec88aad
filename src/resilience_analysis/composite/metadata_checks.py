"""What can be wrong with the cells of metadata: directions, weights, pairs, limits, and methods of single codes."""

from __future__ import annotations

from collections.abc import Callable

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
    """Read what to do with an indicator that has one value in every unit: ``refuse``, ``missing`` or a score.

    Raises
    ------
    UsageError
        When it is none of these.
    """
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
