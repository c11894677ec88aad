"""From a table as its publisher writes it to our own raw table: which rows, columns, labels and years, in what unit.

The steps are those of ``fetch`` in ``sources.yml``, done in the order of `follow`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any, refusal, unknown
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.numbers import MISSING_WORDS, read_numbers
from resilience_analysis.foundation.tables import folded
from resilience_analysis.geography.municipalities import coded

_CODES_OF_MISSING = frozenset(map(str, range(-99999, -99989)))
KEY = ("nis_code", "year")
NAME = "name"
EVERYTHING = "*"
_AT_LEAST = re.compile(r"([0-9]+)\.\.")
_YEAR = r"((?:19|20)[0-9]{2})"
_NOTE = re.compile(r"\s*⁽?[¹²³⁰⁴-⁹]+⁾?$")  # the mark of a footnote behind a figure


@cache
def other_names() -> Mapping[str, Sequence[str]]:
    """Return, by key column (and ``name``), the other names under which it is found."""
    names: dict[str, list[str]] = read_yaml(Path(__file__).with_name("headings.yml"))
    return names


class LabelError(InputError):
    """A published file lacks sheets, columns or labels that a recipe names."""


def lacks(file: str, problems: Sequence[Problem]) -> None:
    """Raise `LabelError` with all `problems`, or do nothing when there are none."""
    if problems:
        raise LabelError(file, problems)


@dataclass(frozen=True)
class Recipe:
    """What ``fetch`` says of a published file."""

    reader: str = "table"  # name of the general reader, a module of `data.publishers`
    address: str | None = None  # where the publisher has the file, where that is stable
    sheet: str | None = None  # the sheet of a workbook
    where: Mapping[str, Any] = field(default_factory=dict)
    """By published column, the value, the list of values or the range (``from``, ``to``) of the rows to keep."""
    unpivot: Mapping[str, str] | None = None
    """``columns`` (a pattern of the headings that hold values), ``names`` and ``values`` (the columns to make)."""
    rename: Mapping[str, str] = field(default_factory=dict)
    """By published column, our name for it: nis_code, name, year or a variable."""
    pivot: Mapping[str, Any] | None = None
    """``column`` (which holds labels), ``values`` (which holds the figures) and ``labels`` (by label, our variable; a
    star adds up all, and ``65..`` all numbers of 65 or more); the names of our variables when not given.
    """
    some: bool = False
    """Whether a file holds some of the columns or labels that are named, as where a publisher has a file per theme."""
    years: str = _YEAR  # a pattern that finds the year in its cell, in one group; rows it does not find are left out
    year: int | None = None  # the year of all rows, of a file that does not say it
    add_up: bool = False  # whether rows of the same municipality and year are added up
    count: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By variable, what to count where the file has a row for each thing (linked data): the different values in the
    column ``of``, in the rows that ``where`` keeps; ``within`` names a level of areas in which all municipalities of
    that thing must lie together.
    """
    share: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By variable, the two variables (``of``, ``among``) of which it is the percentage."""
    scale: Mapping[str, float] = field(default_factory=dict)
    digits: Mapping[str, int] = field(default_factory=dict)
    """scale, digits: by variable, what to multiply by and how many decimals to keep."""
    missing: Sequence[str] = ()  # texts that stand for a missing value, besides the usual ones

    def ours(self, column: str) -> str:
        """Return our name for a published column."""
        return self.rename.get(column, column)

    @property
    def named(self) -> list[str]:
        """The published columns that the recipe names."""
        of_pivot = [self.pivot["column"], self.pivot["values"]] if self.pivot else []
        made = {self.unpivot[part] for part in ("names", "values")} if self.unpivot else set()
        counted = [column for what in self.count.values() for column in (what["of"], *what.get("where", ()))]
        return [name for name in dict.fromkeys((*self.where, *self.rename, *of_pivot, *counted)) if name not in made]


def follow(
    table: pd.DataFrame,
    recipe: Recipe,
    *,
    file: str,
    columns: Sequence[str],
    places: Mapping[str, str],
    levels: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Follow a recipe.

    Parameters
    ----------
    places
        The code of every code and folded name that is a municipality, of today or before; other rows are left out.
    levels
        Of what is counted: the areas that each code belongs to (a column per level), and in ``now`` the code that a
        municipality has on the boundaries of the source.

    Returns
    -------
    pandas.DataFrame
        ``nis_code``, ``year`` and a float column per variable, in order of code and year.

    Raises
    ------
    InputError
        When a column or label is not there (`LabelError`), a cell is not a number, no row is a municipality, or two
        rows are of the same municipality and year and do not say the same.
    """
    table = conditioned(table, recipe, file)
    values = [recipe.ours(recipe.pivot["values"])] if recipe.pivot else list(columns)
    values = [] if recipe.count else values  # there is nothing to read in what is counted
    lacking = [name for name in values if name not in table]
    lacking = [] if recipe.some and len(lacking) < len(values) else lacking
    lacks(file, [Problem(file, unknown("column", name, table.columns)) for name in lacking])
    table = _with_key(table, recipe, file, places)
    if recipe.count:
        return _counted(table, recipe, file, levels)
    values = [name for name in values if name in table]
    table = _with_numbers(table, values, recipe, file)
    table = _pivoted(table, recipe, file) if recipe.pivot else table[[*KEY, *values]]
    table = _shared(_one_row_each(table, recipe, file), recipe, file)
    named = [name for name in table.columns if name not in KEY]
    table[named] = table[named] * [recipe.scale.get(name, 1) for name in named]
    table = table.round(dict(recipe.digits))
    return table.sort_values(list(KEY), ignore_index=True)


def _with_numbers(table: pd.DataFrame, values: list[str], recipe: Recipe, file: str) -> pd.DataFrame:
    """Read the figures, without the marks of footnotes behind them."""
    cells = {name: [_NOTE.sub("", cell) if _NOTE.search(cell) else cell for cell in table[name]] for name in values}
    found = {cell for column in cells.values() for cell in column if cell.casefold() in MISSING_WORDS}
    numbers, problems = read_numbers(
        table.assign(**cells),
        values,
        file=file,
        empty={*found, *_CODES_OF_MISSING, *recipe.missing},
        percents=[name for name in values if name not in recipe.scale],  # else the recipe says what to multiply by
    )
    raise_if_any(file, problems)
    return pd.concat([table.drop(columns=values), numbers], axis=1)


def conditioned(table: pd.DataFrame, recipe: Recipe, file: str) -> pd.DataFrame:
    """Return the rows that are meant, unpivoted, under our names; cells stay text."""
    return _kept(_renamed(_unpivoted(_kept(table, recipe, file), recipe, file), recipe), recipe, file, late=True)


def _kept(table: pd.DataFrame, recipe: Recipe, file: str, *, late: bool = False) -> pd.DataFrame:
    """Keep the rows that are meant; conditions on columns that unpivoting makes come late."""
    for column, wanted in recipe.where.items():
        made = recipe.unpivot is not None and column in (recipe.unpivot["names"], recipe.unpivot["values"])
        name = recipe.ours(column) if late else column
        if made != late:
            continue
        lacks(file, [] if name in table else [Problem(file, unknown("column", column, table.columns))])
        table = table[_fits(table[name], wanted)]
    return table


def _fits(cells: pd.Series, wanted: Any) -> pd.Series:
    if isinstance(wanted, Mapping):
        numbers = pd.to_numeric(cells, errors="coerce")
        return numbers.between(wanted.get("from", -np.inf), wanted.get("to", np.inf))
    texts = {_plain(value) for value in (wanted if isinstance(wanted, list) else [wanted])}
    return cells.map(_plain).isin(texts)


def _plain(value: object) -> str:
    """Return a value as text to compare by: 5 is 5.0, and 02000 is 2000."""
    text = str(value).strip().casefold()
    return str(float(text)) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else text


def _unpivoted(table: pd.DataFrame, recipe: Recipe, file: str) -> pd.DataFrame:
    if recipe.unpivot is None:
        return table
    wide = [name for name in table.columns if re.fullmatch(recipe.unpivot["columns"], str(name))]
    what = f"has no column like {recipe.unpivot['columns']}; it has {', '.join(map(str, table.columns))}"
    lacks(file, [] if wide else [Problem(file, what)])
    names, values = recipe.unpivot["names"], recipe.unpivot["values"]
    stay = [name for name in table.columns if name not in wide]
    return table.melt(id_vars=stay, value_vars=wide, var_name=names, value_name=values, ignore_index=False)


def _renamed(table: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    table = table.rename(columns=dict(recipe.rename))
    for wanted, others in other_names().items():
        meant = [name for name in table.columns if folded(str(name)) in {folded(wanted), *map(folded, others)}]
        if wanted not in table and len(meant) == 1:
            table = table.rename(columns={meant[0]: wanted})
    return table


def _with_key(table: pd.DataFrame, recipe: Recipe, file: str, places: Mapping[str, str]) -> pd.DataFrame:
    """Give every row its code and year; rows that are of no municipality or no year are left out."""
    place = "nis_code" if "nis_code" in table else NAME
    lacks(file, [] if place in table else [Problem(file, "has no column with codes or names of municipalities")])
    if recipe.year is None and "year" not in table:
        raise refusal(file, "says no year", "Give it: year in sources.yml, or --year")
    if table.empty:
        raise refusal(file, "has no row of a municipality with its year")
    codes = coded(table[place], places)
    width = max(map(len, places.values()), default=0)  # a code that a spreadsheet took for a number lost its zeros
    padded = codes.where(codes.isin(set(places.values())), codes.str.zfill(width))
    years = pd.Series(str(recipe.year), index=table.index)
    if recipe.year is None:
        years = table["year"].str.extract(recipe.years, expand=False)
        raise_if_any(file, _several_years(table["year"], recipe, file))
    known = padded.isin(set(places.values())) & years.notna()
    if not known.any():
        raise refusal(file, "has no row of a municipality with its year")
    table = table.drop(columns=[name for name in (*KEY, NAME) if name in table]).reset_index(drop=True)
    table.insert(0, "nis_code", padded.to_numpy())
    table.insert(1, "year", years.to_numpy())
    return table[known.to_numpy()].astype({"year": "int64"})


def _several_years(cells: pd.Series, recipe: Recipe, file: str) -> list[Problem]:
    """Return every cell with two years, such as 2021-2022, where the recipe does not say which is meant."""
    if recipe.years != _YEAR:
        return []
    found = {cell: set(re.findall(_YEAR, cell)) for cell in cells.unique()}
    remedy = "Say which is meant: years in sources.yml, a pattern such as '-(20[0-9]{2})'"
    return [
        Problem(f"{file}, column year", f"{cell!r} has several years", remedy) for cell in found if len(found[cell]) > 1
    ]


def _pivoted(table: pd.DataFrame, recipe: Recipe, file: str) -> pd.DataFrame:
    """Make a column of every label that is wanted; a row without a label is a total and left out."""
    assert recipe.pivot is not None
    column, values = recipe.ours(recipe.pivot["column"]), recipe.ours(recipe.pivot["values"])
    lacks(file, [] if column in table else [Problem(file, unknown("column", column, table.columns))])
    table = table[table[column] != ""]
    labels, found = recipe.pivot["labels"], table[column].map(folded)
    lacking = [label for label in labels if label != EVERYTHING and not _meant(found, [label]).any()]
    if recipe.some and len(lacking) < len(labels):
        labels, lacking = {label: name for label, name in labels.items() if label not in lacking}, []
    lacks(file, [Problem(file, unknown("label", label, table[column].unique())) for label in lacking])
    parts = []
    for variable in dict.fromkeys(labels.values()):
        rows = table[_meant(found, [label for label, name in labels.items() if name == variable])]
        rows = rows[[*KEY, values]].rename(columns={values: variable})
        parts.append(_one_row_each(rows, recipe, file).set_index(list(KEY)))
    return pd.concat(parts, axis=1).reset_index()


def _counted(table: pd.DataFrame, recipe: Recipe, file: str, levels: pd.DataFrame | None) -> pd.DataFrame:
    """Count things by municipality and year; a municipality with a row, and none of what is counted, has zero."""
    assert levels is not None
    of_things = [name for what in recipe.count.values() for name in (what["of"], *what.get("where", ()))]
    named = dict.fromkeys(recipe.ours(name) for name in of_things)
    lacks(file, [Problem(file, unknown("column", name, table.columns)) for name in named if name not in table])
    within = {what["within"] for what in recipe.count.values() if "within" in what} - {*levels}
    raise_if_any(file, [Problem(file, unknown("level of areas", name, levels.columns)) for name in sorted(within)])
    table = table.assign(nis_code=table["nis_code"].map(levels["now"]).fillna(table["nis_code"]))
    counts = {}
    for variable, what in recipe.count.items():
        thing, rows = recipe.ours(what["of"]), table
        for column, wanted in what.get("where", {}).items():
            rows = rows[_fits(rows[recipe.ours(column)], wanted)]
        if "within" in what:
            area = rows["nis_code"].map(levels[what["within"]]).fillna("")
            of_thing = area.groupby([rows[thing], rows["year"]])
            rows = rows[(of_thing.transform("nunique") == 1) & (area != "")]
        counts[variable] = rows[rows[thing] != ""].groupby(list(KEY))[thing].nunique()
    whole = pd.MultiIndex.from_frame(table[list(KEY)].drop_duplicates().sort_values(list(KEY)))
    return pd.DataFrame(counts).reindex(whole).fillna(0).astype(float).reset_index()


def _meant(found: pd.Series, labels: Sequence[str]) -> pd.Series:
    """Return which folded labels are among some of a recipe."""
    meant = found.isin([folded(label) for label in labels]) | (EVERYTHING in labels)
    for label in labels:
        if least := _AT_LEAST.fullmatch(label):
            meant |= pd.to_numeric(found, errors="coerce") >= int(least[1])
    return meant


def _shared(table: pd.DataFrame, recipe: Recipe, file: str) -> pd.DataFrame:
    """Calculate percentages from two columns, which make room for them."""
    parts = {part for share in recipe.share.values() for part in share.values()}
    lacks(file, [Problem(file, unknown("column", part, table.columns)) for part in sorted(parts - {*table})])
    for name, share in recipe.share.items():
        table[name] = 100 * table[share["of"]] / table[share["among"]]
    return table.drop(columns=[part for part in parts if part not in recipe.share])


def _one_row_each(table: pd.DataFrame, recipe: Recipe, file: str) -> pd.DataFrame:
    """Add up the rows of a municipality and year where that is asked; otherwise there is one, or they say the same."""
    if recipe.add_up:
        gaps = table.drop(columns=list(KEY)).isna().groupby([table[name] for name in KEY]).any()
        return table.groupby(list(KEY)).sum().mask(gaps).reset_index()  # a part that is missing is not zero
    table = table.drop_duplicates()
    again = table[table.duplicated(list(KEY))]
    problems = [
        Problem(file, f"{code} has several rows in {year}", "Choose among them with where, or add them up with add_up")
        for code, year in again[list(KEY)].drop_duplicates().itertuples(index=False)
    ]
    raise_if_any(file, problems)
    return table
