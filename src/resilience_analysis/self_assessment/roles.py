"""What people in two roles said of the same statements: the one comparison of opinions that holds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.survey.outcomes import DIMENSION

COLUMNS = ["code", "score", "other_score", "gap", "low", "high"]
OK = "ok"


def between_roles(estimates: pd.DataFrame, own: str, other: str) -> pd.DataFrame:
    """Compare two roles that answered the same statements in the same wave, dimension by dimension.

    Both are on the same scale and were asked the same, so that a difference means something. The interval of the
    difference of two independent groups has the root of the sum of the squared sides (Newcombe 1998, Statistics in
    Medicine 17, 873-890, method 10).

    Parameters
    ----------
    estimates
        Rows of ``estimates`` of one municipality and wave.
    own, other
        Values of the field ``role``.

    Returns
    -------
    pandas.DataFrame
        One row per dimension that both roles have an estimate for: ``code``, ``score`` and ``other_score`` (means,
        0-100), ``gap`` (own less other, in points), ``low``, ``high``. Empty when either is hidden or was not asked.
    """
    rows = estimates[(estimates["level"] == DIMENSION) & estimates["mean_score"].notna()]
    one, two = (rows[rows["group"] == f"role:{role}"] for role in (own, other))
    both = one.merge(two, on="code", suffixes=("", "_other"), validate="1:1")
    score, other_score = both["mean_score"], both["mean_score_other"]
    gap = score - other_score
    below = np.hypot(score - both["mean_score_low"], both["mean_score_high_other"] - other_score)
    above = np.hypot(both["mean_score_high"] - score, other_score - both["mean_score_low_other"])
    out = pd.DataFrame({"code": both["code"], "score": score, "other_score": other_score, "gap": gap})
    return out.assign(low=gap - below, high=gap + above)[COLUMNS]
