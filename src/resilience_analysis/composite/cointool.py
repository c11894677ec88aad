"""Workbooks of the COIN Tool of the European Commission, as data and metadata; and short codes from long names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import numpy as np
import pandas as pd

from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.foundation.errors import Problem, first_per_place, raise_if_any, refusal
from resilience_analysis.foundation.numbers import read_numbers
from resilience_analysis.foundation.tables import read_content, read_sheets, stripped
from resilience_analysis.foundation.workbooks import DAMAGE, Sheet, column_letters

FIRST_ROW, FIRST_COLUMN, HEADER = 7, 5, 16
"""Of the sheet Database: weights and what else is said of indicators, the first indicator, their codes."""
HEADING = "Dimension/indicator"
NUMBERS = ("weight", "direction", "goalpost_lower", "goalpost_upper")
LADDER = ("sub_pillar", "pillar", "sub_index", "index")
ABOVE = (*NUMBERS, *reversed(LADDER), "name")
CODE_COLUMN = 3
"""Of the sheet Database: the codes of the units, right of their names."""
ABSENT = ("", "n/a", "N/A", "#N/A", "NA", "NaN")
"""Cells of the COIN Tool without a value."""
MOST_BYTES = 1_000_000
"""Of the list of sheets in a workbook."""


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


def is_coin_tool(path: Path) -> bool:
    """Return whether a file is a workbook of the COIN Tool: it has the sheets Database and Framework.

    Parameters
    ----------
    path
        Any file; one that is damaged or not there is not one.

    Returns
    -------
    bool
        True when it has both sheets.

    Examples
    --------
    >>> is_coin_tool(Path("nothing.xlsx"))
    False
    """
    try:
        with ZipFile(path) as archive, archive.open("xl/workbook.xml") as stream:
            found = set(re.findall(rb'<(?:\w+:)?sheet\b[^>]*?\bname="([^"]*)"', stream.read(MOST_BYTES)))
    except (KeyError, *DAMAGE):
        return False
    return {b"Database", b"Framework"} <= found


def import_coin_tool(path: Path, *, make_codes: bool = False, missing: Collection[str] = ()) -> CoinTool:
    """Read the data and framework of a workbook of the COIN Tool.

    The sheet Database has units from row 17 (name in column B, code in C) and indicators from column E: their codes
    in row 16, above them name, sub-pillar, pillar, sub-index, index (rows 15 to 11), goalposts, direction and weight
    (rows 10 to 7). The sheet Framework has the names and weights of the aggregates; one without a weight has 1. Columns
    with neither a name nor a value are not used.

    Parameters
    ----------
    path
        The workbook.
    make_codes
        Make short codes from the names of indicators, instead of those of the tool (``Ind.01``).
    missing
        Cells that mean a missing value, besides empty ones and those of `ABSENT`.

    Returns
    -------
    CoinTool
        One row of data per unit, the metadata, and the names of the units.

    Raises
    ------
    InputError
        When it is not such a workbook, its framework is refused, or a cell of it is not what it has to be: a value
        that is not a number or of a formula without an outcome, values without the code of their unit or indicator,
        a level that some indicators have and others lack.

    References
    ----------
    Becker, W., Benavente, D., Dominguez Torreiro, M. et al. (2019), *COIN Tool User Guide*, Publications Office of the
    European Union.

    Examples
    --------
    >>> import tempfile
    >>> about = [1, 1, 0, 10, "Index", "si.01", "p.01", "sp.01", "Trust in people"]
    >>> base = pd.DataFrame({column: [None] * 18 for column in "ABCDE"}, dtype=object)
    >>> base["E"] = [*[None] * 6, *about, "Ind.01", 3, 7]
    >>> base.loc[16:, ["B", "C"]] = [["Aa", "A"], ["Bb", "B"]]
    >>> frame = pd.DataFrame([["Dimension/indicator", *[None] * 5], ["The index", None, 1, None, None, "Index"]])
    >>> tool = Path(tempfile.mkdtemp()) / "tool.xlsx"
    >>> from resilience_analysis.foundation.cells import write_workbook
    >>> write_workbook(tool, {"Database": base, "Framework": frame}, headings=False)
    >>> found = composite.import_coin_tool(tool)
    >>> found.data["Ind.01"].to_dict(), found.metadata.at["Index", "name"]
    ({'A': 3.0, 'B': 7.0}, 'The index')
    """
    sheets = {sheet.name: _grid(sheet) for sheet in read_sheets(read_content(path), path.name, with_formulas=True)}
    if not {"Database", "Framework"} <= set(sheets):
        raise refusal(path.name, "is not a workbook of the COIN Tool", "It has sheets Database and Framework")
    base = sheets["Database"].reindex(index=range(1, max(HEADER, sheets["Database"].index.max()) + 1), fill_value="")
    above, body = base.iloc[FIRST_ROW - 1 : HEADER, FIRST_COLUMN - 1 :].set_axis([*ABOVE, "code"]).T, base.iloc[HEADER:]
    above = above[(above["name"] != "") | (body[above.index] != "").any()]
    values = body[above.index]
    body = body[(values != "").any(axis=1) | (body[CODE_COLUMN] != "")]
    problems = [*_lost_cells(path, base), *_gaps(above, body)]
    numbers, wrong = _numbers(values.loc[body.index], "Database", missing)
    about, more = _numbers(above[[*NUMBERS]].T.set_axis(range(FIRST_ROW, FIRST_ROW + len(NUMBERS))), "Database")
    known, others = _aggregates(sheets["Framework"])
    raise_if_any(path.name, first_per_place([*problems, *wrong, *more, *others]))
    above = above.assign(**dict(zip(NUMBERS, about.to_numpy(), strict=True))).set_index("code")
    data = numbers.set_axis(above.index.rename(None), axis=1).set_axis(pd.Index(body[CODE_COLUMN], name="unit"))
    names = pd.Series(body[CODE_COLUMN - 1].tolist(), index=data.index, name="name")
    metadata = _tree(above, known.to_dict("index"))
    if make_codes:
        short = dict(zip(above.index, names_to_codes([str(name) for name in above["name"]]), strict=True))
        data, metadata = data.rename(columns=short), metadata.rename(index=short)
    return CoinTool(data, check_metadata(metadata, data, name=path.name), names)


def _grid(sheet: Sheet) -> pd.DataFrame:
    """Return the cells of a sheet as text, by the numbers of their row and column."""
    columns = range(1, max(map(len, sheet.rows)) + 1)
    return pd.DataFrame(sheet.rows, sheet.numbers, columns, dtype=object).map(stripped)


def _lost_cells(path: Path, base: pd.DataFrame) -> list[Problem]:
    """Find cells of the sheet Database that are read as empty: formulas without an outcome, or with an error."""
    from openpyxl import load_workbook  # noqa: PLC0415 - only workbooks need it

    book = load_workbook(path, read_only=True)
    filled = (cell for row in book["Database"].iter_rows(min_row=FIRST_ROW) for cell in row if cell.value is not None)
    lost = [cell for cell in filled if cell.data_type in "ef" and not base[cell.column].get(cell.row, "")]
    book.close()
    what, remedy = "has a formula without an outcome, or an error", "Correct it and save it again, or empty the cell"
    return [Problem(_place(cell.row, cell.column), what, remedy) for cell in lost]


def _gaps(above: pd.DataFrame, body: pd.DataFrame) -> list[Problem]:
    """Find values without the code of their indicator or unit, and levels that only some indicators have."""
    remedy = "Fill it, or empty what belongs to it"
    told = [(HEADER, column, "has no code of an indicator") for column in above.index[above["code"] == ""]]
    told += [(row, CODE_COLUMN, "has no code of a unit") for row in body.index[body[CODE_COLUMN] == ""]]
    for level in LADDER:
        empty = above[level] == ""
        if not empty.all():
            row = FIRST_ROW + ABOVE.index(level)
            told += [(row, column, f"has no {level.replace('_', '-')}, and others do") for column in above.index[empty]]
    return [Problem(_place(row, column), what, remedy) for row, column, what in told]


def _place(row: int, column: int | str, sheet: str = "Database") -> str:
    return f"sheet {sheet}, cell {column_letters(int(column))}{row}"


def _numbers(table: pd.DataFrame, sheet: str, missing: Collection[str] = ()) -> tuple[pd.DataFrame, list[Problem]]:
    empty = {*ABSENT, *missing}
    return read_numbers(table, table.columns, file=sheet, empty=empty, where=partial(_place, sheet=sheet))


def _aggregates(sheet: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the name and weight of each aggregate by its code: codes are five columns right of names, weights two."""
    wide = sheet.reindex(columns=range(1, sheet.shape[1] + 6), fill_value="")
    places = np.argwhere((wide == HEADING).to_numpy())
    row, column = places[0] if len(places) else (len(wide), 0)
    below = wide.iloc[row + 1 :]
    name, code = below.iloc[:, column], below.iloc[:, column + 5]
    below = below[~name.isin(("", "--")) & (code != "")]
    weights, problems = _numbers(below.iloc[:, [column + 2]], "Framework")
    table = pd.DataFrame({"name": below.iloc[:, column], "weight": weights.iloc[:, 0].fillna(1.0)})
    return table.set_axis(pd.Index(below.iloc[:, column + 5])), problems


def _tree(above: pd.DataFrame, known: Mapping[Any, Mapping[Any, Any]]) -> pd.DataFrame:
    """Return metadata of the indicators and of the levels of aggregates that are used."""
    ladder = [name for name in LADDER if above[name].ne("").all() and (name == "index" or above[name].nunique() > 1)]
    rows: dict[str, dict[str, Any]] = {}
    for code, row in above.iterrows():
        chain = [str(row[name]) for name in ladder]
        rows[str(code)] = {**{name: row[name] for name in ("name", *NUMBERS)}, "parent": chain[0] if chain else ""}
        for child, parent in zip(chain, [*chain[1:], ""], strict=True):
            rows[child] = {**known.get(child, {"name": child, "weight": 1.0}), "direction": 1, "parent": parent}
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

    Returns
    -------
    list of str
        One code per name, in their order.

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
