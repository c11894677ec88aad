"""Drafts of the definitions of a new project: what it measures, what its places are, where its figures come from."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from resilience_analysis.foundation.settings import ANY_CODE
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.starter.tables import Brought

PLACES, BOUNDARIES = "places", "boundaries"
MAPPED = 6
_COLUMNS = frozenset(
    [
        *("nis_code", "name", "year", "variable", "value", "source", "missing_reason", "indicator", "unit", "n"),
        *("low", "high", "strand", "geometry", "area_km2"),
    ]
)
"""Columns of our own tables, which no indicator can be called."""
_MARGIN = 0.1  # of the extent, on every side: no place lies on the edge of it
Words = Mapping[str, str]


def identifier(text: str, taken: Sequence[str] = ()) -> str:
    """Return a code for a definition: small letters, digits and underscores, and none of those taken.

    Examples
    --------
    >>> identifier("Jobs par habitant (2024)")
    'jobs_par_habitant_2024'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    code = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "x"
    code = f"i_{code}" if not code[0].isalpha() or code in _COLUMNS else code
    numbered = [code, *(f"{code}_{number}" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in numbered if candidate not in taken)


@dataclass(frozen=True)
class Draft:
    """What is decided about a new project before its definitions are written."""

    name: str  # what all places together are called
    languages: tuple[str, ...]  # languages of the reports
    brought: Brought  # the figures, names and boundaries
    metadata: pd.DataFrame | None  # from `read_metadata`; None when indicators are described by their columns alone
    files: tuple[str, str]  # names of the files that were brought: data and boundaries

    def words(self, key: str, **blanks: object) -> dict[str, str]:
        """Return a wording of the starter in every language of the project."""
        return {language: load_texts(language)(f"starter.{key}", **blanks) for language in self.languages}

    def same(self, text: str) -> dict[str, str]:
        """Return a wording of the files that were brought: the same in every language, until it is translated."""
        return dict.fromkeys(self.languages, text)

    def described(self, column: str, what: str) -> str:
        """Return what the metadata say of an indicator; empty where they say nothing."""
        if self.metadata is None or column not in self.metadata.index:
            return ""
        return str(self.metadata.at[column, what]).strip()

    @property
    def codes(self) -> dict[str, str]:
        """Code of each indicator by its column; those that the metadata leave out are left out."""
        columns = self.brought.indicators if self.metadata is None else list(self.metadata.index)
        found: dict[str, str] = {}
        for column in columns:
            found[column] = identifier(column, list(found.values()))
        return found

    @property
    def sources(self) -> dict[str, list[str]]:
        """Columns of the indicators by the source that they come from."""
        found: dict[str, list[str]] = {}
        for column in self.codes:
            found.setdefault(self.described(column, "source") or self.files[0], []).append(column)
        return found


def project_draft(draft: Draft, crs: str, extent: Sequence[float]) -> dict[str, Any]:
    """Return ``project.yml``."""
    return {
        "name": draft.words("title", name=draft.name),
        "codes": code_pattern([str(code) for code in draft.brought.names.index]),
        "code_name": draft.words("code"),
        "crs": crs,
        "extent": [float(degree) for degree in extent],
        "everywhere": draft.same(draft.name),
        "region": "region",
        "languages": list(draft.languages),
        "boundaries": draft.same(draft.files[1]),
    }


def code_pattern(codes: Sequence[str]) -> str:
    """Return a regular expression that codes of this kind match: so many digits, or what any code may be."""
    lengths = {len(code) for code in codes}
    if len(lengths) == 1 and all(re.fullmatch("[0-9]+", code) for code in codes):
        return f"[0-9]{{{lengths.pop()}}}"
    return ANY_CODE


def reference_system(shapes: gpd.GeoDataFrame) -> str:
    """Return the system to draw in: that of the boundaries where its unit is the metre, else a zone of UTM."""
    crs = shapes.crs
    metres = crs is not None and crs.is_projected and crs.axis_info[0].unit_name in {"metre", "meter"}
    if metres and crs.to_epsg() not in {None, 3857}:
        return f"EPSG:{crs.to_epsg()}"
    return str(shapes.to_crs("EPSG:4326").estimate_utm_crs().to_string())


def extent_of(shapes: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Return west, south, east and north in degrees around all shapes, a little wide."""
    west, south, east, north = (float(degree) for degree in shapes.to_crs("EPSG:4326").total_bounds)
    wide, high = max(_MARGIN * (east - west), 0.01), max(_MARGIN * (north - south), 0.01)
    edges = (max(west - wide, -180.0), max(south - high, -90.0), min(east + wide, 180.0), min(north + high, 90.0))
    return round(edges[0], 3), round(edges[1], 3), round(edges[2], 3), round(edges[3], 3)


def regions_draft(draft: Draft) -> dict[str, Any]:
    """Return ``regions.yml``: all places as a whole, and as the region."""
    everyone = {"name": draft.same(draft.name), "all": True}
    return {"home": ["region"], "groups": {"region": everyone}, "resemblance": []}


def sources_draft(draft: Draft, tables: Mapping[str, tuple[str, list[str]]]) -> dict[str, Any]:
    """Return ``sources.yml``.

    Parameters
    ----------
    tables
        By code of a source: what it is called, and its columns.
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    years = draft.brought.values["year"]
    latest = int(years.max())

    def entry(file: str, kind: str, title: Words, publisher: str) -> dict[str, Any]:
        return {
            "file": file, "format": kind, "publisher": publisher, "title": dict(title), "citation": publisher,
            "licence": draft.words("unstated"), "vintage": draft.same(str(latest)), "accessed": today,
            "purpose": dict(title),
        }  # fmt: skip

    entries = {
        PLACES: entry("places.csv", "municipalities", draft.words("places"), draft.files[0]),
        BOUNDARIES: entry("boundaries.gpkg", "boundaries", draft.words("boundaries"), draft.files[1]),
    }
    for code, (name, columns) in tables.items():
        facts = entry(f"{code}.csv", "table", draft.words("indicators", source=name), name)
        facts |= {"areas": latest, "columns": {draft.codes[column]: {"kind": "number"} for column in columns}}
        entries[code] = facts
    return entries


def framework_draft(
    draft: Draft, tables: Mapping[str, tuple[str, list[str]]], flat: Callable[[str], bool]
) -> dict[str, Any]:
    """Return ``framework.yml``; an indicator whose values are all the same is context, for it cannot be scored.

    Parameters
    ----------
    flat
        Whether the values of a column cannot be scored.
    """
    source_of = {column: code for code, (_, columns) in tables.items() for column in columns}
    scored = [column for column in draft.codes if not flat(column)]
    dimensions = _dimensions(draft, scored)
    entries = {draft.codes[column]: _indicator(draft, column, source_of[column], dimensions) for column in scored}
    context = {
        draft.codes[column]: _facts(draft, column, source_of[column]) for column in draft.codes if column not in scored
    }
    content = {
        "version": "1.0",
        "reference_year": int(draft.brought.values["year"].max()),
        "title": draft.words("title", name=draft.name),
        "definition": draft.words("definition", name=draft.name),
        "scoring": {
            "normalise": "goalposts", "aggregate": "arithmetic", "min_coverage": 0.6, "index": False,
            "goalpost_percentiles": [5, 95], "false_discovery_rate": 0.05,
        },
        "error_correlation": {"default": {"value": 0.5, "why": draft.words("unstated")}},
        "dimensions": {code: _dimension(draft, label) for label, code in dimensions.items()},
        "mapped": _mapped(entries),
        "indicators": entries,
    }  # fmt: skip
    return content | ({"context": context} if context else {})


def _dimensions(draft: Draft, scored: Sequence[str]) -> dict[str, str]:
    """Return the code of each dimension by its label; one for all where none is named."""
    found: dict[str, str] = {}
    taken = list(draft.codes.values())
    for label in dict.fromkeys(draft.described(column, "dimension") for column in scored):
        found[label] = identifier(label or "all", [*taken, *found.values()])
    return found


def _dimension(draft: Draft, label: str) -> dict[str, Any]:
    named = draft.same(label) if label else draft.words("dimension")
    lines = {language: [text] for language, text in draft.words("explanation").items()}
    return {"label": named, "short": dict(named), "explanation": lines}


def _facts(draft: Draft, column: str, source: str) -> dict[str, Any]:
    values = draft.brought.values[column]
    usual = "%" if column in draft.brought.percent else draft.words("unit")[draft.languages[0]]
    return {
        "label": draft.same(draft.described(column, "label") or column),
        "unit": draft.described(column, "unit") or usual,
        "source": source,
        "derive": {"take": draft.codes[column]},
        "decimals": decimals_of(values),
    }


def _indicator(draft: Draft, column: str, source: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
    said = draft.described(column, "direction").replace("\u2212", "-")
    known = bool(said) and bool(draft.described(column, "dimension"))
    entry = {
        **_facts(draft, column, source),
        "dimension": dimensions[draft.described(column, "dimension")],
        "strand": "register",
        "aspect": "social",
        "direction": int(said or 1),
        "weight": float(draft.described(column, "weight").replace(",", ".") or 1),
        "rationale": draft.words("rationale"),
    }
    return entry if known else {**entry, "caveat": draft.words("assumed")}


def decimals_of(values: pd.Series) -> int:
    """Return so many decimals that values are shown with three figures or more, at most four."""
    spread = float(values.abs().median() or 0)
    return max(0, min(4, 2 - len(str(int(spread))) + 1)) if spread >= 1 else min(4, 3 if spread else 0)


def _mapped(entries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the indicators to map: the first of every dimension, then others, six at most."""
    first = {str(entry["dimension"]): code for code, entry in reversed(list(entries.items()))}
    return list(dict.fromkeys([*reversed(list(first.values())), *entries]))[:MAPPED]
