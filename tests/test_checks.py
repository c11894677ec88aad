"""Everything that can be wrong with a project comes back in one list."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from resilience_analysis import checks, registries
from resilience_analysis.checks import all_problems, notebook_problems
from resilience_analysis.data import publishers
from resilience_analysis.foundation import style
from resilience_analysis.foundation import texts as texts_module
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.pages import sections
from resilience_analysis.pages.page import section_names
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.registries import half_added
from resilience_analysis.reports.kinds import KINDS
from resilience_analysis.survey import exports

IMAGE = new_output("display_data", data={"image/png": "iVBOR"})
SHOWN = new_output("stream", name="stdout", text="1")
ERROR = new_output("error", ename="ValueError", evalue="x", traceback=[])


def found(project) -> list[str]:
    return [str(problem) for problem in all_problems(project)]


@pytest.fixture
def write(tmp_path):
    """Write a notebook of these code cells, each below a cell of prose, and give its path."""

    def write_notebook(*cells, name="01_survey.ipynb", prose=None, ran=True):
        words = [new_markdown_cell("words") for _ in range(len(cells) if prose is None else prose)]
        if ran:
            for cell in cells:
                cell.execution_count = 1
                cell.outputs = cell.outputs or [SHOWN]
        nbformat.write(new_notebook(cells=words + list(cells)), tmp_path / name)
        return tmp_path / name

    return write_notebook


@pytest.fixture
def words(tmp_path):
    """A copy of the text files of the package that a test may break."""
    for path in texts_module.WORDS.rglob("*.yml"):
        if path.stem in texts_module.languages() or path.match(texts_module.REASONS):
            copied = tmp_path / "words" / path.relative_to(texts_module.WORDS)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(path.read_bytes())
    return tmp_path / "words"


def add_reasons(folder, language):
    """Add the words of every reason, as they are in English, to the general words of a language."""
    reasons = yaml.safe_load((folder / texts_module.REASONS).read_text(encoding="utf-8"))
    said = {
        group: {name: entry[group]["en"] for name, entry in reasons.items()} for group in ("reason", "reason_short")
    }
    with (folder / "texts" / f"{language}.yml").open("a", encoding="utf-8") as stream:
        stream.write(yaml.safe_dump(said, allow_unicode=True))


def faults(path) -> list[str]:
    return [problem.what for problem in notebook_problems(path)]


def test_a_sound_project_has_nothing_wrong(small_project):
    assert found(small_project) == []


def test_the_notebooks_of_the_repository_follow_the_rules(root):
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        assert notebook_problems(path) == []


def test_several_things_that_are_wrong_come_in_one_list(small_project, definitions, words, monkeypatch):
    monkeypatch.setattr(texts_module, "WORDS", words)
    (small_project.raw / "statbel" / "dwellings.csv").write_text("changed")
    (small_project.processed / "mergers.csv").unlink()
    small_project.notebooks.mkdir()
    (small_project.notebooks / "profile.ipynb").write_text("{")
    regions = definitions / "regions.yml"
    regions.write_text(regions.read_text().replace("same: facility_level", "same: faculty_level"))
    texts = words / "texts" / "en.yml"
    texts.write_text(texts.read_text() + "\nonly_english: yes\n")
    lines = found(small_project)
    expected = [
        "texts/nl.yml: only_english is missing",
        "texts/fr.yml: only_english is missing",
        "regions.yml, facility_level: the group facility_level names an unknown column 'faculty_level'; did you mean",
        "statbel/dwellings.csv: changed: sha256",
        "mergers.csv: is not in",
        "profile.ipynb: is not a notebook",
        "notebooks/region.ipynb: does not exist, so that no such report can be made",
        "notebooks/village.ipynb: does not exist, so that no such report can be made",
    ]
    assert len(lines) == len(expected)
    assert all(any(line.startswith(start) for line in lines) for start in expected)


def test_what_is_half_added_to_a_registry_is_named(small_project, tmp_path, monkeypatch):
    for package, name in ((exports, "half_tool"), (publishers, "half_format"), (sections, "half_section")):
        folder = tmp_path / f"of_{name}"
        folder.mkdir()
        (folder / f"{name}.py").write_text('"""Half of it."""\n')
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    row = replace(KINDS["profile"], name="sheet", page="resilience_analysis.pages.sheet:SheetPage")
    monkeypatch.setitem(KINDS, "sheet", row)
    section_names.cache_clear()
    try:
        lines = found(small_project)
    finally:
        section_names.cache_clear()
    page = "report kind sheet: its page cannot be loaded"
    assert lines[:4] == [
        "survey/exports/half_tool: declares no TOOLS. Add it, as CONTRIBUTING says",
        "data/publishers/half_format: declares no READERS. Add it, as CONTRIBUTING says",
        "pages/sections/half_section: declares no SECTION. Add it, as CONTRIBUTING says",
        f"{page} (No module named 'resilience_analysis.pages.sheet'). Add it, as CONTRIBUTING says",
    ]


@pytest.mark.parametrize(
    ("package", "text", "fault"),
    [
        (exports, "TOOLS = ()", "survey/exports/half: its TOOLS are not what they should be, or none"),
        (exports, "TOOLS = ('x',)", "survey/exports/half: its TOOLS are not what they should be, or none"),
        (exports, "import not_there", "survey/exports/half: cannot be loaded (ModuleNotFoundError: No module named"),
        (publishers, "READERS = {'odd': 'x'}", "data/publishers/half: its READERS are not what they should be"),
        (publishers, "READERS = {'table': print}", "data/publishers/half: 'table' is declared more than once"),
        (sections, "SECTION = 'x'", "pages/sections/half: its SECTION are not what they should be"),
        (
            sections,
            "from resilience_analysis.pages.page import PageSection\nSECTION = PageSection(lambda _: None, 'half')",
            "pages/sections/half: is in no report. Put its name in the list of a page",
        ),
    ],
)
def test_an_entry_that_is_not_what_its_registry_asks_is_named(package, text, fault, tmp_path, monkeypatch):
    (tmp_path / "half.py").write_text(f'"""Half of it."""\n{text}\n')
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    section_names.cache_clear()
    try:
        found = [str(problem) for problem in half_added()]
    finally:
        section_names.cache_clear()
        sys.modules.pop(f"{package.__name__}.half", None)
    assert any(line.startswith(fault) for line in found)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('hatch: "#8A94A0"', "hatch: grey", "style/palette.yml, hatch: 'grey' is not a colour."),
        ('"#3F83AD", "#12436D"]', '"#12436D"]', "style/palette.yml, classes: has 4 colours, not 5"),
    ],
)
def test_a_colour_that_is_not_one_is_named(old, new, fault, tmp_path, monkeypatch):
    text = (style.STYLE / "palette.yml").read_text()
    (tmp_path / "palette.yml").write_text(text.replace(old, new, 1))
    monkeypatch.setattr(style, "STYLE", tmp_path)
    with pytest.raises(InputError, match=re.escape(fault)):
        style.palette.__wrapped__()
    with pytest.raises(InputError, match="unknown colour 'hatched'; did you mean 'hatch'"):
        style.palette()["hatched"]


def test_words_of_a_language_or_reason_that_there_is_not_are_named(words, monkeypatch):
    (words / "pages/sections/housing/de.yml").write_text("title: Wohnen\n")
    with (words / texts_module.REASONS).open("a") as stream:
        stream.write("withdrawn: {reason: {en: gone}}\n")
    monkeypatch.setattr(registries, "PACKAGE", words)
    assert [str(problem) for problem in half_added()] == [
        "pages/sections/housing/de.yml: the language de has no general words. Add texts/de.yml, as CONTRIBUTING says",
        "foundation/reasons.yml, withdrawn: is not a reason. Add it to foundation/vocabulary.py",
    ]


def test_a_framework_with_faults_is_said_once(small_project, definitions):
    path = definitions / "framework.yml"
    path.write_text(path.read_text().replace("direction: -1", "direction: 0"))
    lines = found(small_project)
    assert lines == [
        "framework.yml, indicators, div_too_many, direction: 0 is not 1 or -1",
        "framework.yml, indicators, div_unpleasant, direction: 0 is not 1 or -1",
    ]


def test_scores_that_are_not_what_the_build_gives_now_are_named_with_the_command(small_project):
    path = small_project.processed / "scores.csv"
    lines = path.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("13011,org_trust_mun"))
    cells = lines[place].split(",")
    cells[4:8] = ["12.5", "1.0", "", ""]
    path.write_text("\n".join([*lines[:place], ",".join(cells), *lines[place + 1 :], ""]))
    assert found(small_project) == [
        "scores.csv: 1 scores are not what the build gives now. Make them again with: resilience build"
    ]


def test_a_group_that_is_empty_or_called_as_a_place_is_named(small_project, definitions):
    path = definitions / "regions.yml"
    content = yaml.safe_load(path.read_text())
    name = {"nl": "x", "en": "x", "fr": "x"}
    content["groups"] |= {
        "nowhere": {"name": name, "where": {"column": "province", "value": "gone"}},
        "13011": {"name": name, "members": ["13010"]},
    }
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    assert found(small_project) == [
        "regions.yml, groups, nowhere: has no municipality. Correct its column and value, or leave it out",
        "regions.yml, groups, 13011: is the code of a place too. Give it another name",
    ]


def test_a_resemblance_on_an_indicator_that_is_not_there_is_named(small_project, definitions):
    path = definitions / "regions.yml"
    path.write_text(path.read_text().replace("resemblance: [ctx_population,", "resemblance: [ctx_poplation,"))
    assert found(small_project)[0].startswith("regions.yml, resemblance: unknown context 'ctx_poplation'; did you mean")


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("crs: EPSG:31370", "crs: EPSG:4326", "project.yml, crs: the unit of EPSG:4326 is the degree"),
        ("crs: EPSG:31370", "crs: EPSG:99", "project.yml, crs: EPSG:99 is not a reference system"),
        (
            "region: neteland",
            "region: nettland",
            "project.yml, region: unknown group 'nettland'; did you mean 'neteland'",
        ),
    ],
)
def test_a_reference_system_or_region_that_cannot_be_used_is_named(small_project, definitions, right, wrong, fault):
    path = definitions / "project.yml"
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong))
    assert [line[: len(fault)] for line in found(small_project)] == [fault]


def test_a_dimension_that_nothing_is_measured_by_is_named(small_project, definitions):
    path = definitions / "framework.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["dimensions"]["void"] = next(iter(content["dimensions"].values()))
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    lines = [line for line in found(small_project) if line.startswith("framework.yml, dimensions")]
    fault = "has no indicator, and no statement in items.yml. Give it one, or leave it out"
    assert lines == [f"framework.yml, dimensions, void: {fault}"]


def test_a_section_without_its_variable_or_indicator_is_named(small_project, definitions):
    path = definitions / "local.yml"
    text = (
        path.read_text().replace("variable: house_sales", "variable: house_sale").replace("mapped: ctx_", "mapped: x_")
    )
    path.write_text(text)
    lines = found(small_project)
    assert [line.split(";")[0].split(". Known")[0] for line in lines] == [
        "local.yml, housing, balance: unknown variable 'house_sale'",
        "local.yml, housing, balance, mapped: unknown context indicator 'x_households_growth'",
    ]


def test_a_notebook_that_follows_the_rules_has_no_problem(write):
    assert faults(write(new_code_cell("1 + 1"), new_code_cell("2"))) == []


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (new_code_cell("\n".join(f"a{n} = {n}" for n in range(11))), "code cell 1 has 11 lines; 10 is the most"),
        (new_code_cell("1;"), "code cell 1 ends in a semicolon, which nbval cannot compare"),
        (new_code_cell("def f():\n    return 1"), "code cell 1 defines a function: put it in the package"),
        (new_code_cell("try:\n    1\nexcept ValueError:\n    2"), "code cell 1 hides errors with try"),
        (new_code_cell("open('x')"), "code cell 1 names a path: the package finds the data"),
        (new_code_cell("'../data'"), "code cell 1 names a path: the package finds the data"),
        (new_code_cell("1", outputs=[IMAGE]), "code cell 1 keeps an image: strip it before committing"),
        (new_code_cell("1", outputs=[ERROR]), "code cell 1 ended in an error"),
    ],
)
def test_each_rule_that_a_cell_breaks_is_named_with_its_number(write, cell, fault):
    assert faults(write(cell)) == [fault]


def test_a_notebook_without_outputs_validates_nothing_and_is_refused(write):
    fault = "has no outputs, so that nbval compares nothing: run it and keep them"
    assert faults(write(new_code_cell("1"), new_code_cell("2"), ran=False)) == [fault]


def test_a_cell_that_was_not_run_is_named(write):
    cells = [new_code_cell("1", outputs=[SHOWN], execution_count=1), new_code_cell("2"), new_code_cell("")]
    assert faults(write(*cells, ran=False)) == ["code cell 2 was not run: run all and keep the outputs"]


def test_a_notebook_that_says_that_it_is_not_compared_may_be_empty(write):
    path = write(new_code_cell("1"), ran=False)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["resilience"] = {checks.NOT_COMPARED: True}
    nbformat.write(notebook, path)
    assert faults(path) == []


def test_empty_lines_and_ten_lines_are_fine(write):
    assert faults(write(new_code_cell("\n\n".join(f"a{n} = {n}" for n in range(10))))) == []


def test_cells_that_share_an_id_are_a_fault(write):
    path = write(new_code_cell("1", id="one"), new_code_cell("2", id="two"))
    path.write_text(path.read_text().replace('"two"', '"one"'))
    assert faults(path)[0].startswith("Non-unique cell id 'one' detected")


def test_a_notebook_has_as_much_prose_as_code(write):
    cells = [new_code_cell("1") for _ in range(4)]
    assert faults(write(*cells, prose=3)) == []
    assert faults(write(*cells, prose=2)) == ["has more code cells than prose cells"]


@pytest.mark.parametrize("tagged", [0, 1, 2])
def test_a_parameterised_notebook_has_exactly_one_cell_of_parameters(write, tagged):
    cells = [new_code_cell("x = 1", metadata={"tags": ["parameters"]}) for _ in range(tagged)]
    cells += [new_code_cell("\n".join(f"page.{name}()" for name in VillagePage.sections))]
    expected = [] if tagged == 1 else [f"has {tagged} cells tagged parameters; one with a working default is needed"]
    assert faults(write(*cells, name="village.ipynb")) == expected


def test_a_notebook_of_a_report_shows_every_section(write):
    cells = [new_code_cell("x = 1", metadata={"tags": ["parameters"]}), new_code_cell("page.village_facts()")]
    expected = [f"shows no page.{name}()" for name in VillagePage.sections if name != "village_facts"]
    assert faults(write(*cells, name="village.ipynb")) == expected


def test_a_missing_reason_without_words_is_named_in_every_language(small_project, monkeypatch):
    monkeypatch.setattr(registries, "MISSING_REASONS", (*registries.MISSING_REASONS, "withdrawn"))
    keys = ("reason.withdrawn", "reason_short.withdrawn")
    assert found(small_project) == [
        f"foundation/reasons.yml, {language}: {key} is missing" for key in keys for language in ("nl", "en", "fr")
    ]


def test_a_language_with_text_files_alone_has_every_gap_named(small_project, words, monkeypatch):
    for path in list(words.rglob("en.yml")):
        (path.parent / "de.yml").write_bytes(path.read_bytes())
    add_reasons(words, "de")
    (words / "pages" / "sections" / "maps" / "de.yml").unlink()
    monkeypatch.setattr(texts_module, "WORDS", words)
    settings = small_project.definitions / "project.yml"
    content = yaml.safe_load(settings.read_text())
    german = {key: text | {"de": text["en"]} if isinstance(text, dict) else text for key, text in content.items()}
    settings.write_text(yaml.safe_dump(german | {"languages": ["nl", "en", "fr", "de"]}))
    lines = found(small_project)
    assert "pages/sections/maps/de.yml: maps.title is missing" in lines
    assert "framework.yml, dimensions.informatie.label: has no wording in de" in lines
    assert any(line.startswith("next.yml, questions") for line in lines)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"nbformat": "x"}', '{"nbformat": 4, "nbformat_minor": 5, "cells": [{}]}']
)
def test_a_file_that_is_no_notebook_is_named(tmp_path, content):
    (tmp_path / "profile.ipynb").write_text(content)
    (problem,) = notebook_problems(tmp_path / "profile.ipynb")
    assert str(problem).startswith("profile.ipynb: is not a notebook (")
