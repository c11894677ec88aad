"""The two tables of a survey: the answers of people, and what is estimated from them."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.foundation.schemas import TableSchema, check_rows, number, text
from resilience_analysis.foundation.vocabulary import MISSING_REASONS, STATUSES

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
        With every fault, see `foundation.schemas.check_rows`.
    """
    return check_rows(table, SURVEY_SCHEMAS[name], subject or name)
