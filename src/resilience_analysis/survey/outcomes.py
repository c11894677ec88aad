"""What profiles and notebooks take from the table ``estimates``: the self strand, distributions, the village team.

The table itself can be asked for here too: scripts of before `survey.estimating` do.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.bygroup import DIMENSION, ITEM, POSITIONS
from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.instrument import NIS_CODE, VILLAGE, Instrument
from resilience_analysis.survey.publishing import LEFT_OPEN, NUMBERS, RESPONDENTS, SUPPRESSED
from resilience_analysis.survey.scores import HIGH, LOW
from resilience_analysis.survey.wave import EVERYBODY

__all__ = ["distribution", "estimates", "left_open", "self_assessment", "team_check", "who_answered"]

_SHARES = [f"share_{position}" for position in POSITIONS]


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

    Examples
    --------
    >>> row = {"nis_code": "13011", "wave": "2026", "group": "all", "code": "leren", "level": "dimension", "n": 12}
    >>> scores = {"mean_score": 50.0, "mean_score_se": 5.0, "mean_score_low": 40.0, "mean_score_high": 60.0}
    >>> table = pd.DataFrame([{**row, **scores, "status": "ok"}])
    >>> self_assessment(table)[["year", "value", "low", "high"]].to_numpy().tolist()
    [[2026.0, 2.5, 2.2, 2.8]]
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

    Examples
    --------
    >>> row = {"nis_code": "13011", "wave": "2026", "group": "all", "code": "INF1", "level": "item", "n": 12}
    >>> table = pd.DataFrame([row | {"status": "ok", "share_1": 10, "share_2": 20, "share_3": 30, "share_4": 40}])
    >>> distribution(table)[["position", "share"]].to_numpy().tolist()
    [[1, 10], [2, 20], [3, 30], [4, 40]]
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

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> row = {"nis_code": "13011", "group": "all", "code": "DT1", "n": 2.0, "status": "ok", "mean_score": 50.0}
    >>> table = pd.DataFrame([row]).reindex(columns=[*row, *(name for name in NUMBERS if name not in row)])
    >>> team_check(table, load_instrument())[["n", "status"]].to_numpy().tolist()
    [[nan, 'suppressed']]
    """
    team = instrument.village_team
    of_place = table["group"].str.startswith(f"{VILLAGE}:") | (table["group"] == EVERYBODY)
    rows = table[
        table["code"].isin([item.id for item in team.section.items]) & of_place & table[NIS_CODE].notna()
    ].reset_index(drop=True)
    small = ~(rows["n"] >= team.least_team_size)
    return rows.assign(**rows[NUMBERS].mask(small), status=rows["status"].mask(small, SUPPRESSED))


def left_open(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the answers leave unknown: the statements most people could not or did not answer, per municipality.

    Returns
    -------
    pandas.DataFrame
        One row per shown item of every municipality and wave: nis_code, wave, code, n, share_dont_know,
        share_no_answer and their sum share_left_open (percentages of those asked), the highest first.

    Examples
    --------
    >>> row = {"nis_code": "13011", "wave": "2026", "group": "all", "code": "INF1", "level": "item", "n": 12}
    >>> left_open(pd.DataFrame([row | {"share_dont_know": 8, "share_no_answer": 2}]))["share_left_open"].tolist()
    [10]
    """
    rows = table[(table["level"] == ITEM) & (table["group"] == EVERYBODY)].dropna(subset=LEFT_OPEN)
    shares = rows[[NIS_CODE, "wave", "code", "n", *LEFT_OPEN]]
    shares = shares.assign(share_left_open=shares["share_dont_know"] + shares["share_no_answer"])
    order = [NIS_CODE, "wave", "share_left_open", "code"]
    return shares.sort_values(order, ascending=[True, True, False, True], ignore_index=True)


def who_answered(table: pd.DataFrame) -> pd.DataFrame:
    """Return the number of respondents per place, wave and group: nis_code, wave, group, n, status.

    Examples
    --------
    >>> row = {"nis_code": "13011", "wave": "2026", "group": "all", "level": "respondents", "n": 12, "status": "ok"}
    >>> who_answered(pd.DataFrame([row]))["n"].tolist()
    [12]
    """
    rows = table[table["level"] == RESPONDENTS]
    return rows[[NIS_CODE, "wave", "group", "n", "status"]].reset_index(drop=True)
