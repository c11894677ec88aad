"""The processed tables that the build writes and everything after it reads, each with its schema."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.schemas import TableSchema, check_rows, code, number, text, year
from resilience_analysis.foundation.vocabulary import COMPUTED, LEVELS, MISSING_REASONS, STRANDS

_REASON = text(nullable=True, among=MISSING_REASONS)
_COMPUTED = text(nullable=True, among=COMPUTED)
SCHEMAS = {
    "municipalities": TableSchema(
        {
            "nis_code": code(),
            "name": text(),
            "province": text(nullable=True, required=False),
            "arrondissement": text(nullable=True, required=False),
            "area_km2": number(0, nullable=False),
        },
        key=("nis_code",),
        strict=False,
    ),
    "observations": TableSchema(
        {
            "nis_code": code(),
            "year": year(),
            "variable": text(),
            "value": number(),
            "n": number(0),
            "computed": _COMPUTED,
            "missing_reason": _REASON,
            "source": text(),
        },
        key=("nis_code", "year", "variable"),
        value="value",
    ),
    "indicators": TableSchema(
        {
            "nis_code": code(),
            "year": year(),
            "indicator": text(),
            "strand": text(among=(*STRANDS, "context")),
            "value": number(),
            "unit": text(),
            "n": number(0),
            "low": number(),
            "high": number(),
            "computed": _COMPUTED,
            "missing_reason": _REASON,
        },
        key=("nis_code", "year", "indicator"),
        value="value",
        interval=True,
    ),
    "scores": TableSchema(
        {
            "nis_code": code(),
            "code": text(),
            "strand": text(among=STRANDS),
            "level": text(among=LEVELS),
            "score": number(0, 100),
            "coverage": number(0, 1, nullable=False),
            "low": number(0, 100),
            "high": number(0, 100),
            "margin_below": number(0),
            "margin_above": number(0),
            "missing_reason": _REASON,
        },
        key=("nis_code", "code", "strand"),
        value="score",
        interval=True,
    ),
}


def check_table(table: pd.DataFrame, name: str, *, subject: str | None = None) -> pd.DataFrame:
    """Check a processed table against its schema and return it with the types of the schema.

    Parameters
    ----------
    table
        The rows to check; not changed.
    name
        One of `SCHEMAS`.
    subject
        What to call the table in a message, such as its file name; `name` when not given.

    Raises
    ------
    InputError
        With every fault, see `foundation.schemas.check_rows`.
    """
    if name not in SCHEMAS:
        raise UsageError(unknown("table", name, SCHEMAS))
    return check_rows(table, SCHEMAS[name], subject or name)
