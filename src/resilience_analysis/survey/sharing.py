"""Passing answers on one by one: only when nobody stands out, and never under a number that leads back."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from resilience_analysis.survey.cells import write_table
from resilience_analysis.survey.disclosure import require_k_anonymity
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.release import SYNTHETIC_COLUMN
from resilience_analysis.survey.responses import PEOPLE, from_table, is_synthetic
from resilience_analysis.survey.words import words


def export_answers(
    path: Path, answers: pd.DataFrame, instrument: Instrument, *, drop: Collection[str] = (), k: int | None = None
) -> int:
    """Write answers one respondent a row, as CSV or XLSX, and give the number of respondents.

    Made-up answers are marked in a column of their own.

    Parameters
    ----------
    path
        Where to; XLSX when the name ends so.
    answers
        Schema ``answers``.
    drop
        Columns about the respondent to leave out.
    k
        How many respondents must share every combination of who they are; that of the instrument when not given.

    Raises
    ------
    InputError
        When fewer than `k` respondents share a combination of wave and the quasi-identifiers that are kept.
    """
    responses = from_table(answers)
    kept = [name for name in instrument.counting.quasi_identifiers if name not in drop]
    least = instrument.counting.k_anonymity if k is None else k
    require_k_anonymity(responses.people, ["wave", *kept], least, subject="answers")
    about = [name for name in PEOPLE if name != "respondent" and name not in drop]
    order = [item for item in instrument.items if item in responses.codes]
    items = [*order, *sorted({str(item) for item in responses.codes} - set(order))]
    table = pd.concat([responses.people[about], responses.values(items).astype("Int64")], axis=1)
    made = is_synthetic(responses.people, instrument.synthetic)
    if made.any():
        table[SYNTHETIC_COLUMN] = made.map({True: words("synthetic.short", "en"), False: ""})
    # Sorted by content: neither the order nor the number of a row says who it was.
    table = table.sort_values(list(table.columns), ignore_index=True)
    table.insert(0, "row", range(1, len(table) + 1))
    write_table(path, table)
    return len(table)
