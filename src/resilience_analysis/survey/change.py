"""What changed between two waves: paired where pseudonyms allow it, only for identical wording, with an interval."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey import intervals
from resilience_analysis.survey.importfiles import REPORT_FILE
from resilience_analysis.survey.instrument import NIS_CODE, Instrument
from resilience_analysis.survey.outcomes import DIMENSION, ITEM, SCORE_DECIMALS
from resilience_analysis.survey.responses import find_answer_files, from_table
from resilience_analysis.survey.scores import respondent_positions, to_hundred
from resilience_analysis.survey.wave import EVERYBODY

LEAST_PAIRS = 10
PAIRED, UNPAIRED = "paired", "unpaired"
_OTHER_WORDING = "the wording differs between the waves"
_NOT_SHOWN = "too few answers in one of the waves"
_NOT_ASKED = "not asked in one of the waves"
COLUMNS = (
    NIS_CODE, "code", "level", "n_earlier", "n_later", "n_pairs", "method", "change", "low", "high", "why_not",
)  # fmt: skip


def read_wordings(place: Path) -> pd.DataFrame:
    """Read which wording respondents read, from the reports beside the answers.

    Returns
    -------
    pandas.DataFrame
        wave, item, wording (fingerprint); one row for every wording that occurs in a wave.

    Raises
    ------
    InputError
        When a report is not a JSON object with the wave and the wordings.
    UsageError
        When there are no answers in `place`.
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
    """Return for every item whether all respondents of both waves read the same wording."""
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
        `outcomes.estimates` of the same answers as they are published; what is suppressed there has no change here.
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
        with low and high, to one decimal; why_not where there is none. A dimension is comparable when all its items
        are.

    Notes
    -----
    What the people who are followed leave of either wave is a group too: where it is smaller than may be shown, the
    change is unpaired, for a paired one would give its answers away. All municipalities together are followed in those
    that are.
    """
    same = comparable(wordings, earlier, later)
    for dimension, items in instrument.scored.items():
        same[dimension] = all(same.get(item, False) for item in items)
    rows = table[(table["group"] == EVERYBODY) & table["level"].isin([ITEM, DIMENSION])]
    keys = [NIS_CODE, "code", "level"]
    sides = [rows[rows["wave"] == wave].drop(columns="wave") for wave in (earlier, later)]
    both = sides[0].merge(sides[1], on=keys, how="outer", suffixes=("_earlier", "_later"), validate="one_to_one")
    places = [{**row, NIS_CODE: None if pd.isna(row[NIS_CODE]) else row[NIS_CODE]} for row in both.to_dict("records")]
    pairs = _pairs(answers, instrument, earlier, later)
    followed = _followed(places, pairs, instrument.counting.suppress_below)
    found = pd.DataFrame([_row(row, same, followed) for row in places], columns=list(COLUMNS))
    return found.round(dict.fromkeys(("change", "low", "high"), SCORE_DECIMALS))


def followed_people(
    answers: pd.DataFrame, changes: pd.DataFrame, instrument: Instrument
) -> Iterator[tuple[str, str | None, frozenset[str]]]:
    """Yield who is followed in every change of two waves: statement, municipality (None for all), respondents.

    Parameters
    ----------
    answers
        Schema ``answers``.
    changes
        As `change` gives them of two waves, with the waves as earlier and later.
    """
    for (earlier, later), rows in changes[changes["method"] == PAIRED].groupby(["earlier", "later"]):
        pairs = _pairs(answers, instrument, str(earlier), str(later))
        area, respondent = (pairs.index.get_level_values(level) for level in (0, 1))
        together: dict[str, set[str]] = {}
        for code, place in rows.loc[rows[NIS_CODE].notna(), ["code", NIS_CODE]].itertuples(index=False):
            mine = respondent[(area == place) & pairs[code].notna()]
            together.setdefault(code, set()).update(mine)
            yield code, place, frozenset(mine)
        yield from ((code, None, frozenset(people)) for code, people in together.items())


def _pairs(answers: pd.DataFrame, instrument: Instrument, earlier: str, later: str) -> pd.DataFrame:
    """Return the change of every respondent who answered both waves in one municipality, per item and dimension."""
    scores: list[pd.DataFrame] = []
    for wave in (earlier, later):
        responses = from_table(answers[(answers["wave"] == wave) & answers[NIS_CODE].notna()])
        values = responses.values(instrument.items)
        positions = respondent_positions(
            values,
            instrument.scored,
            reverse=instrument.reversed_items,
            min_answered=instrument.counting.min_answered_share,
        )
        index = pd.MultiIndex.from_frame(responses.people[[NIS_CODE, "respondent"]])
        scores.append(to_hundred(pd.concat([values, positions], axis=1).set_axis(index)))
    common = scores[0].index.intersection(scores[1].index)
    return pd.DataFrame(scores[1].loc[common] - scores[0].loc[common])


def _followed(
    places: Sequence[Mapping[Hashable, Any]], pairs: pd.DataFrame, suppress_below: int
) -> dict[tuple[str | None, str], np.ndarray]:
    """Return the changes of people by municipality and code, where enough are followed and no one is left alone."""
    found: dict[tuple[str | None, str], np.ndarray] = {}
    for row in places:
        area, code = row[NIS_CODE], str(row["code"])
        # sorted, as the order of people is random and the last digit of a sum depends on it
        mine = np.sort(np.asarray(pairs.loc[pairs.index.get_level_values(0) == area, code].dropna(), dtype=float))
        rests = [row[f"n_{wave}"] - len(mine) for wave in ("earlier", "later")]
        if len(mine) >= LEAST_PAIRS and all(rest == 0 or rest >= suppress_below for rest in rests):
            found[area, code] = mine
    for code in {code for _, code in found}:
        found[None, code] = np.concatenate([changes for (_, of), changes in found.items() if of == code])
    return found


def _row(
    row: Mapping[Hashable, Any], same: Mapping[str, bool], followed: Mapping[tuple[str | None, str], np.ndarray]
) -> dict[str, object]:
    code = str(row["code"])
    out: dict[str, object] = {name: row[name] for name in (NIS_CODE, "code", "level")}
    out |= {"n_earlier": row["n_earlier"], "n_later": row["n_later"]}
    if not same.get(code, False):
        return out | {"why_not": _OTHER_WORDING if code in same else _NOT_ASKED}
    numbers = pd.Series({name: row[name] for name in _NEEDED}, dtype=float)
    if numbers[["mean_score_earlier", "mean_score_later"]].isna().any():
        return out | {"why_not": _NOT_SHOWN}
    mine = followed.get((row[NIS_CODE], code))
    return out | (_unpaired(numbers) if mine is None else _paired(mine))


_NEEDED = ("mean_score_earlier", "mean_score_later", "mean_score_se_earlier", "mean_score_se_later")


def _paired(changes: np.ndarray) -> dict[str, object]:
    mean, se = float(changes.mean()), float(changes.std(ddof=1) / np.sqrt(len(changes)))
    low, high = intervals.mean_interval(mean, se, len(changes) - 1, kind=intervals.STUDENT)
    return {"method": PAIRED, "n_pairs": len(changes), "change": mean, "low": low, "high": high}


def _unpaired(numbers: pd.Series) -> dict[str, object]:
    mean = float(numbers["mean_score_later"] - numbers["mean_score_earlier"])
    se = float(np.hypot(numbers["mean_score_se_earlier"], numbers["mean_score_se_later"]))
    low, high = intervals.mean_interval(mean, se, np.inf)
    return {"method": UNPAIRED, "change": mean, "low": low, "high": high}
