"""Numbers and days as people and programs write them, read only where there is no doubt what is meant."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from resilience_analysis.foundation.errors import Problem
from resilience_analysis.foundation.workbooks import NumberText, PercentText

MISSING_WORDS = frozenset(
    {"", "-", "–", ".", "..", "...", ":", "x", "/", "na", "n/a", "n.a.", "#n/a", "nan", "null", "nd", "n.d."}
    | {"n.b.", "nb", "n.v.t.", "nvt", "s.o.", "k.a."}
)
"""What statistical offices and programs write for a figure that is missing, in small letters."""
SHOWN_FAULTS = 5
"""Of each column, so many cells are named; the others are counted."""
_Floats = npt.NDArray[np.float64]
_SPACES = dict.fromkeys(map(ord, "\xa0\u2007\u2009\u202f"), " ") | {ord("\u2212"): "-"}
_APOSTROPHE = re.compile(r"(?<=[0-9])['\u2019](?=[0-9]{3}(?![0-9]))")  # between thousands, as in Switzerland
_PROGRAM = re.compile(r"[-+0-9.eE\n]*")  # what a program writes, one number a line
_SIGN, _POWER = r"[-+]?", r"(?:[eE][-+]?[0-9]{1,3})?"
_WHOLE = re.compile(rf"{_SIGN}(?:[0-9]+|[1-9][0-9]{{0,2}}(?: [0-9]{{3}})+){_POWER}")
_GROUPED = {mark: re.compile(rf"{_SIGN}[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}}){{2,}}") for mark in ".,"}
_DECIMAL = {
    mark: re.compile(
        rf"{_SIGN}(?:[0-9]*|[1-9][0-9]{{0,2}}(?: [0-9]{{3}})+|[1-9][0-9]{{0,2}}(?:{re.escape(other)}[0-9]{{3}})+)"
        rf"{re.escape(mark)}[0-9]+{_POWER}"
    )
    for mark, other in (".,", ",.")
}
_DOUBTFUL = re.compile(rf"^{_SIGN}[1-9][0-9]{{0,2}}[.,][0-9]{{3}}$", re.MULTILINE)
"""A mark with three digits behind it and one to three before it: thousands, or decimals."""
_CERTAIN_POINT = re.compile(
    rf"^{_SIGN}(?:0*\.[0-9]+|0[0-9]*\.[0-9]+|[0-9]{{4,}}\.[0-9]+|[0-9]+\.(?:[0-9]{{1,2}}|[0-9]{{4,}}))$", re.MULTILINE
)
_SEVERAL_POINTS = re.compile(r"[^.\n]*\.[^.\n]*\.[^\n]*")
_OTHER = {".": ",", ",": "."}
_MARKS = {".": "point", ",": "comma"}
_ANY = (-np.inf, np.inf)
_DAY = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?$")
Where = Callable[[int, str], str]


def read_numbers(
    rows: pd.DataFrame,
    columns: Iterable[str],
    *,
    file: str,
    whole: Collection[str] = (),
    empty: Collection[str] = ("",),
    limits: Mapping[str, tuple[float, float]] | None = None,
    percents: Collection[str] = (),
    decimal: str | None = None,
    where: Where | None = None,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read columns of text as numbers.

    Decimals have a point or a comma, thousands a space, an apostrophe, or the other mark in groups of three. Which is
    meant in ``1.200`` follows from the other cells of the column, else from the other columns, else from what the
    column can hold; where they do not tell it is refused, and in a column of whole numbers it is never read as 1.2.

    Parameters
    ----------
    rows
        From `read_rows`; not changed.
    file
        What to call the table in a message.
    empty
        Texts that stand for a missing value.
    limits
        By column, the lowest and highest number that it can hold. They settle which mark is meant and are not checked.
    percents
        Columns that may be percentages: where every number has % behind it, it is read without.
    decimal
        The decimal mark, where it is known: ``.`` or ``,``.
    where
        Names a cell by its row and column in a message; the file, row and column when not given.

    Returns
    -------
    pandas.DataFrame
        The columns as floats, NaN where a cell is empty or refused; and a list of problems.

    Examples
    --------
    >>> rows = pd.DataFrame({"share": ["3,5", "1.200,25"], "count": ["1.200", ""]})
    >>> read_numbers(rows, ["share", "count"], file="figures.csv")[0].to_numpy().tolist()
    [[3.5, 1200.0], [1200.25, nan]]
    """
    names = list(columns)
    where = where or (lambda row, name: f"{file}, row {row}, column {name}")
    texts = {name: _Column(rows[name].tolist(), frozenset(empty), percent=name in percents) for name in names}
    marks = {name: {decimal} if decimal else text.marks() for name, text in texts.items()}
    of_all = set().union(*marks.values())
    values, problems = {}, []
    for name, text in texts.items():
        known = marks[name] or of_all
        mark = next(iter(known)) if len(known) == 1 else text.mark_within(*(limits or {}).get(name, _ANY))
        values[name], faults = text.parsed(mark, whole=name in whole)
        problems += _mixed(rows.index, text.cells, name, file) if len(marks[name]) > 1 else []
        problems += _said(faults, rows[name], where, f"{file}, column {name}")
    return pd.DataFrame(values, index=rows.index, columns=names, dtype=float), problems


class _Column:
    """The cells of one column, looked at together first: what a program wrote is read at once."""

    def __init__(self, cells: list[str], empty: frozenset[str], *, percent: bool) -> None:
        if not empty <= {""} or any(map(str.isspace, cells)):
            cells = ["" if cell in empty or cell.isspace() else cell for cell in cells]
        self.cells = _as_programs_write(_without_signs(cells) if percent else cells)
        joined = "\n".join(self.cells)
        self.by_program = _PROGRAM.fullmatch(joined) is not None
        # cells that a workbook holds as numbers leave no doubt
        numbers = any(isinstance(cell, NumberText) for cell in self.cells)
        self.typed = [cell for cell in self.cells if not isinstance(cell, NumberText)] if numbers else self.cells
        self.joined = "\n".join(self.typed) if numbers else joined

    def marks(self) -> set[str]:
        """Return the decimal marks that the column uses without doubt."""
        if not self.by_program:
            return {mark for cell in self.typed for mark in _mark(cell)}
        certain = "." in self.joined and _CERTAIN_POINT.search(self.joined)
        grouped = any(map(_GROUPED["."].fullmatch, _SEVERAL_POINTS.findall(self.joined)))
        return ({"."} if certain else set()) | ({","} if grouped else set())

    def mark_within(self, low: float, high: float) -> str | None:
        """Return the only decimal mark with which all cells in doubt lie within two bounds, if there is one."""
        doubtful = [cell for cell in self.typed if _DOUBTFUL.fullmatch(cell)]
        written = {mark for cell in doubtful for mark in ".," if mark in cell}
        if len(written) != 1:
            return None
        (mark,) = written
        readings = {mark: mark, _OTHER[mark]: ""}  # the point that the mark stands for, or thousands
        fits = [
            meant
            for meant, point in readings.items()
            if all(low <= float(cell.replace(mark, point.replace(",", "."))) <= high for cell in doubtful)
        ]
        return fits[0] if len(fits) == 1 else None

    def parsed(self, mark: str | None, *, whole: bool) -> tuple[_Floats, dict[int, str]]:
        """Return the numbers, and by place what is wrong with a cell."""
        if self.by_program and ((mark == "." and not whole) or not _DOUBTFUL.search(self.joined)):
            try:
                values = np.array([float(cell) if cell else np.nan for cell in self.cells])
            except ValueError:
                return self._one_by_one(mark, whole=whole)
            return values, dict.fromkeys(np.flatnonzero(np.isinf(values)).tolist(), "large")
        return self._one_by_one(mark, whole=whole)

    def _one_by_one(self, mark: str | None, *, whole: bool) -> tuple[_Floats, dict[int, str]]:
        faults: dict[int, str] = {}
        values = np.full(len(self.cells), np.nan)
        for place, cell in enumerate(self.cells):
            value = _number(cell, mark, whole=whole) if cell else np.nan
            if isinstance(value, str) or np.isinf(value):
                faults[place] = value if isinstance(value, str) else "large"
            else:
                values[place] = value
        return values, faults


def _as_programs_write(cells: list[str]) -> list[str]:
    """Return cells with plain spaces and minus signs, and a space for an apostrophe between thousands."""
    joined = "\n".join(cells)
    if "'" in joined or "\u2019" in joined:
        cells = [cell if isinstance(cell, NumberText) else _APOSTROPHE.sub(" ", cell) for cell in cells]
    if joined.isascii():
        return cells
    return [cell if cell.isascii() else cell.translate(_SPACES).strip() for cell in cells]


def _without_signs(cells: list[str]) -> list[str]:
    """Return percentages without their signs, where every number but 0 has one, as text or by its format.

    Where some have one the signs are written, so that these cells are refused as a person sees them.
    """
    signed = [is_percentage(cell) for cell in cells]
    if not any(signed):
        return cells
    shown = [_seen(cell) for cell in cells]
    if not all(sign or cell in ("", "0") for sign, cell in zip(signed, cells, strict=True)):
        return shown
    plain = zip(cells, shown, strict=True)
    return [
        _times_hundred(cell) if isinstance(cell, PercentText) else text.removesuffix("%").rstrip()
        for cell, text in plain
    ]


def is_percentage(cell: str) -> bool:
    """Return whether a cell is a number with a percent sign, written or shown by a workbook."""
    return isinstance(cell, PercentText) or cell.endswith("%")


def _seen(cell: str) -> str:
    """Return a cell as a person sees it."""
    return f"{_times_hundred(cell)}%" if isinstance(cell, PercentText) else cell


def _times_hundred(cell: str) -> NumberText:
    """Return the number that a person sees; by decimals, as 100 * 0.07 is 7.000000000000001."""
    return NumberText(f"{(Decimal(cell) * 100).normalize():f}")


def _mark(cell: str) -> str:
    """Return the decimal mark that one cell uses without doubt, or nothing."""
    if _DOUBTFUL.match(cell):
        return ""
    for mark in ".,":
        if _DECIMAL[mark].fullmatch(cell):
            return mark
        if _GROUPED[mark].fullmatch(cell):
            return _OTHER[mark]
    return ""


def _doubtful_number(cell: str, mark: str | None, *, whole: bool) -> float | str:
    """Return a number such as 1.200 by the decimal mark of its column; ``doubt`` where that does not tell."""
    written = "." if "." in cell else ","
    if mark is None or (whole and mark == written):
        return "doubt"
    return float(cell.replace(written, "." if mark == written else ""))


def _number(cell: str, mark: str | None, *, whole: bool) -> float | str:
    """Return the number that a cell is, or the fault that keeps it from being one."""
    if isinstance(cell, NumberText):
        return float(cell)
    if _DOUBTFUL.fullmatch(cell):
        return _doubtful_number(cell, mark, whole=whole)
    plain = cell.replace(" ", "")
    if _WHOLE.fullmatch(cell):
        return float(plain)
    for thousands, decimals in (",.", ".,"):
        if _GROUPED[thousands].fullmatch(cell) or _DECIMAL[decimals].fullmatch(cell):
            return float(plain.replace(thousands, "").replace(decimals, "."))
    return "text"


def _said(faults: dict[int, str], texts: pd.Series, where: Where, column: str) -> list[Problem]:
    shown = list(faults.items())[:SHOWN_FAULTS]
    problems = [
        Problem(where(texts.index[place], str(texts.name)), *_words(kind, _seen(texts.iloc[place])))
        for place, kind in shown
    ]
    if len(faults) > SHOWN_FAULTS:
        problems.append(Problem(column, f"{len(faults) - SHOWN_FAULTS:,} more cells like these"))
    return problems


def _words(kind: str, text: str) -> tuple[str, str]:
    if kind == "doubt":
        plain = text.replace(".", "").replace(",", "")
        what = f"{text!r} may be {plain} or {float(text.replace(',', '.')):g}"
        return what, f"Write {plain}, or decimals with more or fewer than three digits"
    if kind == "large":
        return f"{text[:20]!r} is not a finite number", "Correct it"
    remedy = "Write the number alone, or leave the cell empty when it is missing"
    if is_percentage(text):
        remedy = "Write the number alone, or in a column of percentages % behind every number"
    return f"{text[:60]!r} is not a number", remedy


def _mixed(numbers: pd.Index, cells: list[str], name: str, file: str) -> list[Problem]:
    found: dict[str, int] = {}
    for number, cell in zip(numbers, cells, strict=True):
        for mark in "" if isinstance(cell, NumberText) else _mark(cell):
            found.setdefault(mark, number)
    rows = " and ".join(f"a {_MARKS[mark]} (row {row})" for mark, row in sorted(found.items()))
    return [Problem(f"{file}, column {name}", f"has decimals with {rows}", "Write all with the same mark")]


def read_day(text: str) -> str | None:
    """Return a day as 2026-03-17; None when it is not a day.

    It may be written so, or as 17/03/2026, 17-3-2026 or 17.03.2026: the day comes first.
    """
    text = _MIDNIGHT.sub("", text.strip())
    written = _DAY.fullmatch(text)
    try:
        if written:
            day, month, year = map(int, written.groups())
            return dt.date(year, month, day).isoformat()
        return dt.date.fromisoformat(text).isoformat() if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None
