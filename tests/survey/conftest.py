"""Answers small enough to check by hand, and the road from a file to responses."""

from __future__ import annotations

import shutil
import sys
from itertools import count
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import settings

from resilience_analysis.cli.main import main
from resilience_analysis.survey.exports import Remark
from resilience_analysis.survey.importing import Imported, ImportOptions, import_answers
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.items import load_instrument
from resilience_analysis.survey.mapping import ImportMapping

LIKERT = "who,place,role,A1,A2,B1\n" + "".join(
    f"r{n},{place},{'a' if n % 2 else 'b'},{1 + n % 4},{1 + (n // 2) % 4},{4 - n % 4}\n"
    for place, size in (("big", 20), ("mid", 8), ("tiny", 3))
    for n in range(size)
)
ITEMS = "item,dimension,reverse\nA1,A,FALSE\nA2,A,FALSE\nB1,B,TRUE\n"
EXPORT = "submitdate;lastpage;E-mail;gemeente;rol;INF1;INF2;Opmerking\n" + "".join(
    f"2026-01-0{n};3;mens{n}@olen.be;Olen;inwoner;{n % 4 + 1};akkoord;vrij\n" for n in range(1, 8)
)


settings.register_profile("calm", deadline=None)  # the machine may be busy with something else
settings.load_profile("calm")


@pytest.fixture(scope="session")
def instrument() -> Instrument:
    return load_instrument()


@pytest.fixture
def write(tmp_path):
    """Write a text as a file and give its path."""

    def write_file(text: str, name: str = "export.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write_file


@pytest.fixture
def book(tmp_path):
    """Write a workbook of the sheets named and give its path."""

    def make(**sheets):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for name, rows in sheets.items():
            sheet = workbook.create_sheet(name.replace("_", " "))
            for row in rows:
                sheet.append(row)
        workbook.save(tmp_path / "export.xlsx")
        return tmp_path / "export.xlsx"

    return make


def numbered(prefix: str = "r"):
    """Return respondent numbers in the order of the file, so that a test knows who is who."""
    numbers = count(1)
    return lambda wanted: [f"{prefix}{next(numbers):06d}" for _ in range(wanted)]


@pytest.fixture
def run_import(write, instrument):
    """Import a text (or a path) and return the result."""

    def run(source: str | Path, **options) -> Imported:
        path = source if isinstance(source, Path) else write(source)
        if "mapping" in options and isinstance(options["mapping"], dict):
            options["mapping"] = ImportMapping(**options["mapping"])
        settings = {"wave": "2026", "ids": numbered(), **options}
        return import_answers(path, instrument, ImportOptions(**settings))

    return run


def whys(remarks: tuple[Remark, ...]) -> dict[tuple[str, str], str]:
    """Return why a cell, row or column was not used, by row and column."""
    return {(remark.row, remark.column): remark.why for remark in remarks}


def random_values(rows: int, columns: list[str], *, missing: float = 0.1, seed: int = 0) -> pd.DataFrame:
    """Answers 1 to 4 with gaps."""
    random = np.random.default_rng(seed)
    values = random.integers(1, 5, (rows, len(columns))).astype(float)
    values[random.random(values.shape) < missing] = np.nan
    return pd.DataFrame(values, columns=columns)


def answers_table(rows: list[tuple], *, wave: str = "2026") -> pd.DataFrame:
    """Make the long table from (respondent, nis_code, role, {item: answer or reason})."""
    long = []
    for respondent, nis_code, role, answers in rows:
        for item, answer in answers.items():
            reason = answer if isinstance(answer, str) else None
            value = np.nan if isinstance(answer, str) else float(answer)
            long.append((respondent, wave, item, nis_code, None, role, None, value, reason))
    columns = ["respondent", "wave", "item", "nis_code", "village", "role", "background", "answer", "missing_reason"]
    return pd.DataFrame(long, columns=columns, dtype=object).astype({"answer": float})


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run ``resilience survey`` in a project of its own; give the exit code, what was said, and the folder."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "sources.yml").write_text("{}\n")
    (tmp_path / "definitions").mkdir()
    shutil.copy(Path(__file__).parents[2] / "definitions" / "items.yml", tmp_path / "definitions")
    (tmp_path / "answers.csv").write_text(LIKERT)
    (tmp_path / "items.csv").write_text(ITEMS)
    (tmp_path / "export.csv").write_text(EXPORT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESILIENCE_PROJECT", str(tmp_path))
    monkeypatch.delenv("RESILIENCE_EXAMPLE", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["resilience", "survey", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out + said.err

    return run
