"""Who can learn from whom: municipalities that differ clearly on a factor, nearest by resemblance first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.rows import Comparator

COLUMNS = ["dimension", "strand", "nis_code", "score", "other_score", "difference", "low", "high", "distance"]
SELF = "self"
MOST = 4
MOST_INDICATORS = 2
_ERFC = np.frompyfunc(math.erfc, 1, 1)  # SciPy's takes half a second to load
_Z95 = 1.959963984540054
_NEARLY = 1e-6  # of a z-value, far more than its rounding
_FEW = 100  # places of which all pairs are worked out once, for all their pages
_AT_ONCE = 2**19  # pairs that are compared at once: thousands of places have millions


@dataclass(frozen=True)
class Comparisons:
    """All comparisons that are made in a group at once: every pair of municipalities on every factor."""

    made: int  # how many comparisons
    clear: int  # how many differences are called clear
    critical: float  # the greatest p-value of a clear difference; below 0 where none is
    rate: float  # the greatest share (0-1) of the clear ones that may be expected to be chance

    @property
    def expected_false(self) -> float:
        """How many of the clear differences are expected to be chance, at most."""
        return self.rate * self.clear


def comparisons(dataset: Dataset, codes: list[str]) -> Comparisons:
    """Decide which differences in a group are clear, holding the false discovery rate over all its comparisons.

    Benjamini and Hochberg (1995, Journal of the Royal Statistical Society B 57, 289-300): of the differences called
    clear, at most the framework's share is expected to be chance, for any size of the group.
    """
    codes = sorted(codes)

    def find() -> Comparisons:
        if len(codes) <= _FEW:
            return _comparisons(dataset, codes)
        name = f"comparisons of {','.join(codes)}"
        return Comparisons(**dataset.disk.plain(name, lambda: asdict(_comparisons(dataset, codes))))

    return dataset.keep(("comparisons", *codes), find)


def _comparisons(dataset: Dataset, codes: list[str]) -> Comparisons:
    rate = dataset.framework.scoring.false_discovery_rate
    made, low = 0, [np.empty(0)]
    for _, rows in _sampled(dataset, codes).groupby(["code", "strand"]):
        for p in _pairwise(rows, rate):
            made += p.size
            low.append(p[p <= rate])
    critical = critical_value(np.concatenate(low), rate, of=made)
    return Comparisons(made, sum(int((p <= critical).sum()) for p in low), critical, rate)


def critical_value(p: np.ndarray, rate: float, *, of: int | None = None) -> float:
    """Return the largest p-value that is clear when the false discovery rate is held; -1 when none is.

    Benjamini and Hochberg (1995): the largest of which at most its share of all is expected by chance. As
    `scipy.stats.false_discovery_control` does, which takes a second to load.

    Parameters
    ----------
    p
        The p-values; those above `rate` can be left out, as none of them is ever clear.
    rate
        The false discovery rate (0-1).
    of
        How many there are with those that are left out.
    """
    ordered = np.sort(p)
    passing = ordered <= rate * np.arange(1, p.size + 1) / (of or p.size)
    return float(ordered[passing].max(initial=-1.0))


def _pairwise(rows: pd.DataFrame, most: float) -> Iterator[np.ndarray]:
    """Return the p-value (see `p_values`) of every pair of municipalities on one factor, many at a time."""
    score, below, above = (rows[name].to_numpy() for name in ("score", "margin_below", "margin_above"))
    size = max(1, _AT_ONCE // len(rows))
    for start in range(0, len(rows), size):
        left = len(rows) - start
        one, other = (start + place for place in np.triu_indices(min(size, left), 1, left))
        sides = _sides(below[one], above[one], below[other], above[other])
        yield p_values(score[other] - score[one], *sides, most=most)


def _sides(
    below: np.ndarray, above: np.ndarray, other_below: np.ndarray, other_above: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far a difference (other less own) may lie below and above what it is: the root of both squares."""
    return np.hypot(other_below, above), np.hypot(other_above, below)


def p_values(difference: np.ndarray, below: np.ndarray, above: np.ndarray, *, most: float = 1.0) -> np.ndarray:
    """Return the two-sided p-value of a difference of nothing; the margin that counts is the one towards 0.

    Of those above `most` some are not worked out, and are 1.
    """
    margin = np.where(difference > 0, below, above)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.nan_to_num(_Z95 * np.abs(difference) / margin)
    wanted = z >= NormalDist().inv_cdf(1 - most / 2) - _NEARLY
    p = np.ones(z.shape)
    p[wanted] = _ERFC(z[wanted] / math.sqrt(2)).astype(float)  # both tails of the standard normal
    return p


def _sampled(dataset: Dataset, codes: list[str]) -> pd.DataFrame:
    """Return the factor scores that rest on a sample of residents; what people think of themselves takes no part."""
    rows = dataset.keep("sampled", lambda: dataset.disk.table("sampled", lambda: _all_sampled(dataset.tables.scores)))
    return rows[rows["nis_code"].isin(codes)]


def _all_sampled(rows: pd.DataFrame) -> pd.DataFrame:
    columns = ["nis_code", "code", "strand", "score", "margin_below", "margin_above"]
    sampled = (rows["level"] == "dimension") & rows["margin_below"].notna() & (rows["strand"] != SELF)
    return rows.loc[sampled, columns].reset_index(drop=True)


def comparable(dataset: Dataset, codes: list[str]) -> set[str]:
    """Return the municipalities of a group with a factor score that can be compared with those of others."""
    return {str(code) for code in _sampled(dataset, codes)["nis_code"]}


def differences(dataset: Dataset, codes: list[str], *, of: str | None = None) -> pd.DataFrame:
    """Return the difference between every pair of municipalities on every factor that rests on a sample.

    The interval of a difference of two independent scores has the root of the sum of their squared margins as its own
    margin, per side. Factors without sampling error are left out: there any difference would pass for a clear one.
    With `of`, only the pairs that begin with this one.

    Returns
    -------
    pandas.DataFrame
        One row per ordered pair and (dimension, strand): ``nis_code``, ``other``, ``score``, ``other_score``,
        ``difference`` (other minus own), ``low``, ``high``, ``clear`` (by `comparisons` of the whole group).
    """
    rows = _sampled(dataset, codes)
    own = rows if of is None else rows[rows["nis_code"] == of]
    pairs = own.merge(rows, on=["code", "strand"], suffixes=("", "_other"), validate="m:m")
    pairs = pairs[pairs["nis_code"] != pairs["nis_code_other"]]
    difference = pairs["score_other"] - pairs["score"]
    margins = ("margin_below", "margin_above", "margin_below_other", "margin_above_other")
    below, above = _sides(*(pairs[name].to_numpy() for name in margins))
    clear = p_values(difference.to_numpy(), below, above) <= comparisons(dataset, codes).critical
    table = pairs.assign(difference=difference, low=difference - below, high=difference + above, clear=clear)
    names = {"code": "dimension", "nis_code_other": "other", "score_other": "other_score"}
    columns = ["nis_code", "other", "dimension", "strand", "score", "other_score", "difference", "low", "high", "clear"]
    return table.rename(columns=names)[columns].reset_index(drop=True)


def learn_from(dataset: Dataset, nis_code: str, group: Comparator, *, most: int = MOST) -> pd.DataFrame:
    """Return, for each factor on which others of a group lie clearly higher, whom a municipality could visit.

    Returns
    -------
    pandas.DataFrame
        One row per factor and example: dimension, strand, nis_code (of the example), score, other_score, difference
        with ``low`` and ``high`` (leaving out zero), ``distance`` (small: resembles). In the framework's order.
    """
    codes = sorted({nis_code, *group.codes})
    if len(codes) > _FEW:
        found = _examples(dataset, differences(dataset, codes, of=nis_code), most)
    else:
        found = dataset.keep(("learn", most, *codes), lambda: _examples(dataset, differences(dataset, codes), most))
    return found.get(nis_code, found[""])


def _examples(dataset: Dataset, pairs: pd.DataFrame, most: int) -> dict[str, pd.DataFrame]:
    """Return what `learn_from` does for every municipality that pairs begin with, and under "" for any other."""
    found = pairs[pairs["clear"] & (pairs["difference"] > 0)].rename(columns={"nis_code": "of", "other": "nis_code"})
    distances = {code: dataset.distances(code) for code in found["of"].unique()}
    order = {dimension: place for place, dimension in enumerate(dataset.framework.dimensions)}
    found = found.assign(
        distance=[distances[of].get(other, np.nan) for of, other in zip(found["of"], found["nis_code"], strict=True)],
        place=found["dimension"].map(order),
    ).sort_values(["place", "strand", "distance", "nis_code"])
    nearest = found.groupby(["of", "dimension", "strand"], sort=False).head(most)
    rows = {str(of): own[COLUMNS].reset_index(drop=True) for of, own in nearest.groupby("of")}
    return {"": nearest.iloc[:0][COLUMNS].reset_index(drop=True), **rows}


def where_they_differ(dataset: Dataset, nis_code: str, other: str, dimension: str, strand: str) -> list[str]:
    """Return the indicators of a factor that add most to the difference between two municipalities, the largest first.

    What an indicator adds is the difference between both places on the scale from 0 to 100, times its weight; only
    those on which the other lies ahead, at most `MOST_INDICATORS`.
    """
    added = {}
    for entry in dataset.framework.of(dimension, strand):
        low, high = entry.goalposts
        own, theirs = (
            min(max((dataset.value(place, entry.id) - low) / (high - low), 0.0), 1.0) for place in (nis_code, other)
        )
        added[entry.id] = (theirs - own) * entry.direction * entry.weight
    ahead = sorted((code for code, part in added.items() if part > 0), key=lambda code: -added[code])
    return ahead[:MOST_INDICATORS]
