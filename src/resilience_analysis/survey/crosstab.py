"""Who is in every group and what they answer: numbers behind a release, and how officials differ from residents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.survey.estimate import AGREE
from resilience_analysis.survey.intervals import CONFIDENCE, effective_n, mean_interval, newcombe
from resilience_analysis.survey.responses import NOT_ASKED, reason_code
from resilience_analysis.survey.scores import HIGH, grouped_means, respondent_positions

POSITION_COUNT = HIGH
UNKNOWN, OPEN, UNASKED = HIGH, HIGH + 1, HIGH + 2
CATEGORIES = HIGH + 3


@dataclass(frozen=True)
class Crosstab:
    """Numbers of people and of answers in a table of groups.

    Attributes
    ----------
    people
        Respondents; one row per area, a column per value of what the people are grouped by.
    answers
        The same rows and columns, then items, then categories: the positions from low to high, don't know, no answer,
        not asked. A dimension is an item of which a respondent with a score is in the first category and one without
        is in that of no answer.
    dimension
        Which of the items are dimensions.
    """

    people: np.ndarray
    answers: np.ndarray
    dimension: np.ndarray

    @property
    def given(self) -> np.ndarray:
        """Number of answers to each item: rows, columns, items."""
        return np.asarray(self.answers[..., :POSITION_COUNT].sum(axis=-1))

    def of(self, items: Sequence[int]) -> Crosstab:
        """Return the table of some items only."""
        return Crosstab(self.people, self.answers[:, :, items], self.dimension[items])

    def transposed(self) -> Crosstab:
        """Return the same groups with areas as columns."""
        return Crosstab(self.people.T, self.answers.swapaxes(0, 1), self.dimension)

    def merged(self) -> Crosstab:
        """Return one column for all groups of an area together."""
        return Crosstab(self.people.sum(axis=1, keepdims=True), self.answers.sum(axis=1, keepdims=True), self.dimension)

    def total(self, rows: np.ndarray) -> Crosstab:
        """Return one row: some areas together."""
        return Crosstab(
            self.people[rows].sum(axis=0, keepdims=True), self.answers[rows].sum(axis=0, keepdims=True), self.dimension
        )

    def stacked(self, other: Crosstab) -> Crosstab:
        """Return the rows of both tables."""
        people, answers = np.vstack([self.people, other.people]), np.concatenate([self.answers, other.answers])
        return Crosstab(people, answers, self.dimension)


@dataclass(frozen=True)
class Categories:
    """What every respondent answered, as categories of a `Crosstab`.

    Attributes
    ----------
    codes
        One row per respondent, a column per item and after those per dimension.
    names
        The items and dimensions.
    dimension
        Which of them are dimensions.
    asked
        One row per respondent, a column per item: whether it was asked.
    """

    codes: np.ndarray
    names: tuple[str, ...]
    dimension: np.ndarray
    asked: pd.DataFrame

    def counted(self, row: np.ndarray, column: np.ndarray, shape: tuple[int, int]) -> Crosstab:
        """Count respondents by a row and a column of each; a negative number takes no part.

        Parameters
        ----------
        row, column
            Place of every respondent.
        shape
            Number of rows and columns.
        """
        inside = np.flatnonzero((row >= 0) & (column >= 0))
        place = row[inside] * shape[1] + column[inside]
        size = len(self.names) * CATEGORIES
        at = place[:, None] * size + np.arange(len(self.names)) * CATEGORIES + self.codes[inside]
        answers = np.bincount(at.ravel(), minlength=shape[0] * shape[1] * size)
        number = heads(self.asked.iloc[inside], pd.Series(place, index=self.asked.index[inside]))
        people = number.reindex(range(shape[0] * shape[1]), fill_value=0).to_numpy(dtype=int)
        return Crosstab(
            people.reshape(shape), answers.reshape(*shape, len(self.names), CATEGORIES).astype(np.int64), self.dimension
        )


def categories(codes: pd.DataFrame, dimensions: Mapping[str, Sequence[str]], *, min_answered: float) -> Categories:
    """Sort what everybody answered into the categories of a `Crosstab`.

    Parameters
    ----------
    codes
        One row per respondent, a column per item, as in `responses.Responses.codes`.
    dimensions
        Items by dimension.
    min_answered
        See `scores.respondent_positions`.

    Examples
    --------
    >>> found = categories(pd.DataFrame({"INF1": [4, 1]}), {"inf": ["INF1"]}, min_answered=0.5)
    >>> found.names, found.codes.tolist()
    (('INF1', 'inf'), [[3, 0], [0, 0]])
    """
    numbers = codes.to_numpy()
    away = np.isin(numbers, [NOT_ASKED, reason_code("not_applicable")])
    found = np.where(numbers > NOT_ASKED, numbers - 1, np.where(numbers == reason_code("unknown"), UNKNOWN, OPEN))
    found = np.where(away, UNASKED, found)
    values = codes.astype(float).where(codes > NOT_ASKED)
    scores = respondent_positions(values, dimensions, min_answered=min_answered)
    of_dimensions = np.where(scores.notna(), 0, OPEN)
    names = (*(str(name) for name in codes.columns), *dimensions)
    dimension = np.arange(len(names)) >= codes.shape[1]
    asked = pd.DataFrame(numbers != NOT_ASKED, index=codes.index, columns=codes.columns)
    return Categories(np.hstack([found, of_dimensions]).astype(np.int64), names, dimension, asked)


def too_few(table: Crosstab, threshold: int) -> np.ndarray:
    """Return which items of which groups have answers, but fewer than may be shown: see the example of `reveals`."""
    return np.asarray((table.given > 0) & (table.given < threshold))


def all_alike(table: Crosstab) -> np.ndarray:
    """Return which items of which groups have answers that are all the same: rows, columns, items; never a dimension.

    Examples
    --------
    >>> found = categories(pd.DataFrame({"INF1": [4, 4]}), {}, min_answered=0.5)
    >>> all_alike(found.counted(np.zeros(2, dtype=int), np.zeros(2, dtype=int), (1, 1))).tolist()
    [[[True]]]
    """
    positions = table.answers[..., :POSITION_COUNT]
    return np.asarray(((positions > 0).sum(axis=-1) == 1) & ~table.dimension)


def reveals(table: Crosstab, threshold: int) -> np.ndarray:
    """Return which groups cannot be shown by themselves, for one of their items: rows, columns.

    An item of a group has answers, but fewer than may be shown, or they are all the same.

    Examples
    --------
    >>> found = categories(pd.DataFrame({"INF1": [4, 3]}), {}, min_answered=0.5)
    >>> table = found.counted(np.zeros(2, dtype=int), np.zeros(2, dtype=int), (1, 1))
    >>> reveals(table, 2).tolist(), reveals(table, 5).tolist()
    ([[False]], [[True]])
    """
    return np.asarray((too_few(table, threshold) | all_alike(table)).any(axis=-1))


def evenness(counts: Sequence[int] | np.ndarray, possible: int) -> float:
    """Return how evenly respondents spread over the possible backgrounds: Shannon's H over ``ln(possible)``, 0 to 1.

    References
    ----------
    Pielou 1966, J. Theor. Biol. 13:131-144.

    Examples
    --------
    >>> evenness([5, 5, 5], 3)
    0.9999999999999998
    >>> round(evenness([8, 1, 1], 3), 3)
    0.582
    """
    numbers = np.asarray(counts, dtype=float)
    shares = numbers[numbers > 0] / max(numbers.sum(), 1)
    if possible < 2 or not len(shares):  # noqa: PLR2004 - one background is neither even nor uneven
        return float("nan")
    return float(-(shares * np.log(shares)).sum() / np.log(possible) + 0.0)


def representation(
    values: pd.DataFrame,
    by: pd.Series,
    *,
    asked: pd.DataFrame | None = None,
    background: pd.Series | None = None,
    municipality: pd.Series | None = None,
    possible_backgrounds: int | None = None,
    weights: pd.Series | None = None,
) -> pd.DataFrame:
    """Return who answered in every group.

    Everything is of each respondent: `values` with a column per item, NaN without answer; `by` the group; `asked` where
    an answer was asked, everywhere when not given; who weighs 0 is not counted. The columns about backgrounds and
    municipalities stay empty where these are not given; the possible backgrounds are those that occur when not given.

    Returns
    -------
    pandas.DataFrame
        One row per group, sorted: by, n, share (of the respondents with a group, in percent), n_effective,
        design_effect, item_nonresponse (share of the answers asked that are missing, in percent), n_backgrounds,
        background_evenness, n_municipalities; least_background and least_municipality, the fewest people of the group
        with the same one.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"INF1": [4, None, 2], "INF2": [3, None, None]})
    >>> by, background = pd.Series(["x"] * 3), pd.Series(["care", "care", "youth"])
    >>> table = representation(values, by, background=background)
    >>> table[["n", "background_evenness"]].round(2).iloc[0].tolist()
    [3.0, 0.92]
    """
    weight = pd.Series(1.0, index=values.index) if weights is None else weights.astype(float)
    possible = 0 if background is None else possible_backgrounds or background.nunique()
    groups = pd.Index(sorted(by.dropna().unique()), dtype=object)
    by = by.where(weight > 0)
    expected = pd.DataFrame(data=True, index=values.index, columns=values.columns) if asked is None else asked
    missing = (values.isna() & expected).sum(axis=1).groupby(by).sum()
    possible_answers = expected.sum(axis=1).groupby(by).sum().replace(0, np.nan)
    table = pd.DataFrame(
        {
            "n": heads(expected, by),
            "n_effective": weight.groupby(by).agg(lambda group: effective_n(group.to_numpy())),
            "item_nonresponse": 100 * missing / possible_answers,
            "n_backgrounds": _distinct(background, by),
            "background_evenness": _evenness_by(background, by, possible),
            "n_municipalities": _distinct(municipality, by),
            "least_background": _least(background, by),
            "least_municipality": _least(municipality, by),
        },
        index=groups,
    ).fillna({"n": 0, "n_effective": 0})
    table["n"] = table["n"].astype(int)
    table.insert(1, "share", 100 * table["n"] / table["n"].sum())
    table.insert(3, "design_effect", table["n"] / table["n_effective"].replace(0, np.nan))
    return table.rename_axis("by").reset_index()


def heads(asked: pd.DataFrame, by: pd.Series) -> pd.Series:
    """Count the people in every group.

    Answers of a workshop's count are linked to nobody: each stands as a respondent of its own, asked one item. There
    were at least as many people as the item with most of them has; that many are counted.

    Parameters
    ----------
    asked
        One row per respondent, a column per item: whether it was asked.

    Examples
    --------
    >>> import pandas as pd
    >>> asked = pd.DataFrame({"a": [True, True, False], "b": [True, False, True]})
    >>> heads(asked, pd.Series(["x", "x", "x"])).to_dict()
    {'x': 2}
    """
    single = asked.sum(axis=1) <= 1
    linked = (~single).groupby(by).sum()
    return linked + asked[single].groupby(by[single]).sum().max(axis=1).reindex(linked.index, fill_value=0)


def _distinct(attribute: pd.Series | None, by: pd.Series) -> pd.Series:
    if attribute is None:
        return pd.Series(dtype=float)
    return attribute.groupby(by).nunique()


def _least(attribute: pd.Series | None, by: pd.Series) -> pd.Series:
    if attribute is None:
        return pd.Series(dtype=float)
    return attribute.groupby([by, attribute]).size().groupby(level=0).min()


def _evenness_by(background: pd.Series | None, by: pd.Series, possible: int) -> pd.Series:
    if background is None:
        return pd.Series(dtype=float)
    counts = pd.crosstab(by, background)
    return pd.Series(
        {group: evenness(row, possible) for group, row in zip(counts.index, counts.to_numpy(), strict=True)}
    )


def gap(
    values: pd.DataFrame,
    role: pd.Series,
    *,
    between: tuple[str, str] = ("ambtenaar", "inwoner"),
    weights: pd.Series | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Compare two roles, such as officials with residents, item by item.

    In `values` is a row per respondent and a column per item (share and mean are compared) or dimension (read the
    mean); the gap is the first of the two roles less the second.

    Returns
    -------
    pandas.DataFrame
        One row per column of `values`: code, n and n_other, share_gap (of those who agree, in percentage points) with
        Newcombe's share_gap_low and share_gap_high, mean_gap with mean_gap_low and mean_gap_high (normal, independent
        groups). Empty where one of the two has no answer.

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
