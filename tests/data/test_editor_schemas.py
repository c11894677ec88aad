"""Editors complete definitions by schemas that say what the check says."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator
from tests.small import source_entry

from resilience_analysis.data.catalogue_checks import catalogue_form
from resilience_analysis.data.editor_schemas import editor_files
from resilience_analysis.foundation.definitions import json_schema
from resilience_analysis.foundation.files import json_bytes, read_yaml
from resilience_analysis.foundation.project import Project


def test_the_committed_schemas_are_those_of_the_forms(root):
    for path, content in editor_files(Project(root)).items():
        assert path.read_bytes() == json_bytes(content), "run: resilience schemas"


def test_the_definitions_of_the_project_follow_their_schemas_and_name_them(root):
    for path, content in editor_files(Project(root)).items():
        if "title" in content:
            definition = root / content["title"]
            written = json.loads(json.dumps(read_yaml(definition), default=str))
            assert list(Draft202012Validator(content).iter_errors(written or [])) == []
            first = definition.read_text(encoding="utf-8").splitlines()[0]
            named = first.removeprefix("# yaml-language-server: $schema=")
            assert (definition.parent / named).resolve() == path


def test_a_schema_refuses_what_the_check_refuses():
    form = catalogue_form(["nl", "en"])
    validator = Draft202012Validator(json_schema(form, title="sources"))
    for changes in (
        {},
        {"publisher": None},
        {"tilte": "x"},
        {"columns": {"x": {"kind": "cuont"}}},
        {"page": "ftp://x"},
    ):
        entry = source_entry(**changes)
        assert bool(form.problems("sources.yml", {"people": entry})) == bool(
            list(validator.iter_errors({"people": entry}))
        )
