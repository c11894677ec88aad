"""Weights that make respondents count as the population is made up: raking to known margins.

No library the project keeps does this, and two packages that do bring a second table library with them; the method
itself is a loop. Workshop answers are not a random sample: weights mend who came, not what was said.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any
from resilience_analysis.survey.intervals import effective_n

LEAST_NAMED = 5  # what fewer than five wrote is not repeated
TRIM = (0.3, 3.0)
TOLERANCE = 1e-12
SETTLED = 1e-10
MAX_ROUNDS = 1000
# A margin that is met differs by rounding only.
LARGEST_GAP = 1e-4


@dataclass(frozen=True)
class Raked:
    """Weights and what they cost."""

    weights: pd.Series  # one per respondent, mean 1
    n_effective: float  # kish's effective number of respondents
    # number of respondents over the effective number: how much wider weighting makes the variance
    design_effect: float
    rounds: int  # how many times every margin was fitted
    trimmed: int  # how many weights are at a bound
    # largest difference left between a weighted share and its margin, 0 to 1; above `LARGEST_GAP` where margins
    # contradict each other or the bounds of a weight keep them from being met
    margin_gap: float


def rake(
    people: pd.DataFrame,
    margins: Mapping[str, Mapping[str, float]],
    *,
    start: pd.Series | None = None,
    trim: tuple[float, float] = TRIM,
) -> Raked:
    """Rake respondents to known margins by iterative proportional fitting, with trimmed weights.

    Parameters
    ----------
    people
        One row per respondent, with a column for every margin.
    margins
        Number or share of people by value, by column; each column is brought to shares of 1.
    start
        Weights to start from; equal when not given.
    trim
        Bounds of a weight as a multiple of the mean weight.

    Returns
    -------
    Raked
        Weights with mean 1. Where raking leaves one outside the bounds, it is done again, and weights are cut off at
        the bounds after each round and the rest fitted again.

    Raises
    ------
    InputError
        With every fault: a column that is absent, a respondent without a value, a value without a margin, a
        margin above zero without respondents, a margin that is negative or adds up to nothing, a starting
        weight that is not above zero.

    References
    ----------
    Deming and Stephan 1940, Ann. Math. Stat. 11:427-444; Kish 1965 for the effective number.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"role": ["official", "official", "official", "resident"]})
    >>> rake(people, {"role": {"official": 50, "resident": 50}}).weights.round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    shares = _shares(people, margins)
    codes = {name: pd.Index(share.index).get_indexer(as_written(people[name])) for name, share in shares.items()}
    targets = {name: share.to_numpy() for name, share in shares.items()}
    first = np.ones(len(people)) if start is None else _usable(start)
    margins_of = [(code, targets[name]) for name, code in codes.items()]
    weights, rounds = _fitted(first, margins_of)
    if weights.min(initial=1) < trim[0] or weights.max(initial=1) > trim[1]:
        weights, rounds = _fitted(first, margins_of, trim)
    gap = max(
        (np.abs(_weighted(weights, codes[name], targets[name]) - targets[name]).max() for name in codes), default=0
    )
    n_effective = effective_n(weights)
    return Raked(
        weights=pd.Series(weights, index=people.index, name="weight"),
        n_effective=n_effective,
        design_effect=len(people) / n_effective,
        rounds=rounds,
        trimmed=int(np.isclose(weights, trim[0], rtol=1e-6).sum() + np.isclose(weights, trim[1], rtol=1e-6).sum()),
        margin_gap=float(gap),
    )


def _fitted(
    weights: np.ndarray, margins: Sequence[tuple[np.ndarray, np.ndarray]], trim: tuple[float, float] | None = None
) -> tuple[np.ndarray, int]:
    """Fit every margin in turn, round after round, until the weights stay; give them and the number of rounds."""
    rounds, settled = 0, False
    while rounds < MAX_ROUNDS and not settled:
        rounds, before = rounds + 1, weights
        for code, target in margins:
            weights = _fit(weights, code, target)
        if trim is not None:
            weights = _trimmed(weights, trim)
        settled = bool(np.abs(weights - before).max(initial=0) < SETTLED)
    return weights, rounds


def _usable(start: pd.Series) -> np.ndarray:
    weights = start.to_numpy(dtype=float)
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise InputError("weights", [Problem("weights", "raking starts from weights above 0 for every respondent")])
    return np.asarray(weights / weights.mean())


def _trimmed(weights: np.ndarray, trim: tuple[float, float]) -> np.ndarray:
    """Cut weights off at the bounds, scaled so that their mean is 1 all the same; found by halving."""
    low, high = trim[0] / weights.max(), trim[1] / weights.min()
    while high - low > TOLERANCE * high:
        middle = (low + high) / 2
        low, high = (middle, high) if np.clip(middle * weights, *trim).mean() < 1 else (low, middle)
    return np.asarray(np.clip(high * weights, *trim))


def _weighted(weights: np.ndarray, code: np.ndarray, target: np.ndarray) -> np.ndarray:
    return np.asarray(np.bincount(code, weights, minlength=len(target)) / weights.sum())


def _fit(weights: np.ndarray, code: np.ndarray, target: np.ndarray) -> np.ndarray:
    share = _weighted(weights, code, target)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(share > 0, target / share, 1.0)
    return np.asarray(weights * factor[code])


def require_margins(raked: Raked, trim: tuple[float, float]) -> None:
    """Refuse weights that do not meet their margins.

    Raises
    ------
    InputError
        With the largest gap in percentage points.
    """
    if raked.margin_gap > LARGEST_GAP:
        off = f"after {raked.rounds} rounds a share is {100 * raked.margin_gap:.2g} percentage points off"
        remedy = f"Weights stay within {trim[0]:g} and {trim[1]:g} times their mean: join values, or correct margins"
        raise InputError("margins", [Problem("margins", f"the margins are not met: {off}", remedy)])


def as_written(values: pd.Series) -> pd.Series:
    """Return values in one way of writing: small letters, single spaces, any dash a hyphen, ``1.0`` as ``1``.

    Examples
    --------
    >>> as_written(pd.Series([" Olen", "18 \u2013 34", "1.0"])).tolist()
    ['olen', '18-34', '1']
    """
    text = values.where(values.notna(), "").astype(str)
    plain = text.map(lambda value: " ".join(unicodedata.normalize("NFKC", value).casefold().split()))
    plain = plain.str.replace(r"(?<=\w)\s*[-\u2010-\u2015\u2212]\s*(?=\w)", "-", regex=True)
    return plain.str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)


def _shares(people: pd.DataFrame, margins: Mapping[str, Mapping[str, float]]) -> dict[str, pd.Series]:
    problems: list[Problem] = []
    shares = {}
    for name, margin in margins.items():
        totals = pd.Series(dict(margin), dtype=float)
        totals.index = pd.Index(as_written(pd.Series(totals.index, dtype=object)))
        problems += [
            Problem(f"margin {name}", f"{value!r} appears twice, in two ways of writing", "Keep one row for it")
            for value in sorted(set(totals.index[totals.index.duplicated()]))
        ]
        totals = totals[~totals.index.duplicated()]
        if name not in people:
            problems.append(Problem(f"margin {name}", "the answers have no such column"))
        else:
            problems += _faults(name, totals, people[name])
        shares[name] = totals / totals.sum()
    raise_if_any("margins", problems)
    return shares


def _faults(name: str, totals: pd.Series, values: pd.Series) -> list[Problem]:
    where = f"margin {name}"
    texts = as_written(values)
    without = int((texts == "").sum())
    present = set(texts) - {""}
    problems = []
    if without:
        who = "1 respondent has" if without == 1 else f"{without} respondents have"
        problems.append(Problem(where, f"{who} no value", "Give everybody one, or leave out who has none"))
    if not (totals >= 0).all() or not totals.sum() > 0:
        problems.append(Problem(where, "has a negative number, or adds up to nothing"))
    for value in sorted(present - set(totals.index[totals > 0])):
        few = int((texts == value).sum()) < LEAST_NAMED
        what = "a value of fewer than five respondents" if few else repr(value)
        problems.append(Problem(where, f"{what} has no number of people", "Add it to the margin"))
    for value in sorted(set(totals.index[totals > 0]) - present):
        problems.append(Problem(where, f"no respondent has {value!r}", "Join it with a like value"))
    return problems
