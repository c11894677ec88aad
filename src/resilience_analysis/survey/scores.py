"""From answers on the 1-4 scale to scores from 0 to 100, respondent first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

import pandas as pd

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
