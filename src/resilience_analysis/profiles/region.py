"""What a regional report says: all inhabitants together, and the municipalities side by side, never ranked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.indicators.framework import Indicator
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.learning import critical_value, differences, learn_from, p_values
from resilience_analysis.profiles.rows import Comparator, factor_rows

COLUMNS = ["indicator", "side", "value", "low", "high", "rest", "least", "most", "telling"]


def shared_sides(dataset: Dataset, region: Comparator) -> pd.DataFrame:
    """Return the indicators on which all inhabitants of a region together differ clearly from all others together.

    Percentages of a survey are averaged with the inhabitants as weights; the variance of such a mean of independent
    samples is the sum of the squared weights times the variances, and so are its squared margins. Over all indicators
    with a margin the false discovery rate is held (Benjamini and Hochberg, 1995); a figure without sampling error must
    lie outside the middle half of all municipalities.

    Returns
    -------
    pandas.DataFrame
        One row per indicator that has a value in the whole region, the most telling first: ``indicator``, ``side``
        (``strength`` or ``challenge``, after its direction; ``apart`` where it counts in no score), ``value`` with
        ``low`` and ``high`` (region together), ``rest`` (all other municipalities together), ``least`` and ``most``
        (values in the region), ``telling`` (the difference over its margin and the distance from the median
        municipality to P95 or P5).
    """
    return dataset.keep(("shared", *sorted(region.codes)), lambda: _shared(dataset, list(region.codes)))


def _shared(dataset: Dataset, codes: list[str]) -> pd.DataFrame:
    own = set(codes)
    others = [code for code in dataset.everywhere if code not in own]
    if not others:
        return pd.DataFrame(columns=COLUMNS)
    rows = _together(dataset, codes, others)
    difference = rows["value"] - rows["rest"]
    margin = np.where(difference > 0, rows["below"], rows["above"])
    p = pd.Series(p_values(difference.to_numpy(), margin, margin), index=rows.index)
    sampled = rows["below"].notna()
    critical = critical_value(p[sampled].to_numpy(), dataset.framework.scoring.false_discovery_rate)
    outside = (rows["value"] > rows["q3"]) | (rows["value"] < rows["q1"])
    clear = np.where(sampled, p <= critical, outside) & (difference != 0)
    usual = np.where(difference > 0, rows["p95"] - rows["median"], rows["median"] - rows["p05"])
    rows["telling"] = difference.abs() / (np.nan_to_num(margin) + usual)
    ahead = difference * rows["indicator"].map(lambda code: dataset.framework.indicators[code].direction) > 0
    apart = rows["indicator"].map(lambda code: dataset.framework.indicators[code].apart is not None)
    rows["side"] = np.select([apart, ahead], ["apart", "strength"], "challenge")
    rows["low"], rows["high"] = rows["value"] - rows["own_below"], rows["value"] + rows["own_above"]
    return rows[clear].sort_values("telling", ascending=False, kind="stable")[COLUMNS].reset_index(drop=True)


def _together(dataset: Dataset, codes: list[str], others: list[str]) -> pd.DataFrame:
    """Return what both are together, and how sure, for every indicator that the whole region has a value of."""
    whole, rest, spread = dataset.pooled(codes), dataset.pooled(others), dataset.spread(dataset.everywhere)
    rows = []
    for code, entry in dataset.framework.indicators.items():
        values = dataset.values.loc[codes, code]
        if values.isna().any() or np.isnan(whole[code]) or np.isnan(rest[code]):
            continue
        own, other = _sides(dataset, entry, codes), _sides(dataset, entry, others)
        rows.append({
            "indicator": code, "value": float(whole[code]), "rest": float(rest[code]),
            "own_below": own[0], "own_above": own[1],
            "below": float(np.hypot(own[0], other[1])), "above": float(np.hypot(own[1], other[0])),
            "least": float(values.min()), "most": float(values.max()),
            **{name: spread[name][code] for name in ("p05", "q1", "median", "q3", "p95")},
        })  # fmt: skip
    names = ["indicator", "value", "rest", "own_below", "own_above", "below", "above", "least", "most"]
    return pd.DataFrame(rows, columns=[*names, "p05", "q1", "median", "q3", "p95"])


def _sides(dataset: Dataset, entry: Indicator, codes: list[str]) -> tuple[float, float]:
    """Return how far the figure of all inhabitants together may lie below and above what it is; NaN without sample."""
    source = dataset.catalogue.get(entry.source)
    if source is None or not source.inhabitants:
        return float("nan"), float("nan")
    known = dataset.values.loc[codes, entry.id].dropna().index
    value, low, high = (dataset.column(name).loc[known, entry.id] for name in ("value", "low", "high"))
    weights = dataset.over_years(source.inhabitants)[dataset.years[entry.id]].reindex(known)
    weights = weights / weights.sum()
    below, above = weights * (value - low), weights * (high - value)
    return float(np.sqrt((below**2).sum(skipna=False))), float(np.sqrt((above**2).sum(skipna=False)))


PAIR = ["nis_code", "other", "dimension", "strand", "difference", "low", "high"]


def alphabetical(dataset: Dataset, codes: list[str]) -> list[str]:
    """Put NIS codes in the order of their names."""
    names = dataset.names[codes].astype(str).str.casefold()
    return [code for _, code in sorted(zip(names, codes, strict=True), key=lambda pair: pair[0])]


def side_by_side(dataset: Dataset, region: Comparator) -> pd.DataFrame:
    """Return the factor scores of all municipalities of a region.

    Returns
    -------
    pandas.DataFrame
        One row per dimension and strand that has a score anywhere in the region, and municipality (alphabetical):
        ``dimension``, ``strand``, ``nis_code``, ``score``, ``low``, ``high``, ``missing_reason``, ``all_median``.
    """
    codes = alphabetical(dataset, list(region.codes))
    medians = factor_rows(dataset, codes[0], region).set_index(["dimension", "strand"])["all_median"]
    names = ["score", "low", "high", "missing_reason"]
    own = {name: dataset.scores[name].loc[codes].reindex(columns=medians.index) for name in names}
    frames = [pd.DataFrame(columns=["dimension", "strand", "nis_code", *names, "all_median"])]
    for key in medians.index[own["score"].notna().any()]:
        figures = {name: own[name][key].to_numpy() for name in names}
        part = {"dimension": key[0], "strand": key[1], "nis_code": codes, **figures, "all_median": medians[key]}
        frames.append(pd.DataFrame(part))
    return pd.concat(frames[1:] or frames, ignore_index=True)


def score_spread(rows: pd.DataFrame, *, classes: int) -> pd.DataFrame:
    """Count the municipalities of a region by what they score, for regions with too many to set beside each other.

    Parameters
    ----------
    rows
        From `side_by_side`.
    classes
        How many equal parts of the scale from 0 to 100; a score on a limit belongs to the higher, 100 to the highest.

    Returns
    -------
    pandas.DataFrame
        One row per dimension and strand: the ``median`` score, the number of municipalities in ``class_0``,
        ``class_1`` and so on, and without a score (``missing``).

    Examples
    --------
    >>> rows = pd.DataFrame({"dimension": "trust", "strand": "residents", "score": [0.0, 49.0, 50.0, 100.0, None]})
    >>> score_spread(rows, classes=2).iloc[0].tolist()
    ['trust', 'residents', 49.5, 2, 2, 1]
    """
    of_class = (rows["score"] // (100 / classes)).clip(upper=classes - 1)
    groups = rows.groupby(["dimension", "strand"], sort=False)["score"]
    counts = {
        f"class_{n}": (of_class == n).groupby([rows["dimension"], rows["strand"]], sort=False).sum()
        for n in range(classes)
    }
    return pd.DataFrame({"median": groups.median(), **counts, "missing": groups.size() - groups.count()}).reset_index()


def learning_matrix(dataset: Dataset, region: Comparator) -> pd.DataFrame:
    """Return who can learn from whom: pairs of municipalities of which one lies clearly higher on a factor.

    Returns
    -------
    pandas.DataFrame
        One row per pair and factor: ``nis_code`` (who can learn), ``other`` (from whom), ``dimension``, ``strand``,
        ``difference``, ``low``, ``high`` (the 95 % interval leaves out zero), as on the pages of the municipalities.
    """
    pairs = differences(dataset, list(region.codes))
    return pairs.loc[pairs["clear"] & (pairs["difference"] > 0), PAIR].reset_index(drop=True)


def nearest_to_learn_from(dataset: Dataset, region: Comparator, codes: list[str]) -> pd.DataFrame:
    """Return what `learning_matrix` does for some municipalities of a region of many, cut as on their own pages.

    Of those that lie clearly higher on a factor only the few that resemble each most are named: all pairs of thousands
    of municipalities can neither be held nor read.
    """
    found = [learn_from(dataset, code, region).rename(columns={"nis_code": "other"}) for code in codes]
    pairs = [rows.assign(nis_code=code)[PAIR] for code, rows in zip(codes, found, strict=True)]
    return pd.concat(pairs, ignore_index=True)


def leaning(dataset: Dataset, region: Comparator) -> pd.DataFrame:
    """Return the indicators on which all values of a region lie on one side of the median, though not all margins do.

    Returns
    -------
    pandas.DataFrame
        One row per scored indicator that `shared_sides` does not name: ``indicator``, ``side``.
    """
    medians, named = dataset.spread(dataset.everywhere)["median"], set(shared_sides(dataset, region)["indicator"])
    rows = []
    for code, indicator in dataset.framework.indicators.items():
        ahead = (dataset.values.loc[list(region.codes), code] - medians[code]) * indicator.direction
        if code in named or indicator.apart is not None:
            continue
        if (ahead > 0).all():
            rows.append((code, "strength"))
        elif (ahead < 0).all():
            rows.append((code, "challenge"))
    return pd.DataFrame(rows, columns=["indicator", "side"])


def shared_gaps(dataset: Dataset, region: Comparator) -> list[str]:
    """Return the scored indicators for which no municipality of the region has a figure."""
    missing = dataset.values.loc[list(region.codes), list(dataset.framework.indicators)].isna().all()
    return [str(code) for code in missing.index[missing]]
