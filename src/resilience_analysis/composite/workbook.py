"""What COINr and the COIN Tool of the European Commission write, as metadata; and all tables of a run in a workbook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from resilience_analysis.composite.chain import Scored
from resilience_analysis.composite.metadata import check_metadata, find_problems
from resilience_analysis.foundation.cells import write_workbook
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, first_per_place, raise_if_any

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
FIRST_ROW, FIRST_COLUMN, HEADER = 7, 5, 16
"""Of the sheet Database: weights and what else is said of indicators, the first indicator, their codes."""
HEADING = "Dimension/indicator"
ABOVE = (
    *("weight", "direction", "goalpost_lower", "goalpost_upper"),
    *("index", "sub_index", "pillar", "sub_pillar", "name"),
)


class CoinTool(NamedTuple):
    """What a workbook of the COIN Tool holds.

    Attributes
    ----------
    data
        One row per unit, one column per indicator; the index is the unit's code.
    metadata
        As `check_metadata` gives it.
    names
        The name of each unit.
    """

    data: pd.DataFrame
    metadata: pd.DataFrame
    names: pd.Series


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


def is_coin_tool(path: Path) -> bool:
    """Return whether a workbook is one of the COIN Tool: it has the sheets Database and Framework.

    Examples
    --------
    >>> is_coin_tool(Path("nothing.xlsx"))
    False
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - only workbooks need it

    try:
        book = load_workbook(path, read_only=True)
    except (OSError, ValueError, KeyError, BadZipFile):
        return False
    found = {"Database", "Framework"} <= set(book.sheetnames)
    book.close()
    return found


def import_coin_tool(path: Path, *, make_codes: bool = False) -> CoinTool:
    """Read the data and framework of a workbook of the COIN Tool.

    The sheet Database has units from row 17 (name in column B, code in C) and indicators from column E: their codes
    in row 16, above them name, sub-pillar, pillar, sub-index, index (rows 15 to 11), goalposts, direction and weight
    (rows 10 to 7). The sheet Framework has the names and weights of the aggregates.

    Parameters
    ----------
    path
        The workbook.
    make_codes
        Make short codes from the names of indicators, instead of those of the tool (``Ind.01``).

    Raises
    ------
    InputError
        When it is not such a workbook, or its framework is refused.

    Examples
    --------
    >>> import tempfile
    >>> about = [1, 1, 0, 10, "Index", "si.01", "p.01", "sp.01", "Trust in people"]
    >>> base = pd.DataFrame({column: [None] * 18 for column in "ABCDE"}, dtype=object)
    >>> base["E"] = [*[None] * 6, *about, "Ind.01", 3, 7]
    >>> base.loc[16:, ["B", "C"]] = [["Aa", "A"], ["Bb", "B"]]
    >>> frame = pd.DataFrame([["Dimension/indicator", *[None] * 5], ["The index", None, 1, None, None, "Index"]])
    >>> tool = Path(tempfile.mkdtemp()) / "tool.xlsx"
    >>> write_workbook(tool, {"Database": base, "Framework": frame}, headings=False)
    >>> found = composite.import_coin_tool(tool)
    >>> found.data["Ind.01"].to_dict(), found.metadata.at["Index", "name"]
    ({'A': 3.0, 'B': 7.0}, 'The index')
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - only workbooks need it

    try:
        book = load_workbook(path, data_only=True)
        database, framework = book["Database"], book["Framework"]
    except (KeyError, OSError, ValueError, BadZipFile) as error:
        what = f"is not a workbook of the COIN Tool ({error})"
        problem = Problem(path.name, what, "It has sheets Database and Framework")
        raise InputError(path.name, [problem]) from error
    columns = [c for c in range(FIRST_COLUMN, database.max_column + 1) if database.cell(HEADER, c).value]
    rows = [r for r in range(HEADER + 1, database.max_row + 1) if database.cell(r, 3).value]
    above = pd.DataFrame(
        {name: [database.cell(FIRST_ROW + place, c).value for c in columns] for place, name in enumerate(ABOVE)},
        index=[str(database.cell(HEADER, c).value).strip() for c in columns],
    )
    data = pd.DataFrame(
        [[_number(database.cell(r, c).value) for c in columns] for r in rows],
        index=pd.Index([str(database.cell(r, 3).value).strip() for r in rows], name="unit"),
        columns=above.index,
    )
    data, above = data.loc[:, data.notna().any()], above[data.notna().any().to_numpy()]
    names = pd.Series([str(database.cell(r, 2).value) for r in rows], index=data.index, name="name")
    metadata = _tree(above, _aggregates(framework))
    if make_codes:
        short = dict(zip(above.index, names_to_codes([str(name) for name in above["name"]]), strict=True))
        data, metadata = data.rename(columns=short), metadata.rename(index=short)
    return CoinTool(data, check_metadata(metadata, data, name=path.name), names)


def _number(cell: Any) -> float:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else float("nan")


def _aggregates(sheet: Any) -> dict[str, tuple[str, float]]:
    """Return the name and weight of each aggregate: codes are five columns right of names, weights two."""
    rows = [list(row) for row in sheet.iter_rows(min_row=1, max_row=60, max_col=14, values_only=True)]
    head = next((number for number, row in enumerate(rows) if HEADING in row), None)
    if head is None:
        return {}
    start = rows[head].index(HEADING)
    found = {}
    for row in rows[head + 1 :]:
        name, weight, code = row[start], row[start + 2], row[start + 5]
        if name not in (None, "--") and code:
            found[str(code).strip()] = (str(name), 1.0 if np.isnan(_number(weight)) else _number(weight))
    return found


def _tree(above: pd.DataFrame, known: dict[str, tuple[str, float]]) -> pd.DataFrame:
    """Return metadata of the indicators and of the levels of aggregates that are used."""
    ladder = [name for name in ("sub_pillar", "pillar", "sub_index", "index") if above[name].notna().all()]
    ladder = [name for name in ladder if name == "index" or above[name].nunique() > 1]
    rows: dict[str, dict[str, Any]] = {}
    for code, row in above.iterrows():
        chain = [str(row[name]).strip() for name in ladder]
        own = {name: row[name] for name in ("name", "weight", "direction", "goalpost_lower", "goalpost_upper")}
        rows[str(code)] = {**own, "parent": chain[0] if chain else ""}
        for child, parent in zip(chain, [*chain[1:], ""], strict=True):
            name, weight = known.get(child, (child, 1.0))
            rows[child] = {"name": name, "weight": weight, "direction": 1, "parent": parent}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("code")


def names_to_codes(names: Sequence[str], *, words: int = 2, letters: int = 4) -> list[str]:
    """Make short codes from long names: the first letters of the first long words, each code once.

    Parameters
    ----------
    names
        Such as names of indicators.
    words, letters
        How many words of a name are used, and how many letters of each. Words of fewer than 4 letters are left out
        where longer ones are there.

    Examples
    --------
    >>> names_to_codes(["Trust in other people", "Trust in others", "GDP"])
    ['TrusOthe', 'TrusOthe_1', 'Gdp']
    """
    shortest = 4
    codes: list[str] = []
    for name in names:
        every = re.findall(r"\w+", name) or ["x"]
        picked = [word for word in every if len(word) >= shortest] or every
        stem = "".join(word[:letters].capitalize() for word in picked[:words])
        stem = stem if not stem[0].isdigit() else f"x{stem}"
        taken = sum(code == stem or code.rpartition("_")[0] == stem for code in codes)
        codes.append(f"{stem}_{taken}" if taken else stem)
    return codes
