"""The figures beside a report: CSV at full precision, CSV for a Dutch spreadsheet, and a descriptor of both."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.cells import safe_cell, safe_csv, safe_table
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import Texts, load_texts
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.subject import region_subject, subject
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.figures import COLUMNS, figures

BYTE_ORDER_MARK = "\ufeff"


def download_files(project: Project, task: Task) -> tuple[bytes, bytes, bytes]:
    """Return the figures behind a profile or regional report as CSV, as CSV for a spreadsheet, and their descriptor."""
    dataset, texts = load_dataset(project), load_texts(task.language, project=project)
    table = _table(dataset, task)
    synthetic = bool(dataset.tables.synthetic)
    described = descriptor(task.stem, title=task.title, language=task.language, texts=texts, synthetic=synthetic)
    return *csv_files(table, texts), described


def _table(dataset: Dataset, task: Task) -> pd.DataFrame:
    given, language = task.parameters, task.language
    if "nis_code" in given:
        about = subject(
            dataset, given["nis_code"], region=given["region"], group=given["comparator"], language=language
        )
        return figures(dataset, [about.nis_code], about.group, language=language)
    about = region_subject(dataset, given["region"], language=language)
    return figures(dataset, list(about.region.codes), about.group, language=language)


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
