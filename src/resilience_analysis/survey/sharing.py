"""Passing answers on one by one: only when no respondent stands out, and never under a number that leads back."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import write_table
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.survey.anonymity import require_diversity, require_k_anonymity
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.issues import exported
from resilience_analysis.survey.release import mark_synthetic
from resilience_analysis.survey.released import record_of, remember_all
from resilience_analysis.survey.responses import PEOPLE, from_table

_ABOUT = PEOPLE[1:]


def export_answers(
    path: Path,
    answers: pd.DataFrame,
    instrument: Instrument,
    *,
    drop: Collection[str] = (),
    k: int | None = None,
    beside: Path | None = None,
) -> int:
    """Write answers one respondent a row, as CSV or XLSX, and give the number of respondents.

    Parameters
    ----------
    path
        Where to; XLSX when the name ends so.
    answers
        Schema ``answers``.
    drop
        Columns about the respondent to leave out. Without the role there is no village team check either: its
        answers would tell who is a member.
    k
        How many respondents must share every combination of who they are; that of the instrument when not given, and
        never fewer.
    beside
        Where the answers are: what is passed on is remembered there, see `released.record_of`; nothing is when None.

    Raises
    ------
    UsageError
        When `drop` names no column about the respondent, or `k` is less than the instrument asks.
    InputError
        When fewer than `k` respondents share a combination of wave and the quasi-identifiers that are kept; when all
        who share one gave the same answer to a statement; when other columns or people were passed on before,
        or when it tells of few people beside what was released.
    """
    least = instrument.counting.k_anonymity if k is None else k
    _check_wishes(drop, least, instrument)
    responses = from_table(answers)
    kept = [name for name in instrument.counting.quasi_identifiers if name not in drop]
    require_k_anonymity(responses.people, kept, least, subject="answers", within=["wave"])
    about = [name for name in _ABOUT if name not in drop]
    items = _items(responses.codes, instrument, drop)
    require_diversity(responses.people, responses.values(items), kept, subject="answers", within=["wave"])
    table = pd.concat([responses.people[about], responses.values(items).astype("Int64")], axis=1)
    # Sorted by content: neither the order nor the number of a row says who it was.
    table = table.sort_values(list(table.columns), ignore_index=True)
    table.insert(0, "row", range(1, len(table) + 1))
    table = mark_synthetic(table, responses.people, instrument.synthetic)
    if beside is not None:
        passed_on = exported(responses, about, [str(name) for name in table], items)
        records = {record_of(beside, wave): issue for wave, issue in passed_on.items()}
        remember_all(records, least=instrument.counting.suppress_below)
    write_table(path, table)
    return len(table)


def _check_wishes(drop: Collection[str], k: int, instrument: Instrument) -> None:
    strange = [name for name in drop if name not in _ABOUT]
    if strange:
        raise UsageError(unknown("column about the respondent", strange[0], _ABOUT))
    if k < instrument.counting.k_anonymity:
        raise UsageError(f"k is {k}; at least {instrument.counting.k_anonymity} must share who they are (items.yml)")


def _items(codes: pd.DataFrame, instrument: Instrument, drop: Collection[str]) -> list[str]:
    """Return the items in their order, those the instrument does not know last."""
    order = [item for item in instrument.items if item in codes]
    team = instrument.village_team
    hidden = {item.id for item in team.section.items} if team.asked_field in drop else set()
    return [item for item in (*order, *sorted({str(item) for item in codes} - set(order))) if item not in hidden]
