"""What people think beside what the figures say, factor by factor."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from resilience_analysis.survey.instrument import NIS_CODE
from resilience_analysis.survey.outcomes import DIMENSION


def perception_gap(scores: pd.DataFrame, *, against: str = "register") -> pd.DataFrame:
    """Put what people think beside what the figures say, factor by factor.

    Parameters
    ----------
    scores
        Schema ``scores``; its dimension rows of strand ``self`` and of strand `against` are compared.

    Returns
    -------
    pandas.DataFrame
        One row per municipality and dimension that has a row in either strand: nis_code, code, self_score, score, gap
        (self less figures, in points), low and high of the gap as far as the two intervals are known, missing_reason
        (of the side that is missing).
    """
    dimension = scores[scores["level"] == DIMENSION]
    key = [NIS_CODE, "code"]
    sides: Mapping[str, pd.DataFrame] = {
        name: dimension[dimension["strand"] == strand].set_index(key)[["score", "low", "high", "missing_reason"]]
        for name, strand in (("self", "self"), ("figures", against))
    }
    named = [side.add_suffix(f"_{name}") for name, side in sides.items()]
    both = pd.concat(named, axis=1).sort_index()
    mine, theirs = both["score_self"], both["score_figures"]
    below = np.hypot((mine - both["low_self"]).fillna(0), (both["high_figures"] - theirs).fillna(0))
    above = np.hypot((both["high_self"] - mine).fillna(0), (theirs - both["low_figures"]).fillna(0))
    unsure = both["low_self"].isna() & both["low_figures"].isna()
    gap = mine - theirs
    out = pd.DataFrame({"self_score": mine, "score": theirs, "gap": gap})
    out["low"], out["high"] = (gap - below).mask(unsure), (gap + above).mask(unsure)
    reason = both["missing_reason_self"].fillna(both["missing_reason_figures"]).astype(object)
    out["missing_reason"] = reason.fillna("not_collected").where(gap.isna(), None)
    return out.reset_index()
