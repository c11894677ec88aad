"""Who is in every group and what they answer: the numbers behind a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.survey.responses import NOT_ASKED, reason_code
from resilience_analysis.survey.scores import HIGH, respondent_positions

POSITION_COUNT = HIGH
UNKNOWN, OPEN, UNASKED = HIGH, HIGH + 1, HIGH + 2
CATEGORIES = HIGH + 3


@dataclass(frozen=True)
class Crosstab:
    """Numbers of people and of answers in a table of groups."""

    people: np.ndarray  # respondents; one row per area, a column per value of what the people are grouped by
    # the same rows and columns, then items, then categories: the positions from low to high, don't know, no answer, not
    # asked. A dimension is an item of which a respondent with a score is in the first category and one without is in
    # that of no answer
    answers: np.ndarray
    dimension: np.ndarray  # which of the items are dimensions

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
    """What every respondent answered, as categories of a `Crosstab`."""

    codes: np.ndarray  # one row per respondent, a column per item and after those per dimension
    names: tuple[str, ...]  # the items and dimensions
    dimension: np.ndarray  # which of them are dimensions
    asked: pd.DataFrame  # one row per respondent, a column per item: whether it was asked

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
    """Return which items of which groups have answers, but fewer than may be shown: see the example of `reveals`.

    Examples
    --------
    >>> found = categories(pd.DataFrame({"INF1": [4, 3]}), {}, min_answered=0.5)
    >>> too_few(found.counted(np.zeros(2, dtype=int), np.zeros(2, dtype=int), (1, 1)), 5).tolist()
    [[[True]]]
    """
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
