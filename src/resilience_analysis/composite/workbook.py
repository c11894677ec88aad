"""Metadata in the form of COINr; and all tables of a run in one workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from resilience_analysis.composite.chain import Scored
from resilience_analysis.composite.metadata import check_metadata, find_problems
from resilience_analysis.foundation.cells import write_workbook
from resilience_analysis.foundation.errors import Problem, UsageError, first_per_place, raise_if_any

COLUMNS = {
    "iCode": "code",
    "iName": "name",
    "goalpost_trunc2posts": "goalpost_truncate",
    "dist2targ_cap_max": "target_cap",
    "scale_factor": "scaled_factor",
    "ScaleFactor": "denominator_scale",
}
"""Columns that COINr calls otherwise; the rest differ in capitals only."""
FILLED = {
    "name": (),
    "unit": ("Indicator", "Aggregate", "Denominator"),
    "target": ("Indicator",),
    "weight": ("Indicator", "Aggregate"),
    "direction": ("Indicator", "Aggregate"),
}
"""Types of which COINr wants the column filled once it is there; all for a name."""
REQUIRED = ("Level", "iCode", "Parent", "Direction", "Type", "Weight")


def is_coinr(table: pd.DataFrame) -> bool:
    """Return whether a table is metadata in the form of COINr.

    Parameters
    ----------
    table
        Any table.

    Returns
    -------
    bool
        True when it has a column ``iCode``.

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
    >>> imeta = {"iCode": ["Trust", "Index"], "Parent": ["Index", None], "Direction": [1, 1], "Weight": [1, 1]}
    >>> table = pd.DataFrame(imeta).assign(Level=[1, 2], iName=["Trust", "Index"], Type=["Indicator", "Aggregate"])
    >>> composite.from_coinr(table)[["level", "parent"]].to_numpy().tolist()
    [[1.0, 'Index'], [2.0, '']]
    """
    absent = [column for column in REQUIRED if column not in table.columns]
    raise_if_any(name, [Problem(f"column {column}", "is missing", "COINr's iMeta has it") for column in absent])
    own = table.rename(columns=lambda column: COLUMNS.get(column, column.lower() if column.isalpha() else column))
    tidy, problems = find_problems(own)
    jumps = [] if problems else _jump_problems(tidy)
    raise_if_any(name, first_per_place([*problems, *_form_problems(own), *jumps]))
    return tidy


def _form_problems(own: pd.DataFrame) -> list[Problem]:
    """Find codes that COINr does not take, cells that it wants filled once their column is there, or empty."""
    told = []
    for code in own["code"].dropna().astype(str).unique():
        if code[:1].isdigit():
            told.append((f"iCode {code}", "begins with a digit", "Begin it with a letter"))
        if " " in code.strip():
            told.append((f"iCode {code}", "holds a space", "Take it out"))
    kinds = own["type"].fillna("").astype(str)
    filled = {name: ~(own[name].isna() | (own[name].astype(str).str.strip() == "")) for name in own.columns}
    for column, wanted in FILLED.items():
        if column in own.columns and own[column].notna().any():
            empty = own.loc[kinds.isin(wanted or kinds[kinds != ""]) & ~filled[column], "code"]
            told += [
                (f"code {code}, column {column}", "is empty", "Fill it for every code of this type") for code in empty
            ]
    others = own.loc[kinds.isin(["Group", "Denominator", "Other"]) & filled["parent"], "code"]
    what = "is given, but the code is not scored"
    return [Problem(*parts) for parts in told] + [
        Problem(f"code {code}, column parent", what, "Leave it empty") for code in others
    ]


def _jump_problems(tidy: pd.DataFrame) -> list[Problem]:
    """Find parents that are not exactly one level above, which COINr refuses."""
    scored = tidy[tidy["parent"].isin(tidy.index)]
    pairs = zip(scored.index, scored["parent"], scored["level"], scored["parent"].map(tidy["level"]), strict=True)
    remedy = "COINr wants a parent one level above. In a framework as YAML an indicator may be beside an aggregate"
    return [
        Problem(f"code {code}, column parent", f"{parent} has level {high:g}, {code} has level {level:g}", remedy)
        for code, parent, level, high in pairs
        if high != level + 1
    ]


LONGEST = 31
"""Letters in the name of a sheet."""
UNITS = ("unit", "year")
KEYS = {"screening": UNITS, "optimisation": ("code",)}
"""What the index of a record holds; the others have it as columns."""


def export_workbook(
    path: Path, scored: Scored, *, metadata: pd.DataFrame, denominators: pd.DataFrame | None = None
) -> Path:
    """Write every table of a run into one workbook: a sheet for each, the metadata and weights first.

    The sheets ``data`` and ``metadata`` are what `resilience score` reads: the workbook runs again as it is.

    Parameters
    ----------
    path
        Ends in ``.xlsx``; written whole or not at all.
    scored
        As `score` gives it.
    metadata
        One row per code; see `check_metadata`.
    denominators
        The columns that indicators are divided by, same rows as the data; beside these in the sheet ``data``.

    Returns
    -------
    pathlib.Path
        Where it was written.

    Raises
    ------
    UsageError
        When the name of the file does not end so.

    Examples
    --------
    >>> import tempfile
    >>> data, metadata = composite.example_index()
    >>> folder = Path(tempfile.mkdtemp())
    >>> composite.export_workbook(folder / "all.xlsx", composite.score(data, metadata=metadata), metadata=metadata).name
    'all.xlsx'
    """
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"{path.name} is not the name of a workbook. End it in .xlsx")
    tidy = check_metadata(metadata)
    beside = {} if denominators is None else {"data": scored.tables["data"].join(denominators)}
    keyed = {**dict.fromkeys(scored.tables, UNITS), **KEYS}
    tables: dict[str, pd.DataFrame] = {"metadata": tidy.reset_index()}
    tables["weights"] = scored.weights.rename("weight").rename_axis("code").reset_index()
    for name, table in {**scored.tables, **beside, **scored.records}.items():
        tables[name] = _with_keys(table, keyed[name], tidy.index) if name in keyed else table
    tables["notes"] = pd.DataFrame({"note": scored.notes})
    write_workbook(path, {name[:LONGEST]: table for name, table in tables.items()})
    return path


def _with_keys(table: pd.DataFrame, usual: Sequence[str], codes: pd.Index) -> pd.DataFrame:
    """Return a table with its index as first columns, called as usual where it has no name, or that of a code."""
    own = [name if name and name not in codes else other for name, other in zip(table.index.names, usual, strict=False)]
    return table.rename_axis(own).reset_index()
