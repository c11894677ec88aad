"""What a project calls things: every fault of project.yml in one message, and what counts as a code of a place."""

from __future__ import annotations

import pytest
import yaml

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.settings import DEFAULTS, is_code, languages_of, read_definition, read_settings

CONTENT = read_definition(DEFAULTS / "project.yml")


def faults(folder, **changes) -> list[str]:
    path = folder / "project.yml"
    path.write_text(yaml.safe_dump({**CONTENT, **changes}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_settings.__wrapped__(path)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize("code", ["13011", "0310", "E07000223", "FR-35238", "08019", "\u5317\u4eac.1"])
def test_a_code_of_a_place_may_have_letters_digits_and_marks(code):
    assert is_code(code)


@pytest.mark.parametrize("code", ["", " ", "13 011", "13011,13012", "a;b", "home:1", "../x", "a\\b", "x" * 41])
def test_what_could_be_a_list_or_a_path_is_not_a_code(code):
    assert not is_code(code)


def test_a_project_says_more_about_its_codes(root):
    pattern = Project(root).settings.codes
    assert is_code("13011", pattern)
    assert not any(is_code(code, pattern) for code in ("1301", "130111", "1301A", "\u0661\u0661\u0660\u0660\u0661"))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"codes": "[0-9"}, "project.yml, codes: '[0-9' is not a regular expression"),
        ({"codes": None}, "project.yml: codes is missing"),
        (
            {"extent": [5, 52, 4, 53]},
            "project.yml, extent: [5, 52, 4, 53] is not four degrees around the places. Write",
        ),
        ({"extent": "Belgium"}, "project.yml, extent: 'Belgium' is not four degrees around the places"),
        ({"languages": []}, "project.yml, languages: must be a list of 1 or more"),
        ({"languages": ["de"]}, "project.yml, name: has no wording in de"),
        ({"likely": "EPSG:3812"}, "project.yml, likely: must be a list"),
        ({"colour": "red"}, "project.yml: unknown field 'colour'"),
    ],
)
def test_a_fault_is_named_with_its_field(tmp_path, changes, fault):
    assert faults(tmp_path, **changes)[0].startswith(fault)


def test_definitions_without_a_project_have_the_languages_of_the_package(tmp_path, root):
    assert languages_of(tmp_path) == ("nl", "en")
    assert languages_of(root / "definitions") == ("nl", "en", "fr")
