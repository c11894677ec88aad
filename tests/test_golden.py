"""Indicators and scores of the five municipalities of Neteland, held against those that somebody accepted.

When they move on purpose, look at the difference (shown, and written to ``tests/observed``), accept it and commit it:

    RESILIENCE_ACCEPT=1 python -m pytest tests/test_golden.py
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.small import NETELAND

from resilience_analysis.indicators.values import latest

ACCEPT = "RESILIENCE_ACCEPT"
FOLDER = Path(__file__).parent / "golden"
OBSERVED = Path(__file__).parent / "observed"
TOLERANCE = 1e-6
INDICATOR_KEY = ["nis_code", "indicator"]
SCORE_KEY = ["nis_code", "code", "strand"]
COLUMNS = {
    "indicators": [*INDICATOR_KEY, "year", "value", "low", "high", "missing_reason"],
    "scores": [*SCORE_KEY, "score", "low", "high", "coverage", "missing_reason"],
}


def neteland(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of Neteland, as they stand in a golden file."""
    key = INDICATOR_KEY if name == "indicators" else SCORE_KEY
    rows = latest(table) if name == "indicators" else table
    rows = rows.loc[rows["nis_code"].isin(NETELAND), COLUMNS[name]].sort_values(key, ignore_index=True)
    return rows.round(9)


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"nis_code": str}, keep_default_na=False, na_values=[""])


def differences(expected: pd.DataFrame, found: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return one row per cell that is not what was accepted: the key, column, ``expected`` and ``found``."""
    values = [column for column in expected.columns if column not in key]
    long = [table.set_index(key)[values].stack(future_stack=True) for table in (expected, found)]
    both = pd.concat(long, axis=1, keys=["expected", "found"]).rename_axis([*key, "column"])
    numbers = both.apply(pd.to_numeric, errors="coerce")
    near = (numbers["expected"] - numbers["found"]).abs() <= TOLERANCE
    same = near | (both["expected"].astype(str) == both["found"].astype(str)) | both.isna().all(axis=1)
    return both[~same].reset_index()


@pytest.mark.parametrize("name", list(COLUMNS))
def test_the_figures_of_neteland_are_those_that_were_accepted(built, name):
    path = FOLDER / f"{name}.csv"
    found = neteland(getattr(built.tables, name), name)
    if os.environ.get(ACCEPT):
        FOLDER.mkdir(exist_ok=True)
        found.to_csv(path, index=False, lineterminator="\n")
    moved = differences(read(path), found, INDICATOR_KEY if name == "indicators" else SCORE_KEY)
    if not moved.empty:
        OBSERVED.mkdir(exist_ok=True)
        moved.to_csv(OBSERVED / f"{name}_differences.csv", index=False)
        found.to_csv(OBSERVED / f"{name}.csv", index=False)
        pytest.fail(
            f"{len(moved)} figures moved (see tests/observed/{name}_differences.csv):\n{moved.to_string()}\n"
            f"If this is intended: {ACCEPT}=1 python -m pytest tests/test_golden.py",
            pytrace=False,
        )


def table(**changes) -> pd.DataFrame:
    columns = {
        "nis_code": ["1", "2"],
        "indicator": ["a", "a"],
        "value": [1.0, np.nan],
        "missing_reason": [None, "hidden"],
    }
    return pd.DataFrame(columns | changes)


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({}, []),
        ({"value": [1.0 + 1e-9, np.nan]}, []),
        ({"value": [1.001, np.nan]}, [["1", "a", "value", 1.0, 1.001]]),
        ({"missing_reason": [None, "unknown"]}, [["2", "a", "missing_reason", "hidden", "unknown"]]),
    ],
)
def test_a_difference_names_the_cell_with_both_values(changes, moved):
    assert differences(table(), table(**changes), INDICATOR_KEY).to_numpy().tolist() == moved


def test_a_row_that_came_or_went_is_a_difference():
    found = differences(table(), table().iloc[:1], INDICATOR_KEY)
    assert found[["nis_code", "column", "expected"]].to_numpy().tolist() == [["2", "missing_reason", "hidden"]]
    assert len(differences(table().iloc[:1], table(), INDICATOR_KEY)) == 1
