"""Answers to estimate from: any plain table of respondents by items, or the long table an import wrote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, refusal
from resilience_analysis.foundation.numbers import read_numbers
from resilience_analysis.foundation.workbooks import column_letters
from resilience_analysis.survey.instrument import Instrument, Marker
from resilience_analysis.survey.privacy import redact, sayable
from resilience_analysis.survey.responses import (
    COLUMNS,
    NOT_ASKED,
    Responses,
    from_table,
    is_synthetic,
    read_answers,
    reason_code,
)
from resilience_analysis.survey.scores import HIGH, LOW
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import read_workbook

WAVE = "wave"
ITEM_FILE_COLUMNS = ("item", "dimension", "reverse")
_TRUE = frozenset({"true", "t", "1", "yes", "y", "ja", "waar"})
_FALSE = frozenset({"false", "f", "0", "no", "n", "nee", "onwaar", ""})
_SHOWN = 20
_IN_DOUBT = re.compile(r"\s*\d{1,3}[.,]\d{3}\s*")


@dataclass(frozen=True)
class ItemList:
    """Which items are counted, in order; those of every dimension, and those that are turned round in one."""

    items: tuple[str, ...]
    dimensions: Mapping[str, tuple[str, ...]]
    reverse: frozenset[str]


@dataclass(frozen=True)
class AnswerTable:
    """Answers ready to be counted."""

    values: pd.DataFrame  # one row per respondent, a column per item, 1 to 4 as answered, NaN without answer
    people: pd.DataFrame  # the same rows: everything else that is known of a respondent
    asked: pd.DataFrame  # where an answer was asked
    items: ItemList  # how the items are counted
    waves: tuple[str, ...] = ()  # the waves that an import was made for; empty for a plain table
    # all answers of an import, as in `responses.Responses.codes`; None for a plain table
    answered: pd.DataFrame | None = None

    def column(self, name: str) -> pd.Series:
        """Return one column about the respondents, where an empty text is not a value; `UsageError` without it."""
        if name not in self.people:
            near = get_close_matches(name, [str(heading) for heading in self.people.columns], 1)
            # a list of all headings would tell what somebody wrote in one
            hint = f"did you mean {near[0]!r}?" if near else "name a heading of the first row"
            raise UsageError(f"unknown column {name!r}; {hint}")
        column = self.people[name].map(str.strip, na_action="ignore")
        return column.where(column.notna() & (column != ""))

    def codes(self) -> pd.DataFrame:
        """Return the answers as in `responses.Responses.codes`; why one is missing is not known here."""
        reasons = self.asked.to_numpy() * reason_code("empty")
        return self.values.where(self.values.notna(), pd.DataFrame(reasons, self.values.index, self.values.columns))

    def of_wave(self, wave: str | None, *, by: str) -> AnswerTable:
        """Return the answers of one wave; all of them when there is but one, or when waves are what is compared.

        `UsageError` where there are several to choose from, or none of that name: who answered twice counts once.
        """
        if wave is None and (len(self.waves) < 2 or by == WAVE):  # noqa: PLR2004 - nothing to choose from
            return self
        if wave not in self.waves:
            which = f"no wave {wave}" if wave else "several waves"
            raise UsageError(
                f"the answers hold {which}: {', '.join(self.waves) or 'none'}. Choose with --wave, or take --by wave"
            )
        rows = (self.people[WAVE] == wave).to_numpy()
        values, people, asked = (part[rows].reset_index(drop=True) for part in (self.values, self.people, self.asked))
        answered = None if self.answered is None else self.answered[rows].reset_index(drop=True)
        return AnswerTable(values, people, asked, self.items, (str(wave),), answered)

    def synthetic(self, marker: Marker) -> bool:
        """Return whether any of the answers are made up: a respondent or a column says so."""
        known = {fold(text) for text in (marker.code, *marker.texts.every)}
        if any(fold(str(name)) in known for name in self.people):
            return True
        return "respondent" in self.people and bool(is_synthetic(self.people, marker).any())

    def optional(self, *names: str) -> pd.Series | None:
        """Return the first of the columns that exists, or None."""
        return next((self.column(name) for name in names if name in self.people), None)


def instrument_items(instrument: Instrument) -> ItemList:
    """Return the items of the self-assessment, village team check included, which has no dimension.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> instrument_items(load_instrument()).dimensions.keys() == load_instrument().scored.keys()
    True
    """
    return ItemList(tuple(instrument.items), instrument.scored, instrument.reversed_items)


def read_items(path: Path) -> ItemList:
    r"""Read a table of items: columns item, dimension, reverse.

    `InputError` has every fault: a column that is missing, an item that is empty or appears twice, a reverse that is
    neither true nor false.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "items.csv"
    >>> _ = file.write_text("item,dimension,reverse\nA1,A,false\nA2,A,true\n")
    >>> read_items(file).dimensions
    {'A': ('A1', 'A2')}
    """
    table = _text_table(path, ITEM_FILE_COLUMNS)
    names = table["item"].str.strip()
    reverse = table["reverse"].str.strip().str.casefold()
    repeated = names.index[names.duplicated() & (names != "")]
    problems = [Problem(_cell(path, row, "item"), "is empty") for row in table.index[names == ""]]
    problems += [Problem(_cell(path, row, "item"), f"{redact(names[row])!r} appears twice") for row in repeated]
    problems += [
        Problem(_cell(path, row, "reverse"), f"{redact(reverse[row])!r} is neither true nor false")
        for row in table.index[~reverse.isin(_TRUE | _FALSE)]
    ]
    raise_if_any(path.name, problems)
    grouped = names.groupby(table["dimension"].str.strip(), sort=False)
    dimensions = {str(name): tuple(group) for name, group in grouped if name}
    return ItemList(tuple(names), dimensions, frozenset(names[reverse.isin(_TRUE)]))


def _cell(path: Path, row: int, column: str) -> str:
    return f"{path.name}, row {row + 2}, column {column}"


def _text_table(path: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Read the first sheet as text, which has these columns; row ``n`` of the result is row ``n + 2`` of the file."""
    sheet = read_workbook(path)[0]
    headings = [heading.strip() for heading in sheet.rows[0]]
    places: dict[str, list[str]] = {}
    for number, heading in enumerate(headings, 1):
        places.setdefault(heading, []).append(column_letters(number))
    # Without a row of headings these are cells of the first respondent: only where they are is said.
    problems = [
        Problem(path.name, f"columns {', '.join(letters)} have the same heading", "Rename or remove one")
        for heading, letters in places.items()
        if heading and len(letters) > 1
    ]
    absent = [name for name in columns if name not in places]
    problems += [Problem(path.name, f"the columns {', '.join(absent)} are missing")] if absent else []
    raise_if_any(path.name, problems)
    return pd.DataFrame(sheet.rows[1:], pd.Index(sheet.numbers[1:]) - 2, pd.Index(headings, dtype=object), dtype=object)


def read_margins(path: Path) -> dict[str, dict[str, float]]:
    r"""Read known margins: columns column, value, n; gives numbers of people by value, by column.

    `InputError` has every fault: a column that is missing, a cell that is not a number, a value that appears twice.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "margins.csv"
    >>> _ = file.write_text("column,value,n\nrole,official,20\n")
    >>> read_margins(file)
    {'role': {'official': 20.0}}
    """
    table = _text_table(path, ("column", "value", "n"))
    margins: dict[str, dict[str, float]] = {}
    for (column, value), number in _numbers_of(path, table, ["column", "value"], "n").items():
        margins.setdefault(column, {})[value] = number
    return margins


def read_population(path: Path) -> dict[str, float]:
    r"""Read how many people there are: the first column is the group, column N the number; gives N by group.

    `InputError` has every fault: no column N, a cell that is not a number, a group that appears twice.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "population.csv"
    >>> _ = file.write_text("nis_code,N\n13029,12800\n")
    >>> read_population(file)
    {'13029': 12800.0}
    """
    table = _text_table(path, ["N"])
    return {group: number for (group,), number in _numbers_of(path, table, [table.columns[0]], "N").items()}


def _numbers_of(path: Path, table: pd.DataFrame, keys: Sequence[str], column: str) -> dict[tuple[str, ...], float]:
    numbers = numbers_of(table[column])
    wrong = table.index[~(numbers >= 0) | ~np.isfinite(numbers)]
    problems = []
    for row, cell in table.loc[wrong, column].items():
        remedy = "Write it without a mark for thousands" if _IN_DOUBT.fullmatch(cell) else ""
        problems.append(Problem(_cell(path, row, column), f"{sayable(cell)} is not a number of people", remedy))
    names = [tuple(row) for row in table[list(keys)].to_numpy().tolist()]
    for name, times in Counter(names).items():
        if times > 1:
            rows = [str(row + 2) for row, other in zip(table.index, names, strict=True) if other == name]
            where = f"{path.name}, rows {', '.join(rows[:_SHOWN])}"
            problems.append(Problem(where, f"have the same {' and '.join(keys)}", "Keep one"))
    raise_if_any(path.name, problems)
    return dict(zip(names, numbers.tolist(), strict=True))


def numbers_of(column: pd.Series) -> pd.Series:
    """Return a column of text as numbers, with a comma or a point; NaN where it is none, or may be 1.2 or 1200.

    Examples
    --------
    >>> numbers_of(pd.Series(["1,5", " 12 ", "x"])).tolist()
    [1.5, 12.0, nan]
    """
    return read_numbers(column.to_frame("n").map(str.strip), ["n"], file="")[0]["n"]


def read_answer_table(
    path: Path, items: ItemList | None, instrument: Instrument, *, missing: Collection[str]
) -> AnswerTable:
    r"""Read answers to estimate from.

    Parameters
    ----------
    path
        A plain table (CSV or XLSX), one respondent a row and one column an item; or an ``answers.csv`` of an import,
        or a folder with such files. `InputError` with every fault: no row, an item without a column, an answer that is
        not a whole number from 1 to 4.
    items
        The items to count; when None, those of the instrument that the file has.
    missing
        What stands for no answer in a plain table, such as ``9``; an empty cell always does.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.items import load_instrument
    >>> file = Path(tempfile.mkdtemp()) / "answers.csv"
    >>> _ = file.write_text("place,INF1\nOlen,4\nOlen,9\n")
    >>> read_answer_table(file, None, load_instrument(), missing=["9"]).values["INF1"].tolist()
    [4.0, nan]
    """
    if path.is_dir() or _is_long(path):
        return _from_long(path, items or instrument_items(instrument))
    table = _text_table(path)
    if table.empty:
        remedy = "Give a heading and a row for every respondent"
        raise refusal(path.name, "has no rows", remedy)
    items = _with_columns(path, table, items or instrument_items(instrument), needed=items is not None)
    values, problems = _numbers(table[list(items.items)], path, missing)
    raise_if_any(path.name, problems)
    asked = pd.DataFrame(data=True, index=values.index, columns=values.columns)
    people = table.drop(columns=list(items.items)).reset_index(drop=True)
    return AnswerTable(values, people, asked, _present(items, values))


def _with_columns(path: Path, table: pd.DataFrame, items: ItemList, *, needed: bool) -> ItemList:
    """Return the items that have a column; all of them where they are needed."""
    found = tuple(item for item in items.items if item in table)
    if not found or (needed and found != items.items):
        absent = ", ".join(item for item in items.items if item not in found)
        what = f"the items {absent} have no column" if needed else "no column is an item"
        remedy = "Correct the headings, or give the items with --items"
        raise refusal(path.name, what, remedy)
    return replace(items, items=found)


def _present(items: ItemList, values: pd.DataFrame) -> ItemList:
    """Leave out the dimensions of which no item is there at all."""
    dimensions = {name: codes for name, codes in items.dimensions.items() if any(code in values for code in codes)}
    return ItemList(items.items, dimensions, items.reverse)


def _is_long(path: Path) -> bool:
    if not path.is_file():
        raise UsageError(f"{path} does not exist")
    with path.open("rb") as stream:
        return stream.readline().decode("utf-8", "replace").strip() == ",".join(COLUMNS)


def _from_long(path: Path, items: ItemList) -> AnswerTable:
    responses = from_table(read_answers(path), subject=path.name)
    present = [item for item in items.items if item in responses.codes]
    if not present:
        what = f"none of the items {', '.join(items.items[:_SHOWN])} is answered"
        raise refusal(path.name, what, "Give its items with --items")
    return answer_table(responses, present, items)


def answer_table(responses: Responses, codes: Sequence[str], items: ItemList) -> AnswerTable:
    """Return some items of imported answers, ready to be counted as a list of items says.

    Examples
    --------
    >>> people = pd.DataFrame({"respondent": ["a"], "wave": ["2026"]})
    >>> items = ItemList(("INF1",), {"INF": ("INF1",)}, frozenset())
    >>> answer_table(Responses(people, pd.DataFrame({"INF1": [4]})), ["INF1"], items).waves
    ('2026',)
    """
    asked = ~responses.codes[list(codes)].isin([NOT_ASKED, reason_code("not_applicable")])
    values = responses.values(codes)
    waves = tuple(sorted(responses.people[WAVE].unique()))
    return AnswerTable(values, responses.people, asked, _present(items, values), waves, responses.codes)


def _numbers(table: pd.DataFrame, path: Path, missing: Collection[str]) -> tuple[pd.DataFrame, list[Problem]]:
    """Turn text into positions; list what is none."""
    known = {str(value): float(value) for value in range(LOW, HIGH + 1)}
    nothing = {"", "NA", "NaN", "nan", *(code.strip().removesuffix(".0") for code in missing)}
    columns: dict[str, np.ndarray] = {}
    problems: list[Problem] = []
    for item in table.columns:
        labels, texts = pd.factorize(table[item])
        plain = [str(text).strip().removesuffix(".0") for text in texts]
        columns[item] = np.array([known.get(text, np.nan) for text in plain])[labels]
        for number, text in enumerate(plain):
            if text not in known and text not in nothing:
                rows = (table.index[labels == number] + 2).tolist()
                problems.append(_not_a_position(str(texts[number]), rows, f"{path.name}, column {item}"))
    return pd.DataFrame(columns), problems


def _not_a_position(text: str, rows: Sequence[int], where: str) -> Problem:
    shown = ", ".join(map(str, rows[:_SHOWN])) + (" and more" if len(rows) > _SHOWN else "")
    said = sayable(text)
    code = said.strip("'") if said.startswith("'") else "CODE"
    remedy = f"Correct it, or say --missing {code} when it stands for no answer"
    return Problem(f"{where}, row {shown}", f"{said} is not a position from {LOW} to {HIGH}", remedy)
