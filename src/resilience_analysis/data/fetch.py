"""Refresh a raw file from its publisher's; the default run never needs it.

What comes in is read with the publisher's own format, checked like any raw table, and only then put in the place of the
old file, of which every figure that is the same stays as it was written. The lock is left as it was, so that somebody
looks before the new figures are used.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.data.catalogue import ANY_COLUMN, Catalogue, Column, Source
from resilience_analysis.data.observations import boundary_codes
from resilience_analysis.data.proposal import proposed_recipe
from resilience_analysis.data.publishers import download, read_published
from resilience_analysis.data.raw import known_places
from resilience_analysis.data.read_table import read_table
from resilience_analysis.data.recipe import KEY, LabelError, Recipe, conditioned, follow
from resilience_analysis.foundation.cells import csv_bytes, plain_table
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, refusal
from resilience_analysis.foundation.files import write_bytes
from resilience_analysis.foundation.numbers import read_numbers
from resilience_analysis.foundation.tables import read_rows
from resilience_analysis.geography.boundaries import Place, published_boundaries
from resilience_analysis.geography.municipalities import no_mergers, read_mergers, successor

SHOWN = 5
_MAPS = ("boundaries", "villages")
_LISTS = {
    "municipalities": ("nis_code", "name", "province_nis", "arrondissement_nis"),
    "mergers": ("old_nis_code", "new_nis_code", "valid_from"),
    "areas": ("nis_code",),
}


@dataclass(frozen=True)
class Fetched:
    """What fetching a source did: whether its raw file changed, and how, in a sentence."""

    changed: bool
    said: str


def fetch_source(
    folder: Path,
    catalogue: Catalogue,
    source: Source,
    *,
    file: str | None = None,
    year: int | None = None,
    place: Place | None = None,
) -> Fetched:
    """Fetch a source and renew its raw file.

    Parameters
    ----------
    file
        Where to take it from: a file or an address; the publisher's address of ``sources.yml`` when not given.
    year
        The year of all rows, where neither the file nor the recipe says it.
    place
        Where the project lies; needed for boundaries.

    Returns
    -------
    Fetched
        Whether the raw file changed, and how, in a sentence with the command that accepts it.

    Raises
    ------
    UsageError
        When no address is known, or the raw file is a workbook that people keep.
    InputError
        When it cannot be fetched or is not what it should be; the old file stays.
    """
    recipe = source.recipe or Recipe()
    recipe = replace(recipe, year=year) if year else recipe
    where = _address(source, file or recipe.address)
    content = download(where, features=source.format in _MAPS)
    name = Path(where.partition("?")[0]).name or where
    if source.format in _MAPS and place is not None:
        old = folder / source.file
        fresh = published_boundaries(content, name, recipe.rename, old=old, place=place, crs=source.crs)
        said = "new boundaries"
    else:
        merged = _merged(folder, catalogue, source, recipe, content=content, name=name)
        fresh, said = csv_bytes(merged.table, figures=True), merged.said
    if source.format == "table":
        _check(source, fresh)
    if not write_bytes(folder / source.file, fresh):
        return Fetched(changed=False, said=f"{source.file} is what the publisher has.")
    command = f"resilience lock {source.name}"
    return Fetched(changed=True, said=f"{source.file} changed: {said}. Look at it, then accept it with: {command}")


def _address(source: Source, where: str | None) -> str:
    if not where:
        raise UsageError(f"no address is known for {source.name}: download it from {source.page} and give the file")
    if Path(source.file).suffix not in (".csv", ".geojson"):
        raise UsageError(f"{source.file} is not a CSV of ours: replace it by the publisher's file by hand")
    return where


def _merged(folder: Path, catalogue: Catalogue, source: Source, recipe: Recipe, *, content: bytes, name: str) -> Merged:
    """Return the table or list that is kept, renewed by a publisher's."""
    old = folder / source.file
    if source.format != "table":
        rows = conditioned(read_published(content, name, recipe), recipe, name)
        return _merged_list(old, rows, source.format, recipe.year, name)
    wanted = _wanted(source, old)
    if recipe.pivot and not recipe.pivot.get("labels"):
        labels = {variable: variable for variable in wanted} | _wordings(folder, source, wanted)
        recipe = replace(recipe, pivot={**recipe.pivot, "labels": labels})
    places = known_places(folder, catalogue)
    levels = _levels(folder, catalogue, source, sorted(set(places.values()))) if recipe.count else None
    try:
        rows = read_published(content, name, recipe)
        table = follow(rows, recipe, file=name, columns=wanted, places=places, levels=levels)
    except LabelError as error:
        lines = None
        if not recipe.count:  # its columns are those of our own query
            lines = proposed_recipe(content, name, source, wanted=wanted, kept=old, places=places)
        raise InputError(name, [*error.problems, Problem(name, *lines)] if lines else error.problems) from error
    merged = merged_tables(old, _on_boundaries(table, folder, catalogue, source), list(KEY))
    absent = [variable for variable in wanted if variable not in table]
    return replace(merged, said=f"{merged.said}{_without(absent, wanted)}")


def _wanted(source: Source, old: Path) -> list[str]:
    """Return the variables of a source that are read."""
    declared = [column for column in source.columns if column != ANY_COLUMN] or _columns(old)
    return [column for column in declared if not (source.columns.get(column) or Column("count")).ignored]


def _without(absent: list[str], wanted: list[str]) -> str:
    """Return, in words, which variables a file does not hold; of many the first, with how many there are."""
    if not absent:
        return ""
    more = f" and {len(absent) - SHOWN} more" if len(absent) > SHOWN else ""
    return f"; {len(absent)} of {len(wanted)} variables are not in the file: {', '.join(absent[:SHOWN])}{more}"


def _wordings(folder: Path, source: Source, wanted: list[str]) -> dict[str, str]:
    """Return the variable of each wording of a survey, which a sheet with several questions has in its cells."""
    if source.items is None:
        return {}
    items = read_rows(folder / source.items, columns=["item"])
    items = items[items["item"].isin(wanted)]
    worded = [name for name in items.columns if name.startswith("label_")]
    return {text: item for name in worded for item, text in zip(items["item"], items[name], strict=True) if text}


def _lists(folder: Path, catalogue: Catalogue) -> dict[str, Path]:
    """Return the file of each format, of those of which there is at most one."""
    return {source.format: folder / source.file for source in catalogue.values()}


def _levels(folder: Path, catalogue: Catalogue, source: Source, codes: list[str]) -> pd.DataFrame:
    """Return by code the areas it belongs to, and in ``now`` the municipality it is on the boundaries of a source."""
    lists = _lists(folder, catalogue)
    levels = read_rows(lists["areas"]).set_index("nis_code") if "areas" in lists else pd.DataFrame()
    mergers = read_mergers(lists["mergers"]) if "mergers" in lists else no_mergers()
    if source.areas not in {"by_year", None}:
        mergers = mergers[mergers["valid_from"] <= f"{source.areas}-01-01"]
    else:
        mergers = mergers.iloc[:0]
    now = {code: (successor(mergers, code) or (code, ""))[0] for code in codes}
    return levels.reindex(codes).assign(now=pd.Series(now))


def _on_boundaries(table: pd.DataFrame, folder: Path, catalogue: Catalogue, source: Source) -> pd.DataFrame:
    """Leave out rows of codes that are not a municipality on the boundaries of the source in their year."""
    lists = _lists(folder, catalogue)
    if "mergers" not in lists or "municipalities" not in lists:
        return table
    codes = sorted(read_rows(lists["municipalities"], columns=["nis_code"])["nis_code"])
    known = boundary_codes(sorted(table["year"].unique()), source, codes, read_mergers(lists["mergers"]))
    keys = pd.MultiIndex.from_frame(known[["part", "year"]])
    return table[pd.MultiIndex.from_frame(table[list(KEY)]).isin(keys)]


def _merged_list(old: Path, table: pd.DataFrame, form: str, year: int | None, name: str) -> Merged:
    """Renew a list of municipalities, of mergers or of areas.

    Places that are not published any more are dropped; mergers of other days stay.
    """
    needed = list(_LISTS[form])
    if form == "mergers" and "valid_from" not in table and set(needed[:2]) <= set(table):
        table = _merging(table, year, name)
    lacking = ", ".join(column for column in needed if column not in table)
    raise_if_any(name, [Problem(name, f"lacks the columns {lacking}", "Name them under rename")] if lacking else [])
    further = {"areas": _columns(old), "mergers": ["old_name"]}.get(form, [])
    table = table[[column for column in table if column in {*needed, *further}]]
    if form == "areas" and set(table) <= {*needed}:
        raise refusal(name, f"has none of the levels {', '.join(further)}", "Name one under rename")
    key = ["valid_from", "old_nis_code"] if form == "mergers" else needed[:1]
    return merged_tables(old, table, key, only=form != "mergers")


def _merging(table: pd.DataFrame, year: int | None, name: str) -> pd.DataFrame:
    """Return the codes that ended or grew, from a table with a code of today for each code of before."""
    if year is None:
        raise refusal(name, "does not say when the codes changed", "Say it: --year 2025")
    old, new = table["old_nis_code"], table["new_nis_code"]
    changed = (old != new) | new.duplicated(keep=False)
    return table[changed & (old != "")].assign(valid_from=f"{year}-01-01")


def _columns(path: Path) -> list[str]:
    """Return the variables of a raw table whose source declares none by name."""
    return [name for name in read_rows(path).columns if name not in KEY] if path.is_file() else []


def _check(source: Source, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / Path(source.file).name
        path.write_bytes(content)
        read_table(path, source)


@dataclass(frozen=True)
class Merged:
    """A renewed table, as text, and in words what is new in it."""

    table: pd.DataFrame
    said: str


def merged_tables(path: Path, fresh: pd.DataFrame, key: list[str], *, only: bool = False) -> Merged:
    """Renew the table in a file.

    Parameters
    ----------
    path
        The CSV that is kept; it may not be there yet.
    fresh
        New rows: figures as numbers, anything else as text.
    key
        The columns that name a row, once each.
    only
        Whether rows that are not in `fresh` are dropped instead of kept (years that a publisher no longer prints).

    Returns
    -------
    Merged
        Rows in order of the key, columns in that of the file.
    """
    kept = pd.DataFrame(columns=key, dtype=object)
    if path.is_file():
        kept = plain_table(read_rows(path, columns=key, rows_needed=False))
    order = list(dict.fromkeys((*(kept.columns if path.is_file() else key), *fresh.columns)))
    fresh = fresh.assign(**{name: fresh[name].astype(str) for name in key}).set_index(key)
    kept = kept.set_index(key)
    columns = list(dict.fromkeys((*kept.columns, *fresh.columns)))
    rows = fresh.index if only else kept.index.union(fresh.index)
    table = kept.reindex(index=rows, columns=columns)
    changed = 0
    for name in fresh.columns:
        texts = _texts(fresh[name]).reindex(rows)
        same = _same(table[name], texts) | texts.isna()
        changed += int((~same & table.index.isin(kept.index)).sum())
        table[name] = table[name].where(same, texts)
    new = fresh.index.difference(kept.index)
    said = _said(new, changed, gone=len(kept.index.difference(fresh.index)), key=key, only=only)
    return Merged(table.fillna("").reset_index()[order].sort_values(key, ignore_index=True), said)


def _texts(column: pd.Series) -> pd.Series:
    """Write figures as short as they read back: 6, not 6.0."""
    if not pd.api.types.is_numeric_dtype(column):
        return column.fillna("").astype(object)
    return column.map(lambda v: "" if pd.isna(v) else str(int(v)) if float(v).is_integer() else repr(float(v))).astype(
        object
    )


def _same(old: pd.Series, new: pd.Series) -> pd.Series:
    """Return where two columns of text say the same, as text or as numbers."""
    both = pd.DataFrame({"old": old.fillna(""), "new": new.fillna("")}).astype(object)
    values, _ = read_numbers(both.reset_index(drop=True), ["old", "new"], file="")
    equal = np.isclose(values["old"], values["new"], rtol=1e-12, atol=0)
    return (both["old"] == both["new"]) & old.notna() | pd.Series(equal, index=old.index)


def _said(new: pd.Index, changed: int, *, gone: int, key: list[str], only: bool) -> str:
    parts = []
    if len(new):
        years = sorted(set(new.get_level_values("year"))) if "year" in key else []
        which = f" ({years[0]}-{years[-1]})" if len(years) > 1 else f" ({years[0]})" if years else ""
        parts.append(f"{_number_of(len(new), 'new row')}{which}")
    parts += [f"{_number_of(changed, 'cell')} {'are' if changed > 1 else 'is'} different"] if changed else []
    parts += [f"{_number_of(gone, 'row')} {'dropped' if only else 'kept'} that the file does not have"] if gone else []
    return ", ".join(parts) or "written otherwise"


def _number_of(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
