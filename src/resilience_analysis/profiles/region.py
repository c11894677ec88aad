"""What a regional report says: the municipalities side by side, in alphabetical order, never ranked."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.profiles.comparator import Comparator
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.learning import differences, learn_from
from resilience_analysis.profiles.rows import factor_rows
from resilience_analysis.profiles.together import shared_sides

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
