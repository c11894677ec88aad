"""The one road from answers to estimates: grouped, estimated, judged together, and shown without what is hidden.

No suppressed number follows from the rows that are shown. `estimates` groups people by municipality, village, role and
background, as profiles and notebooks show them, or by one column, as ``resilience survey estimate`` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, UsageError
from resilience_analysis.survey.answertable import AnswerTable, answer_table, instrument_items
from resilience_analysis.survey.bygroup import DIMENSION, ITEM, SCORE, Design, estimate_groups, scores_of_items
from resilience_analysis.survey.crosstab import categories, heads
from resilience_analysis.survey.instrument import BACKGROUND, NIS_CODE, ROLE, Counting, Instrument
from resilience_analysis.survey.intervals import STUDENT
from resilience_analysis.survey.publishing import (
    COLUMNS,
    KEYS,
    LEFT_OPEN,
    NUMBERS,
    RESPONDENTS,
    TOTAL,
    hidden_column,
    judged,
    of_few,
    published,
)
from resilience_analysis.survey.responses import (
    NOT_ASKED,
    Responses,
    check_survey_table,
    from_table,
    is_synthetic,
    reason_code,
)
from resilience_analysis.survey.wave import (
    EVERYBODY,
    KINDS,
    NOT_GIVEN,
    PEOPLE,
    REGION,
    ShownGroups,
    group_names,
    shown_groups,
)


@dataclass(frozen=True)
class Grouped:
    """Answers of which each respondent is in one group; who has none is in a group of their own, `NOT_GIVEN`."""

    table: AnswerTable
    by: pd.Series
    total: bool = False  # whether a group `TOTAL` of everybody is added


def own_design(instrument: Instrument) -> Design:
    """Return how a self-assessment is estimated where nothing else is asked: Student's t, within the scale.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> own_design(load_instrument()).interval
    't'
    """
    return Design(confidence=instrument.counting.confidence, interval=STUDENT, within_scale=True)


def estimates(
    answers: pd.DataFrame | Grouped,
    instrument: Instrument,
    *,
    design: Design | None = None,
    min_answered: float | None = None,
    internal: bool = False,
) -> pd.DataFrame:
    """Estimate every item and dimension in every group, and hide what would tell of a person.

    Parameters
    ----------
    answers
        Schema ``answers``, for every municipality, village, role, background and wave: respondents without a
        municipality take no part. Or `Grouped` by a column.
    instrument
        The items, dimensions, thresholds.
    design
        Weights (of schema ``answers`` by respondent), finite population, kind and coverage of intervals; `own_design`
        when not given. Respondents with weight 0 are excluded from all groups.
    min_answered
        Least share of answered items of a dimension; the instrument's when not given.
    internal
        Keep every number, at full precision, also of suppressed rows: never for publication.

    Returns
    -------
    pandas.DataFrame
        Schema ``estimates``, one row per nis_code (None for all municipalities together), wave, group and code.
        ``group`` is ``all``, ``role:inwoner``, ``village:Olen`` and so on; ``role:not_given`` holds those who gave no
        role, or one that is not offered and that fewer than five gave. ``level`` is item, dimension or respondents
        (``n`` only). Shares and net agreement are whole percentages; mean_score, with its standard error
        mean_score_se, is 0 to 100, to one decimal. share_1 to share_4 are the distribution, share_dont_know and
        share_no_answer are of those asked. A suppressed row has no number at all; ``hidden_because`` says whether fewer
        than five people are in the group (``too_few``), or its numbers would disclose answers, its own or another
        group's (``would_disclose``). ``synthetic`` tells made-up answers. Of `Grouped` answers ``group`` is the value
        of the column, there is no nis_code or wave, and the mean is there on the scale of 1 to 4 too, to two decimals.

    Raises
    ------
    InputError
        When a respondent has two answers to one item in one wave, or when people and our generator answered for
        the same municipality in the same wave.
    UsageError
        When a group is called `TOTAL`, or there is no group at all.

    Notes
    -----
    All municipalities together are those with at least five respondents; of a section of items, those in which it is
    shown, unless those in which it is hidden are enough together. A total over the groups of a column counts as known,
    whether it is published or not: it follows from any other table of the same answers.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> people = [{"respondent": f"r{n}", "wave": "2026", "nis_code": "13011", "answer": 1.0 + n % 4} for n in range(8)]
    >>> about = dict.fromkeys(["village", "role", "background", "missing_reason"])
    >>> table = estimates(pd.DataFrame(people).assign(item="INF1", **about), load_instrument())
    >>> rows = table[(table["code"] == "INF1") & (table["group"] == "all") & table["nis_code"].notna()]
    >>> rows[["n", "share_agree", "mean_score", "status"]].to_numpy().tolist()
    [[8.0, 50.0, 50.0, 'indicative']]
    """
    design = design or own_design(instrument)
    share = instrument.counting.min_answered_share if min_answered is None else min_answered
    if isinstance(answers, Grouped):
        dimensions, reverse = answers.table.items.dimensions, answers.table.items.reverse
        table = _of_column(answers, instrument.counting, design, share)
    else:
        dimensions, reverse = instrument.scored, instrument.reversed_items
        table = _of_waves(answers, instrument, design, share)
    if not internal:
        own = table["level"] == DIMENSION
        numbers = scores_of_items(table[own], table[table["level"] == ITEM], KEYS, dimensions, reverse)
        table.loc[own, list(SCORE)] = numbers
        table = published(table)
    table[NIS_CODE] = table[NIS_CODE].where(table[NIS_CODE] != REGION, None)
    return table if isinstance(answers, Grouped) else check_survey_table(table[COLUMNS], "estimates")


def _of_column(answers: Grouped, counting: Counting, design: Design, share: float) -> pd.DataFrame:
    """Estimate everything by the groups of a column, with the status of every row."""
    own, by = answers.table, answers.by
    if not by.notna().any():
        raise UsageError(f"no respondent has a value in column {by.name}")
    if (by == TOTAL).any():
        raise UsageError(f"a group is called {TOTAL!r}, which is the name of all groups together. Rename the group")
    by = by.fillna(NOT_GIVEN)
    weight = pd.Series(1.0, index=by.index) if design.weights is None else design.weights
    ways = [(by, design)]
    if answers.total:
        ways.append((pd.Series(TOTAL, index=by.index), replace(design, population=None)))
    frames = [
        part
        for groups, way in ways
        for part in (_people(own.asked, groups, weight > 0), estimate_groups(own, groups, way, share))
    ]
    found = pd.concat(frames, ignore_index=True)
    hidden = hidden_column(
        categories(own.codes(), own.items.dimensions, min_answered=share),
        by.where(weight > 0),
        own.items.dimensions,
        counting.suppress_below,
        classes=design.classes,
    )
    place = hidden.index.get_indexer(pd.Index(found["by"].astype(str)))
    column = hidden.columns.get_indexer(pd.Index(found["code"].mask(found["level"] == RESPONDENTS, "")))
    people = found[found["level"] == RESPONDENTS].set_index("by")["n"]
    few = (people < counting.suppress_below) & (people.index != TOTAL)
    table = judged(found, hidden.to_numpy()[place, column] & (place >= 0), found["by"].map(few), counting)
    return table.rename(columns={"by": "group"}).assign(**{NIS_CODE: REGION, "wave": ""})


def _people(asked: pd.DataFrame, by: pd.Series, counted: pd.Series) -> pd.DataFrame:
    """Count the people of every group; some are in none."""
    number = heads(asked, by.where(counted)).reindex(sorted(by.dropna().unique()), fill_value=0)
    return pd.DataFrame({"by": number.index, "code": RESPONDENTS, "level": RESPONDENTS, "n": number.to_numpy()})


def _of_waves(answers: pd.DataFrame, instrument: Instrument, design: Design, share: float) -> pd.DataFrame:
    """Estimate everything that waves say of municipalities, with the status of every row."""
    located = answers[answers[NIS_CODE].notna() & (answers[NIS_CODE] != "")]
    _refuse_mixture(located, instrument)
    if located.empty:
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    waves = located.groupby("wave", sort=True)
    frames = [_of_wave(from_table(rows).by_content(), str(wave), instrument, design, share) for wave, rows in waves]
    table = pd.concat(frames).sort_values(KEYS, kind="stable", ignore_index=True)
    return table.assign(synthetic=_made_up(table, located, instrument))


def _of_wave(responses: Responses, wave: str, instrument: Instrument, design: Design, share: float) -> pd.DataFrame:
    """Estimate all that one wave says, with the status of every row; nothing ties the numbers of two waves."""
    if design.weights is not None:
        responses = responses.only(responses.people["respondent"].map(design.weights) > 0)
        design = replace(design, weights=responses.people["respondent"].map(design.weights))
    values = {kind: group_names(responses.people, kind, instrument) for kind in KINDS}
    shown = shown_groups(responses, values, instrument)
    frames = [
        _estimated(responses, grouping, instrument, design, share)
        for grouping in _groupings(responses, values, shown, instrument)
    ]
    found = pd.concat(frames, ignore_index=True)
    table = _every_group(found, shown).merge(found, on=[NIS_CODE, "group", "code"], how="left", validate="one_to_one")
    table["n"] = table["n"].fillna(0)
    table["level"] = table["level"].fillna(table["code"].map(dict(found[["code", "level"]].itertuples(index=False))))
    least = instrument.counting.suppress_below
    hidden = table.pop("hidden").to_numpy() | (table["n"] < least).to_numpy()
    return judged(table, hidden, of_few(table, hidden, instrument), instrument.counting).assign(wave=wave)


def _every_group(found: pd.DataFrame, shown: ShownGroups) -> pd.DataFrame:
    """Return a row for every group and code, also of groups without anybody: nis_code, group, code, hidden."""
    codes = found["code"].drop_duplicates().tolist()
    block = {code: shown.block_of.get(code, PEOPLE) for code in codes}
    rows = [
        (area, group, code, block[code] in hidden or PEOPLE in hidden)
        for (area, group), hidden in shown.hidden.items()
        for code in codes
    ]
    return pd.DataFrame(rows, columns=[NIS_CODE, "group", "code", "hidden"])


def _refuse_mixture(answers: pd.DataFrame, instrument: Instrument) -> None:
    both = is_synthetic(answers, instrument.synthetic).groupby([answers["wave"], answers[NIS_CODE]]).nunique()
    where = ", ".join(f"{code} in {wave}" for wave, code in both.index[both > 1])
    if where:
        what = f"people and example data answer for {where}"
        raise InputError("answers", [Problem("answers", what, "Remove the example data from data/private")])


def _made_up(table: pd.DataFrame, answers: pd.DataFrame, instrument: Instrument) -> pd.Series:
    made = answers.loc[is_synthetic(answers, instrument.synthetic), ["wave", NIS_CODE]].astype(str)
    places = pd.MultiIndex.from_frame(pd.concat([made, made.assign(**{NIS_CODE: REGION})]))
    return pd.Series(pd.MultiIndex.from_frame(table[["wave", NIS_CODE]]).isin(places), index=table.index)


def _groupings(
    responses: Responses,
    values: Mapping[str, tuple[pd.Series, dict[str, list[str]]]],
    shown: ShownGroups,
    instrument: Instrument,
) -> Iterator[tuple[pd.DataFrame, list[str]]]:
    """Yield every way of grouping respondents, with the items it is for: municipality and group of each.

    Who takes no part has no municipality. All municipalities together are others for other sections of items.
    """
    code = responses.people[NIS_CODE].astype(str).astype(object)
    items = [item for item in instrument.items if item in responses.codes]
    everybody = pd.Series(EVERYBODY, index=code.index)
    groups = {kind: kind + ":" + value.astype(str) for kind, (value, _) in values.items()}
    for group in (everybody, *groups.values()):
        yield pd.DataFrame({"area": code, "group": group}), [*items, RESPONDENTS]
    enough = {area for (area, group), hidden in shown.hidden.items() if group == EVERYBODY and PEOPLE not in hidden}
    parts = {frozenset(enough): [RESPONDENTS]}
    for item in items:
        parts.setdefault(frozenset(shown.together[shown.block_of[item]]), []).append(item)
    for areas, own in parts.items():
        together = pd.Series(REGION, index=code.index, dtype=object).where(code.isin(areas), None)
        for group in (everybody, groups[ROLE], groups[BACKGROUND]):
            yield pd.DataFrame({"area": together, "group": group}), own


def _estimated(
    responses: Responses, grouping: tuple[pd.DataFrame, list[str]], instrument: Instrument, design: Design, share: float
) -> pd.DataFrame:
    """Estimate some items, their dimensions and the number of respondents by municipality and group."""
    keys, codes = grouping
    groups = keys.dropna().drop_duplicates().reset_index(drop=True)
    by = keys.merge(groups.reset_index(), on=["area", "group"], how="left", validate="many_to_one")["index"]
    by.index = responses.people.index
    frames = [_people(responses.codes != NOT_ASKED, by, by.notna())] if RESPONDENTS in codes else []
    own = [code for code in codes if code != RESPONDENTS]
    if own:
        found = estimate_groups(answer_table(responses, own, instrument_items(instrument)), by, design, share)
        found[LEFT_OPEN] = np.nan  # also where no municipality has enough people
        found.loc[found["level"] == ITEM, LEFT_OPEN] = _left_open(responses.codes[own], by)
        frames.append(found)
    table = pd.concat(frames, ignore_index=True).reindex(columns=["by", "code", "level", *NUMBERS])
    place = groups.loc[table["by"].astype(int)]
    table[NIS_CODE], table["group"] = place["area"].to_numpy(), place["group"].to_numpy()
    return table.drop(columns="by")


def _left_open(codes: pd.DataFrame, by: pd.Series) -> np.ndarray:
    """Return the shares of those asked who do not know and who gave no answer: a row per group and item."""
    asked = (~codes.isin([NOT_ASKED, reason_code("not_applicable")])).groupby(by).sum().replace(0, np.nan)
    shares = [(codes == reason_code(reason)).groupby(by).sum() / asked for reason in ("unknown", "empty")]
    return np.column_stack([100 * share.sort_index().to_numpy(dtype=float).ravel() for share in shares])
