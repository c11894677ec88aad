from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import UsageError


def places(values, **options) -> list:
    return composite.ranks(pd.DataFrame({"x": values}), **options)["x"].tolist()


def test_the_highest_score_has_rank_one():
    assert places([10.0, 30.0, 20.0]) == [3, 1, 2]


def test_equal_scores_share_their_best_or_mean_place():
    assert places([5.0, 7.0, 5.0, 1.0]) == [2, 1, 2, 4]
    assert places([5.0, 7.0, 5.0, 1.0], ties="average") == [2.5, 1, 2.5, 4]


def test_scores_that_only_rounding_tells_apart_are_equal():
    assert places([0.1 + 0.2, 0.3, 0.5]) == [2, 2, 1]
    assert places([1.0, (0.1 + 0.2) - 0.3, 0.0]) == [1, 2, 2]


def test_digits_say_how_close_equal_is():
    assert places([1.234, 1.2341, 1.3], digits=4) == [2, 2, 1]
    assert places([1.234, 1.2341, 1.3], digits=5) == [3, 2, 1]


def test_a_missing_score_has_no_rank():
    found = composite.ranks(pd.DataFrame({"x": [1.0, np.nan, 2.0]}))["x"]
    assert found.isna().tolist() == [False, True, False]
    assert str(found.dtype) == "Int64"


def test_each_year_of_a_panel_has_its_own_ranks(panel):
    found = composite.ranks(panel)
    assert found.xs(2018, level="year")["b"].tolist() == [3, 2, 1]
    assert found.xs(2020, level="year")["d"].tolist() == [2, 3, 1]


def test_wrong_options_of_ranks_are_refused():
    with pytest.raises(UsageError, match="unknown way with ties"):
        places([1.0], ties="dense")
    with pytest.raises(UsageError, match="0 significant digits"):
        places([1.0], digits=0)
