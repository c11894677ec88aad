"""Estimates per group: each item as it is worded, each dimension respondent first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.survey import intervals
from resilience_analysis.survey.answertable import AnswerTable
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

ITEM, DIMENSION = "item", "dimension"
POSITIONS = tuple(range(LOW, HIGH + 1))
AGREE = 3
SCORE = ("mean_score", "mean_score_se", "mean_score_low", "mean_score_high")
MEANS = ("mean", "mean_se", "mean_low", "mean_high")


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
    # which respondents count alike, where readers know how each counts: of equal weight, or of one stratum or cluster
    classes: pd.Series | None = None
    within_scale: bool = False  # whether the ends of an interval of a mean are cut off at the ends of the scale

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
        One row per group and item, sorted by group, items in the order of `values`: by, code, level, n, n_effective;
        mean on the 1-4 scale with mean_se, mean_low, mean_high; mean_score, the same mean from 0 to 100, with
        mean_score_se, mean_score_low and mean_score_high; share_agree (percentage of 3 and 4) with Wilson's
        share_agree_low and share_agree_high; net_agreement (percentage of 3 and 4 less percentage of 1 and 2, -100
        to 100) with its ends; share_1 to share_4, the distribution in percent. NaN where a group has no answer.

    Examples
    --------
    >>> import pandas as pd
    >>> values, by = pd.DataFrame({"INF1": [4, 3, 1, 2]}), pd.Series(["x"] * 4)
    >>> estimate_items(values, by)[["n", "mean", "share_agree", "net_agreement"]].iloc[0].tolist()
    [4.0, 2.5, 50.0, 0.0]
    """
    design = design or Design()
    means = design.means(values, by)
    table = _means_table(means, design, ITEM)
    agree = design.means((values >= AGREE).astype(float).where(values.notna()), by)
    share = _flat(agree.mean)
    effective = _flat(_effective_of_share(agree, design)) / _correction(means, design) ** 2
    low, high = intervals.wilson(share, effective.where(effective > 0), confidence=design.confidence)
    table = table.assign(share_agree=100 * share, share_agree_low=100 * low, share_agree_high=100 * high)
    table["net_agreement"] = 200 * share - 100
    for end in ("low", "high"):
        table[f"net_agreement_{end}"] = 2 * table[f"share_agree_{end}"] - 100
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
        One row per group and dimension: by, code, level, n (respondents with a score), n_effective, and the means as
        for `estimate_items`.

    Examples
    --------
    >>> import pandas as pd
    >>> values, by = pd.DataFrame({"INF1": [4, 3, 1, 2]}), pd.Series(["x"] * 4)
    >>> estimate_dimensions(values, by, {"informatie": ["INF1"]})["mean_score"].tolist()
    [50.0]
    """
    design = design or Design()
    positions = respondent_positions(values, dimensions, reverse=reverse, min_answered=min_answered)
    return _means_table(design.means(positions, by), design, DIMENSION)


def estimate_groups(answers: AnswerTable, by: pd.Series, design: Design, min_answered: float) -> pd.DataFrame:
    """Estimate the items and then the dimensions of every group, not protected yet.

    Examples
    --------
    >>> import pandas as pd
    >>> from resilience_analysis.survey.answertable import AnswerTable, ItemList
    >>> values, items = pd.DataFrame({"A1": [4.0, 3.0]}), ItemList(("A1",), {"A": ("A1",)}, frozenset())
    >>> answers = AnswerTable(values, pd.DataFrame(index=values.index), values.notna(), items)
    >>> estimate_groups(answers, pd.Series(["x", "x"]), Design(), 0.5)[["code", "level", "mean"]].to_numpy().tolist()
    [['A1', 'item', 3.5], ['A', 'dimension', 3.5]]
    """
    values, items = answers.values, answers.items
    dimensions = estimate_dimensions(
        values, by, items.dimensions, design, reverse=items.reverse, min_answered=min_answered
    )
    return pd.concat([estimate_items(values, by, design), dimensions], ignore_index=True)


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


def _means_table(means: GroupMeans, design: Design, level: str) -> pd.DataFrame:
    """Lay the means out one row per group and variable, with standard errors and intervals."""
    se = means.se * _correction(means, design).to_numpy().reshape(means.n.shape)
    low, high = intervals.mean_interval(
        means.mean, se, means.freedom, kind=design.interval, confidence=design.confidence
    )
    groups, names = means.n.index, means.n.columns
    if design.within_scale:
        low, high = np.clip(low, LOW, HIGH), np.clip(high, LOW, HIGH)
    frames = (means.n.to_numpy(), means.n_effective.to_numpy(), means.mean.to_numpy(), se.to_numpy(), low, high)
    keys = {"by": np.repeat(groups.to_numpy(dtype=object), len(names)), "code": list(names) * len(groups)}
    columns = zip(("n", "n_effective", *MEANS), (frame.ravel() for frame in frames), strict=True)
    table = pd.DataFrame(keys | {"level": level} | dict(columns))
    score, _, *ends = SCORE
    for name, mean in zip((score, *ends), ("mean", *MEANS[2:]), strict=True):
        table[name] = to_hundred(table[mean])
    return table.assign(**{SCORE[1]: table["mean_se"] / (HIGH - LOW) * 100})


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
    if rows.empty:
        return pd.DataFrame(columns=list(SCORE), index=rows.index, dtype=float)
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
