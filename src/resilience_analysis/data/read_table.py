"""Read one raw table strictly: every fault is named with its row and column, and nothing in doubt is repaired."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.data.catalogue import ANY_COLUMN, Column, Source
from resilience_analysis.data.catalogue_checks import KINDS
from resilience_analysis.data.recipe import KEY, NAME, other_names
from resilience_analysis.foundation.definitions import TEXT, YEAR, Field, Listing, OneOf, Record, Value, is_number
from resilience_analysis.foundation.errors import Problem, raise_if_any
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.numbers import read_numbers
from resilience_analysis.foundation.settings import ANY_CODE, CODE, is_code, not_a_code
from resilience_analysis.foundation.tables import read_rows
from resilience_analysis.geography.municipalities import coded

_FIGURE = Value(lambda value: value is None or is_number(value), "a number or null", {"type": ["number", "null"]})
_NAMED = ("source", "nis_code", "year", "variable", "expect", "value", "why")


@dataclass(frozen=True)
class Correction:
    """One figure replaced: `expect` is what the raw file says, `value` what is used (None: missing)."""

    source: str
    nis_code: str
    year: int
    variable: str
    expect: float | None
    value: float | None
    why: str


def read_corrections(path: Path, *, sources: Iterable[str]) -> list[Correction]:
    """Read ``corrections.yml``: a list, empty when nothing needs correcting.

    Raises
    ------
    InputError
        When it is not a list, or an entry lacks a field, has one too many, names an unknown source or has a value of
        the wrong kind.
    """
    entries = read_yaml(path) or []
    raise_if_any(path.name, corrections_form(sources).problems(path.name, entries))
    return [Correction(**{name: entry.get(name) for name in _NAMED}) for entry in entries]


def corrections_form(sources: Iterable[str]) -> Listing:
    """Return the form of ``corrections.yml``; a figure that is null may be left out."""
    known = sorted(sources)
    return Listing(
        Record(
            {
                "source": Field(OneOf("source", lambda: known), required=True),
                "nis_code": Field(CODE, required=True),
                "year": Field(YEAR, required=True),
                "variable": Field(TEXT, required=True),
                "expect": Field(_FIGURE, says="what the raw file says today"),
                "value": Field(_FIGURE, says="what is used instead; null when it is not known"),
                "why": Field(TEXT, required=True),
            }
        )
    )


def correct(table: pd.DataFrame, corrections: Sequence[Correction], *, source: str) -> pd.DataFrame:
    """Apply the corrections of one source to its raw table.

    Parameters
    ----------
    table
        One row per municipality and year, from `read_table`; not changed.

    Raises
    ------
    InputError
        When a correction names a row or column that is not there, or the figure is not the expected one.
    """
    table = table.copy()
    problems = []
    for correction in (c for c in corrections if c.source == source):
        where = f"corrections.yml, {source}, {correction.nis_code}, {correction.year}, {correction.variable}"
        row = table.index[(table["nis_code"] == correction.nis_code) & (table["year"] == correction.year)]
        if row.empty or correction.variable not in table:
            problems.append(Problem(where, "this figure does not exist", "Remove the correction"))
            continue
        found = float(table.loc[row[0], correction.variable])
        expected = np.nan if correction.expect is None else correction.expect
        if not np.array_equal([found], [expected], equal_nan=True):
            remedy = "See whether the publisher mended it; then remove or renew the correction"
            problems.append(Problem(where, f"expects {correction.expect} but the file says {found}", remedy))
            continue
        table.loc[row[0], correction.variable] = np.nan if correction.value is None else correction.value
    raise_if_any("corrections", problems)
    return table


REMEDY = "Correct it in definitions/corrections.yml"
SHOWN = 20
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_NO_CODE = "Write the whole code, or the name; leave out notes and totals below the table"
_PERCENTAGES = ("share_pct", "rate_pct", "number")


def read_table(
    path: Path,
    source: Source,
    corrections: Sequence[Correction] = (),
    *,
    codes: str = ANY_CODE,
    places: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Read the table of one source, and correct it before its figures are judged.

    Parameters
    ----------
    path
        The raw file: CSV, XLSX or ODS. Columns that the source does not declare may stay in it.
    places
        The code of every code and folded name of a municipality (`municipalities.by_name`), for a table with names.

    Returns
    -------
    pandas.DataFrame
        One row per municipality and year, columns ``nis_code`` (text), ``year`` (int) and one float column per
        variable; an empty cell is NaN.

    Raises
    ------
    InputError
        With every fault: text where a number belongs, a count that is negative or no whole number, a percentage above
        100, a code that is not one, a municipality that appears twice; or a correction that does not hold.
    """
    rows = _rows(path, source, places or {})
    columns = {name: source.column(name) or Column("ignore") for name in rows.columns if name not in KEY}
    kinds = {name: KINDS[column.kind] for name, column in columns.items() if not column.ignored}
    limits = {name: (kind.low, kind.high) for name, kind in kinds.items()}
    whole = [name for name, kind in kinds.items() if kind.whole]
    percents = [name for name, column in columns.items() if column.kind in _PERCENTAGES]
    values, faults = read_numbers(rows, kinds, file=path.name, whole=whole, limits=limits, percents=percents)
    problems = _key_problems(path.name, rows, codes) + faults
    table = pd.concat([rows["nis_code"], pd.to_numeric(rows["year"], errors="coerce"), values], axis=1)
    if not problems:
        table, faults = _without_gaps(correct(table, corrections, source=source.name), source)
        problems += faults
    raise_if_any(path.name, problems + _range_problems(path.name, table, source))
    return table.astype({"year": "int64", "nis_code": "str"}).reset_index(drop=True)


def _without_gaps(table: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, list[Problem]]:
    """Set aside figures of municipalities that the publisher leaves out, if they are still what was seen there."""
    table, problems = table.copy(), []
    for gap in source.gaps:
        rows = table["nis_code"] == gap.nis_code
        for name, figure in gap.expect.items():
            meant = rows & (table[name] == figure) if name in table else rows & False  # other years have their own
            if rows.any() and not meant.any():
                remedy = "See whether the publisher has a figure now; then renew or remove the gap in sources.yml"
                problems.append(Problem(f"{source.file}, {name}, {gap.nis_code}", f"is not {figure:g}", remedy))
            elif rows.any():
                table.loc[meant, name] = np.nan
    return table, problems


def _rows(path: Path, source: Source, places: Mapping[str, str]) -> pd.DataFrame:
    """Read the rows as text, with codes where names are written."""
    declared = [name for name in source.columns if name != ANY_COLUMN]
    rows = read_rows(path, columns=["year", *declared], other_names=other_names())
    if "nis_code" not in rows and NAME in rows and NAME not in declared:
        rows = rows.rename(columns={NAME: "nis_code"})
    if "nis_code" not in rows:
        what = f"lacks the column nis_code; it has {', '.join(rows.columns)}"
        raise_if_any(path.name, [Problem(path.name, what)])
    if NAME in rows and NAME not in declared:
        rows = rows.drop(columns=NAME)
    return rows.assign(nis_code=coded(rows["nis_code"], places))


def _key_problems(file: str, rows: pd.DataFrame, pattern: str) -> list[Problem]:
    codes, years, texts = rows["nis_code"], rows["year"], set()
    texts = {code for code in codes.unique() if is_code(code, pattern)}
    wrong = {
        ("", _NO_CODE): ~codes.isin(texts),
        ("{year!r} is not a year", "Write one year, such as 2024"): ~years.isin(
            [year for year in years.unique() if _YEAR.fullmatch(year)]
        ),
        ("{code} appears again in {year}", "Keep one row per municipality and year"): rows.duplicated(list(KEY)),
    }
    problems = []
    for (what, remedy), places in wrong.items():
        faulty = rows.index[places]
        problems += [
            Problem(
                f"{file}, row {row}",
                what.format(code=codes[row], year=years[row]) or not_a_code(codes[row], pattern),
                remedy,
            )
            for row in faulty[:SHOWN]
        ]
        if len(faulty) > SHOWN:
            problems.append(Problem(file, f"{len(faulty) - SHOWN:,} more rows like these"))
    return problems


def _range_problems(file: str, table: pd.DataFrame, source: Source) -> list[Problem]:
    """Return every figure that its column cannot have."""
    problems = []
    for name in table.columns.drop(list(KEY)):
        kind = (source.column(name) or Column("number")).kind
        facts, figures = KINDS[kind], table[name]
        outside = figures.notna() & ~figures.between(facts.low, facts.high)
        what = f"lies outside {facts.low:g} to {facts.high:g} for a {kind}"
        broken = figures.notna() & ~outside & facts.whole & (figures % 1 != 0)
        for rows, fault in ((outside, what), (broken, f"is not a whole number, as a {kind} must be")):
            problems += [
                Problem(f"{file}, row {row}, column {name}", f"{value:.12g} {fault}", REMEDY)
                for row, value in figures[rows].items()
            ]
    return problems


def published_problems(table: pd.DataFrame, source: Source) -> list[Problem]:
    """Return every figure of a table that differs from the one its publisher printed elsewhere."""
    problems = []
    for check in source.checks:
        if check.variable not in table:
            where = f"{source.file}, {check.variable}, {check.year}"
            problems.append(Problem(where, "the table has no such column to check"))
            continue
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
