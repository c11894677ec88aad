"""What of the estimates leaves this machine: the status of a row, the hidden groups of a column, the digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from resilience_analysis.foundation.vocabulary import HIDDEN_BECAUSE
from resilience_analysis.survey.bygroup import MEANS, POSITIONS, SCORE
from resilience_analysis.survey.crosstab import Categories, Crosstab, reveals
from resilience_analysis.survey.instrument import NIS_CODE, Counting, Instrument, Marker
from resilience_analysis.survey.responses import is_synthetic
from resilience_analysis.survey.suppression import given_away, hidden_groups
from resilience_analysis.survey.wave import EVERYBODY, REGION
from resilience_analysis.survey.wording import words

RESPONDENTS = "respondents"
TOTAL = "total"
SUPPRESSED = "suppressed"
TOO_FEW, WOULD_DISCLOSE = HIDDEN_BECAUSE
SCORE_DECIMALS = 1
_AGREE = [f"share_agree{end}" for end in ("", "_low", "_high")]
_NET = [f"net_agreement{end}" for end in ("", "_low", "_high")]
_SCORES = ["mean_score", "mean_score_low", "mean_score_high"]
LEFT_OPEN = ["share_dont_know", "share_no_answer"]
NUMBERS = [
    "n", "n_effective", *_AGREE, *_SCORES, *_NET, "mean_score_se", *(f"share_{place}" for place in POSITIONS),
    *LEFT_OPEN,
]  # fmt: skip
KEYS = [NIS_CODE, "wave", "group"]
COLUMNS = [*KEYS, "code", "level", *NUMBERS, "status", "hidden_because", "synthetic"]
# How many decimals are published: what a margin of a few hundred answers carries, and no more than is shown.
DECIMALS: Mapping[str, int] = (
    dict.fromkeys(NUMBERS, 0)
    | dict.fromkeys(SCORE, SCORE_DECIMALS)
    | dict.fromkeys(MEANS, 2)
    | dict.fromkeys(("share", "item_nonresponse", "share_gap", "share_gap_low", "share_gap_high"), 0)
    | dict.fromkeys(("alpha", "alpha_se", "alpha_if_dropped", "alpha_if_dropped_max", "item_rest_correlation"), 1)
    | dict.fromkeys(("background_evenness", "shrunk", "shrunk_se", "direct", "direct_se", "kept"), 2)
    | dict.fromkeys(("mean_gap", "mean_gap_low", "mean_gap_high"), 2)
    | {"design_effect": 1}
)


STAMP_COLUMN, SYNTHETIC_COLUMN = "publication", "data"


def judged(table: pd.DataFrame, hidden: np.ndarray, few: pd.Series | np.ndarray, counting: Counting) -> pd.DataFrame:
    """Return every row with its status and why it is hidden.

    That few answered one statement is not said apart: with who left it open that would tell how many.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> table = pd.DataFrame({"n": [12, 7, 3]})
    >>> few = np.array([False, False, True])
    >>> judged(table, few, few, load_instrument().counting)["status"].tolist()
    ['ok', 'indicative', 'suppressed']
    """
    away = (table["n"] < counting.suppress_below).to_numpy() | hidden
    status = np.where(away, SUPPRESSED, np.where(table["n"] < counting.indicative_below, "indicative", "ok"))
    why = np.where(np.asarray(few, dtype=bool), TOO_FEW, WOULD_DISCLOSE).astype(object)
    why[~away] = None
    return table.assign(status=status.astype(object), hidden_because=why)


def of_few(table: pd.DataFrame, hidden: np.ndarray, instrument: Instrument) -> np.ndarray:
    """Find the rows of one wave that are said to be hidden because too few people are in their group.

    Parameters
    ----------
    table
        Columns ``nis_code``, ``group``, ``code`` and ``n``, the number of all, also where it is hidden.
    hidden
        True for every row that is hidden: what may be said of one depends on which others are.
    instrument
        Who is asked what, and how many are few.

    Returns
    -------
    numpy.ndarray
        A truth per row.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> groups = ["all", "role:inwoner", "role:ambtenaar", "role:mandataris"]
    >>> table = pd.DataFrame({"nis_code": "13011", "group": groups, "code": "respondents", "n": [20, 11, 3, 6]})
    >>> of_few(table, np.array([False, False, True, True]), load_instrument()).tolist()
    [False, False, True, False]
    """
    table, least = table.assign(**{NIS_CODE: table[NIS_CODE].fillna(REGION)}), instrument.counting.suppress_below
    heads_of = (table["code"] == RESPONDENTS).to_numpy()
    people = table[heads_of].assign(hidden=hidden[heads_of])
    groups = pd.MultiIndex.from_frame(table[[NIS_CODE, "group"]])
    few = people.set_index([NIS_CODE, "group"])["n"].loc[groups].to_numpy() < least
    return np.asarray(few & ~_told_by_reason(people, table, least) | _never_asked(table, instrument))


def _told_by_reason(people: pd.DataFrame, table: pd.DataFrame, least: int) -> np.ndarray:
    """Find rows about groups of which the reason would tell the number: that all hidden ones are small is all.

    Hidden together they have as many people as that many groups of just too few. Their rest and their number are
    public, so that this rule tells nothing by itself; the other reason holds for them too.
    """
    whole = people[people["group"] == EVERYBODY].set_index(NIS_CODE)
    groups = people[(people["group"] != EVERYBODY) & people["hidden"]]
    kind = groups["group"].str.split(":").str[0]
    rest = groups.groupby([NIS_CODE, kind])["n"].transform("sum")
    number = groups.groupby([NIS_CODE, kind])["n"].transform("size")
    shown = ~groups[NIS_CODE].map(whole["hidden"]).astype(bool)
    telling = groups[shown & (rest == (least - 1) * number)]
    told = pd.MultiIndex.from_frame(telling[[NIS_CODE, "group"]])
    return np.asarray(pd.MultiIndex.from_frame(table[[NIS_CODE, "group"]]).isin(told))


def _never_asked(table: pd.DataFrame, instrument: Instrument) -> np.ndarray:
    """Find the rows of a section of items about a group that is not asked it."""
    team = instrument.village_team
    of_team = table["code"].isin([item.id for item in team.section.items])
    asked = table["group"].str.startswith(f"{team.asked_field}:")
    return np.asarray(of_team & asked & (table["group"] != f"{team.asked_field}:{team.asked_value}"))


def published(table: pd.DataFrame) -> pd.DataFrame:
    """Return estimates as they leave this machine: without the suppressed numbers, to the digits that are shown.

    Examples
    --------
    >>> table = pd.DataFrame({"n": [12, 3], "mean_score": [51.26, 40.0], "status": ["ok", "suppressed"]})
    >>> published(table)["mean_score"].tolist()
    [51.3, nan]
    """
    numbers = [name for name in table if name in DECIMALS]
    shown = rounded(table[numbers].astype(float).mask(table["status"] == SUPPRESSED))
    for share, net in zip(_AGREE, _NET, strict=True):
        if net in shown:
            shown[net] = 2 * shown[share] - 100
    if "share_1" in shown:
        # The shares add up as they are read: the first and the last are rounded, those between take what is left.
        disagree = 100 - shown["share_agree"]
        shown["share_1"] = shown["share_1"].clip(upper=disagree)
        shown["share_2"], shown["share_3"] = disagree - shown["share_1"], shown["share_agree"] - shown["share_4"]
    return table.assign(**{str(name): shown[name] for name in numbers})


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table to the digits that are published, see `DECIMALS`.

    Examples
    --------
    >>> rounded(pd.DataFrame({"mean": [2.512], "alpha": [0.71]})).to_numpy().tolist()
    [[2.51, 0.7]]
    """
    return table.round({name: digits for name, digits in DECIMALS.items() if name in table})


def hidden_column(
    found: Categories,
    by: pd.Series,
    dimensions: Mapping[str, Sequence[str]],
    threshold: int,
    classes: pd.Series | None = None,
) -> pd.DataFrame:
    """Return which groups of a column are hidden, and whether the total is: a row each, a column per statement.

    The items of a dimension are shown all or none in a group, with the dimension; the people are the column ``""``.
    The total is hidden where all groups are and something of them would follow from it.

    Parameters
    ----------
    found
        What everybody answered.
    by
        Group of each respondent; those without one are not counted.
    dimensions
        Items by dimension.
    threshold
        Fewest answers that may be shown.
    classes
        Which respondents count alike, where readers know how each counts: of equal weight, or of one stratum or
        cluster. A number of a group of whom few count otherwise than the rest, or its error, would tell how many they
        are, and what they answered.

    Examples
    --------
    >>> from resilience_analysis.survey.crosstab import categories
    >>> found = categories(pd.DataFrame({"A1": [1, 2, 3] * 8}), {}, min_answered=0.5)
    >>> hidden_column(found, pd.Series(["x"] * 3 + ["y"] * 9 + ["z"] * 12), {}, 5)["A1"].to_dict()
    {'x': True, 'y': True, 'z': False, 'total': False}
    """
    places, names = pd.factorize(by, sort=True)
    table = found.counted(np.where(places >= 0, 0, -1), places, (1, len(names)))
    mixed = np.zeros(len(names) + 1, dtype=bool)
    if classes is not None:
        numbers, values = pd.factorize(classes)
        parts = found.counted(np.where(places >= 0, numbers, -1), places, (len(values), len(names)))
        mixed = _of_few_alike(parts, threshold)
    people = hidden_groups(table, threshold, people=True, occupied=True, hidden=mixed[None, :-1])
    certain = mixed[-1] or given_away(table, threshold, people, people=True, occupied=True)
    out = {"": np.append(people[0], certain)}
    place = {name: number for number, name in enumerate(found.names)}
    inside = {item for items in dimensions.values() for item in items}
    blocks = [[*(item for item in items if item in place), name] for name, items in dimensions.items()]
    blocks += [[name] for name in found.names if name not in inside and name not in dimensions]
    for block in blocks:
        own = table.of([place[name] for name in block if name in place])
        hidden = hidden_groups(own, threshold, hidden=people)
        out |= dict.fromkeys(block, np.append(hidden[0], certain or given_away(own, threshold, hidden)))
    return pd.DataFrame(out, index=[*map(str, names), TOTAL])


def _of_few_alike(parts: Crosstab, threshold: int) -> np.ndarray:
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


def mark_synthetic(table: pd.DataFrame, answers: pd.DataFrame, marker: Marker) -> pd.DataFrame:
    """Mark in every row that it is made up, where any of the answers (or people) it comes from is.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> marker = load_instrument().synthetic
    >>> answers = pd.DataFrame({"respondent": [f"{marker.prefix}1"]})
    >>> list(mark_synthetic(pd.DataFrame({"n": [12]}), answers, marker))
    ['n', 'data']
    """
    made_up = bool(is_synthetic(answers, marker).any())
    return table.assign(**{SYNTHETIC_COLUMN: words("synthetic.short", "en")}) if made_up else table
