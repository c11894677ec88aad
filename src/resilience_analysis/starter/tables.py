"""What a person brings: a table of indicators, boundaries and perhaps a table that describes the indicators."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, refusal, unknown
from resilience_analysis.foundation.numbers import MISSING_WORDS, is_percentage, read_numbers
from resilience_analysis.foundation.settings import capital_problems, is_code, not_a_code
from resilience_analysis.foundation.tables import folded, read_rows
from resilience_analysis.geography.boundaries import located_shapes

YEARS = frozenset({"year", "jaar", "annee", "jahr", "ano", "anno"})
NAMES = ("name", "naam", "nom", "label", "gemeente", "municipality", "commune", "gemeinde", "nombre", "nm")
METADATA = ("label", "dimension", "direction", "unit", "weight", "source")
KEY = ["nis_code", "year"]
_LISTED = 12
_CODE_REMEDY = "Write codes without spaces, commas or slashes, and leave out notes and totals below the table"
_ONE_YEAR = "Write one year, such as 2024"
_ONE_ROW = "Bring one row per place and year, with a column per indicator"


@dataclass(frozen=True)
class Brought:
    """What a person brought, brought to one form."""

    values: pd.DataFrame  # one row per place and year: ``nis_code``, ``year`` and a column of numbers per indicator
    names: pd.Series  # names of the places, indexed by code
    shapes: gpd.GeoDataFrame  # one polygon per place, with ``nis_code``
    assumed: list[str] = field(default_factory=list)  # what was assumed on the way, one sentence each
    percent: frozenset[str] = frozenset()  # the columns whose heading or cells say that they are percentages

    @property
    def indicators(self) -> list[str]:
        """Names of the columns with numbers."""
        return [str(name) for name in self.values.columns if name not in KEY]


def read_brought(
    data: Path,
    boundaries: Path,
    *,
    code: str = "",
    label: str = "",
    year: int | None = None,
    crs: str = "",
    sheet: str = "",
) -> Brought:
    """Read a table of indicators and the boundaries of its places.

    Parameters
    ----------
    data
        CSV or XLSX with a row per place, or per place and year.
    boundaries
        GeoJSON, GeoPackage or shapefile in any reference system.
    code, label, year
        Column with the codes, column with the names, and the year of a table that has no column of years; what
        can be told from the files when not given.
    crs
        Reference system of boundaries that do not say theirs.
    sheet
        The sheet of a workbook; the first that is visible when not given.

    Raises
    ------
    UsageError
        When a column that is named is not there.
    InputError
        When places of the table lack boundaries, a code is not one, a place appears twice in a year, or no column holds
        numbers.
    """
    assumed: list[str] = []
    rows, shapes = read_rows(data, sheet=sheet or ()), located_shapes(boundaries, crs, assumed)
    if rows.attrs["unread"]:
        assumed.append(
            f"{data.name} has sheets that are not read: {listed(rows.attrs['unread'])}; --sheet names another"
        )
    columns = _code_columns(rows, shapes, code, (data.name, boundaries.name))
    codes, shapes = _matched(rows[columns[0]], shapes, columns[1], assumed)
    years, own = _years(rows, year, data.name, assumed)
    raise_if_any(data.name, _key_problems(data.name, codes, years, str(columns[0])))
    shapes, lacking = _covered(shapes, codes, assumed)
    remedy = "Add its area, or leave its rows out, as those of totals"
    problems = [
        Problem(f"{data.name}, row {row}", f"{place} has no boundaries in {boundaries.name}", remedy)
        for place in lacking
        for row in codes.index[codes == place][:1]
    ]
    raise_if_any(data.name, problems)
    names, used = _names(rows, codes, shapes, label, assumed)
    keys = {columns[0], *own, *used, *KEY}  # a second column of codes is not an indicator
    raise_if_any(data.name, _years_in_headings(data.name, [str(name) for name in rows.columns if name not in keys]))
    cells, percent = _without_marks(rows.drop(columns=[name for name in rows.columns if name in keys]), assumed)
    values = _numbers(cells, data.name, assumed)
    table = pd.concat([codes.rename(KEY[0]), years.rename(KEY[1]), values], axis=1)
    return Brought(table.sort_values(KEY, ignore_index=True), names, shapes, assumed, percent)


def _code_columns(rows: pd.DataFrame, shapes: gpd.GeoDataFrame, code: str, files: tuple[str, str]) -> tuple[str, str]:
    """Return the column of codes in the table and that in the boundaries: those that have most in common."""
    attributes = [str(name) for name in shapes.columns if name != shapes.geometry.name]
    if code and code not in rows:
        raise UsageError(unknown("column", code, rows.columns))
    candidates = [code] if code else [str(name) for name in rows.columns]
    known = {name: set(_padded(shapes[name].astype(str))) for name in attributes}
    shared = {
        (column, name): len(set(_padded(rows[column])) & codes)
        for column in candidates
        for name, codes in known.items()
    }
    best = max(shared, key=lambda pair: shared[pair], default=None)
    if best is None or not shared[best]:
        what = f"no column has codes that are in {files[1]} ({', '.join(attributes) or 'without columns'})"
        remedy = "Name the column with --code, or bring boundaries with it"
        if rows.attrs["unread"]:
            remedy += f"; or name another sheet with --sheet: {listed(rows.attrs['unread'])}"
        raise refusal(files[0], what, remedy)
    return best


def _padded(column: pd.Series) -> pd.Series:
    """Return codes without the zeros in front that a spreadsheet takes off; only those of digits."""
    texts = column.astype(str).str.strip().str.removesuffix(".0")
    bare = texts.str.lstrip("0").where(texts.str.strip("0") != "", "0")
    return bare.where(_of_digits(texts), texts)


def _of_digits(texts: pd.Series) -> pd.Series:
    return texts.str.fullmatch("[0-9]+")


def _matched(
    column: pd.Series, shapes: gpd.GeoDataFrame, attribute: str, assumed: list[str]
) -> tuple[pd.Series, gpd.GeoDataFrame]:
    """Return the codes of the rows as the boundaries write them, and the boundaries with ``nis_code``."""
    written = shapes[attribute].astype(str).str.strip().str.removesuffix(".0")
    codes, areas = column.str.strip(), written
    digits = _of_digits(codes)  # a note or a total below the table has none
    if digits.any() and _of_digits(areas).all():
        longer = areas if areas.str.len().mean() >= codes[digits].str.len().mean() else codes[digits]
        width = int(longer.str.len().max())
        codes, areas = codes.mask(digits, codes.str.zfill(width)), areas.str.zfill(width)
    if (codes != column.str.strip()).any() or (areas != written).any():
        assumed.append(f"codes have {width} digits: zeros in front that a spreadsheet takes off were put back")
    assumed.append(f"codes are in the column {column.name} of the table and {attribute} of the boundaries")
    return codes, shapes.assign(nis_code=areas.to_numpy())


def _years(rows: pd.DataFrame, year: int | None, file: str, assumed: list[str]) -> tuple[pd.Series, list[str]]:
    """Return the year of each row, and the columns that say it."""
    found = [str(name) for name in rows.columns if folded(str(name)) in YEARS]
    if year is None and not found:
        year = dt.datetime.now(tz=dt.UTC).year
        assumed.append(f"{file} has no column year: its figures are taken as those of {year}; --year says another")
    if not found:
        return pd.Series(year, index=rows.index, dtype="int64"), []
    years = pd.to_numeric(rows[found[0]].str.strip(), errors="coerce")
    faults = rows.index[~years.between(1900, 2100) | (years % 1 != 0)]
    column = found[0]
    problems = [
        Problem(f"{file}, row {row}, column {column}", f"{rows.at[row, column]!r} is not a year", _ONE_YEAR)
        for row in faults
    ]
    raise_if_any(file, problems)
    if year is not None:
        assumed.append(f"the column {found[0]} says the year; --year is not needed")
    return years.astype("int64"), found[:1]


def _years_in_headings(file: str, names: list[str]) -> list[Problem]:
    """Return the fault of a table with a column per year: its figures would be taken as as many indicators."""
    years = [name for name in names if re.fullmatch("(19|20)[0-9]{2}", name)]
    what = f"has a column per year: {listed(years)}"
    return [Problem(file, what, f"{_ONE_ROW}, and a column year")] if len(years) > 1 else []


def _key_problems(file: str, codes: pd.Series, years: pd.Series, column: str) -> list[Problem]:
    strange = {row: code for row, code in codes.items() if not is_code(code)}
    if len(strange) == len(codes):
        what = f"{column} ({codes.iloc[0]!r}, ...) is all that the boundaries have too, and it does not hold codes"
        return [Problem(file, what, "Add a column with the codes of the places, without spaces, commas or slashes")]
    problems = [Problem(f"{file}, row {row}", not_a_code(code), _CODE_REMEDY) for row, code in strange.items()]
    twice = pd.concat([codes, years], axis=1).duplicated()
    return [
        *problems,
        *(
            Problem(f"{file}, row {row}", f"{codes[row]} appears twice in {years[row]}", _ONE_ROW)
            for row in codes.index[twice]
        ),
        *capital_problems(file, codes),
    ]


def _covered(shapes: gpd.GeoDataFrame, codes: pd.Series, assumed: list[str]) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the boundaries of the places in the table, and the places without any."""
    wanted = set(codes)
    inside = shapes[shapes["nis_code"].isin(wanted)]
    left_out = len(shapes) - len(inside)
    if left_out:
        assumed.append(f"{left_out} areas of the boundaries have no row in the table and are left out")
    if inside["nis_code"].duplicated().any():
        several = inside.loc[inside["nis_code"].duplicated(), "nis_code"].unique()
        assumed.append(f"areas with the same code are taken together: {listed(several)}")
        inside = inside.dissolve(by="nis_code", as_index=False)
    return inside[["nis_code", *_attributes(inside), "geometry"]], sorted(wanted - set(inside["nis_code"]))


def _attributes(shapes: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in shapes.columns if name not in {"nis_code", "geometry"}]


def _names(
    rows: pd.DataFrame, codes: pd.Series, shapes: gpd.GeoDataFrame, label: str, assumed: list[str]
) -> tuple[pd.Series, list[str]]:
    """Return the names of the places by code, and the columns of the table that hold them."""
    if label and label not in rows and label not in shapes:
        raise UsageError(unknown("column", label, [*rows.columns, *_attributes(shapes)]))
    if label in rows or (not label and (label := _named_like(rows, set()))):
        found = pd.Series(rows[label].to_numpy(), index=codes.to_numpy())
        return _filled(found), [label]
    label = label or _named_like(shapes.drop(columns=["geometry"]), {"nis_code"})
    if label:
        assumed.append(f"names are in the column {label} of the boundaries")
        return _filled(pd.Series(shapes[label].astype(str).to_numpy(), index=shapes["nis_code"].to_numpy())), []
    assumed.append("no column has names: places are called by their codes")
    return pd.Series(sorted(set(codes)), index=sorted(set(codes)), name="name"), []


def _named_like(table: pd.DataFrame, taken: Iterable[str]) -> str:
    """Return the column whose heading says that it holds names and whose cells are not numbers; empty without one."""
    for word in NAMES:
        for column in (str(name) for name in table.columns if name not in taken):
            heading = folded(column)
            fits = heading == word or heading.endswith(word) or (word != "nm" and heading.startswith(word))
            if fits and pd.to_numeric(table[column], errors="coerce").isna().all():
                return column
    return ""


def _filled(found: pd.Series) -> pd.Series:
    names = found[~found.index.duplicated()].astype(str).str.strip()
    return names.where(names != "", names.index.to_series()).rename("name").sort_index()


def _numbers(rows: pd.DataFrame, file: str, assumed: list[str]) -> pd.DataFrame:
    """Return the columns that hold numbers; others are left out, and named."""
    kept = []
    for column in map(str, rows.columns):
        filled = rows.loc[rows[column] != "", column]
        share = filled.str.contains("[0-9]").mean() if len(filled) else 0.0
        kept += [column] if share > 0.5 else []  # noqa: PLR2004 - words with a number here and there are words
    left_out = [str(name) for name in rows.columns if name not in kept]
    if left_out:
        assumed.append(f"columns without numbers are left out: {listed(left_out)}")
    if not kept:
        raise refusal(file, "no column holds numbers", "Bring a column per indicator")
    values, problems = read_numbers(rows, kept, file=file, percents=kept)
    raise_if_any(file, problems)
    return values


def _without_marks(rows: pd.DataFrame, assumed: list[str]) -> tuple[pd.DataFrame, frozenset[str]]:
    """Return the cells without words for missing, and the columns that are percentages."""
    found: set[str] = set()
    percent = []
    cells = rows.copy()
    for column in rows.columns:
        texts = rows[column].str.strip()
        missing = texts.str.casefold().isin(MISSING_WORDS)
        found |= set(texts[missing]) - {""}
        cells[column] = rows[column].mask(missing, "")
        if len(texts[~missing]) and rows.loc[~missing, column].map(is_percentage).all():
            percent.append(str(column))
    if found:
        assumed.append(f"cells with {listed(sorted(found))} are taken as missing")
    if percent:
        assumed.append(f"columns with % behind every number are percentages: {listed(percent)}")
    return cells, frozenset([*percent, *(str(name) for name in rows.columns if "%" in str(name))])


def listed(names: Iterable[object]) -> str:
    """Return names after one another, of many the first with how many more there are."""
    known = [str(name) for name in names]
    more = len(known) - _LISTED
    return ", ".join(known[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def read_metadata(path: Path, brought: Brought) -> pd.DataFrame:
    """Read the table that describes the indicators: one row each, indexed by the column of the data it describes.

    Returns
    -------
    pandas.DataFrame
        Columns ``label``, ``dimension``, ``direction``, ``unit``, ``weight`` and ``source``, empty where not said.

    Raises
    ------
    InputError
        When an indicator is not a column of the data or appears twice, a direction is not 1 or -1, or a weight not a
        number above 0.
    """
    rows = read_rows(path, columns=["indicator"], other_names=dict.fromkeys(METADATA, ()))
    rows = rows.reindex(columns=["indicator", *METADATA], fill_value="")
    problems = []
    for row, entry in rows.iterrows():
        where = f"{path.name}, row {row}"
        if entry["indicator"] not in brought.indicators:
            problems.append(Problem(where, unknown("indicator", entry["indicator"], brought.indicators)))
        if entry["direction"].replace("\u2212", "-") not in {"", "1", "+1", "-1"}:
            problems.append(Problem(where, f"direction is {entry['direction']!r}", "Write 1 or -1"))
        weight = pd.to_numeric(entry["weight"].replace(",", ".") or "1", errors="coerce")
        if not weight > 0:
            problems.append(Problem(where, f"weight is {entry['weight']!r}", "Write a number above 0"))
    twice = rows["indicator"][rows["indicator"].duplicated()]
    problems += [Problem(f"{path.name}, row {row}", f"{name} appears twice") for row, name in twice.items()]
    raise_if_any(path.name, problems)
    return rows.set_index("indicator")
