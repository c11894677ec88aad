"""Metadata in the form of COINr (``iMeta``), with what COINr refuses."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.composite.checks import first_per_place
from resilience_analysis.composite.metadata import find_problems
from resilience_analysis.foundation.errors import Problem, raise_if_any

COLUMNS = {
    "iCode": "code",
    "iName": "name",
    "goalpost_trunc2posts": "goalpost_truncate",
    "dist2targ_cap_max": "target_cap",
    "scale_factor": "scaled_factor",
    "ScaleFactor": "denominator_scale",
}
"""Columns that COINr calls otherwise; the rest differ in capitals only."""
REQUIRED = ("Level", "iCode", "Parent", "Direction", "Type", "Weight")


def is_coinr(table: pd.DataFrame) -> bool:
    """Return whether a table is metadata in the form of COINr.

    Examples
    --------
    >>> is_coinr(pd.DataFrame(columns=["iCode", "Parent", "Direction"]))
    True
    """
    return "iCode" in table.columns


def from_coinr(table: pd.DataFrame, *, name: str = "iMeta") -> pd.DataFrame:
    """Turn metadata in the form of COINr into ours.

    Parameters
    ----------
    table
        One row per indicator, aggregate, group, denominator or other column of the data, as text or numbers.
    name
        What a message calls the table, such as a file name.

    Returns
    -------
    pandas.DataFrame
        As `check_metadata` gives it.

    Raises
    ------
    InputError
        With all that COINr refuses, and all that `check_metadata` does, naming the codes.

    Examples
    --------
    >>> from resilience_analysis import composite
    >>> imeta = {"iCode": ["Trust", "Index"], "Parent": ["Index", None], "Direction": [1, 1], "Weight": [1, 1]}
    >>> table = pd.DataFrame(imeta).assign(Level=[1, 2], iName=["Trust", "Index"], Type=["Indicator", "Aggregate"])
    >>> composite.from_coinr(table)[["level", "parent"]].to_numpy().tolist()
    [[1.0, 'Index'], [2.0, '']]
    """
    absent = [column for column in REQUIRED if column not in table.columns]
    raise_if_any(name, [Problem(f"column {column}", "is missing", "COINr's iMeta has it") for column in absent])
    own = table.rename(columns=lambda column: COLUMNS.get(column, column.lower() if column.isalpha() else column))
    problems = [*_code_problems(own["code"]), *_gap_problems(own), *_level_of_others(own)]
    tidy, more = find_problems(own)
    problems += [] if more else _jump_problems(tidy)
    raise_if_any(name, first_per_place([*more, *problems]))
    return tidy


def _code_problems(codes: pd.Series) -> list[Problem]:
    problems = []
    for code in codes.dropna().astype(str).unique():
        if code[:1].isdigit():
            problems.append(Problem(f"iCode {code}", "begins with a digit", "Begin it with a letter"))
        if " " in code.strip():
            problems.append(Problem(f"iCode {code}", "holds a space", "Take it out"))
    return problems


def _gap_problems(own: pd.DataFrame) -> list[Problem]:
    """Find cells that COINr wants filled once their column is there."""
    kinds = own["type"].fillna("").astype(str)
    wanted = {
        "name": kinds != "",
        "unit": kinds.isin(["Indicator", "Aggregate", "Denominator"]),
        "target": kinds == "Indicator",
        "weight": kinds.isin(["Indicator", "Aggregate"]),
        "direction": kinds.isin(["Indicator", "Aggregate"]),
    }
    problems = []
    for column, rows in wanted.items():
        if column not in own.columns or own[column].isna().all():
            continue
        empty = own[column].isna() | (own[column].astype(str).str.strip() == "")
        problems += [
            Problem(f"code {code}, column {column}", "is empty", "Fill it for every code of this type")
            for code in own.loc[rows & empty, "code"]
        ]
    return problems


def _jump_problems(tidy: pd.DataFrame) -> list[Problem]:
    """Find parents that are not exactly one level above, which COINr refuses."""
    scored = tidy[tidy["parent"].isin(tidy.index)]
    above = scored["parent"].map(tidy["level"])
    return [
        Problem(
            f"code {code}, column parent",
            f"{parent} has level {high:g}, {code} has level {level:g}",
            "COINr wants a parent one level above. In a framework as YAML an indicator may be beside an aggregate",
        )
        for code, parent, level, high in zip(scored.index, scored["parent"], scored["level"], above, strict=True)
        if high != level + 1
    ]


def _level_of_others(own: pd.DataFrame) -> list[Problem]:
    kinds = own["type"].fillna("").astype(str)
    return [
        Problem(f"code {code}, column parent", "is given, but the code is not scored", "Leave it empty")
        for code in own.loc[kinds.isin(["Group", "Denominator", "Other"]) & own["parent"].notna(), "code"]
        if str(own.loc[own["code"] == code, "parent"].iloc[0]).strip()
    ]
