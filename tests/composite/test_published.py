"""The example frameworks of docs/frameworks give what their publishers published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.scoring.inputs import read_framework, read_inputs

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
    ("name", "decimals"), [("hdi", 3), ("ihdi", 3), ("itci", 10), ("svi", 4)], ids=["HDI", "IHDI", "Tax index", "SVI"]
)
def test_an_index_is_what_its_publisher_published(name, decimals):
    found, published = recomputed(name)
    assert len(published) >= 10
    columns = [column for column in published.select_dtypes("number") if not column.startswith("RPL")]
    np.testing.assert_allclose(found[columns].astype(float).round(decimals), published[columns], rtol=0, atol=1e-9)


def test_named_bands_of_the_human_development_index_are_those_published():
    found, published = recomputed("hdi")
    assert found["group"].tolist() == published["group"].tolist()


def test_vulnerability_of_twelve_counties_is_in_the_order_published_among_all():
    found, published = recomputed("svi")
    assert found["RPL_THEMES"].rank().tolist() == published["RPL_THEMES"].rank().tolist()


@pytest.mark.parametrize("name", ["imd", "simd"])
def test_a_deprivation_index_puts_the_most_deprived_first_on_an_exponential_scale(name):
    framework = read_framework(FRAMEWORKS / f"{name}.yml")
    codes = [code for code, kind in framework.metadata["type"].items() if kind == "indicator"]
    rng = np.random.default_rng(1)
    table = pd.DataFrame({code: rng.permutation(np.arange(1.0, 101)) for code in codes})
    run = composite.score(table, metadata=framework.metadata, settings=framework.settings)
    turned = (framework.metadata.loc[codes, "direction"] == -1).to_numpy()
    places = pd.DataFrame(np.where(turned, 101 - table, table), columns=codes)
    scale = -23 * np.log(1 - places / 100 * (1 - np.exp(-100 / 23)))
    weight = framework.metadata.loc[codes, "weight"]
    expected = (scale * weight).sum(axis=1) / weight.sum()
    top = name.upper()
    np.testing.assert_allclose(run.tables["scores"][top], expected)
    assert run.tables["derived"].loc[expected.idxmax(), "rank"] == 1
    groups = run.tables["derived"].drop(columns="rank").iloc[:, 0]
    assert set(groups.value_counts()) == {100 // int(groups.max())}
