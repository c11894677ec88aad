"""From answers on the 1-4 scale to scores from 0 to 100, respondent first, and to means per group with their errors.

A published standard error is that of the group by itself: it tells nothing of people elsewhere. The one of R's
`svyby(~y, ~group, svydesign(ids = ~cluster, strata = ~stratum, weights = ~w), svymean, na.rm = TRUE)`, for which each
group is a domain of one sample, counts everybody in the table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem

if TYPE_CHECKING:
    from scipy import sparse

LOW, HIGH = 1, 4
Positions = TypeVar("Positions", float, pd.Series, pd.DataFrame)
MIN_ANSWERED_SHARE = 0.5


def turned(values: pd.DataFrame, reverse: Collection[str]) -> pd.DataFrame:
    """Turn the reverse-worded items round, so that a higher answer always means more: 1 becomes 4, 2 becomes 3.

    Examples
    --------
    >>> import pandas as pd
    >>> turned(pd.DataFrame({"a": [1, 2, 4], "b": [1, 2, 4]}), {"b"})["b"].tolist()
    [4, 3, 1]
    """
    items = [item for item in values.columns if item in reverse]
    return values.assign(**{item: LOW + HIGH - values[item] for item in items})


def to_hundred(position: Positions) -> Positions:
    """Put a position on the 1-4 scale on 0-100: ``(x - 1) / 3 * 100``.

    Examples
    --------
    >>> to_hundred(2.5)
    50.0
    """
    return (position - LOW) / (HIGH - LOW) * 100


def respondent_positions(
    values: pd.DataFrame,
    dimensions: Mapping[str, Sequence[str]],
    *,
    reverse: Collection[str] = (),
    min_answered: float = MIN_ANSWERED_SHARE,
) -> pd.DataFrame:
    """Return each respondent's mean position per dimension, on the 1-4 scale.

    Parameters
    ----------
    values
        One row per respondent, a column per item, 1 to 4 as answered, NaN without answer.
    dimensions
        Items by dimension; items that are not columns count as not answered by anybody.
    reverse
        Items that are turned round first.
    min_answered
        Least share of the items of a dimension that a respondent must have answered to have a score for it.

    Returns
    -------
    pandas.DataFrame
        One row per respondent, a column per dimension; NaN where too little was answered.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"INF1": [4, 3, 1], "INF2": [4, 2, None]})
    >>> respondent_positions(values, {"informatie": ["INF1", "INF2"]})["informatie"].tolist()
    [4.0, 2.5, 1.0]
    """
    turned_round = turned(values, reverse)
    positions = {}
    for dimension, items in dimensions.items():
        answers = turned_round.reindex(columns=list(items))
        enough = answers.notna().sum(axis=1) >= max(min_answered * len(items), 1)
        positions[dimension] = answers.mean(axis=1).where(enough)
    return pd.DataFrame(positions, index=values.index)


@dataclass(frozen=True)
class GroupMeans:
    """Means of several columns in several groups; every frame has a row per group and a column per variable."""

    n: pd.DataFrame  # number of respondents with a value
    n_effective: pd.DataFrame  # kish's effective number: n when the weights are equal
    mean: pd.DataFrame  # weighted mean; NaN without a value
    se: pd.DataFrame  # its standard error by linearisation; NaN without a value
    # degrees of freedom of that error: the clusters less the strata of those with a value where `Units` are given, as
    # R's `degf` of the group's own design, otherwise the effective number less one
    freedom: pd.DataFrame


@dataclass(frozen=True)
class Units:
    """How respondents were drawn."""

    strata: pd.Series | None = None  # stratum of each respondent; all are in one when None
    # cluster of each respondent; each is one when None. A cluster lies in one stratum.
    clusters: pd.Series | None = None

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return self.strata is not None or self.clusters is not None


def grouped_means(
    values: pd.DataFrame,
    by: pd.Series,
    weights: pd.Series | None = None,
    *,
    units: Units | None = None,
    whole_table: bool = True,
) -> GroupMeans:
    """Estimate means per group.

    Parameters
    ----------
    values
        One row per respondent, a column per variable; NaN where a respondent has no value.
    by
        Group of each respondent, same rows; respondents without a group count in the sample but in no group.
    weights
        Weight of each respondent, same rows, at least 0; all equal when not given.
    units
        Strata and clusters; every respondent was drawn by itself when not given.
    whole_table
        Whether each group is a domain of everybody in the table, as for R's svyby, rather than a sample of its own, as
        all that is published is.

    Returns
    -------
    GroupMeans
        Groups sorted.

    Raises
    ------
    InputError
        When a weight is missing, negative or not finite; names the rows.

    Notes
    -----
    With weights w, values y and the mean m of a group, the standard error is
    ``sqrt(n / (n - 1) * sum(w**2 * (y - m)**2)) / sum(w)``, n being the number of answers in the group, or with
    `whole_table` the number of rows. With strata h of clusters c, ``z_c`` being the sum of ``w * (y - m)`` over a
    cluster, it is ``sqrt(sum_h(n_h / (n_h - 1) * sum_c((z_c - mean(z_c))**2))) / sum(w)``, over the clusters of the
    group or of the table (Wolter 2007, Introduction to Variance Estimation, chapter 6). A stratum with one cluster
    of a group has no spread of its own: its cluster is compared with the mean of all.

    Examples
    --------
    >>> import pandas as pd
    >>> means = grouped_means(pd.DataFrame({"a": [1.0, 3.0, 5.0]}), pd.Series(["x", "x", "y"]))
    >>> means.mean["a"].to_dict()
    {'x': 2.0, 'y': 5.0}
    """
    weight = _checked(weights, len(values))
    groups, labels = pd.factorize(by, sort=True)
    member = _membership(groups, len(labels))
    matrix = values.to_numpy(dtype=float)
    valid = ~np.isnan(matrix) & (weight > 0)[:, None]
    weighted = np.where(valid, weight[:, None], 0.0)
    filled = np.where(valid, matrix, 0.0)
    n = member @ valid.astype(float)
    total = member @ weighted
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (member @ (weighted * filled)) / total
        n_effective = np.where(n > 0, total**2 / (member @ weighted**2), 0.0)
        centre = np.where(groups[:, None] >= 0, np.nan_to_num(mean)[groups], 0.0) if len(labels) else filled
        scores = weighted * (filled - centre)
        if units:
            variance, freedom = _of_units(scores, valid, groups, len(labels), units, whole_table=whole_table)
        else:
            freedom = n_effective - 1
            drawn = float(len(values)) if whole_table else n
            variance = (member @ scores**2) * drawn / np.where(np.asarray(drawn) > 1, drawn - 1, np.nan)
        se = np.sqrt(variance) / total
    frames = (n, n_effective, mean, se, freedom)
    return GroupMeans(*(_frame(array, labels, values.columns) for array in frames))


def grouped_shares(
    values: pd.DataFrame, by: pd.Series, weights: pd.Series | None, positions: Sequence[float]
) -> dict[float, np.ndarray]:
    """Estimate the shares of some values per group, as `grouped_means` of each would: a row per group, 0 to 1.

    Examples
    --------
    >>> answers = pd.DataFrame({"INF1": [1.0, 4.0, 4.0, 4.0]})
    >>> grouped_shares(answers, pd.Series(["a"] * 4), None, [4])[4].tolist()
    [[0.75]]
    """
    groups, labels = pd.factorize(by, sort=True)
    member, matrix = _membership(groups, len(labels)), values.to_numpy(dtype=float)
    weight = _checked(weights, len(values))[:, None]
    total = member @ np.where(np.isnan(matrix), 0.0, weight)
    with np.errstate(invalid="ignore"):
        return {one: np.asarray((member @ np.where(matrix == one, weight, 0.0)) / total) for one in positions}


def _of_units(
    scores: np.ndarray, valid: np.ndarray, groups: np.ndarray, count: int, units: Units, *, whole_table: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the variance of the sum of `scores` by group, between the clusters of each stratum, and its freedom."""
    rows = len(scores)
    strata = np.zeros(rows, dtype=int) if units.strata is None else pd.factorize(units.strata)[0]
    named = np.arange(rows) if units.clusters is None else pd.factorize(units.clusters)[0]
    clusters = pd.factorize(strata * (named.max(initial=0) + 1) + named)[0]
    stratum = np.zeros(clusters.max(initial=0) + 1, dtype=int)
    stratum[clusters] = strata
    sums = _membership(clusters, len(stratum))
    in_stratum = _membership(stratum, int(strata.max(initial=0)) + 1)
    variance, freedom = (np.full((count, scores.shape[1]), np.nan) for _ in range(2))
    for group in range(count):
        mine = (groups == group)[:, None]
        totals = sums @ np.where(mine, scores, 0.0)
        answered = ((sums @ (mine & valid).astype(float)) > 0).astype(float)
        drawn = np.ones_like(totals) if whole_table else answered
        variance[group] = _between(totals, drawn, in_stratum, stratum)
        freedom[group] = answered.sum(axis=0) - (in_stratum @ answered > 0).sum(axis=0)
    return variance, freedom


def _between(totals: np.ndarray, drawn: np.ndarray, in_stratum: sparse.csr_array, stratum: np.ndarray) -> np.ndarray:
    """Return the variance between the clusters that were drawn, summed over strata: a number per variable."""
    number = in_stratum @ drawn
    mean = (in_stratum @ (totals * drawn)) / np.where(number > 0, number, np.nan)
    overall = (totals * drawn).sum(axis=0) / np.where(drawn.sum(axis=0) > 0, drawn.sum(axis=0), np.nan)
    centre = np.where(number > 1, mean, overall)
    squares = in_stratum @ (np.square(totals - centre[stratum]) * drawn)
    factor = np.where(number > 1, number / np.where(number > 1, number - 1, 1), 1.0)
    enough = drawn.sum(axis=0) > 1
    return np.where(enough, (np.nan_to_num(squares) * factor).sum(axis=0), np.nan)


def _frame(array: np.ndarray, labels: pd.Index, columns: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(array, index=pd.Index(labels, name="by"), columns=columns)


def _membership(groups: np.ndarray, count: int) -> sparse.csr_array:
    """Return the matrix of groups by respondents that adds up a column per group."""
    inside = np.flatnonzero(groups >= 0)
    ones = np.ones(len(inside))
    from scipy import sparse  # noqa: PLC0415 - takes a while to load

    return sparse.csr_array((ones, (groups[inside], inside)), shape=(count, len(groups)))


def _checked(weights: pd.Series | None, rows: int) -> np.ndarray:
    if weights is None:
        return np.ones(rows)
    numbers = pd.to_numeric(weights, errors="coerce").to_numpy(dtype=float)
    wrong = np.flatnonzero(~np.isfinite(numbers) | (numbers < 0))
    if len(wrong):
        some = ", ".join(str(row + 1) for row in wrong[:20])
        what = f"{len(wrong)} weights are missing, negative or no number, in answer {some}"
        raise InputError("weights", [Problem("weights", what, "Give every respondent a weight of 0 or more")])
    return numbers
