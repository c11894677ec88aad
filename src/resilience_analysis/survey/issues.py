"""Who is in the groups that are shown of a wave: what `released` compares with what was released before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from resilience_analysis.survey.answertable import WAVE
from resilience_analysis.survey.bygroup import ITEM
from resilience_analysis.survey.change import followed_people
from resilience_analysis.survey.instrument import FIELDS, NIS_CODE, Instrument
from resilience_analysis.survey.publishing import RESPONDENTS, SUPPRESSED, TOTAL
from resilience_analysis.survey.releases import (
    ESTIMATES,
    EVERYWHERE,
    PEOPLE,
    PEOPLE_ONE_BY_ONE,
    Issue,
    apart,
    group_name,
)
from resilience_analysis.survey.responses import NOT_ASKED, Responses, from_table
from resilience_analysis.survey.wave import EVERYBODY, KINDS, NOT_GIVEN, REGION, group_names

if TYPE_CHECKING:
    from resilience_analysis.survey.tables import Estimated

FOLLOWED = "followed"


def contents(responses: Responses) -> pd.Series:
    """Return all that is known of every respondent and all answers given as a text, by respondent and wave.

    Examples
    --------
    >>> people = pd.DataFrame({"respondent": ["a"], "wave": ["2026"], "nis_code": ["13011"]})
    >>> people = people.reindex(columns=["respondent", "wave", "nis_code", "village", "role", "background"])
    >>> contents(Responses(people, pd.DataFrame({"INF2": [3], "INF1": [4], "LER1": [0]})))["a", "2026"]
    '13011|nan|nan|nan|INF1=4|INF2=3'
    """
    people, texts = responses.people, _texts(responses)
    return pd.Series(texts, index=pd.MultiIndex.from_frame(people[["respondent", "wave"]].astype(str)), dtype=object)


def _texts(responses: Responses) -> list[str]:
    """Return all that is known of every respondent and all answers given, as one text each."""
    people, codes = responses.people, responses.codes
    known = [_spread(people[name], "") for name in FIELDS]
    given = [_spread(codes[item], f"|{item}=") for item in sorted(codes, key=str)]
    rows = zip(zip(*known, strict=True), zip(*given, strict=True), strict=True)
    return ["|".join(fields) + "".join(answers) for fields, answers in rows]


def _spread(column: pd.Series, before: str) -> list[str]:
    """Write each different value of a column once, with what precedes it; what was not asked is not written."""
    numbers, found = pd.factorize(column)
    said = ["" if value == NOT_ASKED else f"{before}{value}" for value in found.tolist()]
    texts: list[str] = np.array([*said, "nan"], dtype=object)[numbers].tolist()
    return texts


def issues(
    answers: pd.DataFrame, table: pd.DataFrame, instrument: Instrument, changes: pd.DataFrame | None = None
) -> dict[str, Issue]:
    """Return by wave who is in every group that is shown, and who gave no answer to a statement.

    Parameters
    ----------
    answers, table
        Schema ``answers``, and as `estimates.estimates` gives it of the same answers.
    instrument
        Names the groups.
    changes
        As `change.change` gives them, with the waves as earlier and later: who is followed is a group too.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> from resilience_analysis.survey.estimates import estimates
    >>> about = {"wave": "2026", "nis_code": "13011", "village": None, "role": None, "background": None}
    >>> rows = [about | {"respondent": f"r{n}", "item": "INF1", "answer": 1.0 + n % 4} for n in range(12)]
    >>> answers = pd.DataFrame(rows).assign(missing_reason=None)
    >>> found = issues(answers, estimates(answers, load_instrument()), load_instrument())
    >>> len(found["2026"].groups["13011|all"])
    12
    """
    located = answers[answers[NIS_CODE].notna() & (answers[NIS_CODE] != "")]
    table = table.fillna({NIS_CODE: REGION})
    shown = table[table["status"] != SUPPRESSED]
    out = {}
    for wave, rows in located.groupby("wave", sort=True):
        responses = from_table(rows).by_content()
        groups, names = _groups(responses, shown[shown["wave"] == wave], instrument)
        if changes is not None:
            of_wave = changes[(changes["earlier"] == wave) | (changes["later"] == wave)]
            for code, area, people in followed_people(answers, of_wave, instrument):
                name = group_name(REGION if area is None else area, f"{FOLLOWED}:{code}")
                groups[name] = np.flatnonzero(responses.people["respondent"].isin(people))
                names.setdefault(code, []).append(name)
        pairs = table.loc[table["wave"] == wave, [NIS_CODE, "group"]].drop_duplicates()
        named = frozenset(group_name(area, group) for area, group in pairs.itertuples(index=False))
        out[str(wave)] = replace(_issue(responses, groups, names), named=named)
    return out


def _issue(responses: Responses, groups: Mapping[str, np.ndarray], names: Mapping[str, Sequence[str]]) -> Issue:
    return Issue(ESTIMATES, groups, _texts(responses), responses, names, named=frozenset(groups))


def _groups(
    responses: Responses, shown: pd.DataFrame, instrument: Instrument
) -> tuple[dict[str, np.ndarray], dict[str, list[str]]]:
    """Return who is in every group that is shown, and by statement the groups in which it is."""
    people = responses.people
    kinds = {kind: kind + ":" + group_names(people, kind, instrument)[0] for kind in KINDS}
    rows = shown[shown["level"].isin([ITEM, RESPONDENTS])]
    together = {str(code): _together(own, shown) for code, own in rows.groupby("code")}
    groups: dict[str, np.ndarray] = {}
    names: dict[str, list[str]] = {}
    for code, area, group in rows[["code", NIS_CODE, "group"]].itertuples(index=False):
        areas = together[code] if area == REGION else [area]
        name = group_name(area, group) + ("" if area else apart(areas))
        if name not in groups:
            inside = people[NIS_CODE].isin(areas)
            groups[name] = np.flatnonzero(
                inside if group == EVERYBODY else inside & (kinds[group.partition(":")[0]] == group)
            )
        names.setdefault(PEOPLE if code == RESPONDENTS else code, []).append(name)
    return groups, names


def _together(own: pd.DataFrame, shown: pd.DataFrame) -> list[str]:
    """Return the municipalities that count in all together: those in which a statement is shown, or all large ones."""
    whole = own[own["group"] == EVERYBODY]
    parts, region = whole[whole[NIS_CODE] != REGION], whole[whole[NIS_CODE] == REGION]
    if len(region) and region["n"].iloc[0] != parts["n"].sum():
        parts = shown[(shown["level"] == RESPONDENTS) & (shown["group"] == EVERYBODY) & (shown[NIS_CODE] != REGION)]
    return sorted(parts[NIS_CODE])


def estimated(found: Estimated, by: str) -> dict[str, Issue]:
    """Return by wave who is in every group that a table of estimates shows, and in all of them, whose number follows.

    Parameters
    ----------
    found
        What was estimated, of answers that an import wrote.
    by
        The column of the groups.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from resilience_analysis.survey.items import load_instrument
    >>> from resilience_analysis.survey.responses import write_answers
    >>> from resilience_analysis.survey.tables import estimate_file
    >>> from resilience_analysis.survey.weights import EstimateOptions
    >>> about = {"wave": "2026", "nis_code": "13011", "village": None, "role": None, "background": None}
    >>> people = pd.DataFrame([about | {"respondent": f"r{n}"} for n in range(8)])
    >>> file = Path(tempfile.mkdtemp()) / "answers.csv"
    >>> write_answers(file, Responses(people, pd.DataFrame({"INF1": [1, 2, 3, 4] * 2})))
    >>> found = estimate_file(file, EstimateOptions("nis_code"), load_instrument())
    >>> sorted(estimated(found, "nis_code")["2026"].groups)
    ['*|all', '13011|all']
    """
    people, codes = found.table.people, found.table.answered
    if codes is None:
        return {}
    responses, shown = Responses(people, codes), _shown(found, by)
    inside, waves = _inside(found, by, shown), people["wave"].astype(str).to_numpy()
    crossed = bool(found.compared) and found.compared[0] != by
    alone = estimated(replace(found, compared=()), by) if crossed else {}
    out = {}
    for wave in sorted(set(waves)):
        mine = waves == wave
        groups = {name: np.flatnonzero(own[mine]) for name, own in inside.items()}
        alike = None if found.alike is None else found.alike.to_numpy()[mine]
        issue = _issue(responses.only(mine), groups, shown)
        out[wave] = replace(issue, named=_named(found, by), alike=alike, beside=alone.get(wave))
    return out


def _named(found: Estimated, by: str) -> frozenset[str]:
    """Return the groups that are named, shown or not."""
    names = {_name(by, str(group)) for group in found.estimates["group"]}
    return frozenset(
        {group_name(EVERYWHERE, EVERYBODY), *names, *(_name(found.compared[0], value) for value in found.compared[1:])}
    )


def _shown(found: Estimated, by: str) -> dict[str, list[str]]:
    """Return by statement the names of the groups in which it is shown."""
    shown = found.estimates[found.estimates["status"] != SUPPRESSED]
    people = shown[shown["level"] == RESPONDENTS].assign(code=PEOPLE)
    out: dict[str, list[str]] = {}
    for code, group in pd.concat([people, shown[shown["level"] == ITEM]])[["code", "group"]].itertuples(index=False):
        out.setdefault(str(code), [group_name(EVERYWHERE, EVERYBODY)]).append(_name(by, str(group)))
    if found.compared:
        gaps = found.tables["gap.csv"]
        for code in gaps.loc[gaps["status"] != SUPPRESSED, "code"]:
            out.setdefault(str(code), []).extend(_name(found.compared[0], value) for value in found.compared[1:])
    return {code: list(dict.fromkeys(names)) for code, names in out.items()}


def _inside(found: Estimated, by: str, shown: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
    """Return who is in the groups of some names: one truth per respondent."""
    groups = {group_name(EVERYWHERE, EVERYBODY): np.ones(len(found.groups), dtype=bool)}
    columns = [(by, found.groups.fillna(NOT_GIVEN))]
    if found.compared:
        columns.append((found.compared[0], found.table.column(found.compared[0]).fillna(NOT_GIVEN)))
    for column, values in columns:
        for value in values.unique():
            groups.setdefault(_name(column, str(value)), (values == value).to_numpy())
    return {name: groups[name] for name in dict.fromkeys(name for names in shown.values() for name in names)}


def _name(by: str, value: str) -> str:
    if value == TOTAL or by == WAVE:
        return group_name(EVERYWHERE, EVERYBODY)
    return group_name(value, EVERYBODY) if by == NIS_CODE else group_name(EVERYWHERE, f"{by}:{value}")


def exported(
    responses: Responses, kept: Sequence[str], columns: Sequence[str], items: Sequence[str]
) -> dict[str, Issue]:
    """Return by wave who can be told apart where answers are passed on one by one.

    Parameters
    ----------
    responses
        Who answered what.
    kept
        Columns about the respondent that are passed on.
    columns
        All columns that are passed on.
    items
        Statements that are passed on.

    Examples
    --------
    >>> about = {"wave": "2026", "nis_code": "13011", "village": None, "role": None, "background": None}
    >>> people = pd.DataFrame([about | {"respondent": f"r{n}"} for n in range(6)])
    >>> found = exported(Responses(people, pd.DataFrame({"INF1": [1, 2, 3] * 2})), ["role"], ["role", "INF1"], ["INF1"])
    >>> sorted(found["2026"].groups)
    ['*|all', '*|role:not_given']
    """
    out = {}
    for wave in sorted(responses.people["wave"].astype(str).unique()):
        mine = responses.only(responses.people["wave"].astype(str) == wave).by_content()
        groups = _told_apart(mine.people, [name for name in kept if name in FIELDS])
        names = {code: list(groups) for code in (PEOPLE, *items)}
        issue = _issue(mine, groups, names)
        out[wave] = replace(issue, what=PEOPLE_ONE_BY_ONE, columns=tuple(columns))
    return out


def _told_apart(people: pd.DataFrame, kept: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the people of every municipality that is named, and of every group in it and in all of them."""
    area = people[NIS_CODE].fillna(NOT_GIVEN) if NIS_CODE in kept else pd.Series(EVERYWHERE, index=people.index)
    kinds = [name for name in kept if name != NIS_CODE]
    groups = {}
    for places in (pd.Series(EVERYWHERE, index=people.index), area):
        for kind in (EVERYBODY, *kinds):
            group = pd.Series("", index=people.index) if kind == EVERYBODY else people[kind].fillna(NOT_GIVEN)
            numbers, pairs = pd.factorize(pd.Series(list(zip(places, group, strict=True)), dtype=object))
            for number, (place, value) in enumerate(pairs):
                name = group_name(place, EVERYBODY if kind == EVERYBODY else f"{kind}:{value}")
                groups[name] = np.flatnonzero(numbers == number)
    return groups
