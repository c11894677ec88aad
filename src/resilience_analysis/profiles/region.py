"""What a regional report says: the municipalities side by side, in alphabetical order, never ranked."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.profiles.comparator import Comparator
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.learning import differences
from resilience_analysis.profiles.rows import factor_rows
from resilience_analysis.profiles.together import shared_sides


def alphabetical(dataset: Dataset, codes: list[str]) -> list[str]:
    """Put NIS codes in the order of their names."""
    return sorted(codes, key=lambda code: str(dataset.names[code]).casefold())


def side_by_side(dataset: Dataset, region: Comparator) -> pd.DataFrame:
    """Return the factor scores of all municipalities of a region.

    Returns
    -------
    pandas.DataFrame
        One row per dimension and strand that has a score anywhere in the region, and municipality (alphabetical):
        ``dimension``, ``strand``, ``nis_code``, ``score``, ``low``, ``high``, ``missing_reason``, ``all_median``.
    """
    frames = [
        factor_rows(dataset, code, region).assign(nis_code=code) for code in alphabetical(dataset, list(region.codes))
    ]
    rows = pd.concat(frames, ignore_index=True)
    anywhere = rows.groupby(["dimension", "strand"])["score"].transform("count") > 0
    columns = ["dimension", "strand", "nis_code", "score", "low", "high", "missing_reason", "all_median"]
    place = {dimension: number for number, dimension in enumerate(dataset.framework.dimensions)}
    strand = {name: number for number, name in enumerate(STRANDS)}
    ordered = rows[anywhere].assign(place=rows["dimension"].map(place), part=rows["strand"].map(strand))
    return ordered.sort_values(["place", "part"], kind="stable")[columns].reset_index(drop=True)


def learning_matrix(dataset: Dataset, region: Comparator) -> pd.DataFrame:
    """Return who can learn from whom: pairs of municipalities of which one lies clearly higher on a factor.

    Returns
    -------
    pandas.DataFrame
        One row per pair and factor: ``nis_code`` (who can learn), ``other`` (from whom), ``dimension``, ``strand``,
        ``difference``, ``low``, ``high`` (the 95 % interval leaves out zero), as on the pages of the municipalities.
    """
    pairs = differences(dataset, list(region.codes))
    columns = ["nis_code", "other", "dimension", "strand", "difference", "low", "high"]
    return pairs.loc[pairs["clear"] & (pairs["difference"] > 0), columns].reset_index(drop=True)


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
