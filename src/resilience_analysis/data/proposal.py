"""What the labels of a published file could be, by their figures and names, and the lines of `sources.yml` for them.

A publisher calls things as it likes, and otherwise next year. Where a recipe does not know the labels of a file, those
whose figures are nearest to the figures that are kept are proposed, as a recipe that can be looked at and pasted.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any

import numpy as np
import pandas as pd
import yaml

from resilience_analysis.data.catalogue import Source
from resilience_analysis.data.publishers import read_published, readers
from resilience_analysis.data.publishers.formats import LINES_ABOVE, SHEET, framed
from resilience_analysis.data.recipe import KEY, NAME, Recipe, other_names
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.tables import folded, read_rows, read_sheets
from resilience_analysis.geography.municipalities import coded

SCALES = (1, 100, 0.01, 1000, 0.001)
NEAR = 0.2
"""Figures are near where half of them differ by no more than this share."""
SAME = 0.001
LABELS_SHOWN = 12
_MOST_LABELS = 400
_YEAR_HEADING = r"(?:19|20)[0-9]{2}\*?"
_FIRST = ("table", "sheets", "swing", "crosstab", "bestat")  # of readers that see the same, the first is proposed


@dataclass(frozen=True)
class _Labelled:
    """Figures of a file by label: a row per municipality and year (0 where the file has none), a column per label."""

    figures: pd.DataFrame  # the figures
    recipe: dict[str, Any]  # what reads them so, without the labels
    column: str | None = None  # the column that holds the labels; None where they are headings


@dataclass(frozen=True)
class _Match:
    label: str
    variable: str
    distance: float
    scale: float
    year: int


def proposed_recipe(
    content: bytes, file: str, source: Source, *, wanted: Sequence[str], kept: Path, places: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return what a file has and the lines that would read it; None where no municipality is found in it.

    Parameters
    ----------
    kept
        The raw file with the figures of before; it may not be there.

    Returns
    -------
    tuple of str
        What was found, and what to do: two sentences and YAML.
    """
    before = _kept_figures(kept, wanted)
    readings = [part for found in _readings(content, file, places) for part in _labelled(*found)]
    if not readings:
        return None
    judged = [(reading, _matches(reading.figures, before, wanted)) for reading in readings]
    reading, matches = max(judged, key=lambda pair: (len(pair[1]), -sum(match.distance for match in pair[1])))
    if not matches:
        matches = _by_name(reading, wanted)
    return _told(reading, matches), _lines(source, reading, matches, wanted)


def _kept_figures(path: Path, wanted: Sequence[str]) -> pd.DataFrame:
    rows = read_rows(path, rows_needed=False) if path.is_file() else pd.DataFrame(columns=list(KEY))
    figures = pd.DataFrame(
        {name: pd.to_numeric(rows.get(name, np.nan), errors="coerce") for name in wanted}, rows.index
    )
    years = pd.to_numeric(rows["year"], errors="coerce").fillna(0).astype(int)
    return figures.set_axis(pd.MultiIndex.from_arrays([rows["nis_code"], years], names=KEY))


def _readings(content: bytes, file: str, places: Mapping[str, str]) -> list[tuple[pd.DataFrame, dict[str, Any]]]:
    """Read a file in every way in which municipalities are found, with the beginning of a recipe for each."""
    found = []
    for reader in (*_FIRST, *sorted({*readers()} - {*_FIRST, "refnis"})):
        try:
            table = _with_codes(read_published(content, file, Recipe(reader)), places)
        except InputError:
            continue
        recipe: dict[str, Any] = {"reader": reader}
        if SHEET in table and "year" not in table and table[SHEET].str.fullmatch(_YEAR_HEADING).all():
            table = table.assign(year=table.pop(SHEET).str[:4].astype(int))
            recipe["rename"] = {SHEET: "year"}
        found.append((table, recipe))
    found = [(table, recipe) for table, recipe in found if len(table)]
    return found or [part for part in [_found_by_content(content, file, places)] if len(part[0])]


def _with_codes(table: pd.DataFrame, places: Mapping[str, str], column: str | None = None) -> pd.DataFrame:
    """Return the rows of municipalities, with codes in ``nis_code`` and years, where there are any, in ``year``."""
    names = {key: {folded(key), *map(folded, others)} for key, others in other_names().items()}
    keys = {key: [name for name in table.columns if folded(str(name)) in meant] for key, meant in names.items()}
    columns = [column] if column else [*keys["nis_code"], *keys[NAME]]
    if not columns:
        return table.iloc[:0]
    codes = coded(table[columns[0]].astype(str).str.strip(), places)
    rows = table.drop(columns=list(dict.fromkeys([*keys["nis_code"], *keys[NAME], *columns])))
    if keys["year"]:
        year = rows.pop(keys["year"][0]).astype(str).str.extract(r"((?:19|20)[0-9]{2})", expand=False)
        rows = rows.assign(year=pd.to_numeric(year))
    return rows.assign(nis_code=codes).loc[codes.isin(set(places.values()))]


def _found_by_content(content: bytes, file: str, places: Mapping[str, str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Look for a column of codes or names under a heading that is not known."""
    try:
        sheets = read_sheets(content, file, with_formulas=True)
    except InputError:
        return pd.DataFrame(), {}
    rows = ((sheet, place) for sheet in sheets for place in range(min(LINES_ABOVE, len(sheet.rows) - 1)))
    for sheet, place in rows:
        heading, cell = _heading_above(sheet.rows[place], sheet.rows[place + 1], places)
        if heading:
            table = _with_codes(framed(sheet, place), places, heading)
            key = {heading: "nis_code" if cell in places else NAME}
            return table, {"reader": "table", **({"sheet": sheet.name} if len(sheets) > 1 else {}), "rename": key}
    return pd.DataFrame(), {}


def _heading_above(row: list[str], below: list[str], places: Mapping[str, str]) -> tuple[str, str]:
    """Return the heading of the first cell below it that is a code or name, and that cell."""
    hit = next((n for n, cell in enumerate(below) if cell in places or folded(cell) in places), len(row))
    return (row[hit].strip(), below[hit]) if hit < len(row) else ("", "")


def _labelled(table: pd.DataFrame, recipe: dict[str, Any]) -> list[_Labelled]:
    """Return the ways in which a table may have labels: as headings, or in the cells of a column."""
    table, recipe = _year_in_rows(table, recipe)
    table = table.assign(year=table.get("year", 0)).dropna(subset="year").astype({"year": int})
    cells = table.drop(columns=list(KEY))
    numbers = pd.DataFrame({name: pd.to_numeric(cells[name].map(_plain), errors="coerce") for name in cells})
    least = 0.8 * (cells != "").sum().clip(lower=1)
    numeric = [str(name) for name, count in numbers.notna().sum().items() if count >= least[str(name)]]
    key = [table["nis_code"], table["year"]]
    if not table.duplicated(list(KEY)).any():
        return [_Labelled(numbers[numeric].groupby(key).sum(min_count=1), recipe)] if numeric else []
    words = [str(name) for name in cells if 1 < cells[name].nunique() <= _MOST_LABELS]
    return [
        _Labelled(
            numbers[values].groupby([*key, cells[column].rename("label")]).sum(min_count=1).unstack("label"),
            recipe | {"pivot": {"column": column, "values": values}} | ({"add_up": True} if again else {}),
            column,
        )
        for column in words
        for again in [table.assign(label=cells[column]).duplicated([*KEY, "label"]).any()]
        for values in numeric
        if values != column
    ]


def _year_in_rows(table: pd.DataFrame, recipe: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make rows of headings that are years."""
    years = [name for name in table.columns if re.fullmatch(_YEAR_HEADING, str(name))]
    if len(years) < 2 or "year" in table:  # noqa: PLR2004 - one heading may be a number of another kind
        return table, recipe
    table = table.melt([name for name in table.columns if name not in years], years, "year", "value")
    unpivot = {"columns": _YEAR_HEADING, "names": "year", "values": "value"}
    return table.assign(year=table["year"].str[:4].astype(int)), recipe | {"unpivot": unpivot}


def _plain(cell: object) -> str:
    """Return a figure as a program writes it, as far as that is needed to compare figures."""
    text = re.sub(r"[\s\xa0\u202f%⁽⁾¹²³]", "", str(cell))
    return text.replace(".", "").replace(",", ".") if "," in text else text


def _matches(figures: pd.DataFrame, before: pd.DataFrame, wanted: Sequence[str]) -> list[_Match]:
    """Return for each variable the label with the nearest figures, each label once, the nearest first."""
    years = sorted(set(before.index.get_level_values("year")))
    dated = set(figures.index.get_level_values("year")) != {0}
    found = []
    for year in years[-1:] if dated else years:
        old = before.loc[before.index.get_level_values("year") == year].droplevel("year")
        of_file = sorted(set(figures.index.get_level_values("year")))
        new = figures.loc[figures.index.get_level_values("year") == (year if year in of_file else of_file[-1])]
        new = new.droplevel("year")
        common = old.index.intersection(new.index)
        old, new = old.loc[common], new.loc[common]
        for variable in wanted:
            ratio = new.div(old[variable].where(old[variable] != 0), axis=0)
            for scale in SCALES:
                distances = (ratio * scale - 1).abs().median()
                found += [
                    _Match(str(label), variable, float(distance), scale, 0 if dated else year)
                    for label, distance in distances[distances <= NEAR].items()
                ]
    chosen: dict[str, _Match] = {}
    for match in sorted(found, key=lambda match: (match.distance, match.scale != 1, -match.year)):
        if match.variable not in chosen and match.label not in {other.label for other in chosen.values()}:
            chosen[match.variable] = match
    return list(chosen.values())


def _by_name(reading: _Labelled, wanted: Sequence[str]) -> list[_Match]:
    labels = {folded(str(label)): str(label) for label in reading.figures.columns}
    near = {variable: difflib.get_close_matches(folded(variable), labels, n=1, cutoff=0.4) for variable in wanted}
    return [_Match(labels[close[0]], variable, np.inf, 1, 0) for variable, close in near.items() if close]


def _told(reading: _Labelled, matches: Sequence[_Match]) -> str:
    """Return the labels of a file, with what each seems to be."""
    meant = [f"{match.label!r} is {match.variable} ({_nearness(match)})" for match in matches[:LABELS_SHOWN]]
    others = [str(label) for label in reading.figures.columns if str(label) not in {match.label for match in matches}]
    more = f" and {len(others) - LABELS_SHOWN} more" if len(others) > LABELS_SHOWN else ""
    where = f"its column {reading.column}" if reading.column else "its headings"
    rest = f"{'other ' if matches else ''}labels in {where}: {', '.join(others[:LABELS_SHOWN])}{more}" if others else ""
    return "; ".join([*(["did you mean: " + ", ".join(meant)] if meant else []), *([rest] if rest else [])])


def _nearness(match: _Match) -> str:
    if np.isinf(match.distance):
        return "by its name"
    return "the same figures" if match.distance <= SAME else f"figures that differ by {100 * match.distance:.1f} %"


def _lines(source: Source, reading: _Labelled, matches: Sequence[_Match], wanted: Sequence[str]) -> str:
    """Return what to write in ``sources.yml``, and what to do then."""
    label_of = {match.variable: match.label for match in matches}
    named = {label_of.get(variable, f"LABEL OF {variable}"): variable for variable in [*label_of, *wanted]}
    part, below = ("pivot", {"labels": named}) if reading.column else ("rename", named)
    recipe = reading.recipe | {part: reading.recipe.get(part, {}) | below}
    years = {match.year for match in matches if match.distance <= SAME and match.year}
    undated = set(reading.figures.index.get_level_values("year")) == {0}
    recipe |= {"year": years.pop()} if undated and len(years) == 1 else {}
    if scaled := {match.variable: match.scale for match in matches if match.scale != 1}:
        recipe["scale"] = scaled
    replacing = "in the place of its fetch" if source.recipe else "and look at it"
    year = " with --year and the year of the file" if undated and "year" not in recipe else ""
    said = f"Write this below {source.name} in sources.yml, {replacing}; then run the command again{year}"
    text = yaml.safe_dump({"fetch": recipe}, allow_unicode=True, sort_keys=False, width=110)
    return f"{said}:\n{indent(text.rstrip(), '      ')}"
