"""Everything that can be wrong with a project, in one list: definitions, raw data, tables, notebooks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from resilience_analysis.derive import Evidence
from resilience_analysis.errors import Problem, ResilienceError
from resilience_analysis.framework import DEFINITIONS, load_framework
from resilience_analysis.geography.regions import read_regions
from resilience_analysis.indicators import check_names
from resilience_analysis.processed import read_processed
from resilience_analysis.project import Project
from resilience_analysis.raw import read_raw
from resilience_analysis.sources.catalogue import read_catalogue
from resilience_analysis.sources.lock import lock_problems
from resilience_analysis.texts import text_problems

PARAMETERS = "parameters"
PARAMETERISED = ("profile.ipynb", "region.ipynb", "village.ipynb")
LONGEST_CELL = 10


def all_problems(project: Project) -> list[Problem]:
    """Give everything that is wrong with a project; an empty list when all is well."""
    problems = _attempt("definitions", load_framework)
    problems += _attempt("regions.yml", lambda: read_regions(DEFINITIONS / "regions.yml"))
    problems += text_problems()
    problems += _attempt("raw data", lambda: _raw_problems(project))
    problems += _attempt("data/processed", lambda: read_processed(project.processed))
    for path in sorted(project.notebooks.glob("*.ipynb")):
        problems += notebook_problems(path)
    return problems


def _attempt(where: str, work: Callable[[], Any]) -> list[Problem]:
    """Do one check and turn what it raises, or the problems it gives, into a list."""
    try:
        found = work()
    except ResilienceError as error:
        return list(getattr(error, "problems", [Problem(where, str(error))]))
    return found if isinstance(found, list) else []


def _raw_problems(project: Project) -> list[Problem]:
    catalogue = read_catalogue(project.raw)
    problems = lock_problems(project.raw, catalogue)
    if not problems:
        raw = read_raw(project.raw, catalogue)
        check_names(Evidence(raw.observations, raw.municipalities), load_framework(), catalogue)
    return problems


def notebook_problems(path: Path) -> list[Problem]:
    """Give every rule of a model notebook that one breaks (DESIGN: what was measured with papermill and nbval)."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if PARAMETERS in cell.metadata.get("tags", [])]
    faults = []
    if path.name in PARAMETERISED and len(tagged) != 1:
        faults.append(f"has {len(tagged)} cells tagged {PARAMETERS}; one with a working default is needed")
    if len(code) > len(notebook.cells) - len(code) + 1:
        faults.append("has more code cells than prose cells")
    for number, cell in enumerate(code, start=1):
        faults += [f"code cell {number} {fault}" for fault in _cell_faults(cell.source, cell.get("outputs", []))]
    return [Problem(path.name, fault) for fault in faults]


def _cell_faults(source: str, outputs: list[Any]) -> list[str]:
    lines = [line for line in source.splitlines() if line.strip()]
    rules = {
        f"has {len(lines)} lines; {LONGEST_CELL} is the most": len(lines) > LONGEST_CELL,
        "ends in a semicolon, which nbval cannot compare": source.rstrip().endswith(";"),
        "defines a function: put it in the package": any(line.startswith("def ") for line in lines),
        "hides errors with try": any(line.strip().startswith("try:") for line in lines),
        "names a path: the package finds the data": any(mark in source for mark in ("../", "/home", "C:\\", "open(")),
        "keeps an image: strip it before committing": any("image/png" in o.get("data", {}) for o in outputs),
        "ended in an error": any(o.output_type == "error" for o in outputs),
    }
    return [fault for fault, broken in rules.items() if broken]
