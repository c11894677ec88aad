"""Every command of the documents runs, in a scratch project with the files that its page speaks of."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from tests.starter.regions import write_region
from tests.test_documents import DOCUMENTS, ROOT, blocks, named

from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE, Project
from resilience_analysis.survey.items import ITEMS_FILE, load_instrument
from resilience_analysis.survey.synthetic import simulate, write_example

# they run notebooks by the hundred: in the trial
SLOW = {"profiles", "region", "villages"}
# pages whose commands take seconds: in the trial too
LENGTHY = {"composite.md", "survey.md", "workshop_evening.md"}
# what runs elsewhere, and where
APART = {
    "explore": "opens a server: tests/explorer",
    "survey fetch": "asks a server: tests/survey has one of its own",
    "--scheduler": "needs a cluster: tests/batch has one of its own",
}


def documented(path: Path) -> list[list[str]]:
    """Return the commands of a page that are ours, in their order, as words."""
    lines = [line for block in blocks(path, "console") for line in block.splitlines()]
    ours = [re.match(r"(?:\$ )?(?:\.venv/bin/)?resilience (.*)", line) for line in lines]
    return [shlex.split(match[1], comments=True) for match in ours if match]


def is_apart(words: list[str]) -> bool:
    return any(name in " ".join(words) for name in APART)


def is_slow(words: list[str]) -> bool:
    return words[0] in SLOW


QUICK = {path: [words for words in documented(path) if not (is_apart(words) or is_slow(words))] for path in DOCUMENTS}
LONG = {path: [words for words in documented(path) if is_slow(words) and not is_apart(words)] for path in DOCUMENTS}


def pages_with(commands: dict[Path, list[list[str]]]) -> list[Any]:
    """Return the pages that have such commands, the lengthy ones as trials."""
    trial = [pytest.mark.trial]
    return [
        pytest.param(p, id=named(p), marks=trial if p.name in LENGTHY else []) for p, had in commands.items() if had
    ]


def answers(project: Project, folder: Path) -> None:
    """Write the exports that pages speak of, of made-up people, and import the wave before."""
    instrument = load_instrument(project.definition(ITEMS_FILE))
    people = simulate(instrument)
    for name in ("answers.xlsx", "export.csv"):
        write_example(folder / name, "kobotoolbox" if name.endswith("xlsx") else "limesurvey", people, instrument)
    (folder / "answers.csv").write_text("a,b\n1,2\n4,3\n", encoding="utf-8")
    (folder / "mapping.yml").write_text(yaml.safe_dump({"columns": {"INF1": "a", "INF2": "b"}}), encoding="utf-8")


def indices(folder: Path) -> None:
    """Write the data and framework of an index, and the workbook that the page on COINr makes."""
    shutil.copytree(ROOT / "docs" / "frameworks", folder / "docs" / "frameworks")
    for name, brought in (("hdi.csv", "data.csv"), ("hdi.yml", "framework.yml")):
        shutil.copy(ROOT / "docs" / "frameworks" / name, folder / brought)
    found: dict[str, pd.DataFrame] = {}
    exec(blocks(ROOT / "docs" / "coinr.md", "python")[0], found)
    with pd.ExcelWriter(folder / "workbook.xlsx") as book:
        for name in ("iData", "iMeta"):
            found[name].to_excel(book, sheet_name=name, index=False)


def registers(project: Project, folder: Path) -> None:
    """Write made-up answers of a register: two lists and two bodies of every municipality."""
    codes = pd.read_csv(project.processed / "municipalities.csv", dtype=str)["nis_code"]
    for name, kind, rest in (("lists", "lijst", {"datum": "2024-10-13"}), ("bodies", "verband", {"vorm": "x"})):
        rows = pd.DataFrame({"gemeente": codes.repeat(2), kind: ["a", "b"] * len(codes)}).assign(**rest)
        rows.to_csv(folder / f"{name}.csv", index=False)


@pytest.fixture
def workplace(small_project: Project, resilience: Callable, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with what the pages speak of in its folder, which is the current one."""
    folder = small_project.root
    monkeypatch.chdir(folder)
    answers(small_project, folder)
    indices(folder)
    registers(small_project, folder)
    data, areas = write_region(folder / "brought", ["0310", "0312", "0321"], crs="EPSG:28992", middle=(5.1, 52.1))
    pd.read_csv(data, dtype=str).assign(year=2024).to_csv("figures.csv", index=False)
    shutil.copy(areas, "places.geojson")
    return small_project


@pytest.mark.parametrize("path", pages_with(QUICK))
def test_every_command_of_a_page_runs(path: Path, workplace: Project, resilience: Callable) -> None:
    if path.name == "survey.md":  # speaks of two waves
        resilience("survey", "example", "--wave", "2025", "--tool", "limesurvey", "--out", "earlier.csv")
        assert resilience("survey", "import", "earlier.csv", "--wave", "2025").code == 0
    for words in QUICK[path]:
        done = resilience(*words)
        assert done.code == 0, f"resilience {' '.join(words)}\n{done.err}"
    if path.name == "survey.md":
        for block in blocks(path, "python"):
            exec(block, {})


@pytest.mark.parametrize("name", ["coinr.md", "engine.md"])
def test_every_block_of_python_in_a_page_on_an_engine_runs(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks(ROOT / "docs" / name, "python"):
        exec(block, {})


def test_what_runs_apart_is_named_in_a_page() -> None:
    written = {" ".join(words) for path in DOCUMENTS for words in documented(path)}
    assert [name for name in APART if not any(name in line for line in written)] == []


@pytest.mark.trial
@pytest.mark.parametrize("path", pages_with(LONG))
def test_every_command_of_a_page_that_makes_reports_runs(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    for part in ("definitions", "data/raw", "data/processed", "notebooks"):
        shutil.copytree(ROOT / part, folder / part)
    surroundings = {**os.environ, ROOT_VARIABLE: str(folder)}
    surroundings.pop(EXAMPLE_VARIABLE, None)
    for words in LONG[path]:
        command = [sys.executable, "-m", "resilience_analysis", *words]
        done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"resilience {' '.join(words)}\n{done.stderr}"
    assert any((folder / "reports").glob("*.html"))
