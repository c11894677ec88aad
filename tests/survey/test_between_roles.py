"""Two roles are compared on the statements that both answered, and on nothing else."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from resilience_analysis.survey.gaps import BETWEEN_COLUMNS as COLUMNS
from resilience_analysis.survey.gaps import between_roles


def estimate(role: str, score: float, low: float, high: float, code: str = "leren") -> dict[str, object]:
    row = {"group": f"role:{role}", "code": code, "level": "dimension"}
    return row | {"mean_score": score, "mean_score_low": low, "mean_score_high": high}


def test_the_gap_is_own_less_other_with_the_root_of_the_squared_sides_as_its_margin():
    rows = pd.DataFrame([estimate("official", 64, 60, 70), estimate("resident", 32, 22, 44)])
    (found,) = between_roles(rows, "official", "resident").to_dict("records")
    assert found["gap"] == 64 - 32
    assert found["low"] == pytest.approx(32 - math.hypot(64 - 60, 44 - 32))
    assert found["high"] == pytest.approx(32 + math.hypot(70 - 64, 32 - 22))


@pytest.mark.parametrize(
    "other",
    [
        estimate("resident", math.nan, math.nan, math.nan),
        estimate("resident", 32, 22, 44, code="schaal"),
        estimate("association", 32, 22, 44),
    ],
)
def test_a_role_that_is_hidden_or_was_asked_something_else_is_not_compared(other):
    rows = pd.DataFrame([estimate("official", 64, 60, 70), other])
    found = between_roles(rows, "official", "resident")
    assert found.empty
    assert list(found) == COLUMNS
