"""How sure a score is: intervals of scores and ranks, and how much of them each source of uncertainty makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import Array, check_known, counted, unit_names, values_of
from resilience_analysis.composite.chain import Scored, score, step_settings
from resilience_analysis.composite.choices import noisy_codes, read_choices
from resilience_analysis.composite.engine import Engine, Experiment
from resilience_analysis.composite.metadata import checked
from resilience_analysis.composite.reporting import ranks
from resilience_analysis.composite.sampling import SobolDesign, Sums, add_up, jackknife, make_design, read_spread
from resilience_analysis.composite.structure import aggregate_codes, indicator_codes
from resilience_analysis.foundation.errors import UsageError

GROUPS = 20
"""In so many groups base points are evaluated, shared out to processes, and left out by the jackknife.

Of fewer points indices have no interval: on a function whose indices are known, those of 4 points held 80 to 88 % of
them, those of 2 could have no width at all, and those of 20 held 97 % and more.
"""
FEWEST_DRAWS = 40
"""Fewer leave less than one draw beyond either end of an interval of 95 %."""


@dataclass(frozen=True)
class Uncertainty:
    """The result of `uncertainty`.

    Attributes
    ----------
    intervals
        One row per unit (and year) and aggregate: ``score``, ``rank`` of the nominal run; ``mean``, ``sd``, ``low``,
        ``median``, ``high`` of the scores and ``rank_low``, ``rank_median``, ``rank_high`` of the ranks over the draws;
        ``draws`` that gave a score.
    sobol
        One row per unit, aggregate, ``of`` (score or rank) and ``factor``: ``first_order`` and ``total`` indices, each
        with ``_low`` and ``_high``, missing for fewer than `GROUPS` draws. The rows without a unit are for all units
        together. Empty when not asked.
    failures
        One row per reason for which draws failed, with the number of ``draws`` of all that were made.
    draws
        One row per draw and unit: the ``scores``; None when not asked.
    evaluations
        How many draws were scored, with those for the indices.
    nominal
        The run with the settings as they are.
    """

    intervals: pd.DataFrame
    sobol: pd.DataFrame
    failures: pd.DataFrame
    draws: pd.DataFrame | None
    evaluations: int
    nominal: Scored


class _Group(NamedTuple):
    """What one group of base points gave: its draws A, the sums for the indices, failures."""

    scores: Array
    ranks: Array
    sums: tuple[Sums, Sums] | None
    failures: Counter[str]


def uncertainty(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    choices: Mapping[str, Any],
    settings: Mapping[str, Any] | None = None,
    se: pd.DataFrame | None = None,
    low: pd.DataFrame | None = None,
    high: pd.DataFrame | None = None,
    correlation: pd.DataFrame | None = None,
    codes: Sequence[str] | None = None,
    groups: pd.Series | None = None,
    n: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    indices: bool = True,
    keep: bool = False,
    jobs: int = 1,
) -> Uncertainty:
    """Score again and again under other choices and other samples.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator; denominated, if need be.
    metadata
        One row per code; see `check_metadata`.
    choices
        What is varied, named by its argument; see `choices`.
    settings
        Of the nominal run, as for `score`; draws start from these.
    se, low, high
        Standard errors of the values, or 95 % intervals around them; see `sampling.read_spread`.
    correlation
        Correlations between the errors of the indicators; see `sampling.correlation_matrix`.
    codes
        The aggregates to look at; by default all.
    groups
        As for `impute`.
    n
        Draws. Sobol indices of d factors need n (d + 1) more.
    seed
        The same seed gives the same result, for any number of jobs.
    level
        The share of draws between ``low`` and ``high``.
    indices
        Whether to estimate Sobol indices.
    keep
        Whether to give the draws back.
    jobs
        Processes to share the work.

    Returns
    -------
    Uncertainty
        Intervals, indices, failures, and the nominal run.

    Raises
    ------
    InputError, UsageError
        When data, metadata or settings are refused, as the verbs say; when choices are unknown.

    References
    ----------
    Saltelli et al. (2010), *Computer Physics Communications* 181; Jansen (1999), *Computer Physics Communications* 117.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> found = composite.uncertainty(data, metadata=metadata, choices={"weights.noise": 0.25}, n=16, seed=1)
    >>> own = found.intervals.set_index(["code", "unit"]).loc[("index", "AA")]
    >>> own[["rank_low", "rank", "rank_high"]].tolist()
    [1.0, 1.0, 2.0]
    """
    _check_numbers(n, level, jobs, seed)
    tidy = checked(metadata, data)
    base = dict(settings or {})
    if "denominate" in step_settings(base):
        raise UsageError("draws start from denominated data. Call denominate before, for the errors too")
    wanted, inputs = _wanted(tidy, codes), indicator_codes(tidy)
    spread = read_spread(data, inputs, se=se, low=low, high=high, correlation=correlation)
    factors = read_choices(choices, base=base, levels=int(tidy["level"].max()), has_error=spread is not None)
    nominal = score(data, metadata=tidy, settings=base, groups=groups)
    kept = data.index.isin(nominal.tables["scores"].index)
    table = pd.DataFrame(values_of(data, inputs), data.index, pd.Index(inputs))
    task = Experiment(table, kept, tidy, base, factors, spread if factors.sample else None, seed, wanted, groups)
    design = make_design(factors, noisy_codes(tidy, factors.noise), n=n, seed=seed, with_indices=indices)
    scores = nominal.tables["scores"][wanted]
    found = list(_run(task, design, n, scores, jobs))
    failures = sum((group.failures for group in found), Counter())
    return Uncertainty(
        intervals=_intervals(found, scores, level),
        sobol=_sobol(found, design, scores, level),
        failures=pd.DataFrame(sorted(failures.items()), columns=pd.Index(["reason", "draws"])),
        draws=_draws(found, scores) if keep else None,
        evaluations=n * design.draws_per_point,
        nominal=nominal,
    )


def _check_numbers(n: int, level: float, jobs: int, seed: int) -> None:
    if n < 2:  # noqa: PLR2004 - one draw has no spread
        raise UsageError(f"{counted(n, 'draw')} cannot show a spread. Give at least 2")
    if not 0 < level < 1:
        raise UsageError(f"the level {level:g} is not between 0 and 1")
    if jobs < 1:
        raise UsageError(f"{jobs} jobs do no work. Give at least 1")
    if seed < 0:
        raise UsageError(f"the seed {seed} is below 0. Give a whole number from 0")


def _wanted(tidy: pd.DataFrame, codes: Sequence[str] | None) -> list[str]:
    known = aggregate_codes(tidy)
    if not known:
        raise UsageError("the metadata have no aggregate whose score could vary. Add one above the indicators")
    for code in codes or ():
        check_known("aggregate", code, known)
    return list(codes or known)


def _run(task: Experiment, design: SobolDesign, n: int, scores: pd.DataFrame, jobs: int) -> Iterator[_Group]:
    """Evaluate the groups of base points, in order, in this process or in several."""
    edges = np.unique(np.linspace(0, n, GROUPS + 1).astype(int))
    groups = [slice(int(start), int(end)) for start, end in pairwise(edges)]
    nominal = np.stack([scores.to_numpy(np.float64), ranks(scores).to_numpy(np.float64, na_value=np.nan)])
    evaluate = partial(_evaluate, design=design, nominal=nominal)
    if jobs == 1:
        engine = Engine(task)
        yield from (evaluate(points, engine=engine) for points in groups)
        return
    fresh = get_context("spawn")  # a fork would copy locks of threads that numpy may have started
    with ProcessPoolExecutor(jobs, fresh, initializer=_start, initargs=(task,)) as pool:
        yield from pool.map(partial(_evaluate_here, evaluate), groups)


_HERE: list[Engine] = []
"""The engine of a worker process."""


def _start(task: Experiment) -> None:
    _HERE[:] = [Engine(task)]


def _evaluate_here(evaluate: Callable[..., _Group], points: slice) -> _Group:
    return evaluate(points, engine=_HERE[0])


def _evaluate(points: slice, *, design: SobolDesign, nominal: Array, engine: Engine) -> _Group:
    outcomes = engine.evaluate(design.draws(points))
    each = (points.stop - points.start, design.draws_per_point)
    scores, places = (part.reshape(*each, *part.shape[1:]) for part in (outcomes.scores, outcomes.ranks))
    sums = (add_up(scores, nominal[0]), add_up(places, nominal[1])) if design.with_indices else None
    return _Group(scores[:, 0].copy(), places[:, 0].copy(), sums, outcomes.failures)


def _intervals(found: list[_Group], nominal: pd.DataFrame, level: float) -> pd.DataFrame:
    scores = np.concatenate([group.scores for group in found])
    places = np.concatenate([group.ranks for group in found])
    tails = [(1 - level) / 2, 0.5, (1 + level) / 2]
    count = (~np.isnan(scores)).sum(axis=0)
    low, median, high = _quantiles(scores, tails, "linear")
    rank_low, rank_median, rank_high = _quantiles(places, tails, "inverted_cdf")
    mean = np.nansum(scores, axis=0) / np.where(count > 0, count, np.nan)
    squares = np.nansum((scores - mean) ** 2, axis=0)
    columns = {
        "score": nominal.to_numpy(np.float64),
        "mean": mean,
        "sd": np.sqrt(squares / np.where(count > 1, count - 1, np.nan)),
        "low": low,
        "median": median,
        "high": high,
        "rank": ranks(nominal).to_numpy(np.float64, na_value=np.nan),
        "rank_low": rank_low,
        "rank_median": rank_median,
        "rank_high": rank_high,
        "draws": count,
    }
    units = unit_names(nominal.index.repeat(nominal.shape[1]))
    keys = {**units, "code": np.tile(nominal.columns, len(nominal))}
    return pd.DataFrame({**keys, **{name: values.ravel() for name, values in columns.items()}})


def _quantiles(draws: Array, shares: list[float], method: Literal["linear", "inverted_cdf"]) -> Array:
    """Return quantiles over the draws, those that failed left out; NaN where all failed."""
    gone = np.isnan(draws).all(axis=(1, 2))
    there = draws[~gone]
    if len(there) and not np.isnan(there).any():
        return np.quantile(there, shares, axis=0, method=method)
    empty = np.isnan(draws).all(axis=0)
    filled = np.where(empty, 0.0, draws)
    quantiles: Array = np.where(empty, np.nan, np.nanquantile(filled, shares, axis=0, method=method))
    return quantiles


def _sobol(found: list[_Group], design: SobolDesign, nominal: pd.DataFrame, level: float) -> pd.DataFrame:
    """Tabulate the indices, all units together first, then each."""
    if not design.with_indices:
        return pd.DataFrame()
    from scipy.special import ndtri  # noqa: PLC0415 - only uncertainty runs pay for it

    z = -float(ndtri((1 - level) / 2)) if len(found) == GROUPS else np.nan
    each, cells = nominal.shape[1] * len(design.names), nominal.shape[1] * (len(nominal) + 1)
    # as an array that may have gaps, so that a whole year stays a whole number beside them
    where = {name: pd.array([None, *units]).repeat(each) for name, units in unit_names(nominal.index).items()}
    codes = [code for code in nominal.columns for _ in design.names] * (len(nominal) + 1)
    tables = []
    for place, of in enumerate(("score", "rank")):
        first, first_error, total, total_error = jackknife([group.sums[place] for group in found if group.sums])
        columns: dict[str, Array] = {}
        for name, index, error in (("first_order", first, first_error), ("total", total, total_error)):
            columns |= {name: index, f"{name}_low": index - z * error, f"{name}_high": index + z * error}
        # (factors, units, codes) to rows of unit, code, factor, with all units together, the last, in front
        ordered = {name: np.roll(part, 1, axis=1).transpose(1, 2, 0).ravel() for name, part in columns.items()}
        keys = {**where, "code": codes, "of": of, "factor": design.names * cells}
        tables.append(pd.DataFrame({**keys, **ordered}))
    return pd.concat(tables, ignore_index=True)


def _draws(found: list[_Group], nominal: pd.DataFrame) -> pd.DataFrame:
    scores = np.concatenate([group.scores for group in found])
    index = pd.MultiIndex.from_tuples(
        [
            (draw, *(unit if isinstance(unit, tuple) else (unit,)))
            for draw in range(len(scores))
            for unit in nominal.index
        ],
        names=["draw", *nominal.index.names],
    )
    return pd.DataFrame(scores.reshape(-1, scores.shape[2]), index=index, columns=nominal.columns)
