"""Everything ``resilience survey estimate`` writes, from a table of answers: one call, plain tables out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.answertable import AnswerTable
from resilience_analysis.survey.crosstab import categories
from resilience_analysis.survey.estimate import Design, estimate_dimensions, estimate_items
from resilience_analysis.survey.groups import representation
from resilience_analysis.survey.instrument import BACKGROUND, NIS_CODE, Counting, Instrument
from resilience_analysis.survey.release import TOTAL, Release, judged
from resilience_analysis.survey.reliability import forgotten_reversals, item_reliability, reliability
from resilience_analysis.survey.wave import NOT_GIVEN

_BACKGROUNDS = (BACKGROUND, "achtergrond")
_MUNICIPALITIES = (NIS_CODE, "municipality", "gemeente")


@dataclass(frozen=True)
class Analysis:
    """What the answers say.

    Attributes
    ----------
    release
        Items, dimensions and representation per group, each row with its status, nothing withheld yet.
    reliability, item_reliability
        As `reliability.reliability` and `reliability.item_reliability` give them.
    suspects
        Items that smell of a forgotten reversal, as `reliability.forgotten_reversals` gives them.
    """

    release: Release
    reliability: pd.DataFrame
    item_reliability: pd.DataFrame
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
    release = judged(
        release,
        categories(answers.codes(), answers.items.dimensions, min_answered=share),
        by.where(weight > 0),
        answers.items.dimensions,
        suppress_below=counting.suppress_below,
        indicative_below=counting.indicative_below,
    )
    items = answers.items
    return Analysis(
        release,
        reliability(answers.values, items.dimensions, reverse=items.reverse, confidence=design.confidence),
        item_reliability(answers.values, items.dimensions, reverse=items.reverse),
        forgotten_reversals(answers.values, items.dimensions, reverse=items.reverse),
    )


def _estimated(
    answers: AnswerTable, by: pd.Series, design: Design, share: float, instrument: Instrument | None
) -> Release:
    background = answers.optional(*_BACKGROUNDS)
    possible = len(instrument.question(BACKGROUND).choices) if instrument else None
    return Release(
        items=estimate_items(answers.values, by, design),
        dimensions=estimate_dimensions(
            answers.values, by, answers.items.dimensions, design, reverse=answers.items.reverse, min_answered=share
        ),
        representation=representation(
            answers.values,
            by,
            asked=answers.asked,
            background=background,
            municipality=answers.optional(*_MUNICIPALITIES),
            possible_backgrounds=possible,
            weights=design.weights,
        ),
    )


def _joined(release: Release, total: Release) -> Release:
    pairs = (
        (release.items, total.items),
        (release.dimensions, total.dimensions),
        (release.representation, total.representation),
    )
    return Release(*(pd.concat(pair, ignore_index=True) for pair in pairs))
