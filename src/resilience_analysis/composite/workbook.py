"""Workbooks: every table of a run in one, and what the COIN Tool of the European Commission holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from resilience_analysis.composite.chain import Scored
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.foundation.cells import write_workbook
from resilience_analysis.foundation.errors import InputError, Problem, UsageError

LONGEST = 31
"""Letters in the name of a sheet."""
FIRST_ROW, FIRST_COLUMN, HEADER = 7, 5, 16
"""Of the sheet Database: weights and what else is said of indicators, the first indicator, their codes."""
HEADING = "Dimension/indicator"
ABOVE = (
    "weight",
    "direction",
    "goalpost_lower",
    "goalpost_upper",
    "index",
    "sub_index",
    "pillar",
    "sub_pillar",
    "name",
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
    """
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"{path.name} is not the name of a workbook. End it in .xlsx")
    tables: dict[str, pd.DataFrame] = {"metadata": check_metadata(metadata).reset_index()}
    tables["weights"] = scored.weights.rename("weight").rename_axis("code").reset_index()
    beside = {} if denominators is None else {"data": scored.tables["data"].join(denominators)}
    tables |= {name: table.reset_index() for name, table in {**scored.tables, **beside}.items()}
    tables |= {name: table.reset_index(drop=table.index.name is None) for name, table in scored.records.items()}
    tables["notes"] = pd.DataFrame({"note": scored.notes})
    write_workbook(path, {name[:LONGEST]: table for name, table in tables.items()})
    return path


def is_coin_tool(path: Path) -> bool:
    """Return whether a workbook is one of the COIN Tool: it has the sheets Database and Framework."""
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
