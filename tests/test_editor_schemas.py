"""Editors complete definitions by schemas that say what the check says."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator
from tests.small import framework_content, indicator, source_entry

from resilience_analysis.checks import editor_files
from resilience_analysis.data.catalogue_checks import catalogue_form
from resilience_analysis.foundation.definitions import json_schema
from resilience_analysis.foundation.files import json_bytes, read_yaml
from resilience_analysis.foundation.project import Project
from resilience_analysis.indicators.framework_checks import framework_form
from resilience_analysis.survey.items import ITEMS_FILE, items_form, load_instrument
from resilience_analysis.survey.mapping import mapping_form


def test_the_committed_schemas_are_those_of_the_forms(root):
    for path, content in editor_files(Project(root)).items():
        assert path.read_bytes() == json_bytes(content), "run: resilience schemas"


def test_the_definitions_of_the_project_follow_their_schemas_and_name_them(root):
    for path, content in editor_files(Project(root)).items():
        if "title" in content and "*" not in content["title"]:
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


def test_a_framework_is_refused_by_its_schema_where_the_check_refuses_it():
    content = framework_content()
    validator = Draft202012Validator(json_schema(framework_form(), title="framework"))
    for changes in (
        {},
        {"direction": 2},
        {"weight": -1},
        {"strand": "resident"},
        {"wieght": 1},
        {"derive": {"tkae": 1}},
    ):
        entry = content | {"indicators": {"trust": indicator(**changes)}}
        faults = framework_form(entry).problems("framework.yml", entry)
        assert bool(faults) == bool(list(validator.iter_errors(entry))), changes


def test_items_and_a_mapping_are_refused_by_their_schemas_where_the_check_refuses_them(root):
    content = read_yaml(root / "definitions" / ITEMS_FILE)
    for changes in ({}, {"source": 3}, {"scorign": {}}, {"weighting": {"trim": [1]}}, {"scale": {"anchors": []}}):
        form = items_form(["nl", "en"], ["nl", "en"])
        validator = Draft202012Validator(json_schema(form, title="items"))
        assert bool(form.problems("items.yml", content | changes)) == bool(
            list(validator.iter_errors(content | changes))
        )
    form = mapping_form(load_instrument(root / "definitions" / ITEMS_FILE))
    validator = Draft202012Validator(json_schema(form, title="mapping"))
    for written in ({"tool": "x"}, {"columms": {}}, {"answers": {"Agree": "7"}}, {"out_of_scale": ["LER9"]}):
        assert bool(form.problems("mapping.yml", written)) == bool(list(validator.iter_errors(written)))
