"""Everything that can be wrong with a project, in one list: definitions, raw data, tables, notebooks."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from resilience_analysis.build import assemble, difference
from resilience_analysis.data.catalogue import lock_problems, read_catalogue
from resilience_analysis.data.catalogue_checks import catalogue_form
from resilience_analysis.data.processed import read_processed, read_table
from resilience_analysis.data.raw import read_raw
from resilience_analysis.data.read_table import corrections_form
from resilience_analysis.data.register_words import LOCAL_FILE, read_words, words_form
from resilience_analysis.foundation.definitions import Form, json_schema
from resilience_analysis.foundation.errors import Problem, refusals, unknown
from resilience_analysis.foundation.files import write_json
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.settings import SETTINGS_FILE, settings_form
from resilience_analysis.foundation.texts import text_problems, wording_gaps
from resilience_analysis.geography.boundaries import place_of
from resilience_analysis.geography.groups import REGIONS_FILE, members, read_regions, regions_form
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.indicators.framework_checks import FILE_NAME, framework_form
from resilience_analysis.profiles.local_registers import balance_problems
from resilience_analysis.profiles.next_steps import FILE_NAME as NEXT_FILE
from resilience_analysis.profiles.next_steps import next_steps_form, read_next_steps
from resilience_analysis.registries import half_added, needed_texts
from resilience_analysis.reports.kinds import KINDS, VILLAGE, named
from resilience_analysis.survey.checking import kept_too_long
from resilience_analysis.survey.items import ITEMS_FILE, items_form, load_instrument
from resilience_analysis.survey.mapping import mapping_form

PARAMETERS = "parameters"
NOT_COMPARED = "not_compared"
"""In the metadata of a notebook that is kept without outputs on purpose, as those of a new project are."""
LONGEST_CELL = 10
REMEDY = "Make them again with: resilience build"


def all_problems(project: Project) -> list[Problem]:
    """Return everything that is wrong with a project; an empty list when all is well."""
    half = half_added()
    problems = half or _found("texts", lambda: text_problems(needed_texts()))
    problems += _found("definitions", lambda: _wording_problems(project))
    framework = partial(load_framework, project.definitions)
    problems += refusals(SETTINGS_FILE, lambda: place_of(project.settings))
    problems += refusals(ITEMS_FILE, lambda: load_instrument(project.definition(ITEMS_FILE)))
    problems += _found(
        "answers", lambda: kept_too_long(project.private, load_instrument(project.definition(ITEMS_FILE)))
    )
    problems += refusals(NEXT_FILE, lambda: read_next_steps(project.definition(NEXT_FILE), framework()))
    problems += _found(ITEMS_FILE, lambda: _statement_problems(project))
    problems += _found("framework.yml", lambda: _dimension_problems(project))
    problems += _found(REGIONS_FILE, lambda: _region_problems(project))
    problems += _found(LOCAL_FILE, lambda: _housing_problems(project))
    problems += _found("raw data", lambda: _raw_problems(project))
    problems += refusals("data/processed", lambda: read_processed(project.processed))
    problems += _found("notebooks", lambda: _lacking_notebooks(project))
    for path in [] if half else sorted(project.notebooks.glob("*.ipynb")):  # what they show is not known then
        problems += notebook_problems(path)
    told = dict.fromkeys(problems)  # what two checks meet is said once, by the one that says more of the place
    return [one for one in told if not any(one.what == o.what and o.where.startswith(f"{one.where}, ") for o in told)]


def _wording_problems(project: Project) -> list[Problem]:
    """Return every wording in the definitions that lacks a language of the reports."""
    own = sorted(project.definitions.glob("*.yml"))
    return [problem for path in own for problem in wording_gaps(path, project.settings.languages)]


def _found(where: str, look: Callable[[], list[Problem]]) -> list[Problem]:
    """Return the problems that one check finds, or those that it fails on."""
    found: list[Problem] = []
    return refusals(where, lambda: found.extend(look())) or found


def _housing_problems(project: Project) -> list[Problem]:
    """Return what the section on housing asks for and the project does not have."""
    balance = read_words(project.definition(LOCAL_FILE))["housing"].get("balance")
    variables = set(read_table(project.processed, "join_report")["variable"])
    return balance_problems(balance, variables, load_framework(project.definitions).context) if balance else []


def _statement_problems(project: Project) -> list[Problem]:
    """Return every indicator beside which the framework puts a statement that nobody is asked."""
    instrument = load_instrument(project.definition(ITEMS_FILE))
    asked = {item.id: item for section in instrument.dimensions for item in section.items}
    return [
        Problem(f"framework.yml, indicators, {code}", unknown("item", entry.statement, asked), f"See {ITEMS_FILE}")
        for code, entry in load_framework(project.definitions).indicators.items()
        if entry.statement and entry.statement not in asked
    ]


def _dimension_problems(project: Project) -> list[Problem]:
    """Return every dimension that nothing is measured by: no indicator and no statement."""
    framework, instrument = load_framework(project.definitions), load_instrument(project.definition(ITEMS_FILE))
    measured = {entry.dimension for entry in framework.indicators.values()}
    measured |= {section.id for section in instrument.dimensions if section.items}
    what, remedy = f"has no indicator, and no statement in {ITEMS_FILE}", "Give it one, or leave it out"
    return [
        Problem(f"framework.yml, dimensions, {code}", what, remedy)
        for code in framework.dimensions
        if code not in measured
    ]


def _lacking_notebooks(project: Project) -> list[Problem]:
    """Return every kind of report of which nothing can be made, for want of its notebook beside others."""
    if not project.notebooks.is_dir():
        return []
    villages = any(source.format == "villages" for source in read_catalogue(project.raw).values())
    lacking = [kind for kind in KINDS.values() if not (project.notebooks / f"{kind.name}.ipynb").is_file()]
    return [
        Problem(f"notebooks/{kind.name}.ipynb", "does not exist, so that no such report can be made", "Restore it")
        for kind in lacking
        if villages or kind.about is not VILLAGE
    ]


def _region_problems(project: Project) -> list[Problem]:
    """Return every group and resemblance that names a municipality, column or indicator that is not there."""
    geography = read_regions(project.definition(REGIONS_FILE))
    municipalities = read_table(project.processed, "municipalities").set_index("nis_code")
    chosen = project.settings.region
    problems = []
    if chosen not in geography.groups:
        problems.append(Problem(f"{SETTINGS_FILE}, region", unknown("group", chosen, geography.groups)))
    for group in geography.groups.values():
        distances = pd.Series(0.0, index=municipalities.index)
        look = partial(members, group, municipalities, of=str(municipalities.index[0]), distances=distances)
        problems += _found(f"{REGIONS_FILE}, {group.id}", partial(_membership_problems, group.id, look, municipalities))
    known = load_framework(project.definitions).context
    strangers = [code for code in geography.resemblance if code not in known]
    return problems + [Problem(f"{REGIONS_FILE}, resemblance", unknown("context", code, known)) for code in strangers]


def _membership_problems(name: str, look: Callable[[], list[str]], municipalities: pd.DataFrame) -> list[Problem]:
    """Return what is wrong with a group that can be read: it has no place, or the name of one."""
    where, problems = f"{REGIONS_FILE}, groups, {name}", []
    if not look():
        problems.append(Problem(where, "has no municipality", "Correct its column and value, or leave it out"))
    if name in municipalities.index:
        problems.append(Problem(where, "is the code of a place too", "Give it another name"))
    return problems


def _raw_problems(project: Project) -> list[Problem]:
    """Return what is wrong with the raw files, or else whether the processed tables are still what they give."""
    catalogue = read_catalogue(project.raw)
    problems = lock_problems(project.raw, catalogue)
    if problems:
        return problems
    fresh = assemble(project, read_raw(project, catalogue), load_framework(project.definitions), catalogue)
    moved = len(difference(read_table(project.processed, "scores"), fresh.scores))
    return [Problem("scores.csv", f"{moved} scores are not what the build gives now", REMEDY)] if moved else []


def notebook_problems(path: Path) -> list[Problem]:
    """Return every rule of a model notebook that one breaks (DESIGN: what was measured with papermill and nbval)."""
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            notebook = nbformat.read(path, as_version=4)
    except (AttributeError, KeyError, TypeError, ValueError, nbformat.ValidationError) as error:
        return [Problem(path.name, f"is not a notebook ({str(error).splitlines()[0]})")]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if PARAMETERS in cell.metadata.get("tags", [])]
    faults = [str(warning.message) for warning in warned]  # of cells that share an id, or have none
    if path.stem in KINDS:
        faults += _of_its_kind(path.stem, code, len(tagged))
    faults += _not_run(notebook, code)
    if len(code) > len(notebook.cells) - len(code) + 1:
        faults.append("has more code cells than prose cells")
    for number, cell in enumerate(code, start=1):
        faults += [f"code cell {number} {fault}" for fault in _cell_faults(cell.source, cell.get("outputs", []))]
    return [Problem(path.name, fault) for fault in faults]


def _of_its_kind(kind: str, code: list[Any], tagged: int) -> list[str]:
    """Return what the notebook of a kind of report lacks: its parameters, sections of the page."""
    shown, sections = " ".join(cell.source for cell in code), named(KINDS[kind].page).sections if code else ()
    needed = f"has {tagged} cells tagged {PARAMETERS}; one with a working default is needed"
    return [needed] * (tagged != 1) + [f"shows no page.{name}()" for name in sections if f"page.{name}()" not in shown]


def _not_run(notebook: Any, code: list[Any]) -> list[str]:
    """Return a fault of a notebook whose outputs validate nothing: stripped, or of cells that were not run."""
    code = [cell for cell in code if cell.source.strip()]
    if not code or notebook.metadata.get("resilience", {}).get(NOT_COMPARED):
        return []
    if not any(cell.get("outputs") for cell in code):
        return ["has no outputs, so that nbval compares nothing: run it and keep them"]
    missed = [str(number) for number, cell in enumerate(code, start=1) if not cell.get("execution_count")]
    return [f"code cell {', '.join(missed)} was not run: run all and keep the outputs"] if missed else []


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


FOLDER = "definitions/schemas"
FILES = {
    "project": f"definitions/{SETTINGS_FILE}",
    "regions": f"definitions/{REGIONS_FILE}",
    "sources": "data/raw/sources.yml",
    "local": "definitions/local.yml",
    "corrections": "definitions/corrections.yml",
    "framework": f"definitions/{FILE_NAME}",
    "items": f"definitions/{ITEMS_FILE}",
    "next": f"definitions/{NEXT_FILE}",
    "mapping": "**/*mapping*.yml",
}


def editor_forms(project: Project) -> dict[str, Form]:
    """Return the form of every definition file that has one, by the name of its schema."""
    languages = project.settings.languages
    return {
        "project": settings_form(languages),
        "regions": regions_form(languages),
        "sources": catalogue_form(languages),
        "local": words_form(languages),
        "corrections": corrections_form(read_catalogue(project.raw)),
        "framework": framework_form(languages=languages),
        "items": items_form(languages),
        "next": next_steps_form(load_framework(project.definitions).dimensions, languages),
        "mapping": mapping_form(load_instrument(project.definition(ITEMS_FILE))),
    }


def editor_files(project: Project) -> dict[Path, Any]:
    """Return the content of every file that an editor looks for, by its path."""
    forms = editor_forms(project)
    files: dict[Path, Any] = {
        project.root / FOLDER / f"{name}.json": json_schema(form, title=FILES[name]) for name, form in forms.items()
    }
    mapping = {f"./{FOLDER}/{name}.json": FILES[name] for name in forms}
    return files | {project.root / ".vscode" / "settings.json": {"yaml.schemas": mapping}}


def write_editor_files(project: Project) -> list[str]:
    """Write the schemas and the settings of the editor, and return the files that changed, relative to the project."""
    files = editor_files(project)
    changed = [path for path, content in files.items() if write_json(path, content)]
    return [path.relative_to(project.root).as_posix() for path in changed]
