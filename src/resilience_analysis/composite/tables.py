"""Tables of a scoring run: read as text or numbers, or fast where they leave no doubt; Parquet read and written."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import Array
from resilience_analysis.foundation.cells import MAX_COLUMNS
from resilience_analysis.foundation.errors import InputError, Problem, UsageError
from resilience_analysis.foundation.files import replacing
from resilience_analysis.foundation.numbers import read_numbers
from resilience_analysis.foundation.tables import read_rows

SHEETS = {"data": ("iData", "data"), "framework": ("iMeta", "framework", "metadata")}
KINDS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods", ".zip")


def read_text_table(path: Path, *, kind: str, names: Iterable[str] = ()) -> pd.DataFrame:
    """Read a table with every cell as text, an empty cell as empty text.

    Delimited text in any encoding and with any delimiter that leave no doubt, or a workbook, of which the sheet that
    is called like the kind (``data`` or ``framework``) is read, else the first that is not hidden. `names` are columns
    to know where capitals, spaces and hyphens in the file differ. See `foundation.tables.read_rows`.
    """
    if not path.is_file():
        raise UsageError(f"{path} does not exist. Give the {kind} as a file")
    if path.suffix.lower() not in KINDS:
        raise UsageError(f"{path.name} is not a file that can be read as {kind}. Give one of {', '.join(KINDS)}")
    table = read_rows(path, sheet=SHEETS[kind], other_names=dict.fromkeys(names, ()))
    return table.rename_axis("row")


_SINCE = (3, 1)
EXACT: dict[str, Any] = (
    {} if tuple(map(int, pd.__version__.split(".")[:2])) >= _SINCE else {"float_precision": "round_trip"}
)
"""What makes pandas read every digit; from 3.1 it does so by itself, and warns who asks."""
MAX_PARQUET_CELLS = 200_000_000
"""Most cells of one Parquet file: a few bytes can say that they are billions."""


def read_plain_csv(path: Path, numeric: Collection[str], missing: Collection[str]) -> pd.DataFrame | None:
    """Read a comma-separated file that leaves no doubt, its numeric columns as floats, the others as text.

    It is UTF-8, without quotes, blank lines or ragged rows. Indexed by the row of the file; None when it is not such a
    file, or a cell is neither a number nor one that means `missing`: it is then read slowly, so that every problem can
    be named.
    """
    content = path.read_bytes()
    header = _plain_header(content)
    if header is None:
        return None
    try:
        kinds = {name: np.float64 if name in numeric else object for name in header}
        gaps = {name: list(missing) for name in header if name in numeric}
        table = pd.read_csv(io.BytesIO(content), dtype=kinds, na_values=gaps, keep_default_na=False, **EXACT)
    except (ValueError, pd.errors.ParserError):
        return None
    if len(table) != _lines(content) - 1 or any(_has_spaces(table[name]) for name in header if name not in numeric):
        return None
    numbers = table.select_dtypes("float").to_numpy()
    framed: pd.DataFrame = table.set_axis(pd.RangeIndex(2, 2 + len(table), name="row"))
    return None if np.isinf(numbers).any() else framed


def _plain_header(content: bytes) -> list[str] | None:
    """Return the names of the columns; None unless commas alone divide every line into as many cells."""
    head = content.split(b"\n", 1)[0]
    doubtful = (b'"' in content, b"\r" in content, b"\n\n" in content, b";" in head, b"\t" in head)
    if any(doubtful) or content.startswith(b"\xef\xbb\xbf"):
        return None
    try:
        header = head.decode("utf-8").split(",")
    except UnicodeDecodeError:
        return None
    even = content.count(b",") == _lines(content) * (len(header) - 1)
    named = "" not in header and len(set(header)) == len(header)
    return header if even and named and len(header) <= MAX_COLUMNS else None


def _lines(content: bytes) -> int:
    return content.rstrip(b"\n").count(b"\n") + 1


def _has_spaces(column: pd.Series) -> bool:
    return any(cell != cell.strip() for cell in column.unique()) or bool((column == "").all())


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file as a table of text and numbers, its index as columns; refused when damaged or too large."""
    _need_pyarrow()
    from pyarrow import ArrowException  # noqa: PLC0415 - only Parquet needs it
    from pyarrow.parquet import read_metadata  # noqa: PLC0415

    damage = (ArrowException, KeyError, OSError, ValueError)
    broken = Problem(path.name, "is a damaged Parquet file", "Write it again")
    try:
        about = read_metadata(path)
    except damage as error:
        raise InputError(path.name, [broken]) from error
    if about.num_rows * about.num_columns > MAX_PARQUET_CELLS:
        what = f"has more than {MAX_PARQUET_CELLS:,} cells"
        raise InputError(path.name, [Problem(path.name, what, "Leave out what is not needed, or split it")])
    try:
        table = pd.read_parquet(path)
    except damage as error:
        raise InputError(path.name, [broken]) from error
    named = table.reset_index() if table.index.names != [None] else table
    numbers = named.select_dtypes("number").columns
    text = {name: named[name].astype(object).where(named[name].notna(), "").astype(str) for name in named}
    columns = {name: named[name].astype(np.float64) if name in numbers else text[name] for name in named}
    return pd.DataFrame(columns).set_axis(pd.RangeIndex(1, 1 + len(named), name="row"))


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet, whole or not at all."""
    _need_pyarrow()
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False)


def _need_pyarrow() -> None:
    import importlib.util  # noqa: PLC0415 - only Parquet needs it

    if importlib.util.find_spec("pyarrow") is None:
        remedy = "Install it (pip install 'resilience-analysis[parquet]'), or use CSV"
        raise UsageError(f"Parquet needs the package pyarrow. {remedy}")


MISSING = ("", "NA", "NaN")


def without_codes(table: pd.DataFrame, metadata: pd.DataFrame, codes: set[str]) -> pd.DataFrame:
    """Return the table with an empty cell for every code of a missing value, in the columns that hold numbers."""
    own = metadata["missing"] if "missing" in metadata.columns else pd.Series(dtype=str)
    kinds = metadata["type"]
    changed = {}
    for name in table.columns:
        of = str(name).removesuffix("_se").removesuffix("_low").removesuffix("_high")
        if kinds.get(of) not in ("indicator", "denominator"):
            continue
        if pd.api.types.is_float_dtype(table[name]):
            numbers = [plain_number(code) for code in _codes_of(own, of, codes)]
            changed[name] = table[name].mask(table[name].isin(numbers))
            continue
        wanted = _codes_of(own, of, codes)
        found = table[name].isin(wanted | _other_forms(table[name], wanted))
        if found.any():
            changed[name] = table[name].mask(found, "")
    return table.assign(**changed)


def _codes_of(own: pd.Series, code: str, codes: set[str]) -> set[str]:
    return codes | {part.strip() for part in str(own.get(code, "")).split(";")}


def _other_forms(column: pd.Series, wanted: set[str]) -> set[str]:
    """Return cells that are the same number as a code, written otherwise, such as -999.0."""
    numbers = {plain_number(code.replace(",", ".")) for code in wanted} - {float("nan")}
    numbers = {number for number in numbers if number == number}  # noqa: PLR0124 - NaN is not itself
    if not numbers:
        return set()
    distinct = [str(cell) for cell in column.unique()]
    return {cell for cell in distinct if plain_number(cell.replace(",", ".")) in numbers}


def parse_numbers(
    table: pd.DataFrame, *, file: str, decimal: str | None = None, where: Callable[[int, str], str]
) -> tuple[dict[str, Array], list[Problem]]:
    """Return columns as numbers, NaN where a cell is missing or refused, and what is refused.

    `file` is what a message calls the table, `where` how it calls a cell by its row and column. A decimal mark that is
    not given follows from cells that leave no doubt, see `foundation.numbers.read_numbers`.
    """
    known = {str(name): table[name].to_numpy() for name in table if pd.api.types.is_float_dtype(table[name])}
    texts = [str(name) for name in table if str(name) not in known]
    values, problems = read_numbers(
        table, texts, file=file, empty=MISSING, percents=texts, decimal=decimal, where=where
    )
    problems = [_with_option(problem) for problem in problems]
    problems += [
        Problem(where(row, name), f"{number!r} is not a finite number", "Correct it")
        for name, column in known.items()
        for row, number in zip(table.index[np.isinf(column)], column[np.isinf(column)].tolist(), strict=True)
    ]
    return {name: values[name].to_numpy() for name in texts} | known, problems


def _with_option(problem: Problem) -> Problem:
    """Name the option that says what a cell means: which mark is its decimal mark, or that its text is no value."""
    if " may be " in problem.what or problem.what.startswith("has decimals with"):
        return replace(problem, remedy=f"{problem.remedy}, or say which with --decimal")
    is_text = problem.what.endswith("is not a number")
    return replace(problem, remedy=f"{problem.remedy}, or name it with --missing") if is_text else problem


def with_points(table: pd.DataFrame, *, file: str) -> pd.DataFrame:
    """Return the table with a decimal point in the columns of numbers that have a comma, without doubt."""
    changed = {}
    for name in map(str, table.columns):
        if table[name].str.contains(",", regex=False).any():
            values, problems = read_numbers(table, [name], file=file, empty=MISSING)
            if not problems:
                changed[name] = ["" if np.isnan(value) else repr(value) for value in values[name].tolist()]
    return table.assign(**changed)


def plain_numbers(column: pd.Series) -> Array:
    """Parse text exactly; what is not a number becomes NaN."""
    if pd.api.types.is_float_dtype(column):
        return column.to_numpy(dtype=np.float64)
    try:
        return column.where(~column.isin(MISSING), "nan").to_numpy().astype(np.float64)
    except ValueError:
        return np.array([plain_number(cell) for cell in column], dtype=np.float64)


def plain_number(cell: str) -> float:
    """Return a cell as a number, NaN when it is not one."""
    try:
        return float(cell)
    except ValueError:
        return float("nan")
