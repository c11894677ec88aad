"""The tables of ``resilience survey estimate``: hidden where they must be, or all shown and stamped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.foundation.vocabulary import HIDDEN_BECAUSE
from resilience_analysis.survey.crosstab import Categories, Crosstab, reveals
from resilience_analysis.survey.instrument import Marker
from resilience_analysis.survey.responses import is_synthetic
from resilience_analysis.survey.suppression import given_away, hidden_groups
from resilience_analysis.survey.wording import words

ITEM_COLUMNS = (
    "by", "item", "n", "n_effective", "mean", "mean_se", "mean_low", "mean_high",
    "share_agree", "share_agree_low", "share_agree_high", "net_agreement", "status", "hidden_because",
)  # fmt: skip
DIMENSION_SCORE = ("score", "score_se", "score_low", "score_high")
DIMENSION_COLUMNS = ("by", "dimension", "n", *DIMENSION_SCORE, "status", "hidden_because")
REPRESENTATION_COLUMNS = (
    "by", "n", "share", "n_effective", "design_effect", "item_nonresponse", "n_backgrounds", "background_evenness",
    "n_municipalities", "status", "hidden_because",
)  # fmt: skip
# How many decimals are published: what a margin of a few hundred answers carries, and no more than is shown.
DECIMALS: Mapping[str, int] = (
    dict.fromkeys(("n", "n_effective", "share", "share_agree", "share_agree_low", "share_agree_high"), 0)
    | dict.fromkeys(("net_agreement", "item_nonresponse"), 0)
    | dict.fromkeys(("mean", "mean_se", "mean_low", "mean_high"), 2)
    | dict.fromkeys(("score", "score_se", "score_low", "score_high", "design_effect"), 1)
    | dict.fromkeys(("alpha", "alpha_se", "alpha_if_dropped", "alpha_if_dropped_max", "item_rest_correlation"), 1)
    | dict.fromkeys(("background_evenness", "shrunk", "shrunk_se", "direct", "direct_se", "kept"), 2)
    | dict.fromkeys(("share_gap", "share_gap_low", "share_gap_high"), 0)
    | dict.fromkeys(("mean_gap", "mean_gap_low", "mean_gap_high"), 2)
)
_TELLING = {
    "n_backgrounds": "least_background",
    "background_evenness": "least_background",
    "n_municipalities": "least_municipality",
}
TOTAL = "total"
STAMP_COLUMN = "publication"
SYNTHETIC_COLUMN = "data"
SUPPRESSED = "suppressed"
TOO_FEW, WOULD_DISCLOSE = HIDDEN_BECAUSE


@dataclass(frozen=True)
class Release:
    """Tables that are published together.

    Attributes
    ----------
    items, dimensions
        As `estimate.estimate_items` and `estimate.estimate_dimensions` give them, with a status.
    representation
        As `groups.representation` gives it, with a status.
    """

    items: pd.DataFrame
    dimensions: pd.DataFrame
    representation: pd.DataFrame

    def withheld(self, suppress_below: int) -> Release:
        """Return the tables as they are published: without the suppressed numbers, to the digits that are shown.

        The item non-response of a group counts the answers to all its items together: where one of them is hidden,
        it goes too, for the number of hidden answers would follow from it. So do the number and the evenness of
        backgrounds, and the number of municipalities, where fewer than `suppress_below` people have the same one.
        """
        items, dimensions, people = map(_withheld, (self.items, self.dimensions, self.representation))
        hidden = (self.items["status"] == SUPPRESSED) & (self.items["n"] > 0)
        telling = people["by"].isin(self.items.loc[hidden, "by"])
        people = people.assign(item_nonresponse=people["item_nonresponse"].mask(telling))
        for column, least in _TELLING.items():
            people[column] = people[column].mask(people[least] < suppress_below)
        return Release(items, dimensions, people)


def judged(
    release: Release,
    found: Categories,
    by: pd.Series,
    dimensions: Mapping[str, Sequence[str]],
    *,
    suppress_below: int,
    indicative_below: int,
    classes: pd.Series | None = None,
) -> Release:
    """Return every row its status, over all tables that are published together.

    A total over the groups counts as known, whether it is published or not: it follows from any other table of the
    same answers. It is hidden itself where all groups are and something of them would follow from it; why it is hidden
    never tells whether it is of few.

    Parameters
    ----------
    release
        The tables.
    found
        What everybody answered.
    by
        Group of each respondent; those without one are not counted.
    dimensions
        Items by dimension; the items of one are shown all or none in a group, with the dimension.
    suppress_below, indicative_below
        Fewest answers that may be shown, and that are not indicative.
    classes
        Which respondents count alike, where readers know how each counts: of equal weight, or of one stratum or
        cluster. A number of a group of whom few count otherwise than the rest, or its error, would tell how many they
        are, and what they answered.
    """
    places, names = pd.factorize(by, sort=True)
    table = found.counted(np.where(places >= 0, 0, -1), places, (1, len(names)))
    mixed = np.zeros(len(names) + 1, dtype=bool)
    if classes is not None:
        numbers, values = pd.factorize(classes)
        parts = found.counted(np.where(places >= 0, numbers, -1), places, (len(values), len(names)))
        mixed = of_few_alike(parts, suppress_below)
    hidden = _hidden(table, found, dimensions, suppress_below, mixed)
    column = {str(name): place for place, name in enumerate([*names, TOTAL])}

    few_people = dict(zip(release.representation["by"], release.representation["n"] < suppress_below, strict=True))
    few_people[TOTAL] = False

    def status(rows: pd.DataFrame, code: pd.Series) -> pd.DataFrame:
        gone = [
            bool(hidden.get(name, hidden[""])[column[group]]) if group in column else False
            for group, name in zip(rows["by"].astype(str), code, strict=True)
        ]
        away = np.array(gone, dtype=bool) | (rows["n"] < suppress_below).to_numpy()
        return rows.assign(
            status=status_of(rows["n"], away, indicative_below),
            hidden_because=reasons(away, rows["by"].map(few_people).to_numpy(dtype=bool)),
        )

    return Release(
        status(release.items, release.items["item"]),
        status(release.dimensions, release.dimensions["dimension"]),
        status(release.representation, pd.Series("", index=release.representation.index)),
    )


def _hidden(
    table: Crosstab, found: Categories, dimensions: Mapping[str, Sequence[str]], threshold: int, mixed: np.ndarray
) -> dict[str, np.ndarray]:
    """Return which groups, and at the end the total, are hidden: by item and dimension, by an empty text the people."""
    people = hidden_groups(table, threshold, people=True, occupied=True, hidden=mixed[None, :-1])
    certain = mixed[-1] or given_away(table, threshold, people, people=True, occupied=True)
    out = {"": np.append(people[0], certain)}
    place = {name: number for number, name in enumerate(found.names)}
    inside = {item for items in dimensions.values() for item in items}
    blocks = [[*(item for item in items if item in place), name] for name, items in dimensions.items()]
    blocks += [[name] for name in found.names if name not in inside and name not in dimensions]
    for block in blocks:
        at = [place[name] for name in block if name in place]
        hidden = hidden_groups(table.of(at), threshold, hidden=people)
        total = certain or given_away(table.of(at), threshold, hidden)
        out |= dict.fromkeys(block, np.append(hidden[0], total))
    return out


def of_few_alike(parts: Crosstab, threshold: int) -> np.ndarray:
    """Return which groups are hidden because of those in them who count alike.

    Parameters
    ----------
    parts
        A row per weight (or stratum, or cluster), a column per group.
    threshold
        Fewest people or answers that may be shown.

    Returns
    -------
    numpy.ndarray
        True where people of one weight are too few, or answer alike; and further groups, the smallest first, until
        those of one weight in all hidden groups together, who follow from the total, are not. Last, whether the total
        is hidden, for the same reason.
    """

    def telling(of: Crosstab) -> np.ndarray:
        return np.asarray((((of.people > 0) & (of.people < threshold)) | reveals(of, threshold)).any(axis=0))

    def together(groups: np.ndarray) -> Crosstab:
        return Crosstab(parts.people[:, groups], parts.answers[:, groups], parts.dimension).merged()

    hidden, total = telling(parts), bool(telling(together(np.ones(parts.people.shape[1], dtype=bool)))[0])
    while hidden.any() and not hidden.all() and telling(together(hidden))[0]:
        shown = np.flatnonzero(~hidden)
        hidden[shown[np.argmin(parts.people[:, shown].sum(axis=0))]] = True
    return np.append(hidden, total)


def reasons(hidden: np.ndarray, few: np.ndarray) -> np.ndarray:
    """Return why each row is hidden: too few people, or what it would disclose; nothing where it is shown.

    That few answered one statement is not said apart: with who left it open that would tell how many.
    """
    why = np.where(few, TOO_FEW, WOULD_DISCLOSE).astype(object)
    why[~hidden] = None
    return np.asarray(why)


def status_of(n: pd.Series, hidden: np.ndarray, indicative_below: int) -> pd.Series:
    """Return the status of each row: ``ok``, ``indicative`` or ``suppressed``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> status_of(pd.Series([12, 7, 6]), np.array([False, False, True]), 10).tolist()
    ['ok', 'indicative', 'suppressed']
    """
    status = np.where(n < indicative_below, "indicative", "ok")
    return pd.Series(np.where(hidden, SUPPRESSED, status), index=n.index, dtype=object)


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table to the digits that are published, see `DECIMALS`."""
    return table.round({name: digits for name, digits in DECIMALS.items() if name in table})


def _withheld(table: pd.DataFrame) -> pd.DataFrame:
    hidden = table["status"] == SUPPRESSED
    numbers = table.select_dtypes("number").columns
    shown = rounded(table.assign(**{column: table[column].astype(float).mask(hidden) for column in numbers}))
    if "net_agreement" in shown:
        shown["net_agreement"] = 2 * shown["share_agree"] - 100
    return shown


def mark_synthetic(table: pd.DataFrame, answers: pd.DataFrame, marker: Marker) -> pd.DataFrame:
    """Mark in every row that it is made up, where any of the answers (or people) it comes from is."""
    made_up = bool(is_synthetic(answers, marker).any())
    return table.assign(**{SYNTHETIC_COLUMN: words("synthetic.short", "en")}) if made_up else table
