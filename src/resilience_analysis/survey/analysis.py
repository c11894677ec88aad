"""Everything ``resilience survey estimate`` writes, from a table of answers: estimated, judged, laid out as tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.answertable import AnswerTable
from resilience_analysis.survey.crosstab import categories, gap, representation
from resilience_analysis.survey.estimate import (
    SCORE,
    Design,
    estimate_dimensions,
    estimate_items,
    scores_of_items,
    shrink,
)
from resilience_analysis.survey.instrument import BACKGROUND, NIS_CODE, Counting, Instrument
from resilience_analysis.survey.release import (
    DIMENSION_COLUMNS,
    DIMENSION_SCORE,
    ITEM_COLUMNS,
    REPRESENTATION_COLUMNS,
    SUPPRESSED,
    TOTAL,
    Release,
    judged,
    rounded,
)
from resilience_analysis.survey.reliability import COLUMNS as RELIABILITY_COLUMNS
from resilience_analysis.survey.reliability import forgotten_reversals, item_reliability, reliability, tells_of_few
from resilience_analysis.survey.scores import respondent_positions, to_hundred, turned
from resilience_analysis.survey.wave import NOT_GIVEN

_BACKGROUNDS = (BACKGROUND, "achtergrond")
_MUNICIPALITIES = (NIS_CODE, "municipality", "gemeente")
_GAP_PARTS = 3
_MEANS = ("mean_gap", "mean_gap_low", "mean_gap_high")
_LEAST_RELIABLE = 30
_SHARES = ["share_gap", "share_gap_low", "share_gap_high"]


@dataclass(frozen=True)
class Analysis:
    """What the answers say."""

    release: Release  # items, dimensions and representation per group, each row with its status, nothing withheld yet
    reliability: pd.DataFrame  # as `reliability.reliability` gives it
    item_reliability: pd.DataFrame  # as `reliability.item_reliability` gives it
    # items that smell of a forgotten reversal, as `reliability.forgotten_reversals` gives them
    suspects: pd.DataFrame = field(default_factory=pd.DataFrame)


def analyse(
    answers: AnswerTable,
    by: pd.Series,
    counting: Counting,
    *,
    design: Design | None = None,
    total: bool = False,
    min_answered: float | None = None,
    instrument: Instrument | None = None,
    classes: pd.Series | None = None,
    internal: bool = False,
) -> Analysis:
    """Estimate everything per group, and judge what may be shown.

    Parameters
    ----------
    answers
        Who answered what.
    by
        Group of each respondent; those without one are a group of their own, `wave.NOT_GIVEN`.
    counting
        The thresholds and the least share of answered items.
    design
        Weights, finite population, coverage.
    total
        Whether a group `release.TOTAL` of everybody is added.
    min_answered
        Instead of the share in `counting`.
    instrument
        Says how many backgrounds there are to choose from; those that occur when not given.
    classes
        Which respondents count alike, where readers know how each counts: see `release.judged`.
    internal
        Whether dimensions keep the errors of the respondents' own scores, which are never published.

    Raises
    ------
    UsageError
        When a group is called `release.TOTAL`, or there is no group at all.
    """
    design = design or Design()
    if not by.notna().any():
        raise UsageError(f"no respondent has a value in column {by.name}")
    if (by == TOTAL).any():
        raise UsageError(f"a group is called {TOTAL!r}, which is the name of all groups together. Rename the group")
    by = by.fillna(NOT_GIVEN)
    share = counting.min_answered_share if min_answered is None else min_answered
    release = _estimated(answers, by, design, share, instrument)
    if total:
        everybody = pd.Series(TOTAL, index=by.index, name=by.name)
        release = _joined(release, _estimated(answers, everybody, replace(design, population=None), share, instrument))
    weight = pd.Series(1.0, index=by.index) if design.weights is None else design.weights
    if not internal:
        release = replace(release, dimensions=_of_items(release, answers))
    release = judged(
        release,
        categories(answers.codes(), answers.items.dimensions, min_answered=share),
        by.where(weight > 0),
        answers.items.dimensions,
        suppress_below=counting.suppress_below,
        indicative_below=counting.indicative_below,
        classes=classes,
    )
    items = answers.items
    reliable = reliability(answers.values, items.dimensions, reverse=items.reverse)
    return Analysis(
        release,
        reliable.assign(hidden=False if internal else _tells(reliable, answers, counting.suppress_below)),
        item_reliability(answers.values, items.dimensions, reverse=items.reverse),
        forgotten_reversals(answers.values, items.dimensions, reverse=items.reverse),
    )


def estimate_groups(
    answers: AnswerTable, by: pd.Series, design: Design, min_answered: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate the items and dimensions of every group: the one road from answers to numbers, judged by whoever asks.

    Returns
    -------
    tuple of pandas.DataFrame
        As `estimate.estimate_items` and `estimate.estimate_dimensions` give them.
    """
    items = answers.items
    dimensions = estimate_dimensions(
        answers.values, by, items.dimensions, design, reverse=items.reverse, min_answered=min_answered
    )
    return estimate_items(answers.values, by, design), dimensions


def _estimated(
    answers: AnswerTable, by: pd.Series, design: Design, share: float, instrument: Instrument | None
) -> Release:
    background = answers.optional(*_BACKGROUNDS)
    possible = len(instrument.question(BACKGROUND).choices) if instrument else None
    people = representation(
        answers.values,
        by,
        asked=answers.asked,
        background=background,
        municipality=answers.optional(*_MUNICIPALITIES),
        possible_backgrounds=possible,
        weights=design.weights,
    )
    return Release(*estimate_groups(answers, by, design, share), people)


def _of_items(release: Release, answers: AnswerTable) -> pd.DataFrame:
    """Return the dimensions with scores that follow from those of their items, see `estimate.scores_of_items`."""
    table = release.items
    scores = {
        SCORE[0]: to_hundred(table["mean"]),
        SCORE[1]: to_hundred(1 + table["mean_se"]),
        SCORE[2]: to_hundred(table["mean_low"]),
        SCORE[3]: to_hundred(table["mean_high"]),
    }
    items = table[["by"]].assign(code=table["item"], **scores)
    rows = release.dimensions.rename(columns={"dimension": "code"})
    found = scores_of_items(rows, items, ["by"], answers.items.dimensions, answers.items.reverse)
    named = dict(zip(DIMENSION_SCORE, (found[name] for name in SCORE), strict=True))
    return release.dimensions.assign(**named)


def _joined(release: Release, total: Release) -> Release:
    pairs = (
        (release.items, total.items),
        (release.dimensions, total.dimensions),
        (release.representation, total.representation),
    )
    return Release(*(pd.concat(pair, ignore_index=True) for pair in pairs))


def gap_table(
    table: AnswerTable,
    wish: str,
    design: Design,
    instrument: Instrument,
    *,
    min_answered: float | None = None,
    internal: bool = False,
    classes: pd.Series | None = None,
) -> pd.DataFrame:
    """Compare two values of a column item by item and dimension by dimension; empty where either is suppressed.

    Both values, all others, and those without a value are judged as groups of the same answers, so that a gap gives
    away no hidden group.

    Parameters
    ----------
    table
        Who answered what.
    wish
        ``column:one:other``.
    design
        Weights and coverage.
    instrument
        Its thresholds.
    min_answered
        Least share of answered items of a dimension; the instrument's when None.
    internal
        Show what would be suppressed.
    classes
        As for `analyse`.

    Returns
    -------
    pandas.DataFrame
        As `crosstab.gap`, with a status.

    Raises
    ------
    UsageError
        When the gap is not given as ``column:one:other``, or the column has no such value.
    """
    parts = wish.split(":")
    if len(parts) != _GAP_PARTS:
        raise UsageError(
            f"the gap {wish!r} is not in three parts. Write column:one:other, such as role:ambtenaar:inwoner"
        )
    name, one, other = parts
    role = table.column(name)
    absent = [value for value in (one, other) if not (role == value).any()]
    if absent:
        counts = role.value_counts()
        known = ", ".join(sorted(counts.index[counts >= instrument.counting.suppress_below])) or "none"
        raise UsageError(f"column {name} has no {', '.join(absent)}. Given by enough people: {known}")
    items = table.items
    share = instrument.counting.min_answered_share if min_answered is None else min_answered
    positions = respondent_positions(table.values, items.dimensions, reverse=items.reverse, min_answered=share)
    frames = [
        gap(values, role, between=(one, other), weights=design.weights, confidence=design.confidence)
        for values in (table.values, positions)
    ]
    # A dimension is a mean of answers; no one agrees with it.
    frames[1].loc[:, _SHARES] = float("nan")
    gaps = pd.concat(frames, ignore_index=True)
    analysis = analyse(table, role, instrument.counting, design=design, min_answered=share, classes=classes)
    gaps["status"] = _gap_status(analysis, (one, other))
    if internal:
        return gaps
    for name, codes in items.dimensions.items():
        gaps.loc[gaps["code"] == name, list(_MEANS)] = _gap_of_items(gaps[gaps["code"].isin(codes)], items.reverse)
    numbers = list(gaps.columns.drop(["code", "status"]))
    return rounded(gaps.assign(**gaps[numbers].astype(float).mask(gaps["status"] == SUPPRESSED)))


def _gap_of_items(rows: pd.DataFrame, reverse: Collection[str]) -> list[float]:
    """Return the gap of a dimension with its interval from those of its items alone, as `scores_of_items` does."""
    turned_round = rows["mean_gap"].where(~rows["code"].isin(list(reverse)), -rows["mean_gap"]).mean()
    margin = (rows["mean_gap_high"] - rows["mean_gap"]).mean()
    return [turned_round, turned_round - margin, turned_round + margin]


def _gap_status(analysis: Analysis, pair: tuple[str, str]) -> list[str]:
    """Return the worse of the two statuses of every item and dimension."""
    worst = ["ok", "indicative", SUPPRESSED]
    tables = (analysis.release.items, analysis.release.dimensions)
    statuses = [table[table["by"] == value]["status"].tolist() for value in pair for table in tables]
    one, other = statuses[0] + statuses[1], statuses[2] + statuses[3]
    return [max(both, key=worst.index) for both in zip(one, other, strict=True)]


def release_tables(analysis: Analysis, *, suppress_below: int, internal: bool = False) -> dict[str, pd.DataFrame]:
    """Return the five tables of an analysis by file name, safe to show unless `internal`.

    Parameters
    ----------
    analysis
        What the answers say.
    suppress_below
        Fewest people of whom something may be shown. Reliability, which tells how the answers of one person go
        together, takes 30 answers to every item of the dimension, and that it is not as `tells_of_few` says.
    internal
        Show what would be suppressed; the status stays what it would be.
    """
    release = analysis.release if internal else analysis.release.withheld(suppress_below)
    scales = analysis.reliability[list(RELIABILITY_COLUMNS)]
    items = analysis.item_reliability
    if not internal:
        few = analysis.reliability["hidden"]
        thin = items["dimension"].isin(analysis.reliability.loc[few, "dimension"])
        scales = _emptied(scales, few, ("alpha", "alpha_se", "alpha_if_dropped_max"))
        scales = rounded(scales.assign(alpha_se=np.ceil(10 * scales["alpha_se"]) / 10))
        items = _emptied(items, thin, ("n", "item_rest_correlation", "alpha_if_dropped"))
        # Where no group is shown, what they have together may tell of each.
        shown = release.items.loc[release.items["status"] != SUPPRESSED, "item"]
        items = rounded(_emptied(items, ~items["item"].isin(shown), ("n",)))
    return {
        "items.csv": release.items[list(ITEM_COLUMNS)],
        "dimensions.csv": release.dimensions[list(DIMENSION_COLUMNS)],
        "reliability.csv": scales,
        "item_reliability.csv": items,
        "representation.csv": release.representation[list(REPRESENTATION_COLUMNS)],
    }


def _tells(reliable: pd.DataFrame, answers: AnswerTable, least: int) -> list[bool]:
    """Return for every dimension whether its reliability rests on few answers or would tell those of few people."""
    values, items = turned(answers.values, answers.items.reverse), answers.items.dimensions
    counted = zip(reliable["dimension"].astype(str), reliable["n_answered"].tolist(), strict=True)
    return [
        number < max(least, _LEAST_RELIABLE)
        or tells_of_few(values[[item for item in items[name] if item in values]], least)
        for name, number in counted
    ]


def _emptied(table: pd.DataFrame, rows: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    return table.assign(**{name: table[name].astype(float).mask(rows) for name in columns})


def shrunk_dimensions(shown: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """Return Fay-Herriot estimates beside the direct ones of every dimension, from the groups that are shown.

    A suppressed group takes no part: its score would weigh in the mean that the others are drawn to.

    Returns
    -------
    pandas.DataFrame
        by, dimension, direct, direct_se, shrunk, shrunk_se, kept, model, status; scores from 0 to 100.
    """
    effective = analysis.release.dimensions["n_effective"].where(shown["score"].notna())
    areas = shown.assign(n_effective=effective).rename(columns={"score": "mean", "score_se": "se"})
    frames = []
    for dimension, rows in areas[areas["by"] != "total"].groupby("dimension", sort=False):
        frames.append(shrink(rows).assign(dimension=dimension, status=rows["status"].to_numpy()))
    columns = ["by", "dimension", "direct", "direct_se", "shrunk", "shrunk_se", "kept", "model", "status"]
    return pd.concat(frames, ignore_index=True)[columns]
