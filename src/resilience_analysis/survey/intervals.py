"""Intervals of means and shares, and what weights and a finite population do to them; weights raked to known margins.

The functions of intervals take numbers, arrays or frames and work element by element; NaN in gives NaN out. Results are
arrays. No library the project keeps does raking; the method is a loop. Workshop answers are not a random sample:
weights mend who came, not what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, unknown
from resilience_analysis.survey.wording import as_written, respondents

LEAST_NAMED = 5  # what fewer than five wrote is not repeated
TRIM = (0.3, 3.0)
TOLERANCE = 1e-12
SETTLED = 1e-10
MAX_ROUNDS = 1000
LARGEST_GAP = 1e-4  # a margin that is met differs by rounding only
NORMAL, STUDENT = "normal", "t"
INTERVALS = (NORMAL, STUDENT)
CONFIDENCE = 0.95
QUANTILE = 1.9599639845400545  # two-sided, of the standard normal at `CONFIDENCE`
ROUNDING = 1e-12  # a weighted mean of equal answers is off by less, which is not a spread
Bounds = tuple[np.ndarray, np.ndarray]


def normal_quantile(confidence: float) -> float:
    """Return the two-sided quantile of the standard normal: 1.96 at 0.95.

    Examples
    --------
    >>> round(normal_quantile(0.95), 2)
    1.96
    """
    if confidence == CONFIDENCE:
        return QUANTILE
    from scipy.special import ndtri  # noqa: PLC0415 - takes half a second, and most intervals are those above

    return float(-ndtri((1 - confidence) / 2))


def wilson(share: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE) -> Bounds:
    """Return Wilson's score interval of a share.

    Parameters
    ----------
    share
        Observed share, 0 to 1.
    n
        Number of answers; the effective number where answers are weighted. It need not be whole.
    confidence
        Coverage, 0 to 1.

    Returns
    -------
    tuple of numpy.ndarray
        Low and high, 0 to 1; exactly 0 where no one and exactly 1 where everyone agrees.

    References
    ----------
    Wilson 1927, J. Am. Stat. Assoc. 22:209-212; `binom.wilson` of R's binom package.

    Examples
    --------
    >>> [round(float(bound), 3) for bound in wilson(0.4, 10)]
    [0.168, 0.687]
    """
    p, n = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    z = normal_quantile(confidence)
    z2 = z**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    margin = z * np.sqrt(p * (1 - p) / n + z2 / (4 * n**2)) / (1 + z2 / n)
    return np.where(p == 0, 0.0, centre - margin), np.where(p == 1, 1.0, centre + margin)


def mean_interval(
    mean: ArrayLike, se: ArrayLike, freedom: ArrayLike, *, kind: str = NORMAL, confidence: float = CONFIDENCE
) -> Bounds:
    """Return the interval of a mean from its standard error.

    Parameters
    ----------
    mean, se
        The mean and its standard error.
    freedom
        Degrees of freedom of the standard error, see `scores.GroupMeans`; used by ``t`` only.
    kind
        ``normal`` is what R's `confint(svyby(...))` gives; ``t`` widens it for few answers, and gives none where all
        answers are equal, because then the standard error says nothing.
    confidence
        Coverage, 0 to 1.

    Raises
    ------
    UsageError
        When `kind` is not one of `INTERVALS`.

    Examples
    --------
    >>> [round(float(bound), 2) for bound in mean_interval(3.0, 0.2, 9)]
    [2.61, 3.39]
    >>> [round(float(bound), 2) for bound in mean_interval(3.0, 0.2, 9, kind="t")]
    [2.55, 3.45]
    """
    if kind not in INTERVALS:
        raise UsageError(unknown("interval", kind, INTERVALS))
    m, error, free = (np.asarray(numbers, dtype=float) for numbers in (mean, se, freedom))
    if kind == NORMAL:
        margin = normal_quantile(confidence) * error
    else:
        from scipy.special import stdtrit  # noqa: PLC0415 - see above

        known = (free > 0) & (error > ROUNDING)
        margin = stdtrit(np.where(known, free, np.nan), (1 + confidence) / 2) * error
    return m - margin, m + margin


def newcombe(
    share: ArrayLike, n: ArrayLike, other: ArrayLike, other_n: ArrayLike, *, confidence: float = CONFIDENCE
) -> Bounds:
    """Return the interval of ``share - other``, two independent shares, from their Wilson intervals.

    References
    ----------
    Newcombe 1998, Stat. Med. 17:873-890, method 10.

    Examples
    --------
    >>> [round(float(bound), 3) for bound in newcombe(0.8, 20, 0.5, 20)]
    [0.005, 0.534]
    """
    p, q = np.asarray(share, dtype=float), np.asarray(other, dtype=float)
    p_low, p_high = wilson(p, n, confidence=confidence)
    q_low, q_high = wilson(q, other_n, confidence=confidence)
    below = np.sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    above = np.sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return p - q - below, p - q + above


def effective_n(weights: np.ndarray) -> float:
    """Return Kish's effective number of answers: the square of the sum over the sum of squares; 0 without weight.

    References
    ----------
    Kish 1965, Survey Sampling, section 8.2.

    Examples
    --------
    >>> import numpy as np
    >>> effective_n(np.array([1, 1, 2]))
    2.6666666666666665
    """
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def finite_population(n: ArrayLike, population: ArrayLike) -> np.ndarray:
    """Return the factor ``sqrt(1 - n / N)`` that a standard error shrinks by when n of N people answered.

    Raises
    ------
    UsageError
        When more people answered than there are.

    References
    ----------
    Cochran 1977, Sampling Techniques, section 2.6.

    Examples
    --------
    >>> round(float(finite_population(36, 100)), 2)
    0.8
    """
    asked, people = np.asarray(n, dtype=float), np.asarray(population, dtype=float)
    if np.any(asked > people):
        raise UsageError("more people answered than the population has. Correct the population")
    return np.asarray(np.sqrt(1 - asked / people))


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
        Where raking leaves a weight outside the bounds, it is done again, and weights are cut off at the bounds after
        each round and the rest fitted again.

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
    codes = (pd.Index(share.index).get_indexer(as_written(people[name])) for name, share in shares.items())
    parts = list(zip(codes, (share.to_numpy() for share in shares.values()), strict=True))
    first = np.ones(len(people)) if start is None else _usable(start)
    weights, rounds = _fitted(first, parts)
    if weights.min(initial=1) < trim[0] or weights.max(initial=1) > trim[1]:
        weights, rounds = _fitted(first, parts, trim)
    gap = max((np.abs(_weighted(weights, code, target) - target).max() for code, target in parts), default=0)
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
            share = _weighted(weights, code, target)
            weights = weights * np.divide(target, share, out=np.ones_like(share), where=share > 0)[code]
        if trim is not None:
            weights = _trimmed(weights, trim)
        settled = bool(np.abs(weights - before).max(initial=0) < SETTLED)
    return weights, rounds


def _usable(start: pd.Series) -> np.ndarray:
    weights = np.asarray(start, dtype=float)
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


def require_margins(raked: Raked, trim: tuple[float, float]) -> None:
    """Refuse weights that do not meet their margins; `InputError` with the largest gap in percentage points.

    Examples
    --------
    >>> people = pd.DataFrame({"role": ["official", "official", "official", "resident"]})
    >>> require_margins(rake(people, {"role": {"official": 50, "resident": 50}}), TRIM)
    """
    if raked.margin_gap > LARGEST_GAP:
        off = f"after {raked.rounds} rounds a share is {100 * raked.margin_gap:.2g} percentage points off"
        remedy = f"Weights stay within {trim[0]:g} and {trim[1]:g} times their mean: join values, or correct margins"
        raise InputError("margins", [Problem("margins", f"the margins are not met: {off}", remedy)])


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
    where, texts = f"margin {name}", as_written(values)
    present, known = set(texts) - {""}, set(totals.index[totals > 0])
    problems = []
    if (texts == "").any():
        who = respondents(int((texts == "").sum()))
        problems.append(Problem(where, f"{who} no value", "Give everybody one, or leave out who has none"))
    if not (totals >= 0).all() or not totals.sum() > 0:
        problems.append(Problem(where, "has a negative number, or adds up to nothing"))
    for value in sorted(present - known):
        few = int((texts == value).sum()) < LEAST_NAMED
        what = "a value of fewer than five respondents" if few else repr(value)
        problems.append(Problem(where, f"{what} has no number of people", "Add it to the margin"))
    for value in sorted(known - present):
        problems.append(Problem(where, f"no respondent has {value!r}", "Join it with a like value"))
    return problems
