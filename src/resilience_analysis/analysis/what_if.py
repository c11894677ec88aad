"""What other choices would change: the scores before and after, and how far each moved beside its margin."""

from __future__ import annotations

from typing import Any

import pandas as pd

from resilience_analysis.analysis.selection import members_of
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.indicators.framework import Framework
from resilience_analysis.indicators.scores import score
from resilience_analysis.notebook import load_dataset

KEY = ["nis_code", "code", "strand"]


def what_if(
    framework: Framework | None = None, *, indicators: pd.DataFrame | None = None, region: str | None = None,
    **changes: Any,
) -> pd.DataFrame:  # fmt: skip
    """Score again with other choices and compare.

    Parameters
    ----------
    framework
        The changed framework; or give `changes`.
    indicators
        Schema ``indicators``, to score other values; those of the project when not given.
    region
        Only the places of a group, or those separated by commas; all when not given.
    **changes
        As in `Framework.with_`: ``weights``, ``directions``, ``goalposts``, ``normalise``, ``aggregate``,
        ``min_coverage``.

    Returns
    -------
    pandas.DataFrame
        One row per place, factor and strand: ``nis_code``, ``name``, ``code``, ``strand``, ``before``, ``before_low``,
        ``before_high``, ``after``, ``after_low``, ``after_high`` (scores 0-100 with their 95 % intervals), ``moved``
        (after less before) and ``beyond_margin`` (whether the new score lies outside the old interval; missing where
        there is none). The largest moves first.

    Raises
    ------
    UsageError
        When nothing is changed, or a change names something that is not there.

    Examples
    --------
    >>> ra.what_if(weights={"org_trust_municipality": 3}, region="neteland")  # doctest: +SKIP
    """
    dataset = load_dataset()
    if framework is None and indicators is None and not changes:
        raise UsageError("nothing is changed: give weights, directions, goalposts, normalise, aggregate or a framework")
    changed = (framework or dataset.framework).with_(**changes)
    table = dataset.tables.indicators if indicators is None else indicators
    after = _factors(score(table, changed), "after")
    moved = _factors(dataset.tables.scores, "before").join(after, how="outer").reset_index()
    moved = moved.assign(moved=moved["after"] - moved["before"], name=moved["nis_code"].map(dataset.names))
    outside = (moved["after"] < moved["before_low"]) | (moved["after"] > moved["before_high"])
    known = moved[["after", "before_low"]].notna().all(axis=1)
    moved["beyond_margin"] = outside.astype("boolean").mask(~known)
    if region is not None:
        moved = moved[moved["nis_code"].isin(members_of(region))]
    return moved.sort_values("moved", key=abs, ascending=False, kind="stable", ignore_index=True)[_COLUMNS]


_COLUMNS = [
    "nis_code", "name", "code", "strand", "before", "before_low", "before_high", "after", "after_low", "after_high",
    "moved", "beyond_margin",
]  # fmt: skip


def _factors(scores: pd.DataFrame, when: str) -> pd.DataFrame:
    rows = scores[scores["level"] == "dimension"].set_index(KEY)[["score", "low", "high"]]
    return rows.set_axis([when, f"{when}_low", f"{when}_high"], axis="columns")
