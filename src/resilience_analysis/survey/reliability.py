"""How well the items of a dimension hang together: Cronbach's alpha, shown beside a score and never a gate to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from resilience_analysis.survey.scores import turned

COLUMNS = ("dimension", "n_items", "alpha", "alpha_se", "alpha_if_dropped_max")
ITEM_COLUMNS = ("dimension", "item", "n", "item_rest_correlation", "alpha_if_dropped")
_ERRORS = 2
_EXCHANGES = 400


def alpha(covariance: np.ndarray) -> float:
    """Return Cronbach's alpha from the covariances of the items; NaN for fewer than two items or no variance.

    References
    ----------
    Cronbach 1951, Psychometrika 16:297-334; `psych::alpha`, raw_alpha.

    Examples
    --------
    >>> import numpy as np
    >>> round(alpha(np.array([[1.0, 0.5], [0.5, 1.0]])), 3)
    0.667
    """
    count = len(covariance)
    total = covariance.sum()
    if count < 2 or not total > 0:  # noqa: PLR2004 - one item has no reliability
        return float("nan")
    return float((1 - np.trace(covariance) / total) * count / (count - 1))


def alpha_se(covariance: np.ndarray, n: int) -> float:
    """Return the standard error of alpha, for n respondents.

    References
    ----------
    Duhachek and Iacobucci 2004, J. Appl. Psychol. 89:792-808; `psych::alpha`, ase.

    Examples
    --------
    >>> import numpy as np
    >>> round(alpha_se(np.array([[1.0, 0.5], [0.5, 1.0]]), 50), 3)
    0.094
    """
    count = len(covariance)
    total = covariance.sum()
    if count < 2 or not total > 0 or n < 1:  # noqa: PLR2004 - as for alpha
        return float("nan")
    trace = np.trace(covariance)
    squared = covariance @ covariance
    spread = total * (np.trace(squared) + trace**2) - 2 * trace * squared.sum()
    if spread < 0:  # pairwise covariances of very few answers can be no covariances at all
        return float("nan")
    return float(np.sqrt(2 * count**2 / ((count - 1) ** 2 * total**3) * spread / n))


def reliability(
    values: pd.DataFrame,
    dimensions: Mapping[str, Sequence[str]],
    *,
    reverse: Collection[str] = (),
) -> pd.DataFrame:
    """Estimate the reliability of every dimension, over all respondents, unweighted.

    Parameters
    ----------
    values
        One row per respondent, a column per item; 1 to 4 as answered, NaN without answer.
    dimensions
        Items by dimension.
    reverse
        Items that are turned round first.

    Returns
    -------
    pandas.DataFrame
        One row per dimension: dimension, n_answered (answers to the item with fewest), n_items, alpha, alpha_se,
        alpha_if_dropped_max (the highest alpha with one item left out).
        Covariances are pairwise and n counts every respondent, as in `psych::alpha`.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"a": [1, 2, 4, 3], "b": [1, 3, 4, 3]})
    >>> reliability(values, {"x": ["a", "b"]})["alpha"].round(3).tolist()
    [0.96]
    """
    turned_round = turned(values, reverse)
    rows = []
    for dimension, items in dimensions.items():
        answers = turned_round[[item for item in items if item in turned_round]]
        whole, error, without, _ = _scale(answers)
        rows.append(
            {
                "dimension": dimension,
                "n_answered": int(answers.notna().sum().min()) if len(answers.columns) else 0,
                "n_items": len(answers.columns),
                "alpha": whole,
                "alpha_se": error,
                "alpha_if_dropped_max": max((one for one in without if not np.isnan(one)), default=float("nan")),
            }
        )
    return pd.DataFrame(rows)


def item_reliability(
    values: pd.DataFrame, dimensions: Mapping[str, Sequence[str]], *, reverse: Collection[str] = ()
) -> pd.DataFrame:
    """Estimate how well every item hangs together with the rest of its dimension, over all respondents, unweighted.

    Parameters
    ----------
    values, dimensions, reverse
        As for `reliability`.

    Returns
    -------
    pandas.DataFrame
        One row per item of a dimension: dimension, item, n (answers), item_rest_correlation (with the sum of the
        other items, from pairwise covariances as alpha, -1 to 1) and alpha_if_dropped (Cronbach's alpha of the
        others). NaN where nothing varies or nothing is left.

    References
    ----------
    Nunnally and Bernstein 1994, Psychometric Theory, chapter 8; `psych::alpha`, r.drop and alpha.drop.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"a": [1, 2, 4, 3], "b": [1, 3, 4, 3]})
    >>> item_reliability(values, {"x": ["a", "b"]})["item_rest_correlation"].round(3).tolist()
    [0.923, 0.923]
    """
    turned_round = turned(values, reverse)
    rows: list[tuple[str, str, int, float, float]] = []
    for dimension, items in dimensions.items():
        answers = turned_round[[item for item in items if item in turned_round]]
        _, _, without, rest = _scale(answers)
        rows += zip([dimension] * len(rest), answers.columns, answers.count().tolist(), rest, without, strict=True)
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS))


def _scale(answers: pd.DataFrame) -> tuple[float, float, list[float], list[float]]:
    """Return alpha and its error, and of every item alpha without it and its correlation with the sum of the others."""
    covariance, places = answers.cov().to_numpy(), range(len(answers.columns))
    without = [alpha(np.delete(np.delete(covariance, place, 0), place, 1)) for place in places]
    rest = [_with_rest(covariance, place) for place in places]
    return alpha(covariance), alpha_se(covariance, len(answers)), without, rest


def _with_rest(covariance: np.ndarray, place: int) -> float:
    """Return the correlation of one item with the sum of the others; pairwise covariances may put it beyond 1."""
    own = covariance[place, place]
    together = covariance[place].sum() - own
    rest = covariance.sum() - own - 2 * together
    if not (own > 0 and rest > 0):
        return float("nan")
    return float(np.clip(together / np.sqrt(own * rest), -1, 1))


def tells_of_few(values: pd.DataFrame, few: int) -> bool:
    """Return whether the reliability of a dimension, to one decimal, would tell how few people answered two items.

    It does not where other answers give the same published numbers: those in which two people exchanged what they said
    of an item, and where needed two others too, so that the answers to every item stay as many. There must be such
    others for every two answers that fewer than `few` people gave together, or all who gave one of them.

    Parameters
    ----------
    values
        One row per respondent, a column per item of the dimension, turned round.

    Examples
    --------
    >>> import pandas as pd
    >>> tells_of_few(pd.DataFrame({"a": [4] * 29 + [1], "b": [4] * 29 + [1]}), 5)
    True
    """
    answers = values.to_numpy(dtype=float)
    random = np.random.default_rng(0)
    pairs = [(one, other) for one in range(answers.shape[1]) for other in range(answers.shape[1]) if one != other]
    return any(
        not _can_be_otherwise(values, np.flatnonzero(inside), pair, random)
        for pair in pairs
        for inside in _few_together(answers[:, pair], few)
    )


def _few_together(two: np.ndarray, few: int) -> list[np.ndarray]:
    """Return who gave two answers that few gave together, or all who gave one of them."""
    both = two[~np.isnan(two).any(axis=1)]
    out = []
    for one, other in np.unique(both, axis=0).tolist():
        inside = (two == (one, other)).all(axis=1)
        number = inside.sum()
        if number < few or number in {(both[:, 0] == one).sum(), (both[:, 1] == other).sum()}:
            out.append(inside)
    return out


def _can_be_otherwise(
    values: pd.DataFrame, inside: np.ndarray, pair: tuple[int, int], random: np.random.Generator
) -> bool:
    """Return whether an exchange is found that takes someone out of a group and moves no published number."""
    answers = values.to_numpy(dtype=float)
    before, open_ones = _published(answers), np.isnan(answers)
    for tried in range(_EXCHANGES):
        person = int(random.choice(inside))
        others = (answers[:, list(pair)] != answers[person, list(pair)]).all(axis=1)
        others &= (open_ones == open_ones[person]).all(axis=1)
        if not others.any():
            continue
        exchanged = answers.copy()
        steps = [(person, int(random.choice(np.flatnonzero(others))), pair[0])]
        free = np.setdiff1d(np.flatnonzero((open_ones == open_ones[person]).all(axis=1)), [*inside, *steps[0][:2]])
        for _ in range(tried % 4 if len(free) > 1 else 0):  # and others, of any item
            steps.append((*random.choice(free, 2, replace=False).tolist(), int(random.integers(answers.shape[1]))))
        for one, other, item in steps:
            exchanged[[one, other], item] = exchanged[[other, one], item]
        fewer = (exchanged[:, list(pair)] == answers[person, list(pair)]).all(axis=1).sum() != len(inside)
        if fewer and np.array_equal(_published(exchanged), before, equal_nan=True):
            return True
    return False


def _published(answers: np.ndarray) -> np.ndarray:
    """Return all that is published of how the items of a dimension hang together, to one decimal."""
    whole, error, without, rest = _scale(pd.DataFrame(answers))
    return np.round([whole, np.ceil(10 * error) / 10, *without, *rest], 1)


def forgotten_reversals(
    values: pd.DataFrame, dimensions: Mapping[str, Sequence[str]], *, reverse: Collection[str] = ()
) -> pd.DataFrame:
    """Find items that run against the rest of their dimension, as an item does whose reversal was forgotten.

    An item is named when its correlation with the mean of the other items is below zero by more than two standard
    errors that a correlation of zero would have, ``1 / sqrt(n - 1)``. By one, an item that has nothing to do with the
    others would be named one time in six; by two, one time in forty. Whose reversal is forgotten lies far below.

    Returns
    -------
    pandas.DataFrame
        One row per suspect: dimension, item, n (respondents with both), correlation.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"a": [1, 2, 3, 4] * 3, "b": [1, 2, 3, 4] * 3, "c": [4, 3, 2, 1] * 3})
    >>> forgotten_reversals(values, {"x": ["a", "b", "c"]})["item"].tolist()
    ['c']
    """
    turned_round = turned(values, reverse)
    rows = []
    for dimension, items in dimensions.items():
        answers = turned_round[[item for item in items if item in turned_round]]
        for item in answers.columns:
            pair = pd.DataFrame({"item": answers[item], "rest": answers.drop(columns=item).mean(axis=1)}).dropna()
            correlation = _correlation(pair)
            if correlation < -_ERRORS / np.sqrt(max(len(pair) - 1, 1)):
                rows.append((dimension, item, len(pair), correlation))
    return pd.DataFrame(rows, columns=["dimension", "item", "n", "correlation"])


def _correlation(pair: pd.DataFrame) -> float:
    if len(pair) < 3 or (pair.nunique() < 2).any():  # noqa: PLR2004 - nothing varies together
        return float("nan")
    return float(np.corrcoef(pair["item"], pair["rest"])[0, 1])
