"""What the self-assessment says, safe to show: the table ``estimates`` and what profiles and notebooks take from it.

Everything in the table is judged together: no suppressed number follows from the rows that are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey import intervals
from resilience_analysis.survey.analysis import estimate_groups
from resilience_analysis.survey.answertable import answer_table, instrument_items
from resilience_analysis.survey.crosstab import heads
from resilience_analysis.survey.estimate import POSITIONS, SCORE, Design, scores_of_items
from resilience_analysis.survey.instrument import BACKGROUND, NIS_CODE, ROLE, VILLAGE, Instrument
from resilience_analysis.survey.release import SUPPRESSED, reasons, status_of
from resilience_analysis.survey.responses import (
    NOT_ASKED,
    Responses,
    check_survey_table,
    from_table,
    is_synthetic,
    reason_code,
)
from resilience_analysis.survey.scores import HIGH, LOW, to_hundred
from resilience_analysis.survey.wave import EVERYBODY, KINDS, PEOPLE, REGION, ShownGroups, group_names, shown_groups

RESPONDENTS = "respondents"
ITEM, DIMENSION = "item", "dimension"
SCORE_DECIMALS = 1
_SHARES = [f"share_{position}" for position in POSITIONS]
_MEASURES = [f"{name}{end}" for name in ("share_agree", "mean_score", "net_agreement") for end in ("", "_low", "_high")]
_LEFT_OPEN = ["share_dont_know", "share_no_answer"]
_NUMBERS = ["n", "n_effective", *_MEASURES, "mean_score_se", *_SHARES, *_LEFT_OPEN]
COLUMNS = [NIS_CODE, "wave", "group", "code", "level", *_NUMBERS, "status", "hidden_because", "synthetic"]


def estimates(
    answers: pd.DataFrame, instrument: Instrument, *, weights: pd.Series | None = None, internal: bool = False
) -> pd.DataFrame:
    """Estimate every item and dimension, for every municipality, village, role, background and wave.

    Parameters
    ----------
    answers
        Schema ``answers``. Respondents without a municipality take no part.
    instrument
        The items, dimensions, thresholds.
    weights
        Weight by respondent; equal when not given. Respondents with weight 0 are excluded from all groups.
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
        share_no_answer are of those asked. Intervals are Wilson's for shares and Student's t for means, from the group
        alone. A suppressed row has no number at all; ``hidden_because`` says whether fewer than five people are in the
        group (``too_few``), or its numbers would disclose answers, its own or another group's (``would_disclose``).
        ``synthetic`` tells made-up answers.

    Raises
    ------
    InputError
        When a respondent has two answers to one item in one wave, or when people and our generator answered for
        the same municipality in the same wave.

    Notes
    -----
    All municipalities together are those with at least five respondents; of a section of items, those in which it is
    shown, unless those in which it is hidden are enough together.
    """
    located = answers[answers[NIS_CODE].notna() & (answers[NIS_CODE] != "")]
    _refuse_mixture(located, instrument)
    if located.empty:
        return check_survey_table(pd.DataFrame(columns=COLUMNS, dtype=object), "estimates")
    waves = located.groupby("wave", sort=True)
    frames = [_of_wave(from_table(rows).by_content(), str(wave), instrument, weights) for wave, rows in waves]
    table = pd.concat(frames).sort_values([NIS_CODE, "wave", "group"], kind="stable", ignore_index=True)
    table["synthetic"] = _made_up(table, located, instrument)
    table[NIS_CODE] = table[NIS_CODE].where(table[NIS_CODE] != REGION, None)
    table = table[COLUMNS]
    if not internal:
        of_dimension, keys = table["level"] == DIMENSION, [NIS_CODE, "wave", "group"]
        numbers = scores_of_items(
            table[of_dimension], table[table["level"] == ITEM], keys, instrument.scored, instrument.reversed_items
        )
        table.loc[of_dimension, list(SCORE)] = numbers.where(table.loc[of_dimension, "n"] > 0)
        table = published(table)
    return check_survey_table(table, "estimates")


def published(table: pd.DataFrame) -> pd.DataFrame:
    """Return estimates as they leave this machine: without the suppressed numbers, to the digits that are shown."""
    numbers = table[_NUMBERS].astype(float).mask(table["status"] == SUPPRESSED)
    shown = numbers.round(dict.fromkeys(_NUMBERS, 0) | dict.fromkeys(SCORE, SCORE_DECIMALS))
    agree = ["share_agree", "share_agree_low", "share_agree_high"]
    shown[[name.replace("share_agree", "net_agreement") for name in agree]] = (2 * shown[agree] - 100).to_numpy()
    # The shares add up as they are read: the first and the last are rounded, those between take what is left.
    disagree = 100 - shown["share_agree"]
    shown["share_1"] = shown["share_1"].clip(upper=disagree)
    shown["share_2"], shown["share_3"] = disagree - shown["share_1"], shown["share_agree"] - shown["share_4"]
    return table.assign(**{name: shown[name] for name in _NUMBERS})


def _of_wave(responses: Responses, wave: str, instrument: Instrument, weights: pd.Series | None) -> pd.DataFrame:
    """Estimate all that one wave says, with the status of every row; nothing ties the numbers of two waves."""
    if weights is not None:
        responses = responses.only(responses.people["respondent"].map(weights) > 0)
    values = {kind: group_names(responses.people, kind, instrument) for kind in KINDS}
    shown = shown_groups(responses, values, instrument)
    frames = [
        _estimated(responses, keys, codes, instrument, weights)
        for keys, codes in _groupings(responses, values, shown, instrument)
    ]
    found = pd.concat(frames, ignore_index=True)
    table = _every_group(found, shown).merge(found, on=[NIS_CODE, "group", "code"], how="left", validate="one_to_one")
    table["n"] = table["n"].fillna(0)
    table["level"] = table["level"].fillna(table["code"].map(dict(found[["code", "level"]].itertuples(index=False))))
    least = instrument.counting.suppress_below
    hidden = (table["n"] < least).to_numpy() | table.pop("hidden").to_numpy()
    people = table[table["code"] == RESPONDENTS].set_index([NIS_CODE, "group"])["n"]
    few = people.loc[pd.MultiIndex.from_frame(table[[NIS_CODE, "group"]])].to_numpy() < least
    hidden_people = hidden[(table["code"] == RESPONDENTS).to_numpy()]
    few &= ~_told_by_reason(table[table["code"] == RESPONDENTS].assign(hidden=hidden_people), table, least)
    table["status"] = status_of(table["n"], hidden, instrument.counting.indicative_below)
    table["hidden_because"] = reasons(hidden, few | _never_asked(table, instrument))
    return table.assign(wave=wave)


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
    responses: Responses, keys: pd.DataFrame, codes: list[str], instrument: Instrument, weights: pd.Series | None
) -> pd.DataFrame:
    """Estimate some items, their dimensions and the number of respondents by group."""
    groups = keys.dropna().drop_duplicates().reset_index(drop=True)
    by = keys.merge(groups.reset_index(), on=["area", "group"], how="left", validate="many_to_one")["index"]
    by.index = responses.people.index
    weight = None if weights is None else responses.people["respondent"].map(weights)
    design = Design(weights=weight, interval=intervals.STUDENT, confidence=instrument.counting.confidence)
    frames = []
    if RESPONDENTS in codes:
        people = heads(responses.codes != NOT_ASKED, by).rename_axis("by").reset_index(name="n")
        frames.append(people.assign(code=RESPONDENTS, level=RESPONDENTS))
    own = [code for code in codes if code != RESPONDENTS]
    if own:
        answers = answer_table(responses, own, instrument_items(instrument))
        items, dimensions = estimate_groups(answers, by, design, instrument.counting.min_answered_share)
        frames += [_item_rows(items, responses.codes[own], by), _dimension_rows(dimensions)]
    table = pd.concat(frames, ignore_index=True).reindex(columns=["by", "code", "level", *_NUMBERS])
    place = groups.loc[table["by"].astype(int)]
    table[NIS_CODE], table["group"] = place["area"].to_numpy(), place["group"].to_numpy()
    return table.drop(columns="by")


def _item_rows(items: pd.DataFrame, codes: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    table = items.rename(columns={"item": "code"})
    table["mean_score"] = to_hundred(table["mean"])
    table["mean_score_se"] = table["mean_se"] / (HIGH - LOW) * 100
    for end in ("low", "high"):
        table[f"net_agreement_{end}"] = 2 * table[f"share_agree_{end}"] - 100
        table[f"mean_score_{end}"] = to_hundred(table[f"mean_{end}"].clip(LOW, HIGH))
    asked = (~codes.isin([NOT_ASKED, reason_code("not_applicable")])).groupby(by).sum().replace(0, np.nan)
    for column, reason in zip(_LEFT_OPEN, ("unknown", "empty"), strict=True):
        share = (codes == reason_code(reason)).groupby(by).sum() / asked
        table[column] = 100 * share.sort_index().to_numpy(dtype=float).ravel()
    return table.assign(level=ITEM)


def _dimension_rows(dimensions: pd.DataFrame) -> pd.DataFrame:
    names = {"score": SCORE[0], "score_se": SCORE[1], "score_low": SCORE[2], "score_high": SCORE[3]}
    table = dimensions.rename(columns=names | {"dimension": "code"})
    return table.assign(level=DIMENSION, **table[list(SCORE[2:])].clip(0, 100))


def self_assessment(table: pd.DataFrame) -> pd.DataFrame:
    """Return the ``self`` strand: where people place themselves, per municipality, year and dimension.

    Parameters
    ----------
    table
        As `estimates` gives it.

    Returns
    -------
    pandas.DataFrame
        One row per nis_code, year and dimension: value from 1 to 4, se, n, low, high; where the value is suppressed
        it is empty and missing_reason says so. Of several waves in a year the last label counts.

    Raises
    ------
    InputError
        When a wave does not begin with a year.
    """
    rows = table[(table["level"] == DIMENSION) & (table["group"] == EVERYBODY) & table[NIS_CODE].notna()]
    year = rows["wave"].str.extract(r"^(\d{4})")[0]
    if year.isna().any():
        waves = ", ".join(sorted(rows.loc[year.isna(), "wave"].unique()))
        raise InputError("estimates", [Problem("wave", f"{waves} begins with no year", "Name it such as 2026-autumn")])
    rows = rows.assign(year=year.astype(int)).sort_values("wave", kind="stable")
    rows = rows.drop_duplicates([NIS_CODE, "year", "code"], keep="last").sort_values([NIS_CODE, "year", "code"])
    position = {"value": "mean_score", "low": "mean_score_low", "high": "mean_score_high"}
    scaled = {name: LOW + rows[column] / 100 * (HIGH - LOW) for name, column in position.items()}
    # An interval is unknown where all answered alike; the table it goes into wants both ends or neither.
    out = rows[[NIS_CODE, "year", "n"]].assign(dimension=rows["code"], **scaled)
    out["se"] = rows["mean_score_se"] / 100 * (HIGH - LOW)
    reason = pd.Series(np.where(rows["status"] == SUPPRESSED, SUPPRESSED, "empty"), index=rows.index, dtype=object)
    out["missing_reason"] = reason.where(out["value"].isna(), None)
    return out.reset_index(drop=True)[[NIS_CODE, "year", "dimension", *position, "se", "n", "missing_reason"]]


def distribution(table: pd.DataFrame) -> pd.DataFrame:
    """Return the answers per position, for diverging bars.

    Returns
    -------
    pandas.DataFrame
        One row per item row of `table` and position 1 to 4: nis_code, wave, group, code, position, share (percentage),
        n, status. Suppressed rows keep their place, without a share.
    """
    rows = table[table["level"] == ITEM]
    keys = [NIS_CODE, "wave", "group", "code", "n", "status"]
    long = rows.melt(id_vars=keys, value_vars=_SHARES, var_name="position", value_name="share")
    long["position"] = long["position"].str.removeprefix("share_").astype(int)
    return long.sort_values([*keys[:4], "position"], ignore_index=True)


def team_check(table: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Return the village team's check: its eight factors, for every village and municipality with enough answers.

    Returns
    -------
    pandas.DataFrame
        The rows of `table` about the village team; where fewer answered than the least team size, without numbers
        and with status suppressed.
    """
    team = instrument.village_team
    of_place = table["group"].str.startswith(f"{VILLAGE}:") | (table["group"] == EVERYBODY)
    rows = table[
        table["code"].isin([item.id for item in team.section.items]) & of_place & table[NIS_CODE].notna()
    ].reset_index(drop=True)
    small = ~(rows["n"] >= team.least_team_size)
    return rows.assign(**rows[_NUMBERS].mask(small), status=rows["status"].mask(small, SUPPRESSED))


def left_open(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the answers leave unknown: the statements most people could not or did not answer, per municipality.

    Returns
    -------
    pandas.DataFrame
        One row per shown item of every municipality and wave: nis_code, wave, code, n, share_dont_know,
        share_no_answer and their sum share_left_open (percentages of those asked), the highest first.
    """
    rows = table[(table["level"] == ITEM) & (table["group"] == EVERYBODY)].dropna(subset=_LEFT_OPEN)
    shares = rows[[NIS_CODE, "wave", "code", "n", *_LEFT_OPEN]]
    shares = shares.assign(share_left_open=shares["share_dont_know"] + shares["share_no_answer"])
    order = [NIS_CODE, "wave", "share_left_open", "code"]
    return shares.sort_values(order, ascending=[True, True, False, True], ignore_index=True)


def who_answered(table: pd.DataFrame) -> pd.DataFrame:
    """Return the number of respondents per place, wave and group: nis_code, wave, group, n, status."""
    rows = table[table["level"] == RESPONDENTS]
    return rows[[NIS_CODE, "wave", "group", "n", "status"]].reset_index(drop=True)
