"""The example frameworks of docs/frameworks give what their publishers published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.inputs import read_inputs
from resilience_analysis.composite.operations import OPERATIONS

FRAMEWORKS = Path(__file__).resolve().parents[2] / "docs" / "frameworks"


def recomputed(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    inputs = read_inputs(FRAMEWORKS / f"{name}.csv", FRAMEWORKS / f"{name}.yml")
    run = composite.score(inputs.data, metadata=inputs.framework.metadata, settings=inputs.framework.settings)
    published = pd.read_csv(
        FRAMEWORKS / f"{name}_published.csv", dtype={"FIPS": str}, keep_default_na=False, index_col=0
    )
    found = run.tables["scores"].join(run.tables.get("derived", pd.DataFrame(index=inputs.data.index)))
    return found.loc[published.index], published


@pytest.mark.parametrize(
    ("name", "decimals"),
    [("hdi", 3), ("ihdi", 3), ("itci", 10), ("svi", 4), ("simd2012", 2)],
    ids=["HDI", "IHDI", "Tax index", "SVI", "SIMD 2012"],
)
def test_an_index_is_what_its_publisher_published(name, decimals):
    found, published = recomputed(name)
    assert len(published) >= 10
    columns = [column for column in published.select_dtypes("number") if not column.startswith(("RPL", "SIMD_rank"))]
    np.testing.assert_allclose(found[columns].astype(float).round(decimals), published[columns], rtol=0, atol=1e-9)


def test_named_bands_of_the_human_development_index_are_those_published():
    found, published = recomputed("hdi")
    assert found["group"].tolist() == published["group"].tolist()


def test_vulnerability_of_twelve_counties_is_in_the_order_published_among_all():
    found, published = recomputed("svi")
    assert found["RPL_THEMES"].rank().tolist() == published["RPL_THEMES"].rank().tolist()


def test_the_english_index_of_27_areas_is_the_score_published():
    found, published = recomputed("imd")
    apart = (found["IMD"].round(3) - published["IMD"]).abs()
    assert len(published) == 27
    assert (apart > 1e-9).sum() == 1, "its ranks are published as whole numbers"
    assert (found["IMD"] - published["IMD"]).abs().max() < 0.0006


@pytest.mark.parametrize("name", ["imd", "simd", "simd2012"])
def test_areas_are_in_the_order_of_the_ranks_published_among_all(name):
    found, published = recomputed(name)
    rank = published.filter(like="_rank").iloc[:, 0]
    assert len(rank) >= 25
    assert found["place"].tolist() == rank.rank().tolist()


def test_the_exponential_transformation_puts_the_most_deprived_at_100():
    found, _ = recomputed("simd")
    inputs = pd.read_csv(FRAMEWORKS / "simd.csv", index_col=0)
    share = (6977 - inputs["income_rank"]) / 6976
    np.testing.assert_allclose(found["income_rank"], -23 * np.log(1 - share * (1 - np.exp(-100 / 23))))
    assert OPERATIONS["exponential-share"].formula(np.array([0.0, 1.0])).round(9).tolist() == [0, 100]
