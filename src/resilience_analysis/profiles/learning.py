"""Who can learn from whom: municipalities that differ clearly on a factor, nearest by resemblance first."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.profiles.comparator import Comparator
from resilience_analysis.profiles.dataset import Atlas

COLUMNS = ["dimension", "strand", "nis_code", "score", "other_score", "difference", "low", "high", "distance"]


def differences(atlas: Atlas, codes: list[str], *, of: str | None = None) -> pd.DataFrame:
    """Return the difference between every pair of municipalities on every factor that rests on a sample.

    The interval of a difference of two independent scores has the root of the sum of their squared margins as its own
    margin. Factors without sampling error are left out: there any difference would pass for a clear one.

    Parameters
    ----------
    atlas
        The shared ground.
    codes
        NIS codes of the group.
    of
        Only the pairs that begin with this one.

    Returns
    -------
    pandas.DataFrame
        One row per ordered pair and (dimension, strand): ``nis_code``, ``other``, ``score``, ``other_score``,
        ``difference`` (other minus own), ``low``, ``high``, ``clear`` (the interval leaves out zero).
    """
    rows = atlas.tables.scores
    rows = rows[(rows["level"] == "dimension") & rows["nis_code"].isin(codes) & rows["low"].notna()]
    rows = rows.assign(margin=(rows["high"] - rows["low"]) / 2)[["nis_code", "code", "strand", "score", "margin"]]
    own = rows if of is None else rows[rows["nis_code"] == of]
    pairs = own.merge(rows, on=["code", "strand"], suffixes=("", "_other"))
    pairs = pairs[pairs["nis_code"] != pairs["nis_code_other"]]
    difference = pairs["score_other"] - pairs["score"]
    margin = (pairs["margin"] ** 2 + pairs["margin_other"] ** 2) ** 0.5
    low, high = difference - margin, difference + margin
    table = pairs.assign(difference=difference, low=low, high=high, clear=(low > 0) | (high < 0))
    names = {"code": "dimension", "nis_code_other": "other", "score_other": "other_score"}
    columns = ["nis_code", "other", "dimension", "strand", "score", "other_score", "difference", "low", "high", "clear"]
    return table.rename(columns=names)[columns].reset_index(drop=True)


def learn_from(atlas: Atlas, nis_code: str, group: Comparator, *, most: int = 3) -> pd.DataFrame:
    """Give, for each factor on which a municipality lies below the middle of its group, whom it could visit.

    Parameters
    ----------
    atlas
        The shared ground.
    nis_code
        The municipality.
    group
        The municipalities to look among.
    most
        How many to name per factor at the most.

    Returns
    -------
    pandas.DataFrame
        One row per factor and example: dimension, strand, nis_code (of the example), score, other_score, difference
        with ``low`` and ``high`` (leaving out zero), ``distance`` (small: resembles). In the framework's order.
    """
    codes = sorted({nis_code, *group.codes})
    pairs = differences(atlas, codes, of=nis_code)
    middle = atlas.score_spread(list(group.codes))["median"]
    own = pairs[pairs["low"] > 0]
    keys = pd.MultiIndex.from_frame(own[["dimension", "strand"]])
    own = own[own["score"].to_numpy() < middle.reindex(keys).to_numpy()].drop(columns="nis_code")
    own = own.rename(columns={"other": "nis_code"}).assign(
        distance=lambda t: t["nis_code"].map(atlas.distances(nis_code))
    )
    order = {dimension: place for place, dimension in enumerate(atlas.framework.dimensions)}
    own = own.assign(place=own["dimension"].map(order)).sort_values(["place", "strand", "distance", "nis_code"])
    return own.groupby(["dimension", "strand"], sort=False).head(most)[COLUMNS].reset_index(drop=True)
