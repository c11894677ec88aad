"""How respondents stand for others: weights that are given or raked to known margins, and how many people there are.

No library the project keeps does raking; the method is a loop. Workshop answers are not a random sample: weights mend
who came, not what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any
from resilience_analysis.survey.answertable import AnswerTable, numbers_of, read_margins, read_population
from resilience_analysis.survey.bygroup import Design
from resilience_analysis.survey.crosstab import heads
from resilience_analysis.survey.instrument import FIELDS, Instrument
from resilience_analysis.survey.intervals import CONFIDENCE, NORMAL, effective_n
from resilience_analysis.survey.privacy import LEAST_NAMED
from resilience_analysis.survey.scores import Units
from resilience_analysis.survey.wording import as_written, fold, respondents

TRIM = (0.3, 3.0)
TOLERANCE = 1e-12
SETTLED = 1e-10
MAX_ROUNDS = 1000
LARGEST_GAP = 1e-4  # a margin that is met differs by rounding only
_SHOWN = 20
_SAME_WEIGHT = 6


@dataclass(frozen=True)
class EstimateOptions:
    """What to estimate, and how."""

    by: str  # column with the groups
    wave: str | None = None  # which wave of imported answers; needed where there are several and `by` is not the wave
    items: Path | None = None  # file of items; those of the instrument when None
    weight: str | None = None  # column with weights
    margins: Path | None = None  # file of margins to rake to, starting from `weight`
    population: Path | None = None  # file with the number of people by group
    strata: str | None = None  # column with the stratum in which respondents were drawn
    cluster: str | None = None  # column with their cluster
    missing: Sequence[str] = ()  # what stands for no answer
    min_answered: float | None = None  # least share of answered items of a dimension; the instrument's when None
    confidence: float = CONFIDENCE  # coverage of every interval
    interval: str = NORMAL  # kind of interval of a mean
    gap: str | None = None  # `column:one:other` to compare two values of a column
    total: bool = False  # whether all groups together are added
    shrink: bool = False  # whether a model is shown beside the dimensions
    internal: bool = False  # whether everything is shown


def design_of(
    path: Path, table: AnswerTable, groups: pd.Series, options: EstimateOptions, instrument: Instrument
) -> tuple[Design, Raked | None]:
    """Return how the respondents of a table stand for others, and the weights where they were raked.

    `InputError` names every weight, margin and number of people that is not one; `UsageError` a column that is absent.

    Examples
    --------
    >>> from resilience_analysis.survey.answertable import ItemList
    >>> from resilience_analysis.survey.items import load_instrument
    >>> values, people = pd.DataFrame({"A1": [1.0, 4.0]}), pd.DataFrame({"place": ["x", "x"], "w": ["1", "3"]})
    >>> table = AnswerTable(values, people, values.notna(), ItemList(("A1",), {}, frozenset()))
    >>> options = EstimateOptions("place", weight="w")
    >>> design, _ = design_of(Path("answers.csv"), table, people["place"], options, load_instrument())
    >>> design.weights.tolist()
    [1.0, 3.0]
    """
    weights = None if options.weight is None else _weights(path, table, options.weight)
    raked = population = None
    if options.margins:
        margins = _margins_as_answered(read_margins(options.margins), table, instrument)
        raked = rake(table.people, margins, start=weights, trim=instrument.counting.trim)
        require_margins(raked, instrument.counting.trim)
        weights = raked.weights
    units = Units(*(None if name is None else _whole_column(table, name) for name in (options.strata, options.cluster)))
    if options.population:
        choices = _choices(options.by, table, instrument)
        population = _as_answered(read_population(options.population), groups, choices)
        answered = heads(table.asked, groups if weights is None else groups.where(weights > 0))
        _require_population(options.population, population, answered, groups, instrument.counting.suppress_below)
    # R's error counts everybody in the table, so that it stays on this machine.
    whole_table = options.internal and options.interval == NORMAL
    classes = _classes(table, options, raked)
    return Design(weights, population, options.confidence, options.interval, units, whole_table, classes), raked


@dataclass(frozen=True)
class Raked:
    """Weights and what they cost."""

    weights: pd.Series  # one per respondent, mean 1
    n_effective: float  # kish's effective number of respondents
    design_effect: float  # respondents over the effective number: how much wider weighting makes the variance
    rounds: int  # how many times every margin was fitted
    trimmed: int  # how many weights are at a bound
    margin_gap: float  # largest difference left between a weighted share and its margin, 0 to 1


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
        With every fault: a column that is absent, a respondent or value without the other, a margin that is negative
        or adds up to nothing, a starting weight that is not above zero.

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


def _weights(path: Path, table: AnswerTable, name: str) -> pd.Series:
    """Return a column as weights; those that are none are refused by their place."""
    given = table.column(name)
    weights = numbers_of(given.fillna(""))
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    where = f"{path.name}, column {name}"
    problems = [
        Problem(
            f"{where}, respondent {place + 1}",
            "this is not a weight" if pd.notna(given.iloc[place]) else "the weight is missing",
            "Give every respondent a weight of 0 or more",
        )
        for place in wrong[:_SHOWN]
    ]
    if len(wrong) > _SHOWN:
        problems.append(Problem(where, f"{len(wrong) - _SHOWN} more like these"))
    if not len(wrong) and not (weights > 0).any():
        problems.append(Problem(where, "no weight is above 0", "Give those who count a weight above 0"))
    raise_if_any(path.name, problems)
    return weights


def _whole_column(table: AnswerTable, name: str) -> pd.Series:
    """Return a column in which everybody has a value; `UsageError` where some have none."""
    column = table.column(name)
    if column.isna().any():
        raise UsageError(f"column {name}: {respondents(int(column.isna().sum()))} no value. Give everybody one")
    return column


def _choices(column: str, table: AnswerTable, instrument: Instrument) -> dict[str, str]:
    """Return the value that answers have by every way of writing it, for a column that an import wrote."""
    asked = [question for question in instrument.questions if question.id == column and table.waves]
    choices = [choice for question in asked for choice in question.choices]
    return {fold(text): choice.id for choice in choices for text in (choice.id, choice.code, *choice.texts.every)}


def _as_answered(numbers: Mapping[str, float], values: pd.Series, choices: Mapping[str, str]) -> dict[str, float]:
    """Return numbers of people under the values that answers have: *Olen* for 13029."""
    own = pd.Series(values.dropna().unique(), dtype=object)
    known = dict(zip(as_written(own), own, strict=True))
    written = as_written(pd.Series(list(numbers), dtype=object))
    found: dict[str, float] = {}
    for name, plain, number in zip(numbers, written, numbers.values(), strict=True):
        value = str(known.get(plain, choices.get(fold(name), name)))
        found[name if value in found else value] = number
    return found


def _margins_as_answered(
    margins: Mapping[str, Mapping[str, float]], table: AnswerTable, instrument: Instrument
) -> dict[str, dict[str, float]]:
    """Return margins under the columns and values that answers have: *Gemeente* is nis_code in those of an import."""
    columns = {fold(str(name)): str(name) for name in table.people}
    asked = instrument.questions if table.waves else ()
    questions = {fold(text): one.id for one in asked for text in (one.id, one.code, *one.texts.every)}
    found: dict[str, dict[str, float]] = {}
    for name, numbers in margins.items():
        column = name if name in table.people else questions.get(fold(name)) or columns.get(fold(name), name)
        values = table.people[column] if column in table.people else pd.Series(dtype=object)
        found[column] = _as_answered(numbers, values, _choices(column, table, instrument))
    return found


def _require_population(
    path: Path, population: Mapping[str, float], answered: pd.Series, groups: pd.Series, least: int
) -> None:
    """Check how many people there are; a group without them would be shown uncorrected among corrected ones.

    What fewer than `least` wrote is not named, nor how many of a group answered.
    """
    number = groups[~groups.isin(list(population))].value_counts()
    named = sorted(number.index[number >= least])
    problems = [Problem(path.name, f"group {group!r} is missing", "Add a row with its N") for group in named[:_SHOWN]]
    if len(named) > _SHOWN:
        problems.append(Problem(path.name, f"{len(named) - _SHOWN} more groups are missing"))
    if few := len(number) - len(named):
        problems.append(Problem(path.name, f"groups are missing: {few}, of fewer than {least} respondents each"))
    problems += [
        Problem(f"{path.name}, group {group!r}", f"more people answered than {people:g}", "Correct its N")
        for group, people in population.items()
        if answered.get(group, 0) > people
    ]
    raise_if_any(path.name, problems)


def _classes(table: AnswerTable, options: EstimateOptions, raked: Raked | None) -> pd.Series | None:
    """Return which respondents count alike, where readers know it: by margins, or by what also groups people."""
    known = [table.column(name) for name in (options.weight, options.strata, options.cluster) if name in FIELDS]
    known += [raked.weights.round(_SAME_WEIGHT)] if raked else []
    return pd.concat(known, axis=1).astype(str).agg("|".join, axis=1) if known else None
