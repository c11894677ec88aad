"""The figures beside a report as one tidy table: CSV at full precision, CSV for a Dutch spreadsheet, a descriptor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.cells import safe_cell, safe_csv, safe_table
from resilience_analysis.foundation.definitions import in_language
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import Texts, load_texts
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.notebook import load_dataset
from resilience_analysis.profiles.comparator import Comparator
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.rows import Facts, FactTable, factor_facts, indicator_facts
from resilience_analysis.reports.plan import MUNICIPALITY, REGION

COLUMNS = {
    "nis_code": "string",
    "municipality": "string",
    "level": "string",
    "code": "string",
    "label": "string",
    "factor": "string",
    "strand": "string",
    "aspect": "string",
    "unit": "string",
    "direction": "integer",
    "year": "integer",
    "n": "number",
    "value": "number",
    "low": "number",
    "high": "number",
    "missing_reason": "string",
    "score": "number",
    "score_low": "number",
    "score_high": "number",
    "coverage": "number",
    "group_median": "number",
    "everywhere_q1": "number",
    "everywhere_median": "number",
    "everywhere_q3": "number",
    "everywhere_n": "integer",
    "source": "string",
    "licence": "string",
}
"""Every column of the table with its type, as Frictionless names it."""

_SPREAD = {f"everywhere_{name}": f"all_{name}" for name in ("q1", "median", "q3", "n")}
_WHOLE = ("direction", "year", "everywhere_n")


def figures(dataset: Dataset, codes: list[str], group: Comparator, *, language: str) -> pd.DataFrame:
    """Return all figures that reports about some municipalities show.

    Parameters
    ----------
    group
        The comparator whose median is given.
    language
        Language of the labels and licences.

    Returns
    -------
    pandas.DataFrame
        One row per municipality and indicator, context indicator or factor and strand (``level``), columns as in
        `COLUMNS`; full precision, missing values with their reason.
    """
    facts, scores = prepare_figures(dataset, language)
    rows = [
        {"nis_code": code, "municipality": str(dataset.names[code]), **row}
        for code in codes
        for row in (*_indicators(dataset, code, group, facts, scores), *_factors(dataset, code, group, language))
    ]
    table = pd.DataFrame({name: [row.get(_SPREAD.get(name, name)) for row in rows] for name in COLUMNS})
    return table.astype(dict.fromkeys(_WHOLE, "Int64"))


def prepare_figures(dataset: Dataset, language: str) -> tuple[Mapping[str, Facts], FactTable]:
    """Return what is the same for all municipalities of every indicator, and the scores of all, worked out once."""
    facts = dataset.keep(("entry facts", language), lambda: _entry_facts(dataset, language))
    return facts, dataset.keep("scores of indicators", lambda: _indicator_scores(dataset))


def _indicators(
    dataset: Dataset, nis_code: str, group: Comparator, facts: Mapping[str, Facts], scores: FactTable
) -> Iterator[Facts]:
    own = dict(scores.of(nis_code))
    for code, row in indicator_facts(dataset, nis_code, group).items():
        yield {"code": code, **row, **facts[code], **own.get(code, {})}


def _indicator_scores(dataset: Dataset) -> FactTable:
    """Return the scores of every indicator that has one."""
    strands = {code: entry.strand for code, entry in dataset.framework.indicators.items()}
    scored = [key for key in strands.items() if key in dataset.scores["score"].columns]
    names = {"score": "score", "low": "score_low", "high": "score_high"}
    columns = {given: dataset.scores[name][scored].to_numpy(dtype=float) for name, given in names.items()}
    places = {str(code): row for row, code in enumerate(dataset.municipalities.index)}
    return FactTable([code for code, _ in scored], places, columns, [{} for _ in scored])


def _entry_facts(dataset: Dataset, language: str) -> dict[str, Facts]:
    """Return what is the same for all municipalities of every indicator and context indicator."""
    entries: dict[str, Indicator | Context] = {**dataset.framework.indicators, **dataset.framework.context}
    return {code: _facts(dataset, entry, language) for code, entry in entries.items()}


def _facts(dataset: Dataset, entry: Indicator | Context, language: str) -> Facts:
    source = dataset.catalogue.get(entry.source)
    facts: Facts = {
        "label": entry.label[language],
        "unit": entry.unit,
        "source": in_language(source.citation, language) if source else entry.source,
        "licence": source.licence[language] if source else "",
    }
    if isinstance(entry, Context):
        return {**facts, "level": "context", "strand": "context"}
    return {
        **facts,
        "level": "indicator",
        "factor": entry.dimension,
        "strand": entry.strand,
        "aspect": entry.aspect,
        "direction": entry.direction,
    }


def _factors(dataset: Dataset, nis_code: str, group: Comparator, language: str) -> Iterator[Facts]:
    for row in factor_facts(dataset, nis_code, group):
        dimension = row["dimension"]
        label = dataset.framework.dimensions[dimension].label[language]
        named = {"level": "factor", "code": dimension, "factor": dimension, "label": label, "unit": "0-100"}
        scores = {"score_low": row["low"], "score_high": row["high"], "low": None, "high": None}
        yield {**row, **scores, **named}


BYTE_ORDER_MARK = "\ufeff"


def download_files(project: Project, task: Task) -> tuple[bytes, bytes, bytes]:
    """Return the figures behind a profile or regional report as CSV, as CSV for a spreadsheet, and their descriptor."""
    dataset, texts = load_dataset(project), load_texts(task.language, project=project)
    table = _table(dataset, task)
    synthetic = bool(dataset.tables.synthetic)
    described = descriptor(task.stem, title=task.title, language=task.language, texts=texts, synthetic=synthetic)
    return *csv_files(table, texts), described


def _table(dataset: Dataset, task: Task) -> pd.DataFrame:
    kind = MUNICIPALITY if MUNICIPALITY.code in task.parameters else REGION
    about = kind.subject(dataset, task.parameters, task.language)
    codes = [about.nis_code] if about.nis_code else list(about.region.codes)
    return figures(dataset, codes, about.group, language=task.language)


def csv_files(table: pd.DataFrame, texts: Texts) -> tuple[bytes, bytes]:
    """Return figures as CSV for programs and for Excel with Dutch settings; no cell starts a formula.

    The first has commas, decimal points and UTF-8 at full precision; the second semicolons, decimal commas, a byte
    order mark and headings in words.
    """
    safe = safe_table(table)
    named = safe.set_axis([safe_cell(texts(f"columns.{name}")) for name in table], axis=1)
    written = safe_csv(named, sep=";", decimal=",", lineterminator="\r\n")
    return safe_csv(safe).encode("utf-8"), (BYTE_ORDER_MARK + written).encode("utf-8")


def descriptor(stem: str, *, title: str, language: str, texts: Texts, synthetic: bool) -> bytes:
    """Describe both files as a Frictionless data package."""
    fields = [_field(name, kind, texts) for name, kind in COLUMNS.items()]
    words = [{**field, "name": texts(f"columns.{field['name']}")} for field in fields]
    dialect = {"delimiter": ";", "lineTerminator": "\r\n"}
    package = {
        "profile": "tabular-data-package",
        "name": stem.replace(".", "-"),
        "title": title,
        "languages": [language],
        **({"description": texts("synthetic.mark")} if synthetic else {}),
        "resources": [
            _resource(f"{stem}.csv", fields, encoding="utf-8"),
            _resource(f"{stem}.excel.csv", _with_commas(words), encoding="utf-8-sig", dialect=dialect),
        ],
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _field(name: str, kind: str, texts: Texts) -> dict[str, Any]:
    return {"name": name, "type": kind, "title": texts(f"columns.{name}")}


def _with_commas(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**field, "decimalChar": ","} if field["type"] == "number" else field for field in fields]


def _resource(path: str, fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "name": path.replace(".", "-"),
        "path": path,
        "profile": "tabular-data-resource",
        "format": "csv",
        **more,
        "schema": {"fields": fields, "missingValues": [""]},
    }
