"""Everything ``resilience survey estimate`` writes, from a table of answers: one call, plain tables out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.answertable import AnswerTable
from resilience_analysis.survey.estimate import Design, estimate_dimensions, estimate_items
from resilience_analysis.survey.groups import representation
from resilience_analysis.survey.instrument import BACKGROUND, NIS_CODE, Counting, Instrument
from resilience_analysis.survey.release import TOTAL, Release, judged
from resilience_analysis.survey.reliability import forgotten_reversals, reliability

_BACKGROUNDS = (BACKGROUND, "achtergrond")
_MUNICIPALITIES = (NIS_CODE, "municipality", "gemeente")


@dataclass(frozen=True)
class Analysis:
    """What the answers say.

    Attributes
    ----------
    release
        Items, dimensions and representation per group, each row with its status, nothing withheld yet.
    reliability
        As `reliability.reliability` gives it.
    suspects
        Items that smell of a forgotten reversal, as `reliability.forgotten_reversals` gives them.
    """

    release: Release
    reliability: pd.DataFrame
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
        Group of each respondent; those without one count in the sample but in no group.
    counting
        The thresholds and the least share of answered items.
    design
        Weights, finite population, coverage.
    total
        Whether a group `release.TOTAL` of everybody with a group is added.
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
    share = counting.min_answered_share if min_answered is None else min_answered
    release = _estimated(answers, by, design, share, instrument)
    if total:
        everybody = by.where(by.isna(), TOTAL)
        release = _joined(release, _estimated(answers, everybody, replace(design, population=None), share, instrument))
    release = judged(
        release,
        answers.items.dimensions,
        suppress_below=counting.suppress_below,
        indicative_below=counting.indicative_below,
        min_answered=share,
    )
    items = answers.items
    return Analysis(
        release,
        reliability(answers.values, items.dimensions, reverse=items.reverse, confidence=design.confidence),
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
