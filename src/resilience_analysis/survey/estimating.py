"""What ``resilience survey estimate`` does, from files to tables: read, weigh, estimate, withhold, mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any
from resilience_analysis.survey.analysis import Analysis, analyse, gap_table, release_tables, shrunk_dimensions
from resilience_analysis.survey.answertable import (
    AnswerTable,
    numbers_of,
    read_answer_table,
    read_items,
    read_margins,
    read_population,
)
from resilience_analysis.survey.crosstab import heads
from resilience_analysis.survey.estimate import POSITIONS, Design
from resilience_analysis.survey.instrument import BACKGROUND, FIELDS, ROLE, VILLAGE, Instrument
from resilience_analysis.survey.intervals import CONFIDENCE, NORMAL, Raked, rake, require_margins
from resilience_analysis.survey.privacy import identifies
from resilience_analysis.survey.release import (
    STAMP_COLUMN,
    SYNTHETIC_COLUMN,
    rounded,
)
from resilience_analysis.survey.scores import Units
from resilience_analysis.survey.wording import as_written, fold, respondents, words

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


@dataclass(frozen=True)
class Estimated:
    """Tables by file name, and what there is to say about them."""

    tables: dict[str, pd.DataFrame]  # what is written
    analysis: Analysis  # what it comes from
    raked: Raked | None  # the weights that were raked
    unanswered: tuple[str, ...]  # groups of the population without respondents
    corrected: int  # number of groups whose errors are corrected for a finite population
    table: AnswerTable  # who answered what; `issues.estimated` makes of it and of the next what is remembered
    groups: pd.Series  # the group of each
    gaps: pd.DataFrame | None  # the comparison that was asked for
    compared: tuple[str, ...] = ()  # its column and two values


def estimate_file(path: Path, options: EstimateOptions, instrument: Instrument) -> Estimated:
    """Estimate everything that is asked from one file or folder of answers.

    Parameters
    ----------
    path
        See `answertable.read_answer_table`.
    options
        What to estimate.
    instrument
        The self-assessment: its items where no others are given, its thresholds always.

    Raises
    ------
    InputError
        When a file has faults; all of one file at once.
    UsageError
        When a column, an interval or a coverage is not known, or when an option is outside its range.
    """
    _check(options)
    items = read_items(options.items) if options.items else None
    table = read_answer_table(path, items, instrument, missing=options.missing).of_wave(options.wave, by=options.by)
    least = instrument.counting.suppress_below
    groups = _groups(table, options.by, instrument, known=options.population is not None)
    design, raked = _design(path, table, options, instrument)
    if options.population:
        counted = _as_answered(read_population(options.population), groups, _choices(options.by, table, instrument))
        design = replace(
            design, population=_population(options.population, counted, table, groups, design, least=least)
        )
    classes = _classes(table, options, raked)
    analysis = analyse(
        table,
        groups,
        instrument.counting,
        design=design,
        total=options.total,
        min_answered=options.min_answered,
        instrument=instrument if items is None else None,
        classes=classes,
        internal=options.internal,
    )
    tables = release_tables(analysis, suppress_below=least, internal=options.internal)
    if options.shrink:
        shrunk = shrunk_dimensions(tables["dimensions.csv"], analysis)
        tables["shrunk.csv"] = shrunk if options.internal else rounded(shrunk)
    if options.gap:
        wish, share = options.gap, options.min_answered
        tables["gap.csv"] = gap_table(
            table, wish, design, instrument, min_answered=share, internal=options.internal, classes=classes
        )
    synthetic = table.synthetic(instrument.synthetic)
    marked = {name: _marked(frame, options.internal, synthetic) for name, frame in tables.items()}
    people, found = set(design.population or ()), set(groups.dropna())
    unanswered = tuple(sorted(people - found))
    compared = tuple(options.gap.split(":")) if options.gap else ()
    gaps = tables.get("gap.csv")
    return Estimated(marked, analysis, raked, unanswered, len(people & found), table, groups, gaps, compared)


def _check(options: EstimateOptions) -> None:
    if not 0 < options.confidence < 1:
        raise UsageError(f"a coverage of {options.confidence} is not possible. Give a share between 0 and 1")
    if options.min_answered is not None and not 0 <= options.min_answered <= 1:
        raise UsageError(
            f"a least share of {options.min_answered:g} answered items is not possible. Give 0 to 1, such as 0.5"
        )
    positions = {str(position) for position in POSITIONS}
    clash = sorted(code for code in options.missing if code.strip().removesuffix(".0") in positions)
    if clash:
        raise UsageError(f"--missing {clash[0]}: this is a position of the scale, and cannot stand for no answer")
    _check_design(options)


def _check_design(options: EstimateOptions) -> None:
    """Refuse what is not estimated for people drawn by strata or clusters."""
    drawn = options.cluster or options.strata
    if options.gap and drawn:
        raise UsageError(
            f"--gap with a design (column {drawn}) is not estimated. Estimate both groups with --by instead"
        )
    if options.population and options.cluster:
        raise UsageError("--population counts people, and --cluster says that clusters were drawn. Leave out one")
    if options.population and options.strata not in {None, options.by}:
        raise UsageError(
            f"--population counts people by {options.by}, and --strata names {options.strata}. "
            f"Take --strata {options.by}, or leave out one"
        )


def _groups(table: AnswerTable, by: str, instrument: Instrument, *, known: bool) -> pd.Series:
    """Return the group of each respondent; what a person wrote is never the name of a group.

    Raises
    ------
    UsageError
        When the column identifies people, or no value is given by enough of them.
    """
    groups, least = table.column(by), instrument.counting.suppress_below
    if any(identifies(str(group)) for group in groups.dropna().unique()):
        what = "holds mail or IP addresses, moments or telephone numbers, which identify people"
        raise UsageError(f"--by {by}: the column {what}. Choose a column with groups")
    number = groups.map(groups.value_counts())
    if not known and groups.notna().sum() >= least and not (number >= least).any():
        raise UsageError(f"--by {by}: no value is given by {least} people or more. Choose a column with groups")
    questions = [instrument.question(kind) for kind in (VILLAGE, ROLE, BACKGROUND)]
    asked = {fold(text) for one in questions for text in (one.id, one.code, *one.texts.every)}
    choices = [choice for question in instrument.questions for choice in question.choices]
    offered = {fold(text) for choice in choices for text in (choice.id, choice.code, *choice.texts.every)}
    written = groups.astype(str).str.contains(r"\s") | (fold(by) in asked)
    chosen = groups.map(lambda value: fold(str(value)) in offered)
    return groups.mask((number < least) & written & ~chosen)


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


def _design(
    path: Path, table: AnswerTable, options: EstimateOptions, instrument: Instrument
) -> tuple[Design, Raked | None]:
    weights = None if options.weight is None else _weights(path, table, options.weight)
    raked = None
    if options.margins:
        margins = _margins_as_answered(read_margins(options.margins), table, instrument)
        raked = rake(table.people, margins, start=weights, trim=instrument.counting.trim)
        require_margins(raked, instrument.counting.trim)
        weights = raked.weights
    units = Units(*(None if name is None else _whole_column(table, name) for name in (options.strata, options.cluster)))
    # R's error counts everybody in the table, so that it stays on this machine.
    whole_table = options.internal and options.interval == NORMAL
    return Design(weights, None, options.confidence, options.interval, units, whole_table), raked


def _classes(table: AnswerTable, options: EstimateOptions, raked: Raked | None) -> pd.Series | None:
    """Return which respondents count alike, where readers know it: by margins, or by what also groups people."""
    known = [table.column(name) for name in (options.weight, options.strata, options.cluster) if name in FIELDS]
    known += [raked.weights.round(_SAME_WEIGHT)] if raked else []
    return pd.concat(known, axis=1).astype(str).agg("|".join, axis=1) if known else None


def _whole_column(table: AnswerTable, name: str) -> pd.Series:
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
    """Return numbers of people under the values that answers have, however they are written: *Olen* for 13029."""
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


def _population(
    path: Path, population: dict[str, float], table: AnswerTable, groups: pd.Series, design: Design, *, least: int
) -> dict[str, float]:
    """Check how many people there are; a group without them would be shown uncorrected among corrected ones.

    What fewer than `least` wrote is not named, nor how many of a group answered.
    """
    counted = groups if design.weights is None else groups.where(design.weights > 0)
    answered = heads(table.asked, counted)
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
    return population


def _marked(table: pd.DataFrame, internal: bool, synthetic: bool) -> pd.DataFrame:
    """Mark in every row what is not for publication, and what is made up."""
    marks = {STAMP_COLUMN: words("stamp.internal", "en")} if internal else {}
    marks |= {SYNTHETIC_COLUMN: words("synthetic.short", "en")} if synthetic else {}
    return table.assign(**marks)
