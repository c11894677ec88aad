"""The two tables of a survey: the answers of people, and what is estimated from them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.schemas import TableSchema, check_rows, number, text
from resilience_analysis.foundation.vocabulary import HIDDEN_BECAUSE, MISSING_REASONS, STATUSES

_SHOWN = 5
_LOWEST = {"share_agree": 0.0, "mean_score": 0.0, "net_agreement": -100.0}
_MEASURES = {f"{name}{end}": number(low, 100) for name, low in _LOWEST.items() for end in ("", "_low", "_high")}
SURVEY_SCHEMAS = {
    "answers": TableSchema(
        {
            "respondent": text(),
            "wave": text(),
            "item": text(),
            "nis_code": text(nullable=True),
            "village": text(nullable=True),
            "role": text(nullable=True),
            "background": text(nullable=True),
            "answer": number(1, 4),
            "missing_reason": text(nullable=True, among=MISSING_REASONS),
        },
        key=("respondent", "wave", "item"),
        value="answer",
        private=True,
    ),
    "estimates": TableSchema(
        {
            "nis_code": text(nullable=True),
            "wave": text(),
            "group": text(),
            "code": text(),
            "n": number(0),
            "n_effective": number(0),
            **_MEASURES,
            "status": text(among=STATUSES),
            "hidden_because": text(nullable=True, among=HIDDEN_BECAUSE),
        },
        key=("nis_code", "wave", "group", "code"),
        strict=False,
    ),
}


def check_survey_table(table: pd.DataFrame, name: str, *, subject: str | None = None) -> pd.DataFrame:
    """Check ``answers`` or ``estimates`` and return the table with the types of its schema.

    Raises
    ------
    InputError
        With every fault, see `foundation.schemas.check_rows`; when a hidden row of ``estimates`` does not say why it is
        hidden, or a row that is shown says so.
    """
    checked = check_rows(table, SURVEY_SCHEMAS[name], subject or name)
    if name == "estimates":
        hidden, said = checked["status"] == "suppressed", checked["hidden_because"].notna()
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(hidden != said)[:_SHOWN].tolist())
        if rows:
            what = f"rows {rows}: hidden_because is there exactly where status is suppressed"
            raise InputError(subject or name, [Problem("hidden_because", what, "Build the table again")])
    return checked
