import numpy as np
import pandas as pd
import pytest

from resilience_analysis.self_assessment.perception import perception_gap


def scores_table(rows):
    columns = ["nis_code", "code", "strand", "score", "low", "high", "missing_reason"]
    return pd.DataFrame(rows, columns=columns).assign(level="dimension", coverage=1.0)


def test_perception_gap_is_thought_less_figures():
    gaps = perception_gap(
        scores_table(
            [
                ("13011", "leren", "self", 60.0, 50.0, 70.0, None),
                ("13011", "leren", "register", 40.0, 37.0, 44.0, None),
                ("13011", "leren", "residents", 10.0, 9.0, 11.0, None),
            ]
        )
    )
    row = gaps.iloc[0]
    assert row["gap"] == 20
    assert row["low"] == pytest.approx(20 - np.hypot(60 - 50, 44 - 40))
    assert row["high"] == pytest.approx(20 + np.hypot(70 - 60, 40 - 37))
    assert row["missing_reason"] is None


def test_perception_gap_says_which_side_is_missing():
    gaps = perception_gap(
        scores_table(
            [
                ("13011", "leren", "self", np.nan, np.nan, np.nan, "suppressed"),
                ("13011", "leren", "register", 40.0, 37.0, 44.0, None),
                ("13010", "leren", "register", 40.0, np.nan, np.nan, None),
                ("13010", "schaal", "self", 50.0, np.nan, np.nan, None),
                ("13010", "schaal", "register", 40.0, np.nan, np.nan, None),
            ]
        )
    ).set_index(["nis_code", "code"])
    assert gaps.loc[("13011", "leren"), "missing_reason"] == "suppressed"
    assert gaps.loc[("13010", "leren"), "missing_reason"] == "not_collected"
    assert gaps.loc[("13010", "schaal"), "gap"] == 10
    assert np.isnan(gaps.loc[("13010", "schaal"), "low"])
