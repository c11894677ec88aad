"""What the self-assessment says, safe to show: the table ``estimates`` and what profiles and notebooks take from it.

Everything in the table is judged together: no suppressed number follows from the rows that are shown.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey import intervals
from resilience_analysis.survey.disclosure import protect, status_of
from resilience_analysis.survey.estimate import POSITIONS, Design, estimate_dimensions, estimate_items
from resilience_analysis.survey.groups import heads
from resilience_analysis.survey.instrument import BACKGROUND, FIELDS, NIS_CODE, ROLE, VILLAGE, Instrument
from resilience_analysis.survey.responses import NOT_ASKED, Responses, from_table, is_synthetic, reason_code
from resilience_analysis.survey.schemas import check_survey_table
from resilience_analysis.survey.scores import HIGH, LOW, to_hundred
from resilience_analysis.survey.ties import Relation, additive, blocks, limits

EVERYBODY = "all"
NOT_GIVEN = "not_given"
REGION = ""
RESPONDENTS = "respondents"
KINDS = (VILLAGE, ROLE, BACKGROUND)
ITEM, DIMENSION = "item", "dimension"
_SHARES = [f"share_{position}" for position in POSITIONS]
_MEASURES = [f"{name}{end}" for name in ("share_agree", "mean_score", "net_agreement") for end in ("", "_low", "_high")]
_LEFT_OPEN = ["share_dont_know", "share_no_answer"]
_NUMBERS = ["n", "n_effective", *_MEASURES, "mean_score_se", *_SHARES, *_LEFT_OPEN]
COLUMNS = [NIS_CODE, "wave", "group", "code", "level", *_NUMBERS, "status", "synthetic"]


def estimates(answers: pd.DataFrame, instrument: Instrument, *, weights: pd.Series | None = None) -> pd.DataFrame:
    """Estimate every item and dimension, for every municipality, village, role, background and wave.

    Parameters
    ----------
    answers
        Schema ``answers``. Respondents without a municipality take no part.
    instrument
        The items, dimensions, thresholds.
    weights
        Weight by respondent; equal when not given. Who weighs 0 is counted in no group.

    Returns
    -------
    pandas.DataFrame
        Schema ``estimates``, one row per nis_code (None for all municipalities together, as far as they have enough
        respondents), wave, group and code. ``group`` is ``all``, ``role:inwoner``, ``village:Olen`` and so on;
        ``role:not_given`` holds those who did not say. ``level`` is item, dimension or respondents (``n`` only).
        Shares and net agreement are percentages, mean_score is 0 to 100 with mean_score_se; share_1 to share_4 are
        the distribution, share_dont_know and share_no_answer are of those asked. Intervals are Wilson's for shares
        and Student's t for means. A suppressed row has no number at all, and where the number of respondents of a
        group is suppressed nothing is said of what they left open. ``synthetic`` tells made-up answers.

    Raises
    ------
    InputError
        When a respondent has two answers to one item in one wave, or when people and our generator answered for
        the same municipality in the same wave.
    """
    located = answers[answers[NIS_CODE].notna() & (answers[NIS_CODE] != "")]
    _refuse_mixture(located, instrument)
    if located.empty:
        return _empty()
    waves = located.groupby("wave", sort=True)
    frames = [_judged(from_table(rows).by_content(), str(wave), instrument, weights) for wave, rows in waves]
    table = pd.concat(frames).sort_values([NIS_CODE, "wave", "group"], kind="stable", ignore_index=True)
    table[_NUMBERS] = table[_NUMBERS].astype(float).mask(table["status"] == "suppressed")
    table[_LEFT_OPEN] = table[_LEFT_OPEN].mask(_uncounted(table))
    table["synthetic"] = _made_up(table, located, instrument)
    table[NIS_CODE] = table[NIS_CODE].where(table[NIS_CODE] != REGION, None)
    return check_survey_table(table[COLUMNS], "estimates")


def _judged(responses: Responses, wave: str, instrument: Instrument, weights: pd.Series | None) -> pd.DataFrame:
    """Estimate all that one wave says, with the status of every row; nothing ties the numbers of two waves."""
    counting = instrument.counting
    frames = [
        _estimated(responses, keys, instrument, weights)
        for keys in _groupings(responses, counting.suppress_below, weights)
    ]
    table = pd.concat(frames).sort_values([NIS_CODE, "group"], kind="stable", ignore_index=True).assign(wave=wave)
    group = ["wave", NIS_CODE, "group"]
    hidden = protect(
        table["n"].to_numpy(),
        relations(table, instrument),
        counting.suppress_below,
        together=blocks(table, group, "code", instrument.scored),
        limits=limits(
            table, group, "code", instrument.scored, people=RESPONDENTS, min_answered=counting.min_answered_share
        ),
    )
    return table.assign(status=status_of(table["n"], hidden, counting.indicative_below))


def _empty() -> pd.DataFrame:
    return check_survey_table(pd.DataFrame({column: pd.Series(dtype=object) for column in COLUMNS}), "estimates")


def _uncounted(table: pd.DataFrame) -> pd.Series:
    """Find the rows of groups whose number of respondents is hidden: with what was left open it could be counted."""
    keys = ["wave", NIS_CODE, "group"]
    hidden = table[(table["level"] == RESPONDENTS) & (table["status"] == "suppressed")]
    found = pd.MultiIndex.from_frame(table[keys]).isin(pd.MultiIndex.from_frame(hidden[keys]))
    return pd.Series(found, index=table.index)


def _refuse_mixture(answers: pd.DataFrame, instrument: Instrument) -> None:
    made = is_synthetic(answers, instrument.synthetic)
    both = made.groupby([answers["wave"], answers[NIS_CODE]]).nunique()
    mixed = both[both > 1]
    if len(mixed):
        where = ", ".join(f"{code} in {wave}" for wave, code in mixed.index)
        remedy = "Remove the example data from data/private"
        raise InputError("answers", [Problem("answers", f"people and example data answer for {where}", remedy)])


def _made_up(table: pd.DataFrame, answers: pd.DataFrame, instrument: Instrument) -> pd.Series:
    made = answers[is_synthetic(answers, instrument.synthetic)]
    places = set(zip(made["wave"], made[NIS_CODE], strict=True)) | {(wave, REGION) for wave in made["wave"].unique()}
    return pd.Series([key in places for key in zip(table["wave"], table[NIS_CODE], strict=True)], index=table.index)


def _groupings(responses: Responses, threshold: int, weights: pd.Series | None) -> Iterator[pd.DataFrame]:
    """Yield every way of grouping respondents: municipality and group of each; no municipality where they take no part.

    All municipalities together are those with enough respondents: a total with a hidden one in it would cost the
    results of another.
    """
    people = responses.people
    code = people[NIS_CODE].astype(object)
    if weights is not None:
        code = code.where(people["respondent"].map(weights) > 0)
    enough = code.map(heads(responses.codes != NOT_ASKED, code)) >= threshold
    together = code.where(~enough, REGION).where(enough)
    for area, kinds in ((code, KINDS), (together, (ROLE, BACKGROUND))):
        yield pd.DataFrame({"area": area, "group": EVERYBODY})
        for kind in kinds:
            value = people[kind].where(people[kind].notna() & (people[kind] != ""), NOT_GIVEN)
            yield pd.DataFrame({"area": area, "group": kind + ":" + value.astype(str)})


def _estimated(
    responses: Responses, keys: pd.DataFrame, instrument: Instrument, weights: pd.Series | None
) -> pd.DataFrame:
    groups = keys.dropna().drop_duplicates().reset_index(drop=True)
    by = keys.merge(groups.reset_index(), on=["area", "group"], how="left", validate="many_to_one")["index"]
    weight = None if weights is None else responses.people["respondent"].map(weights)
    design = Design(weights=weight, interval=intervals.STUDENT, confidence=instrument.counting.confidence)
    items = [item for item in instrument.items if item in responses.codes]
    values = responses.values(items)
    frames = [
        _item_rows(values, responses, by, design),
        _dimension_rows(values, by, design, instrument),
        _heads(responses, by),
    ]
    table = pd.concat(frames, ignore_index=True).reindex(columns=["by", "code", "level", *_NUMBERS])
    place = groups.loc[table["by"].astype(int)]
    table[NIS_CODE], table["group"] = place["area"].to_numpy(), place["group"].to_numpy()
    return table.drop(columns="by")


def _item_rows(values: pd.DataFrame, responses: Responses, by: pd.Series, design: Design) -> pd.DataFrame:
    table = estimate_items(values, by, design).rename(columns={"item": "code"})
    for name in ("share_agree", "share_agree_low", "share_agree_high", *_SHARES):
        table[name] *= 100
    table["net_agreement_low"] = 2 * table["share_agree_low"] - 100
    table["net_agreement_high"] = 2 * table["share_agree_high"] - 100
    table["mean_score"] = to_hundred(table["mean"])
    table["mean_score_se"] = table["mean_se"] / (HIGH - LOW) * 100
    table["mean_score_low"] = to_hundred(table["mean_low"].clip(LOW, HIGH))
    table["mean_score_high"] = to_hundred(table["mean_high"].clip(LOW, HIGH))
    codes = responses.codes[values.columns]
    asked = ~codes.isin([NOT_ASKED, reason_code("not_applicable")])
    for column, reason in (("share_dont_know", "unknown"), ("share_no_answer", "empty")):
        table[column] = 100 * _share(codes == reason_code(reason), asked, by)
    return table.assign(level=ITEM)


def _heads(responses: Responses, by: pd.Series) -> pd.DataFrame:
    counts = heads(responses.codes != NOT_ASKED, by).rename("n").rename_axis("by").reset_index()
    return counts.assign(code=RESPONDENTS, level=RESPONDENTS)


def _share(chosen: pd.DataFrame, asked: pd.DataFrame, by: pd.Series) -> np.ndarray:
    share = chosen.groupby(by).sum() / asked.groupby(by).sum().replace(0, np.nan)
    return share.sort_index().to_numpy(dtype=float).ravel()


def _dimension_rows(values: pd.DataFrame, by: pd.Series, design: Design, instrument: Instrument) -> pd.DataFrame:
    table = estimate_dimensions(
        values,
        by,
        instrument.scored,
        design,
        reverse=instrument.reversed_items,
        min_answered=instrument.counting.min_answered_share,
    )
    table = table.rename(columns={"dimension": "code", "score": "mean_score", "score_se": "mean_score_se"})
    table["mean_score_low"] = table["score_low"].clip(0, 100)
    table["mean_score_high"] = table["score_high"].clip(0, 100)
    return table.assign(level=DIMENSION)


def relations(cells: pd.DataFrame, instrument: Instrument) -> list[Relation]:
    """Return every equation that ties the rows of `estimates` together.

    Parameters
    ----------
    cells
        Columns nis_code (empty text for all together), wave, group, code, n; one row per cell, numbered from 0.

    Returns
    -------
    list of Relation
        Villages, roles and backgrounds add up to the municipality; municipalities to all together, also by role
        and background.
    """
    kind = cells["group"].str.split(":").str[0]
    found: list[Relation] = []
    for name in KINDS:
        split = cells[kind == name]
        whole = cells[(kind == EVERYBODY) & cells[NIS_CODE].isin(split[NIS_CODE])]
        found += additive(pd.concat([split, whole]), ["wave", NIS_CODE, "code"], "group", EVERYBODY)
    people = cells[(cells["code"] == RESPONDENTS) & (kind == EVERYBODY)]
    small = people.loc[people["n"] < instrument.counting.suppress_below, ["wave", NIS_CODE]]
    apart = pd.MultiIndex.from_frame(cells[["wave", NIS_CODE]]).isin(pd.MultiIndex.from_frame(small))
    found += additive(cells[(kind != VILLAGE) & ~apart], ["wave", "group", "code"], NIS_CODE, REGION)
    return found


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
    out = rows[[NIS_CODE, "year"]].assign(dimension=rows["code"], **scaled)
    out["se"] = rows["mean_score_se"] / 100 * (HIGH - LOW)
    out["n"] = rows["n"]
    reason = pd.Series(np.where(rows["status"] == "suppressed", "suppressed", "empty"), index=rows.index, dtype=object)
    out["missing_reason"] = reason.where(out["value"].isna(), None)
    return out.reset_index(drop=True)


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
    codes = [item.id for item in team.section.items]
    of_place = table["group"].str.startswith(f"{VILLAGE}:") | (table["group"] == EVERYBODY)
    rows = table[table["code"].isin(codes) & of_place & table[NIS_CODE].notna()].reset_index(drop=True)
    small = ~(rows["n"] >= team.least_team_size)
    rows[_NUMBERS] = rows[_NUMBERS].mask(small)
    rows["status"] = rows["status"].mask(small, "suppressed")
    return rows


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


def people_of(answers: pd.DataFrame) -> pd.DataFrame:
    """Return one row per respondent and wave: respondent, wave and what is known of them."""
    return from_table(answers).people[["respondent", "wave", *FIELDS]]
