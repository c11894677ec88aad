"""Estimates per group: each item as it is worded, each dimension respondent first, and shrunk to the mean of all.

The Fay-Herriot estimates are a model, not a measurement: they are shown beside the direct ones and labelled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.survey import intervals
from resilience_analysis.survey.intervals import ROUNDING
from resilience_analysis.survey.scores import (
    HIGH,
    LOW,
    MIN_ANSWERED_SHARE,
    GroupMeans,
    Units,
    grouped_means,
    grouped_shares,
    respondent_positions,
    to_hundred,
)

LABEL = "fay_herriot"
LEAST_AREAS = 3
_AROUND = 1e-4
POSITIONS = tuple(range(LOW, HIGH + 1))
AGREE = 3
SCORE = ("mean_score", "mean_score_se", "mean_score_low", "mean_score_high")


@dataclass(frozen=True)
class Design:
    """How respondents stand for others."""

    weights: pd.Series | None = None  # weight of each respondent; equal when None
    # number of people by group, for a finite population correction; none when None
    population: Mapping[str, float] | None = None
    confidence: float = intervals.CONFIDENCE  # coverage of every interval
    interval: str = intervals.NORMAL  # kind of interval of a mean, see `intervals.mean_interval`
    units: Units | None = None  # strata and clusters
    # whether an error counts everybody in the table, as that of R's svyby; only for numbers that are not published
    whole_table: bool = False

    def means(self, values: pd.DataFrame, by: pd.Series) -> GroupMeans:
        """Estimate means per group, see `scores.grouped_means`."""
        return grouped_means(values, by, self.weights, units=self.units, whole_table=self.whole_table)


def estimate_items(values: pd.DataFrame, by: pd.Series, design: Design | None = None) -> pd.DataFrame:
    """Estimate every item in every group, as the item is worded: nothing is turned round.

    Parameters
    ----------
    values
        One row per respondent, a column per item; 1 to 4 as answered, NaN without answer.
    by
        Group of each respondent.
    design
        Weights, finite population, coverage; a simple random sample of 95 percent when not given.

    Returns
    -------
    pandas.DataFrame
        One row per group and item, sorted by group, items in the order of `values`: by, item, n, n_effective; mean on
        the 1-4 scale with mean_se, mean_low, mean_high; share_agree (percentage of 3 and 4) with Wilson's
        share_agree_low and share_agree_high; net_agreement (percentage of 3 and 4 less percentage of 1 and 2, -100
        to 100); share_1 to share_4, the distribution in percent. NaN where a group has no answer.

    Examples
    --------
    >>> import pandas as pd
    >>> values, by = pd.DataFrame({"INF1": [4, 3, 1, 2]}), pd.Series(["x"] * 4)
    >>> estimate_items(values, by)[["n", "mean", "share_agree", "net_agreement"]].iloc[0].tolist()
    [4.0, 2.5, 50.0, 0.0]
    """
    design = design or Design()
    means = design.means(values, by)
    table = _means_table(means, design, "item")
    agree = design.means((values >= AGREE).astype(float).where(values.notna()), by)
    share = _flat(agree.mean)
    effective = _flat(_effective_of_share(agree, design)) / _correction(means, design) ** 2
    low, high = intervals.wilson(share, effective.where(effective > 0), confidence=design.confidence)
    table = table.assign(share_agree=100 * share, share_agree_low=100 * low, share_agree_high=100 * high)
    table["net_agreement"] = 200 * share - 100
    shares = grouped_shares(values, by, design.weights, POSITIONS)
    return table.assign(**{f"share_{position}": 100 * part.ravel() for position, part in shares.items()})


def estimate_dimensions(
    values: pd.DataFrame,
    by: pd.Series,
    dimensions: Mapping[str, Sequence[str]],
    design: Design | None = None,
    *,
    reverse: Collection[str] = (),
    min_answered: float = MIN_ANSWERED_SHARE,
) -> pd.DataFrame:
    """Estimate every dimension in every group, from a score per respondent.

    Parameters
    ----------
    values, by, design
        As for `estimate_items`.
    dimensions, reverse, min_answered
        As for `scores.respondent_positions`.

    Returns
    -------
    pandas.DataFrame
        One row per group and dimension: by, dimension, n (respondents with a score), n_effective; score from 0 to
        100 with score_se, score_low, score_high; position, the same mean on the 1-4 scale, with position_se.

    Examples
    --------
    >>> import pandas as pd
    >>> values, by = pd.DataFrame({"INF1": [4, 3, 1, 2]}), pd.Series(["x"] * 4)
    >>> estimate_dimensions(values, by, {"informatie": ["INF1"]})["score"].tolist()
    [50.0]
    """
    design = design or Design()
    positions = respondent_positions(values, dimensions, reverse=reverse, min_answered=min_answered)
    table = _means_table(design.means(positions, by), design, "dimension")
    table = table.rename(columns={"mean": "position", "mean_se": "position_se"})
    table["score"] = to_hundred(table["position"])
    table["score_se"] = table["position_se"] / (HIGH - LOW) * 100
    table["score_low"] = to_hundred(table.pop("mean_low"))
    table["score_high"] = to_hundred(table.pop("mean_high"))
    return table


def _effective_of_share(agree: GroupMeans, design: Design) -> pd.DataFrame:
    """Return how many people drawn by themselves would tell as much of a share as those drawn by strata and clusters.

    It is ``p * (1 - p) / se**2``, times the square of the quantile of Student's t at n - 1 over that at the degrees of
    freedom of the design, and never more than n; Kish's number where all answered alike, and without strata or
    clusters (Korn and Graubard 1998, Survey Methodology 24:193-201; R's `svyciprop(method = "beta")`).
    """
    if not design.units:
        return agree.n_effective
    p, se = agree.mean.to_numpy(), agree.se.to_numpy()
    spread = (p > 0) & (p < 1) & (se > intervals.ROUNDING)
    tail = (1 + design.confidence) / 2
    from scipy.special import stdtrit  # noqa: PLC0415 - takes half a second to load, and a page estimates nothing

    few = stdtrit(np.maximum(agree.n.to_numpy() - 1, 1), tail) / stdtrit(agree.freedom.to_numpy(), tail)
    number = p * (1 - p) / np.where(spread, se, np.nan) ** 2 * few**2
    return agree.n_effective.where(~spread, np.minimum(number, agree.n.to_numpy()))


def _means_table(means: GroupMeans, design: Design, column: str) -> pd.DataFrame:
    """Lay the means out one row per group and variable, with standard errors and intervals."""
    se = means.se * _correction(means, design).to_numpy().reshape(means.n.shape)
    low, high = intervals.mean_interval(
        means.mean, se, means.freedom, kind=design.interval, confidence=design.confidence
    )
    groups, names = means.n.index, means.n.columns
    frames = {
        "n": means.n.to_numpy(),
        "n_effective": means.n_effective.to_numpy(),
        "mean": means.mean.to_numpy(),
        "mean_se": se.to_numpy(),
        "mean_low": low,
        "mean_high": high,
    }
    keys = {"by": np.repeat(groups.to_numpy(dtype=object), len(names)), column: list(names) * len(groups)}
    return pd.DataFrame(keys | {name: frame.ravel() for name, frame in frames.items()})


def _correction(means: GroupMeans, design: Design) -> pd.Series:
    """Return the finite population factor per row of the flat table; 1 without a population."""
    if design.population is None:
        return pd.Series(1.0, index=range(means.n.size))
    people = np.array([design.population.get(str(group), np.inf) for group in means.n.index])
    factors = intervals.finite_population(means.n.to_numpy(), np.repeat(people[:, None], means.n.shape[1], axis=1))
    return pd.Series(factors.ravel())


def _flat(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(frame.to_numpy().ravel())


def scores_of_items(
    rows: pd.DataFrame,
    items: pd.DataFrame,
    keys: Sequence[str],
    dimensions: Mapping[str, Sequence[str]],
    reverse: Collection[str] = (),
) -> pd.DataFrame:
    """Calculate scores of dimensions from those of their items alone, as they are published.

    The error of the respondents' own scores would tell how the answers of one person go together: whether the one who
    disagrees with a statement is the one who disagrees with another.

    Parameters
    ----------
    rows
        One row per group and dimension: `keys` and code.
    items
        One row per group and item: `keys`, code and the columns `SCORE`, from 0 to 100.
    keys
        Columns that name a group.
    dimensions, reverse
        Items by dimension, and those that are turned round first.

    Returns
    -------
    pandas.DataFrame
        The columns `SCORE`, a row for each of `rows`. The score is the mean of those of the items, and equal to the
        mean of the respondents' own scores where all answered all items. The error and the margin are the means of
        those of the items: what they are where the answers to them go fully together, and less otherwise.

    Examples
    --------
    >>> columns = ["by", "code", *SCORE]
    >>> items = pd.DataFrame([["x", "A1", 60, 4, 52, 68], ["x", "A2", 40, 2, 36, 44]], columns=columns)
    >>> scores_of_items(pd.DataFrame({"by": ["x"], "code": ["A"]}), items, ["by"], {"A": ("A1", "A2")}).to_numpy()
    array([[50.,  3., 44., 56.]])
    """
    found = []
    for dimension, codes in dimensions.items():
        own = items[items["code"].isin(codes)]
        score, error, low, high = (own[name].astype(float) for name in SCORE)
        margin = np.maximum(high - score, score - low)  # an end that is cut off is the nearer one
        turned_round = score.where(~own["code"].isin(list(reverse)), 100 - score)
        parts = own[list(keys)].assign(score=turned_round, error=error, margin=margin)
        found.append(parts.groupby(list(keys), dropna=False).mean().reset_index().assign(code=dimension))
    table = rows[[*keys, "code"]].merge(pd.concat(found), on=[*keys, "code"], how="left", validate="one_to_one")
    ends = (table["score"] - table["margin"]).clip(0, 100), (table["score"] + table["margin"]).clip(0, 100)
    numbers = dict(zip(SCORE, (table["score"], table["error"], *ends), strict=True))
    return pd.DataFrame(numbers).set_axis(rows.index)


def shrink(estimates: pd.DataFrame) -> pd.DataFrame:
    """Shrink direct estimates of areas towards their common mean.

    Parameters
    ----------
    estimates
        One row per area: by, n_effective, mean and se of the direct estimate. Areas without an estimate are given
        back empty and take no part.

    Returns
    -------
    pandas.DataFrame
        The same areas: by, direct, direct_se (pooled, see notes), shrunk, shrunk_se, kept (the part of the direct
        estimate that is kept, 0 to 1), model (`LABEL`; empty where fewer than `LEAST_AREAS` areas have an
        estimate and no model is fitted).

    Notes
    -----
    ``y_i = m + u_i + e_i`` with ``var(u) = s`` estimated by restricted maximum likelihood and ``var(e_i)`` taken
    as known: the variance of one answer pooled over areas, over the effective number of answers of the area. A
    direct variance of few answers is too unsure to weigh by, and zero where all answered alike. The standard
    error includes that of the mean and of s (Prasad and Rao 1990, J. Am. Stat. Assoc. 85:163-171; Datta and Lahiri
    2000 for REML), as `sae::mseFH` of R does.

    References
    ----------
    Fay and Herriot 1979, J. Am. Stat. Assoc. 74:269-277.

    Examples
    --------
    >>> import pandas as pd
    >>> direct = pd.DataFrame({"by": ["x", "y", "z"], "n_effective": [5, 20, 80]})
    >>> direct = direct.assign(mean=[20.0, 50.0, 60.0], se=[9.0, 4.0, 2.0])
    >>> shrink(direct)["shrunk"].round(1).tolist()
    [23.6, 49.8, 59.8]
    """
    table = estimates.reset_index(drop=True)
    direct = table["mean"].to_numpy(dtype=float)
    used = np.isfinite(direct) & (table["n_effective"].to_numpy(dtype=float) > 0)
    error = _pooled_error(table, used)
    out = pd.DataFrame({"by": table["by"], "direct": direct, "direct_se": np.sqrt(error)})
    columns = ["shrunk", "shrunk_se", "kept"]
    out[columns] = np.nan
    out["model"] = ""
    if used.sum() >= LEAST_AREAS and np.all(error[used] > ROUNDING**2):
        out.loc[used, columns] = np.column_stack(fay_herriot(direct[used], error[used]))
        out.loc[used, "model"] = LABEL
    return out


def _pooled_error(table: pd.DataFrame, used: np.ndarray) -> np.ndarray:
    """Return the sampling variance of each area: the pooled variance of one answer over the effective number."""
    n = table["n_effective"].to_numpy(dtype=float)[used]
    per_answer = np.square(table["se"].to_numpy(dtype=float)[used]) * n
    pooled = np.average(per_answer, weights=n) if n.sum() else np.nan
    error = np.full(len(table), np.nan)
    error[used] = pooled / n
    return error


def fay_herriot(direct: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit the model with a common mean and give shrunk estimates, their standard errors, and the parts kept.

    Parameters
    ----------
    direct
        Direct estimates.
    error
        Their sampling variances, above 0.

    Examples
    --------
    >>> import numpy as np
    >>> shrunk, se, kept = fay_herriot(np.array([20.0, 50.0, 60.0]), np.array([80.0, 20.0, 5.0]))
    >>> kept.round(2).tolist()
    [0.82, 0.95, 0.99]
    """
    between = _between_areas(direct, error)
    weight = 1 / (between + error)
    mean = np.sum(weight * direct) / weight.sum()
    kept = between / (between + error)
    shrunk = kept * direct + (1 - kept) * mean
    of_model = kept * error
    of_mean = (1 - kept) ** 2 / weight.sum()
    of_between = (error**2 / (between + error) ** 3) * 2 / np.sum(weight**2)
    return shrunk, np.sqrt(of_model + of_mean + 2 * of_between), kept


def _between_areas(direct: np.ndarray, error: np.ndarray) -> float:
    """Estimate the variance between areas by restricted maximum likelihood; never below 0."""
    from scipy import optimize  # noqa: PLC0415 - takes half a second, and few estimates are shrunk

    def loss(between: float) -> float:
        weight = 1 / (between + error)
        mean = np.sum(weight * direct) / weight.sum()
        return float(np.log(between + error).sum() + np.log(weight.sum()) + np.sum(weight * (direct - mean) ** 2))

    def slope(between: float) -> float:
        weight = 1 / (between + error)
        mean = np.sum(weight * direct) / weight.sum()
        return float(weight.sum() - np.square(weight).sum() / weight.sum() - np.sum((weight * (direct - mean)) ** 2))

    widest = 10 * float(np.var(direct)) + float(error.max())
    found = optimize.minimize_scalar(loss, bounds=(0.0, widest), method="bounded", options={"xatol": 1e-12 * widest})
    if slope(0.0) >= 0 and loss(0.0) <= found.fun:
        return 0.0
    # Where the loss is flat its least is known to half the digits only; where its slope is zero, to all of them.
    low, high = max(found.x - _AROUND * widest, 0.0), found.x + _AROUND * widest
    return float(optimize.brentq(slope, low, high)) if slope(low) < 0 < slope(high) else float(found.x)
