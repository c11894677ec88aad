"""JSON Schema of the definitions, by which an editor completes and underlines YAML while somebody writes it.

The files lie in ``definitions/schemas``; the first line of each definition names its own, and ``.vscode/settings.json``
names all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from resilience_analysis.data.catalogue import read_catalogue
from resilience_analysis.data.catalogue_checks import catalogue_form
from resilience_analysis.data.read_table import corrections_form
from resilience_analysis.data.register_words import words_form
from resilience_analysis.foundation.definitions import Form, json_schema
from resilience_analysis.foundation.files import write_json
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.settings import SETTINGS_FILE, settings_form
from resilience_analysis.geography.groups import REGIONS_FILE, regions_form
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.indicators.framework_checks import FILE_NAME, framework_form
from resilience_analysis.profiles.next_steps import FILE_NAME as NEXT_FILE
from resilience_analysis.profiles.next_steps import next_steps_form
from resilience_analysis.survey.items import ITEMS_FILE, items_form, load_instrument
from resilience_analysis.survey.mapping import mapping_form

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
