"""Small tables that every test can check by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

CODES = ["a", "b", "c", "d"]


def make_metadata(**columns) -> pd.DataFrame:
    """Four indicators in two dimensions below one index; `b` is better when smaller."""
    table = pd.DataFrame(
        {
            "code": [*CODES, "social", "spatial", "index"],
            "level": [1, 1, 1, 1, 2, 2, 3],
            "parent": ["social", "social", "spatial", "spatial", "index", "index", None],
            "direction": [1, -1, 1, 1, 1, 1, 1],
            "weight": [1.0, 3.0, 1.0, 1.0, 1.0, 2.0, 1.0],
        }
    ).set_index("code")
    for name, values in columns.items():
        table[name] = pd.Series(values) if isinstance(values, dict) else values
    return table


def make_random(units: int = 40, *, missing: float = 0.0, seed: int = 0, columns: int = 4) -> pd.DataFrame:
    """Correlated positive values with a skewed first column."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(units, 1))
    values = np.exp(0.5 * common + rng.normal(size=(units, columns)) * 0.5) + 1
    values[:, 0] = values[:, 0] ** 3
    values[rng.random(values.shape) < missing] = np.nan
    names = CODES if columns == 4 else [f"i{number}" for number in range(columns)]
    return pd.DataFrame(
        values, columns=names, index=pd.Index([f"U{number:03d}" for number in range(units)], name="unit")
    )


@pytest.fixture
def metadata() -> pd.DataFrame:
    return make_metadata()


@pytest.fixture
def data() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "a": [10.0, 20.0, 40.0, 30.0, np.nan],
            "b": [5.0, 4.0, 3.0, 2.0, 1.0],
            "c": [1.0, 1.0, 2.0, 3.0, 4.0],
            "d": [0.0, 8.0, 2.0, 4.0, 6.0],
        },
        index=pd.Index(["AA", "BB", "CC", "DD", "EE"], name="unit"),
    )


@pytest.fixture
def scaled(data) -> pd.DataFrame:
    """Values above 0 on one scale, as after normalisation to 1..100."""
    return pd.DataFrame(
        {"a": [10.0, 40.0, 90.0], "b": [20.0, 50.0, 10.0], "c": [30.0, np.nan, 70.0], "d": [40.0, np.nan, 60.0]},
        index=pd.Index(["AA", "BB", "CC"], name="unit"),
    )


@pytest.fixture
def panel() -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["AA", "BB", "CC"], [2018, 2020, 2021]], names=["unit", "year"])
    return pd.DataFrame(
        {
            "a": [1.0, np.nan, 4.0, np.nan, 5.0, np.nan, np.nan, np.nan, np.nan],
            "b": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
            "c": [np.nan, 3.0, np.nan, 1.0, 2.0, 9.0, 5.0, np.nan, 2.0],
            "d": [2.0, 4.0, 6.0, 8.0, 1.0, 3.0, 5.0, 7.0, 9.0],
        },
        index=index,
    )
