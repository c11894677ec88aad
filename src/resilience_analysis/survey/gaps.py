"""Who answered in every group, and how two groups differ in what they said."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.answertable import AnswerTable
from resilience_analysis.survey.bygroup import AGREE, DIMENSION, ITEM, Design
from resilience_analysis.survey.estimates import Grouped, estimates
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.intervals import CONFIDENCE, mean_interval, newcombe
from resilience_analysis.survey.publishing import SUPPRESSED, rounded
from resilience_analysis.survey.scores import grouped_means, respondent_positions

_MEANS = ("mean_gap", "mean_gap_low", "mean_gap_high")
_SHARES = ["share_gap", "share_gap_low", "share_gap_high"]
BETWEEN_COLUMNS = ["code", "score", "other_score", "gap", "low", "high"]


def gap(
    values: pd.DataFrame,
    role: pd.Series,
    *,
    between: tuple[str, str] = ("ambtenaar", "inwoner"),
    weights: pd.Series | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Compare two roles, such as officials with residents, item by item.

    Parameters
    ----------
    values
        One row per respondent, a column per item (share and mean are compared) or dimension (read the mean); 1 to 4,
        NaN without answer.
    role
        Of each respondent.
    between
        The two roles: the gap is the first less the second.
    weights
        Weight of each respondent; all equal when not given.
    confidence
        Coverage of the intervals, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        One row per column of `values`: code, n and n_other, share_gap (of those who agree, in percentage points) with
        share_gap_low and share_gap_high, mean_gap (positions of the scale) with mean_gap_low and mean_gap_high (normal,
        independent groups). Empty where one of the two has no answer.

    References
    ----------
    Newcombe 1998, Stat. Med. 17:873-890, method 10, for shares.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"INF1": [4, 4, 3, 1, 2, 3]})
    >>> role = pd.Series(["ambtenaar"] * 3 + ["inwoner"] * 3)
    >>> gap(values, role)["mean_gap"].round(2).tolist()
    [1.67]
    """
    pair = role.where(role.isin(between))
    agree = grouped_means((values >= AGREE).astype(float).where(values.notna()), pair, weights, whole_table=False)
    means = grouped_means(values, pair, weights, whole_table=False)
    frames = (means.n, means.n_effective.replace(0, np.nan), agree.mean, means.mean, means.se)
    n, effective, share, mean, se = (frame.reindex(list(between)).to_numpy() for frame in frames)
    low, high = newcombe(share[0], effective[0], share[1], effective[1], confidence=confidence)
    difference = mean[0] - mean[1]
    mean_low, mean_high = mean_interval(difference, np.hypot(se[0], se[1]), np.inf, confidence=confidence)
    return pd.DataFrame(
        {
            "code": values.columns,
            "n": np.nan_to_num(n[0]),
            "n_other": np.nan_to_num(n[1]),
            "share_gap": 100 * (share[0] - share[1]),
            "share_gap_low": 100 * low,
            "share_gap_high": 100 * high,
            "mean_gap": difference,
            "mean_gap_low": mean_low,
            "mean_gap_high": mean_high,
        }
    )


def gap_table(
    table: AnswerTable,
    wish: str,
    instrument: Instrument,
    design: Design,
    min_answered: float,
    *,
    internal: bool = False,
) -> pd.DataFrame:
    """Compare two values of a column item by item and dimension by dimension; empty where either is suppressed.

    Both values, all others, and those without a value are judged as groups of the same answers, so that a gap gives
    away no hidden group.

    Parameters
    ----------
    table
        Who answered what.
    wish
        ``column:one:other``.
    instrument, design, min_answered, internal
        As for `estimates.estimates`.

    Returns
    -------
    pandas.DataFrame
        As `gap`, with a status.

    Raises
    ------
    UsageError
        When the gap is not given as ``column:one:other``, or the column has no such value.

    Examples
    --------
    >>> from resilience_analysis.survey.answertable import ItemList
    >>> from resilience_analysis.survey.items import load_instrument
    >>> values = pd.DataFrame({"A1": [1.0, 2, 3, 4, 4] * 2 + [1.0, 1, 2, 3, 1] * 2})
    >>> people = pd.DataFrame({"role": ["official"] * 10 + ["resident"] * 10})
    >>> table = AnswerTable(values, people, values.notna(), ItemList(("A1",), {}, frozenset()))
    >>> gap_table(table, "role:official:resident", load_instrument(), Design(), 0.5)["mean_gap"].tolist()
    [1.2]
    """
    name, *pair = wish.split(":")
    if len(pair) != 2:  # noqa: PLR2004 - one and the other
        raise UsageError(
            f"the gap {wish!r} is not in three parts. Write column:one:other, such as role:ambtenaar:inwoner"
        )
    role = table.column(name)
    absent = [value for value in pair if not (role == value).any()]
    if absent:
        counts = role.value_counts()
        known = ", ".join(sorted(counts.index[counts >= instrument.counting.suppress_below])) or "none"
        raise UsageError(f"column {name} has no {', '.join(absent)}. Given by enough people: {known}")
    items, between = table.items, (pair[0], pair[1])
    positions = respondent_positions(table.values, items.dimensions, reverse=items.reverse, min_answered=min_answered)
    frames = [
        gap(values, role, between=between, weights=design.weights, confidence=design.confidence)
        for values in (table.values, positions)
    ]
    # A dimension is a mean of answers; no one agrees with it.
    frames[1].loc[:, _SHARES] = float("nan")
    gaps = pd.concat(frames, ignore_index=True)
    gaps["status"] = _gap_status(
        estimates(Grouped(table, role), instrument, design=design, min_answered=min_answered, internal=True), between
    )
    if internal:
        return gaps
    for dimension, codes in items.dimensions.items():
        own = gaps[gaps["code"].isin(codes)]
        gaps.loc[gaps["code"] == dimension, list(_MEANS)] = _gap_of_items(own, items.reverse)
    numbers = list(gaps.columns.drop(["code", "status"]))
    return rounded(gaps.assign(**gaps[numbers].astype(float).mask(gaps["status"] == SUPPRESSED)))


def _gap_status(found: pd.DataFrame, pair: tuple[str, str]) -> list[str]:
    """Return the worse of the two statuses of every item and dimension."""
    worst = ["ok", "indicative", SUPPRESSED]
    rows = found[found["level"].isin([ITEM, DIMENSION])]
    one, other = (rows.loc[rows["group"] == value, "status"] for value in pair)
    return [max(both, key=worst.index) for both in zip(one, other, strict=True)]


def _gap_of_items(rows: pd.DataFrame, reverse: Collection[str]) -> list[float]:
    """Return the gap of a dimension with its interval from those of its items alone, as `scores_of_items` does."""
    turned_round = rows["mean_gap"].where(~rows["code"].isin(list(reverse)), -rows["mean_gap"]).mean()
    margin = (rows["mean_gap_high"] - rows["mean_gap"]).mean()
    return [turned_round, turned_round - margin, turned_round + margin]


def between_roles(estimates: pd.DataFrame, own: str, other: str) -> pd.DataFrame:
    """Compare two roles that answered the same statements in the same wave, dimension by dimension.

    Both are on the same scale and were asked the same, so that a difference means something. The interval of the
    difference of two independent groups has the root of the sum of the squared sides (Newcombe 1998, Statistics in
    Medicine 17, 873-890, method 10).

    Parameters
    ----------
    estimates
        Rows of ``estimates`` of one municipality and wave.
    own, other
        Values of the field ``role``.

    Returns
    -------
    pandas.DataFrame
        One row per dimension that both roles have an estimate for: ``code``, ``score`` and ``other_score`` (means,
        0-100), ``gap`` (own less other, in points), ``low``, ``high``. Empty when either is hidden or was not asked.

    Examples
    --------
    >>> row = {"code": "leren", "level": "dimension", "mean_score": 60, "mean_score_low": 50, "mean_score_high": 70}
    >>> table = pd.DataFrame([row | {"group": "role:ambtenaar"}, row | {"group": "role:inwoner"}])
    >>> between_roles(table, "ambtenaar", "inwoner")[["gap", "high"]].round(1).to_numpy().tolist()
    [[0.0, 14.1]]
    """
    rows = estimates[(estimates["level"] == DIMENSION) & estimates["mean_score"].notna()]
    one, two = (rows[rows["group"] == f"role:{role}"] for role in (own, other))
    both = one.merge(two, on="code", suffixes=("", "_other"), validate="1:1")
    score, other_score = both["mean_score"], both["mean_score_other"]
    gap = score - other_score
    below = np.hypot(score - both["mean_score_low"], both["mean_score_high_other"] - other_score)
    above = np.hypot(both["mean_score_high"] - score, other_score - both["mean_score_low_other"])
    out = pd.DataFrame({"code": both["code"], "score": score, "other_score": other_score, "gap": gap})
    return out.assign(low=gap - below, high=gap + above)[BETWEEN_COLUMNS]
