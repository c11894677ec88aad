"""Worlds small enough to work out by hand: a framework of five indicators, four municipalities, one merger."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from resilience_analysis.data.catalogue import Column, Source, accept, read_catalogue
from resilience_analysis.data.observations import COLUMNS as OBSERVED
from resilience_analysis.indicators.evidence import Evidence
from resilience_analysis.indicators.framework import Framework, load_framework

NETELAND = ("13010", "13011", "13012", "13029", "13044")
# Neteland, a municipality that took in another (11002), two that were made in 2025 (46030, 23106), one that was made in
# 2019 (12041) and one that the residents' survey leaves out (73028)
CUT = (*NETELAND, "11002", "46030", "23106", "12041", "73028")
CODES = ["11001", "11002", "11003", "11004"]


def both(text: str) -> dict[str, str]:
    """Word a text in both languages."""
    return {"nl": f"{text} (nl)", "en": f"{text} (en)"}


def lines(*texts: str) -> dict[str, list[str]]:
    """Word an explanation in both languages."""
    return {"nl": list(texts), "en": list(texts)}


def indicator(**changes: Any) -> dict[str, Any]:
    """Return an indicator as it stands in framework.yml; a change to None takes a field away."""
    entry: dict[str, Any] = {
        "label": both("label"),
        "dimension": "first",
        "strand": "residents",
        "aspect": "social",
        "unit": "%",
        "direction": 1,
        "weight": 1,
        "source": "survey",
        "derive": {"take": "trust"},
        "goalposts": [20, 80],
        "rationale": both("why"),
        "literature": ["one2020"],
    }
    return {name: value for name, value in (entry | changes).items() if value is not None}


def framework_content(**indicators: dict[str, Any]) -> dict[str, Any]:
    """Return framework.yml as a mapping, with two dimensions and two indicators unless others are given."""
    minus = indicator(direction=-1, derive={"take": "fear"}, goalposts=[10, 60])
    return {
        "version": "1.0",
        "reference_year": 2025,
        "title": both("title"),
        "definition": both("definition"),
        "scoring": {
            "normalise": "goalposts",
            "aggregate": "arithmetic",
            "min_coverage": 0.6,
            "index": False,
            "goalpost_percentiles": [5, 95],
            "false_discovery_rate": 0.05,
        },
        "error_correlation": {"default": {"value": 0.5, "why": both("cautious")}},
        "mapped": [],
        "literature": {"one2020": "One (2020), Journal 1"},
        "dimensions": {
            "first": {
                "label": both("first"),
                "short": both("first"),
                "explanation": lines("a"),
                "literature": ["one2020"],
            },
            "second": {"label": both("second"), "short": both("second"), "explanation": lines("b")},
        },
        "indicators": indicators or {"trust": indicator(), "fear": minus},
        "context": {
            "people": {"label": both("people"), "unit": "count", "source": "census", "derive": {"take": "population"}}
        },
        "candidates": {
            "wanted": {
                "label": both("wanted"),
                "dimension": "second",
                "strand": "process",
                "would_come_from": both("log"),
                "exists": False,
            }
        },
    }


def write_framework(folder: Path, content: Any, frozen: Any = None) -> Path:
    """Write framework.yml (and goalposts.yml when given) in a folder and give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "framework.yml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    if frozen is not None:
        (folder / "goalposts.yml").write_text(yaml.safe_dump(frozen), encoding="utf-8")
    return folder


def small_framework(folder: Path, **indicators: dict[str, Any]) -> Framework:
    """Load a framework with these indicators."""
    return load_framework(write_framework(folder, framework_content(**indicators)))


def source(name: str = "survey", **changes: Any) -> Source:
    """Return a source of the catalogue."""
    facts: dict[str, Any] = {
        "name": name,
        "file": f"{name}.csv",
        "format": "table",
        "publisher": "Publisher",
        "page": "https://example.org",
        "citation": "Publisher",
        "accessed": "2026-01-01",
        "title": both("title"),
        "licence": both("licence"),
        "vintage": both("vintage"),
        "purpose": both("purpose"),
        "areas": 2025,
        "columns": {"value": Column("count")},
    }
    return Source(**(facts | changes))


def source_entry(**changes: Any) -> dict[str, Any]:
    """Return a source as it stands in sources.yml; a change to None takes a field away."""
    entry: dict[str, Any] = {
        "file": "publisher/people.csv",
        "format": "table",
        "publisher": "Publisher",
        "title": both("title"),
        "page": "https://example.org",
        "licence": both("licence"),
        "citation": "Publisher",
        "vintage": both("vintage"),
        "accessed": "2026-01-01",
        "purpose": both("purpose"),
        "areas": 2025,
        "columns": {"population": {"kind": "count"}},
    }
    return {name: value for name, value in (entry | changes).items() if value is not None}


def write_catalogue(folder: Path, **entries: Any) -> Path:
    """Write sources.yml in a folder and give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources.yml").write_text(yaml.safe_dump(entries, sort_keys=False), encoding="utf-8")
    return folder


def mergers(*rows: tuple[str, ...]) -> pd.DataFrame:
    """Return a table of mergers: old code, new code, first day, and the old name where there is a fourth."""
    columns = ["old_nis_code", "new_nis_code", "valid_from", "old_name"]
    return pd.DataFrame([(*row, "")[:4] for row in rows], columns=columns, dtype=object)


def observations(
    values: dict[str, dict[int, list[float | None]]], *, codes: list[str] | None = None, n: float = float("nan")
) -> pd.DataFrame:
    """Return observations from values per variable and year, in the order of the codes; a gap is `unknown`.

    Every value rests on `n` answers.
    """
    rows = [
        (
            code,
            year,
            name,
            float("nan") if value is None else float(value),
            "unknown" if value is None else None,
            "source",
        )
        for name, years in values.items()
        for year, column in years.items()
        for code, value in zip(codes or CODES, column, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["nis_code", "year", "variable", "value", "missing_reason", "source"])
    return table.assign(n=pd.Series(n, index=table.index).where(table["value"].notna()), computed=None)[OBSERVED]


def municipalities(codes: list[str] | None = None, **columns: Any) -> pd.DataFrame:
    """Return municipalities of 10 km2, indexed by NIS code."""
    codes = codes or CODES
    table = pd.DataFrame({"name": [f"Place {code}" for code in codes], "province": "P", "arrondissement": "10000"})
    table["area_km2"] = 10.0
    return table.assign(**columns).set_index(pd.Index(codes, name="nis_code"))


def evidence(values: dict[str, dict[int, list[float | None]]], *, n: float = float("nan"), **columns: Any) -> Evidence:
    """Return what indicators are derived from, for the four municipalities; every value rests on `n` answers."""
    return Evidence(observations(values, n=n), municipalities(**columns))


def survey_evidence(people: Iterable[float] = (100, 200, 300, 400)) -> Evidence:
    """Return values for the indicators of `framework_content`."""
    values = {
        "trust": {2023: [20, 50, 80, None]},
        "fear": {2023: [60, 35, 10, 5]},
        "population": {2025: list(people)},
    }
    return evidence(values, n=300)


def cut_project(root: Path, target: Path, codes: Iterable[str] = CUT) -> Path:
    """Copy a project with a few municipalities only (and what they were made of), with its own lock."""
    raw = target / "data" / "raw"
    shutil.copytree(root / "definitions", target / "definitions")
    shutil.copytree(root / "data" / "raw", raw)
    steps = [line.split(",") for line in (raw / "statbel" / "mergers.csv").read_text(encoding="utf-8").splitlines()]
    keep = set(codes)
    for old, new, *_ in reversed(steps):  # the file is in the order of the mergers
        keep |= {old} if new in keep else set()
    for path in raw.rglob("*.csv"):
        _cut_table(path, keep)
    _cut_shapes(raw / "statbel" / "municipalities_2025.geojson", set(codes))
    entries = yaml.safe_load((raw / "sources.yml").read_text(encoding="utf-8"))
    for check in (check for entry in entries.values() for check in entry.get("checks", [])):
        check.pop("mean_of_all", None)
    (raw / "sources.yml").write_text(yaml.safe_dump(entries, sort_keys=False, allow_unicode=True), encoding="utf-8")
    accept(raw, read_catalogue(raw))
    return target


def _cut_table(path: Path, keep: set[str]) -> None:
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    if header.split(",")[0] in {"nis_code", "old_nis_code"}:
        rows = [row for row in rows if row.split(",")[0] in keep]
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def _cut_shapes(path: Path, keep: set[str]) -> None:
    shapes = json.loads(path.read_text(encoding="utf-8"))
    shapes["features"] = [part for part in shapes["features"] if part["properties"]["nis_code"] in keep]
    path.write_text(json.dumps(shapes), encoding="utf-8")
