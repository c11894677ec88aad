"""Where a score stands beside those of all municipalities, in one word that the texts have a wording for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resilience_analysis.foundation.vocabulary import is_missing

STANDINGS = ("above", "below", "unsure", "high", "low", "middle", "alone", "unknown")


def standing(row: Mapping[str, Any]) -> str:
    """Return where a score stands: one of `STANDINGS`.

    Parameters
    ----------
    row
        A row of `rows.factor_facts`.

    Returns
    -------
    str
        With a margin: ``above`` or ``below`` the median municipality with the whole margin, else ``unsure``. Without
        one: ``high`` or ``low`` outside the middle half of all municipalities, else ``middle``. ``alone`` where too
        few others have a score; ``unknown`` without a score.
    """
    if is_missing(row["score"]):
        return "unknown"
    if is_missing(row["all_median"]):
        return "alone"
    if is_missing(row["low"]):
        return "high" if row["score"] > row["all_q3"] else "low" if row["score"] < row["all_q1"] else "middle"
    if row["low"] > row["all_median"]:
        return "above"
    return "below" if row["high"] < row["all_median"] else "unsure"
