"""Cronbach's alpha and its standard error, held against R's psych package."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.survey.answertable import read_items
from resilience_analysis.survey.reliability import alpha, reliability
from resilience_analysis.survey.scores import turned

REFERENCE = Path(__file__).parents[3] / "shared" / "conformance" / "survey"
TOLERANCE = 1e-9
pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="R's results lie outside the repository")


@pytest.fixture(scope="module")
def items():
    return read_items(REFERENCE / "likert_items.csv")


@pytest.fixture(scope="module")
def values(items):
    return pd.read_csv(REFERENCE / "likert.csv")[list(items.items)].replace(9, np.nan).astype(float)


@pytest.fixture(scope="module")
def expected():
    return pd.read_csv(REFERENCE / "alpha_by_dimension.csv").set_index("scale")


def test_alpha_and_its_error_are_what_psych_gives(values, items, expected):
    dimensions = {**items.dimensions, "ALL": items.items}
    table = reliability(values, dimensions, reverse=items.reverse).set_index("dimension")
    for mine, theirs in (("alpha", "raw_alpha"), ("alpha_se", "ase"), ("n_items", "n_items")):
        np.testing.assert_allclose(table.loc[expected.index, mine], expected[theirs], rtol=TOLERANCE)


def test_mean_and_spread_of_respondents_are_what_psych_gives(values, items, expected):
    positions = turned(values, items.reverse)
    for scale, codes in {**items.dimensions, "ALL": items.items}.items():
        means = positions[list(codes)].mean(axis=1)
        np.testing.assert_allclose([means.mean(), means.std()], expected.loc[scale, ["mean", "sd"]], rtol=TOLERANCE)


def test_forgotten_reversal_lowers_alpha_as_psych_warns(values, items, expected):
    unturned = values[list(items.dimensions["SOC"])].cov().to_numpy()
    assert alpha(unturned) < expected.loc["SOC", "raw_alpha"] / 2
