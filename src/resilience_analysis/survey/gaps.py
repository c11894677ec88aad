"""The table ``gap.csv``: two values of a column compared, as far as both are shown."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.analysis import Analysis, analyse
from resilience_analysis.survey.answertable import AnswerTable
from resilience_analysis.survey.estimate import Design
from resilience_analysis.survey.groups import gap
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.release import SUPPRESSED, rounded
from resilience_analysis.survey.scores import respondent_positions

_GAP_PARTS = 3
_SHARES = ["share_gap", "share_gap_low", "share_gap_high"]


def gap_table(
    table: AnswerTable,
    wish: str,
    design: Design,
    instrument: Instrument,
    *,
    min_answered: float | None = None,
    internal: bool = False,
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

    Returns
    -------
    pandas.DataFrame
        As `groups.gap`, shares in percentage points, with a status.

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
    gaps[_SHARES] *= 100
    analysis = analyse(table, role, instrument.counting, design=design, min_answered=share)
    gaps["status"] = _gap_status(analysis, (one, other))
    if internal:
        return gaps
    numbers = list(gaps.columns.drop(["code", "status"]))
    return rounded(gaps.assign(**gaps[numbers].astype(float).mask(gaps["status"] == SUPPRESSED)))


def _gap_status(analysis: Analysis, pair: tuple[str, str]) -> list[str]:
    """Return the worse of the two statuses of every item and dimension."""
    worst = ["ok", "indicative", SUPPRESSED]
    tables = (analysis.release.items, analysis.release.dimensions)
    statuses = [table[table["by"] == value]["status"].tolist() for value in pair for table in tables]
    one, other = statuses[0] + statuses[1], statuses[2] + statuses[3]
    return [max(both, key=worst.index) for both in zip(one, other, strict=True)]
