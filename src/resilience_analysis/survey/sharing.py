"""Passing answers on one by one, only when no respondent stands out by who they are or by what they say."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import write_table
from resilience_analysis.foundation.errors import UsageError, refusal, unknown
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.issues import exported
from resilience_analysis.survey.memory import record_of, remember_all
from resilience_analysis.survey.publishing import mark_synthetic
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
        Where the answers are: what is passed on is remembered there, see `memory.record_of`; nothing is when None.

    Raises
    ------
    UsageError
        When `drop` names no column about the respondent, or `k` is less than the instrument asks.
    InputError
        When fewer than `k` respondents share a combination of wave and the quasi-identifiers that are kept; when all
        who share one gave the same answer to a statement; when other columns or people were passed on before,
        or when it tells of few people beside what was released.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> import tempfile
    >>> about = {"wave": "2026", "nis_code": "13011", "village": None, "role": None, "background": None}
    >>> rows = [about | {"respondent": f"r{n}", "item": "INF1", "answer": 1.0 + n % 4} for n in range(12)]
    >>> answers, file = pd.DataFrame(rows).assign(missing_reason=None), Path(tempfile.mkdtemp()) / "e.csv"
    >>> export_answers(file, answers, load_instrument())
    12
    """
    least = instrument.counting.k_anonymity if k is None else k
    _check_wishes(drop, least, instrument)
    responses = from_table(answers)
    kept = [name for name in instrument.counting.quasi_identifiers if name not in drop]
    _require_k_anonymity(responses.people, kept, least)
    about = [name for name in _ABOUT if name not in drop]
    items = _items(responses.codes, instrument, drop)
    _require_diversity(responses.people, responses.values(items), kept)
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


def rare_combinations(people: pd.DataFrame, quasi_identifiers: Collection[str], k: int) -> pd.DataFrame:
    """Find the combinations of quasi-identifiers that fewer than `k` respondents share.

    Of `people`, a row per respondent; the result has a row per combination, with its number of respondents in column
    ``n``. A missing value is a value too.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"role": ["official"] * 5 + ["resident"], "village": ["Olen"] * 6})
    >>> rare_combinations(people, ["role", "village"], 5).to_dict("records")
    [{'role': 'resident', 'village': 'Olen', 'n': 1}]
    """
    columns = [column for column in quasi_identifiers if column in people]
    if not columns:
        return pd.DataFrame({"n": [len(people)] if 0 < len(people) < k else []})
    counts = people.groupby(columns, dropna=False, observed=True).size().rename("n").reset_index()
    return counts[counts["n"] < k].reset_index(drop=True)


def _require_k_anonymity(people: pd.DataFrame, kept: Collection[str], k: int) -> None:
    """Refuse while anyone shares a wave and what is kept with fewer than `k` - 1 others; who that is, is not said."""
    rare = rare_combinations(people, ["wave", *kept], k)
    if len(rare):
        what = f"{int(rare['n'].sum())} respondents are in {len(rare)} combinations of fewer than {k}"
        raise refusal("answers", what, _widen(kept))


def _require_diversity(people: pd.DataFrame, answers: pd.DataFrame, kept: Collection[str]) -> None:
    """Refuse while all who share a wave and what is kept gave the same answer to an item: l-diversity with l = 2.

    Machanavajjhala et al. 2007, ACM Trans. Knowl. Discov. Data 1(1).
    """
    grouped = answers.groupby([people[name].astype(object) for name in ("wave", *kept)], dropna=False)
    alike = ((grouped.nunique() == 1) & (grouped.count() > 0)).any(axis=1)
    if alike.any():
        what = f"in {int(alike.sum())} of {len(alike)} combinations all gave the same answer to a statement"
        raise refusal("answers", what, _widen(kept))


def _widen(kept: Collection[str]) -> str:
    return f"Leave out or widen one of {', '.join(kept)}" if kept else "Pass nothing on until more have answered"
