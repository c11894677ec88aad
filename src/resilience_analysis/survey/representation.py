"""Who answered in every group, and what of that may be shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from resilience_analysis.survey.bygroup import ITEM, Design
from resilience_analysis.survey.crosstab import heads
from resilience_analysis.survey.estimates import Grouped
from resilience_analysis.survey.instrument import BACKGROUND, NIS_CODE
from resilience_analysis.survey.intervals import effective_n
from resilience_analysis.survey.publishing import RESPONDENTS, SUPPRESSED, TOTAL, rounded
from resilience_analysis.survey.wave import NOT_GIVEN

_WHY = ["status", "hidden_because"]
REPRESENTATION_COLUMNS = (
    "by", "n", "share", "n_effective", "design_effect", "item_nonresponse", "n_backgrounds", "background_evenness",
    "n_municipalities", *_WHY,
)  # fmt: skip
_BACKGROUNDS = (BACKGROUND, "achtergrond")
_MUNICIPALITIES = (NIS_CODE, "municipality", "gemeente")
_TELLING = {
    "n_backgrounds": "least_background",
    "background_evenness": "least_background",
    "n_municipalities": "least_municipality",
}


def who_is_represented(
    found: pd.DataFrame, grouped: Grouped, design: Design, possible: int | None, least: int, *, internal: bool
) -> pd.DataFrame:
    """Return who answered in every group.

    The item non-response of a group counts the answers to all its items together: where one of them is hidden, it goes
    too, for the number of hidden answers would follow from it. So do the number and the evenness of backgrounds, and
    the number of municipalities, where fewer than may be shown have the same one.

    Parameters
    ----------
    found, grouped, design
        The estimates, what they are of, and how respondents stand for others.
    possible
        How many backgrounds there can be; those that occur when None.
    least
        Fewest people of whom something may be shown.
    internal
        Whether everything is shown.

    Returns
    -------
    pandas.DataFrame
        One row per group, and for all together where that is asked: the columns `REPRESENTATION_COLUMNS`, percentages
        for ``share`` and ``item_nonresponse``; what is hidden is empty.

    Examples
    --------
    >>> from resilience_analysis.survey.answertable import AnswerTable, ItemList
    >>> from resilience_analysis.survey.estimates import estimates
    >>> from resilience_analysis.survey.items import load_instrument
    >>> values, by = pd.DataFrame({"A1": [1.0, 2, 3, 4] * 3}), pd.Series(["x"] * 12, name="place")
    >>> table = AnswerTable(values, pd.DataFrame({"place": by}), values.notna(), ItemList(("A1",), {}, frozenset()))
    >>> found = estimates(Grouped(table, by), load_instrument(), design=Design())
    >>> people = who_is_represented(found, Grouped(table, by), Design(), None, 5, internal=False)
    >>> people[["by", "n", "item_nonresponse"]].to_numpy().tolist()
    [['x', 12.0, 0.0]]
    """
    table, ways = grouped.table, [grouped.by.fillna(NOT_GIVEN)]
    if grouped.total:
        ways.append(pd.Series(TOTAL, index=grouped.by.index))
    facts = [
        representation(
            table.values,
            by,
            asked=table.asked,
            background=table.optional(*_BACKGROUNDS),
            municipality=table.optional(*_MUNICIPALITIES),
            possible_backgrounds=possible,
            weights=design.weights,
        )
        for by in ways
    ]
    status = found.loc[found["level"] == RESPONDENTS, ["group", *_WHY]].rename(columns={"group": "by"})
    people = pd.concat(facts, ignore_index=True).merge(status, on="by", how="left", validate="one_to_one")
    if internal:
        return people[list(REPRESENTATION_COLUMNS)]
    numbers = people.columns.drop(["by", *_WHY])
    people = people.assign(**people[numbers].astype(float).mask(people["status"] == SUPPRESSED))
    hidden = found.loc[(found["level"] == ITEM) & (found["status"] == SUPPRESSED), ["group", "code"]]
    counted = [by if design.weights is None else by.where(design.weights > 0) for by in ways]
    gave = pd.concat([table.values.notna().groupby(by).any() for by in counted]).stack()
    telling = hidden.loc[gave.reindex(pd.MultiIndex.from_frame(hidden), fill_value=False).to_numpy(), "group"]
    people["item_nonresponse"] = people["item_nonresponse"].mask(people["by"].isin(telling))
    for column, fewest in _TELLING.items():
        people[column] = people[column].mask(people[fewest] < least)
    return rounded(people)[list(REPRESENTATION_COLUMNS)]


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

    Parameters
    ----------
    values
        One row per respondent, a column per item; NaN without answer.
    by
        Group of each respondent.
    asked
        Where an answer was asked, in the shape of `values`; everywhere when not given.
    background, municipality
        Of each respondent; the columns about them stay empty when not given.
    possible_backgrounds
        How many backgrounds there can be; those that occur when not given.
    weights
        Weight of each respondent; those with weight 0 are not counted. All are equal when not given.

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
