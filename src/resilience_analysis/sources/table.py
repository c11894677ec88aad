"""Read one raw table strictly: every fault is named with its row and column, none is repaired in silence."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.errors import Problem, raise_if_any
from resilience_analysis.geography.mergers import is_nis_code
from resilience_analysis.sources.catalogue import Column, Source

KEY = ["nis_code", "year"]
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_RANGES = {
    "count": (0.0, np.inf),
    "amount_eur": (0.0, np.inf),
    "share_pct": (0.0, 100.0),
    "rate_pct": (0.0, 100.0),
    "median_eur": (0.0, np.inf),
}


def read_rows(path: Path, *, columns: list[str], rows_needed: bool = True) -> pd.DataFrame:
    """Read a comma-separated UTF-8 file as text.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that must be there.
    rows_needed
        Whether a file with nothing below its header is refused.

    Returns
    -------
    pandas.DataFrame
        One row per line, all columns as text, an empty cell as an empty text; the index is the line number in the file.

    Raises
    ------
    InputError
        When the file is missing, empty, not UTF-8, delimited otherwise, lacks a column or has a ragged line.
    """
    header, lines = _parse(path, columns, rows_needed=rows_needed)
    problems = [
        Problem(f"{path.name}, row {number}", f"has {len(line)} cells where the header has {len(header)}")
        for number, line in enumerate(lines, start=2)
        if len(line) != len(header)
    ]
    raise_if_any(path.name, problems)
    return pd.DataFrame(lines, columns=header, index=pd.RangeIndex(2, len(lines) + 2), dtype=object)


def _parse(path: Path, columns: list[str], *, rows_needed: bool) -> tuple[list[str], list[list[str]]]:
    problem = None
    lines: list[list[str]] = []
    if not path.is_file():
        problem = Problem(path.name, "the file does not exist")
    else:
        try:
            lines = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
        except UnicodeDecodeError as error:
            problem = Problem(path.name, f"is not UTF-8 (byte {error.start})", "Save it as UTF-8")
        except csv.Error as error:
            problem = Problem(path.name, f"is no comma-separated text ({error})")
        else:
            problem = _header_problem(path, lines, columns, rows_needed=rows_needed)
    raise_if_any(path.name, [problem] if problem else [])
    return lines[0], lines[1:]


def _header_problem(path: Path, lines: list[list[str]], columns: list[str], *, rows_needed: bool) -> Problem | None:
    if len(lines) < 1 + rows_needed:
        return Problem(path.name, "is empty: it has no row below a header", "Restore it")
    missing = [name for name in columns if name not in lines[0]]
    if not missing:
        return None
    for delimiter, spoken in _OTHER_DELIMITERS.items():
        if len(lines[0]) == 1 and delimiter in lines[0][0]:
            return Problem(path.name, f"is delimited by {spoken}", "Save it delimited by commas")
    return Problem(path.name, f"lacks the columns {', '.join(missing)}; it has {', '.join(lines[0])}")


def read_table(path: Path, source: Source) -> pd.DataFrame:
    """Read the table of one source.

    Parameters
    ----------
    path
        The raw file.
    source
        What its columns are.

    Returns
    -------
    pandas.DataFrame
        One row per municipality and year, columns ``nis_code`` (text), ``year`` (int) and one float column per
        variable; an empty cell is NaN.

    Raises
    ------
    InputError
        With every fault: text where a number belongs, a negative count, a percentage above 100, a code that is no NIS
        code, a municipality that stands twice, an undeclared column.
    """
    declared = [name for name in source.columns if name != "*"]
    rows = read_rows(path, columns=[*KEY, *declared])
    problems = _key_problems(path.name, rows)
    table = pd.DataFrame({"nis_code": rows["nis_code"], "year": pd.to_numeric(rows["year"], errors="coerce")})
    for name in rows.columns.drop(KEY):
        column = source.column(name)
        if column is None:
            problems.append(Problem(path.name, f"column {name} is not declared in sources.yml"))
            continue
        table[name] = pd.to_numeric(rows[name].where(rows[name].str.strip() != ""), errors="coerce").astype(float)
        problems += _value_problems(path.name, rows[name], table[name], column)
    raise_if_any(path.name, problems)
    return table.astype({"year": "int64", "nis_code": "str"}).reset_index(drop=True)


def _key_problems(file: str, rows: pd.DataFrame) -> list[Problem]:
    faults = {
        row: f"{code!r} is no NIS code of five digits"
        for row, code in rows["nis_code"].items()
        if not is_nis_code(code)
    }
    wrong_year = rows.index[~rows["year"].str.fullmatch(r"\d{4}")]
    faults |= {row: f"{rows['year'][row]!r} is no year" for row in wrong_year}
    for row, (code, year) in rows.loc[rows.duplicated(KEY), KEY].iterrows():
        faults[row] = f"{code} stands here for the second time in {year}"
    return [Problem(f"{file}, row {row}", fault) for row, fault in sorted(faults.items())]


def _value_problems(file: str, texts: pd.Series, values: pd.Series, column: Column) -> list[Problem]:
    low, high = _RANGES[column.kind]
    text = (texts.str.strip() != "") & ~np.isfinite(values)
    outside = values.notna() & ((values < low) | (values > high))
    problems = []
    for row in texts.index[text | outside]:
        where = f"{file}, row {row}, column {texts.name}"
        if text[row]:
            remedy = "Write decimals with a point" if "," in texts[row] else ""
            problems.append(Problem(where, f"{texts[row]!r} is no number", remedy))
        else:
            problems.append(Problem(where, f"{texts[row]} lies outside {low:g} to {high:g} for a {column.kind}"))
    return problems


def published_problems(table: pd.DataFrame, source: Source) -> list[Problem]:
    """Give every figure of a table that differs from the one its publisher printed elsewhere."""
    problems = []
    for check in source.checks:
        column = table.loc[table["year"] == check.year].set_index("nis_code")[check.variable]
        for code, figure in check.values.items():
            found = column.get(code)
            if found != figure:
                where = f"{source.file}, {check.variable}, {code}, {check.year}"
                problems.append(Problem(where, f"the publisher printed {figure}, the table says {found}"))
        mean = round(float(column.mean()), 1)
        if check.mean_of_all is not None and mean != check.mean_of_all:
            where = f"{source.file}, {check.variable}, mean over municipalities, {check.year}"
            problems.append(Problem(where, f"the publisher printed {check.mean_of_all}, the table says {mean}"))
    return problems
