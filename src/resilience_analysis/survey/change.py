"""What changed between two waves: paired where pseudonyms allow it, only for identical wording, with an interval."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey import intervals
from resilience_analysis.survey.bygroup import DIMENSION, ITEM
from resilience_analysis.survey.instrument import NIS_CODE, Instrument
from resilience_analysis.survey.publishing import SCORE_DECIMALS
from resilience_analysis.survey.responses import REPORT_FILE, find_answer_files, from_table
from resilience_analysis.survey.scores import HIGH, LOW, to_hundred
from resilience_analysis.survey.wave import EVERYBODY

LEAST_PAIRS = 10
MANY_PAIRS = 30
_POINTS = to_hundred(LOW + 1.0)  # from one position to the next
PAIRED, UNPAIRED = "paired", "unpaired"
_OTHER_WORDING = "the wording differs between the waves"
_NOT_SHOWN = "too few answers in one of the waves"
_NOT_ASKED = "not asked in one of the waves"
COLUMNS = (
    NIS_CODE, "code", "level", "n_earlier", "n_later", "n_pairs", "method", "change", "low", "high", "why_not",
)  # fmt: skip


def read_wordings(place: Path) -> pd.DataFrame:
    """Read which wording respondents read, from the reports beside the answers.

    One row for every wording of a wave: wave, item, wording (fingerprint). `InputError` when a report is not
    a JSON object with both; `UsageError` when there are no answers in `place`.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "answers.csv").write_text("")
    >>> _ = (folder / REPORT_FILE).write_text('{"wave": "2026", "wordings": {"INF1": "a"}}')
    >>> read_wordings(folder).to_numpy().tolist()
    [['2026', 'INF1', 'a']]
    """
    rows = []
    for answers in find_answer_files(place):
        path = answers.with_name(REPORT_FILE)
        if not path.is_file():
            continue
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
            rows += [(str(report["wave"]), item, str(wording)) for item, wording in report["wordings"].items()]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            where = f"{path.parent.name}/{path.name}"
            raise InputError(where, [Problem(where, f"is not a report of an import ({error})")]) from error
    return pd.DataFrame(rows, columns=["wave", "item", "wording"]).drop_duplicates(ignore_index=True)


def comparable(wordings: pd.DataFrame, earlier: str, later: str) -> dict[str, bool]:
    """Return for every item whether all respondents of both waves read the same wording.

    Examples
    --------
    >>> wordings = pd.DataFrame({"wave": ["2025", "2026"], "item": "INF1", "wording": ["a", "b"]})
    >>> comparable(wordings, "2025", "2026")
    {'INF1': False}
    """
    both = wordings[wordings["wave"].isin([earlier, later])]
    counts = both.groupby("item").agg(waves=("wave", "nunique"), wordings=("wording", "nunique"))
    return {str(item): bool(row.waves == 2 and row.wordings == 1) for item, row in counts.iterrows()}  # noqa: PLR2004


def change(
    answers: pd.DataFrame,
    table: pd.DataFrame,
    wordings: pd.DataFrame,
    instrument: Instrument,
    *,
    earlier: str,
    later: str,
) -> pd.DataFrame:
    """Estimate how mean scores changed between two waves, per municipality, item and dimension.

    Parameters
    ----------
    answers
        Schema ``answers``, with both waves.
    table
        `estimates.estimates` of the same answers as they are published; what is suppressed there has no change here.
    wordings
        As `read_wordings` gives them.
    earlier, later
        Labels of the waves.

    Returns
    -------
    pandas.DataFrame
        One row per nis_code, code (None for all municipalities together): level, n_earlier, n_later; method paired
        where at least `LEAST_PAIRS` respondents can be followed (their own change, Student's t) and n_pairs says how
        many, else unpaired (difference of independent means, normal); change in points of 0-100, later less earlier,
        to one decimal, with low and high; those of a paired change lie a multiple of 5 points from it (of 1 where at
        least `MANY_PAIRS` are followed), rounded up. why_not where there is none. A dimension is comparable when all
        its items are, and followed when all its items are: its change and its margin are the means of theirs, as those
        of all municipalities together follow from theirs.

    Notes
    -----
    What the people who are followed leave of either wave is a group too: where it is smaller than may be shown, or
    answered alike, the change is unpaired, for a paired one would give its answers away. So it is where the margin
    would tell what fewer than may be shown answered in both waves, see `tells_who_changed`. All municipalities together
    are followed in those that are.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> from resilience_analysis.survey.estimates import estimates
    >>> about = {"nis_code": "13011", "item": "INF1", "village": None, "role": None, "background": None}
    >>> people = [(wave, n) for wave in ("2025", "2026") for n in range(12)]
    >>> rows = [about | {"wave": wave, "respondent": f"r{n}", "answer": 1.0 + n % 4} for wave, n in people]
    >>> answers, instrument = pd.DataFrame(rows).assign(missing_reason=None), load_instrument()
    >>> wordings = pd.DataFrame({"wave": ["2025", "2026"], "item": "INF1", "wording": "a"})
    >>> table = estimates(answers, instrument)
    >>> found = change(answers, table, wordings, instrument, earlier="2025", later="2026")
    >>> found[["code", "method", "change"]].iloc[:1].to_numpy().tolist()
    [['INF1', 'unpaired', 0.0]]
    """
    same = comparable(wordings, earlier, later)
    for dimension, items in instrument.scored.items():
        same[dimension] = all(same.get(item, False) for item in items)
    rows = table[(table["group"] == EVERYBODY) & table["level"].isin([ITEM, DIMENSION])]
    keys = [NIS_CODE, "code", "level"]
    sides = [rows[rows["wave"] == wave].drop(columns="wave") for wave in (earlier, later)]
    both = sides[0].merge(sides[1], on=keys, how="outer", suffixes=("_earlier", "_later"), validate="one_to_one")
    places = [{**row, NIS_CODE: None if pd.isna(row[NIS_CODE]) else row[NIS_CODE]} for row in both.to_dict("records")]
    followed = _followed(places, *_both(answers, instrument, earlier, later), instrument)
    found = pd.DataFrame([_row(row, same, followed, instrument) for row in places], columns=list(COLUMNS))
    return found.round(dict.fromkeys(("change", "low", "high"), SCORE_DECIMALS))


def followed_people(
    answers: pd.DataFrame, changes: pd.DataFrame, instrument: Instrument
) -> Iterator[tuple[str, str | None, frozenset[str]]]:
    """Yield who is followed in every change of two waves: statement, municipality (None for all), respondents.

    `changes` are as `change` gives them of two waves, with the waves as earlier and later.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> about = {"nis_code": "13011", "item": "INF1", "village": None, "role": None, "background": None, "answer": 1.0}
    >>> rows = [about | {"wave": wave, "respondent": "r1"} for wave in ("2025", "2026")]
    >>> row = {"method": PAIRED, "earlier": "2025", "later": "2026", "nis_code": "13011", "code": "INF1", "level": ITEM}
    >>> answers = pd.DataFrame(rows).assign(missing_reason=None)
    >>> next(followed_people(answers, pd.DataFrame([row]), load_instrument()))
    ('INF1', '13011', frozenset({'r1'}))
    """
    for (earlier, later), rows in changes[changes["method"] == PAIRED].groupby(["earlier", "later"]):
        first, second = _both(answers, instrument, str(earlier), str(later))
        given = first.notna() & second.notna()
        area, respondent = (given.index.get_level_values(level) for level in (0, 1))
        own = rows[rows[NIS_CODE].notna() & (rows["level"] == ITEM)]
        together: dict[str, set[str]] = {}
        for code, place in own[["code", NIS_CODE]].itertuples(index=False):
            mine = respondent[(area == place) & given[code]]
            together.setdefault(code, set()).update(mine)
            yield code, place, frozenset(mine)
        yield from ((code, None, frozenset(people)) for code, people in together.items())


def _both(answers: pd.DataFrame, instrument: Instrument, earlier: str, later: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the answers of two waves, NaN without one: a row per municipality and respondent of either."""
    found = []
    for wave in (earlier, later):
        responses = from_table(answers[(answers["wave"] == wave) & answers[NIS_CODE].notna()])
        index = pd.MultiIndex.from_frame(responses.people[[NIS_CODE, "respondent"]])
        found.append(responses.values(instrument.items).set_axis(index))
    rows = found[0].index.union(found[1].index)
    columns = found[0].columns.union(found[1].columns)
    return found[0].reindex(index=rows, columns=columns), found[1].reindex(index=rows, columns=columns)


def _followed(
    places: Sequence[Mapping[Hashable, Any]], first: pd.DataFrame, second: pd.DataFrame, instrument: Instrument
) -> dict[tuple[str, str], np.ndarray]:
    """Return the positions of people in both waves by municipality and item, where enough are followed."""
    least = instrument.counting.suppress_below
    area, found = first.index.get_level_values(0), {}
    for row in places:
        code = str(row["code"])
        if row["level"] != ITEM or code not in first or pd.isna(row["mean_score_earlier"] + row["mean_score_later"]):
            continue
        waves = np.column_stack([wave.loc[area == row[NIS_CODE], code] for wave in (first, second)])
        pairs = waves[~np.isnan(waves).any(axis=1)]
        rests = [wave[~np.isnan(wave)] for wave in waves[np.isnan(waves).any(axis=1)].T]
        alone = any(0 < len(rest) < least or len(np.unique(rest)) == 1 for rest in rests)
        if len(pairs) >= LEAST_PAIRS and not alone and not tells_who_changed(pairs, least):
            found[row[NIS_CODE], code] = pairs
    return found


def tells_who_changed(pairs: np.ndarray, least: int) -> bool:
    """Return whether the margin of a paired change would tell what fewer than `least` people answered in both waves.

    Parameters
    ----------
    pairs
        Positions 1 to 4 in the earlier and the later wave: a row per respondent.
    least
        Fewest people of whom something may be shown.

    Notes
    -----
    A reader knows how many answered what in each wave, and the margin as it is rounded. A small number of people is
    uncertain where two people, or two and two, can have exchanged their later answers with the same margin.

    Examples
    --------
    >>> tells_who_changed(np.array([[1, 1], *[[4, 4]] * 11]), 5)
    True
    >>> tells_who_changed(np.array([[1, 2], [2, 1], [3, 4], [4, 3]] * 10), 5)
    False
    """
    table = np.zeros((HIGH, HIGH))
    np.add.at(table, tuple(pairs.astype(int).T - LOW), 1)
    moves = [move for move in _exchanges() if (table + move >= 0).all()]
    moves += [one + other for one, other in combinations(moves, 2) if (table + one + other >= 0).all()]
    margin = _margin(_steps(table))
    uncertain = np.zeros(table.shape, dtype=bool)
    for move in moves:
        small = (table > 0) & (table < least) & ~uncertain
        if not small.any():
            return False
        if (move[small] != 0).any() and _margin(_steps(table + move)) == margin:
            uncertain |= move != 0
    return bool(((table > 0) & (table < least) & ~uncertain).any())


def _exchanges() -> list[np.ndarray]:
    """Return what becomes of numbers of people by both positions where two exchange their later answers."""
    positions, out = range(HIGH), []
    for first, second in product(combinations(positions, 2), repeat=2):
        for sign in (1, -1):
            move = np.zeros((HIGH, HIGH))
            move[np.ix_(first, second)] = sign * np.array([[-1, 1], [1, -1]])
            out.append(move)
    return out


def _steps(table: np.ndarray) -> np.ndarray:
    """Return the changes of people, in points of 0-100, from their numbers by both positions."""
    step = np.arange(HIGH)[None, :] - np.arange(HIGH)[:, None]
    return np.repeat(_POINTS * step.ravel(), table.ravel().astype(int))


def _margin(steps: np.ndarray) -> float:
    """Return how far both ends of the interval of a mean change lie from it, rounded up: see `change`."""
    se = float(np.sort(steps).std(ddof=1) / np.sqrt(len(steps)))
    _, high = intervals.mean_interval(0.0, se, len(steps) - 1, kind=intervals.STUDENT)
    return _rounded_up(float(high), len(steps))


def _rounded_up(margin: float, people: int) -> float:
    unit = 1 if people >= MANY_PAIRS else 5
    return float(unit * np.ceil(np.round(margin / unit, 6)))


def _row(
    row: Mapping[Hashable, Any],
    same: Mapping[str, bool],
    followed: Mapping[tuple[str, str], np.ndarray],
    instrument: Instrument,
) -> dict[str, object]:
    code = str(row["code"])
    out: dict[str, object] = {name: row[name] for name in (NIS_CODE, "code", "level")}
    out |= {"n_earlier": row["n_earlier"], "n_later": row["n_later"]}
    if not same.get(code, False):
        return out | {"why_not": _OTHER_WORDING if code in same else _NOT_ASKED}
    numbers = pd.Series({name: row[name] for name in _NEEDED}, dtype=float)
    if numbers[["mean_score_earlier", "mean_score_later"]].isna().any():
        return out | {"why_not": _NOT_SHOWN}
    items, area = instrument.scored.get(code, (code,)), row[NIS_CODE]
    parts = [[pairs for key, pairs in followed.items() if key == (area or key[0], item)] for item in items]
    kept = [pairs for pairs in parts if pairs]
    signs = [-1 if code in instrument.scored and item in instrument.reversed_items else 1 for item in items]
    return out | (_paired(kept, signs) if len(kept) == len(items) else _unpaired(numbers))


_NEEDED = ("mean_score_earlier", "mean_score_later", "mean_score_se_earlier", "mean_score_se_later")


def _paired(items: Sequence[Sequence[np.ndarray]], signs: Sequence[int]) -> dict[str, object]:
    """Return the change of an item, or of several with a sign each: the means of their changes and margins.

    Each item has the positions of each municipality; the margin of all together follows from theirs.
    """
    changes, margins, numbers = [], [], []
    for sign, areas in zip(signs, items, strict=True):
        steps = [_POINTS * (pairs[:, 1] - pairs[:, 0]) for pairs in areas]
        share = np.array([len(own) for own in steps]) / sum(map(len, steps))
        changes.append(sign * float(share @ [np.sort(own).mean() for own in steps]))
        margins.append(float(np.sqrt(np.square(share * [_margin(own) for own in steps]).sum())))
        numbers.append(sum(map(len, steps)))
    margin = _rounded_up(float(np.mean(margins)), min(numbers))
    mean = float(np.mean(changes))
    return {"method": PAIRED, "n_pairs": min(numbers), "change": mean, "low": mean - margin, "high": mean + margin}


def _unpaired(numbers: pd.Series) -> dict[str, object]:
    mean = float(numbers["mean_score_later"] - numbers["mean_score_earlier"])
    se = float(np.hypot(numbers["mean_score_se_earlier"], numbers["mean_score_se_later"]))
    low, high = intervals.mean_interval(mean, se, np.inf)
    return {"method": UNPAIRED, "change": mean, "low": low, "high": high}
