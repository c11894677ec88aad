"""The ten tasks of a newcomer, each done as CONTRIBUTING says in a copy of the package and of a project.

Each takes three files at most, where a new folder counts as one and the text files of a language too. All are added at
once and seen to work by one run of another Python: the build, the check, a profile, and what else each one is for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell
from tests.small import source_entry
from tests.test_languages import invented

LANGUAGES = ("nl", "en", "fr", "de")
HERE = Path(__file__).resolve().parents[1]
PACKAGE = "src/resilience_analysis"


class Newcomer:
    """A checkout in which a newcomer adds things; every file that a task touches is noted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.touched: dict[str, set[str]] = {}

    def write(self, task: str, path: str, text: str, *, part_of: str = "") -> None:
        """Write a file that is not there yet; `part_of` is the folder or set that it belongs to."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        assert not target.exists()
        target.write_text(text, encoding="utf-8")
        self.touched.setdefault(task, set()).add(part_of or path)

    def change(self, task: str, path: str, before: str, after: str) -> None:
        """Put `after` in the place of `before`; at the end where that is empty."""
        target = self.root / path
        text = target.read_text(encoding="utf-8")
        assert before in text
        target.write_text(text.replace(before, after, 1) if before else text + after, encoding="utf-8")
        self.touched.setdefault(task, set()).add(path)

    def show(self, task: str, path: str, section: str) -> None:
        """Show a section in a notebook."""
        notebook = nbformat.read(self.root / path, as_version=4)
        notebook.cells += [new_markdown_cell("One more."), new_code_cell(f"page.{section}()")]
        notebook.metadata["resilience"] = {"not_compared": True}  # it has not run yet
        nbformat.write(notebook, self.root / path)
        self.touched.setdefault(task, set()).add(path)


def add_verb(new: Newcomer) -> None:
    new.change("verb", f"{PACKAGE}/indicators/verbs.py", "\n\ndef derive(", VERB)
    new.change("verb", "definitions/framework.yml", "\ncontext:\n", f"\ncontext:\n{ENTRY}")


VERB = '''

@verb({"of": "variable", "less": "variable"})
def difference(evidence: Evidence, arguments: Arguments) -> Derived:
    """Calculate how much more there is of one variable than of another."""
    parts = [evidence.variable(arguments["of"]), evidence.variable(arguments["less"])]
    return combine(parts, lambda frames: frames[0] - frames[1])


def derive('''
ENTRY = """  ctx_difference:
    label: {nl: Verschil, en: Difference, fr: Différence, de: Unterschied}
    unit: count
    source: statbel_population
    derive: {difference: {of: population, less: belgian_nationality}}
"""


def add_survey_tool(new: Newcomer) -> None:
    from tests.survey.test_round_trips import NEW_TOOL

    new.write("survey tool", f"{PACKAGE}/survey/exports/zebra.py", NEW_TOOL)


CHART = '''"""One bar."""

from resilience_analysis.foundation.style import palette
from resilience_analysis.pages.page import PageSection
from resilience_analysis.pages.render import html
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.render import Views


def one_bar(subject: Subject) -> Views:
    """Show the difference as a bar."""
    value = f"{subject.data.values.loc[subject.nis_code, 'ctx_difference']:.0f}"
    colour = palette()["highlight"]
    return Views([html("one_bar/section.html.j2", subject.texts, text=value, value=value, colour=colour)])


SECTION = PageSection(one_bar, "one-bar")
'''
TEMPLATE = """<h2 id="one-bar">{{ t("one_bar.title") }}</h2>
<svg role="img" aria-label="{{ value }}" width="90" height="9"><rect width="90" height="9" fill="{{ colour }}"/></svg>
"""
TITLES = {"nl": "Eén staaf", "en": "One bar", "fr": "Une barre", "de": "Ein Balken"}


def add_chart(new: Newcomer) -> None:
    folder = f"{PACKAGE}/pages/sections/one_bar"
    new.write("chart in the profile", f"{folder}/__init__.py", CHART, part_of=folder)
    new.write("chart in the profile", f"{folder}/section.html.j2", TEMPLATE, part_of=folder)
    for language, title in TITLES.items():
        new.write("chart in the profile", f"{folder}/{language}.yml", f"title: {title}\n", part_of=folder)
    new.change(
        "chart in the profile", f"{PACKAGE}/pages/profile/__init__.py", '"glossary", ', '"glossary", "one_bar", '
    )
    new.show("chart in the profile", "notebooks/profile.ipynb", "one_bar")


def add_language(new: Newcomer) -> None:
    package = new.root / PACKAGE
    reasons = yaml.safe_load((package / "foundation" / "reasons.yml").read_text(encoding="utf-8"))
    shared = {
        group: {name: said[group]["en"] for name, said in reasons.items()} for group in ("reason", "reason_short")
    }
    for path in sorted(package.rglob("en.yml")):
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
        words = invented(words | shared if path.parent.name == "texts" else words)
        target = path.with_name("de.yml").relative_to(new.root).as_posix()
        new.write("language", target, yaml.safe_dump(words, allow_unicode=True), part_of="the text files of de")
    french = yaml.safe_load((new.root / "definitions" / "fr.yml").read_text(encoding="utf-8"))
    new.write("language", "definitions/de.yml", yaml.safe_dump(invented(french), allow_unicode=True))
    new.change("language", "definitions/project.yml", "languages: [nl, en, fr]", "languages: [nl, en, fr, de]")


READER = '''"""Cells between at-signs."""

import pandas as pd


def read(content, file, recipe):
    """Read one row."""
    return pd.DataFrame([content.decode().split("@")], columns=["nis_code", "year", "larks"])


READERS = {"at_signs": read}
'''


def add_publisher_format(new: Newcomer) -> None:
    words = {name: dict.fromkeys(LANGUAGES, name) for name in ("title", "licence", "vintage", "purpose")}
    columns = {"larks": {"kind": "count"}}
    entry = source_entry(**words, file="own/larks.csv", columns=columns, fetch={"reader": "at_signs"})
    new.write("publisher format", f"{PACKAGE}/data/publishers/at_signs.py", READER)
    new.change("publisher format", "data/raw/sources.yml", "", yaml.safe_dump({"larks": entry}, sort_keys=False))


def add_composite_method(new: Newcomer) -> None:
    path, last = f"{PACKAGE}/composite/formulas.py", '    "none": Scaling(lambda x, _: x, bounds="none"),\n'
    new.change("composite method", path, last, f'{last}    "half": Scaling(lambda x, _: x / 2),\n')
    new.change("composite method", "docs/composite.md", "", "| `half` | x / 2 |\n")


def add_colour(new: Newcomer) -> None:
    new.change("colour", f"{PACKAGE}/style/palette.yml", "", 'highlight: "#123456"\n')


def add_missing_reason(new: Newcomer) -> None:
    new.change(
        "missing reason", f"{PACKAGE}/foundation/vocabulary.py",
        "MISSING_REASONS = (\n", 'MISSING_REASONS = (\n    "withdrawn",  # by its publisher\n',
    )  # fmt: skip
    words = {group: dict.fromkeys(LANGUAGES, "taken back") for group in ("reason", "reason_short")}
    new.change("missing reason", f"{PACKAGE}/foundation/reasons.yml", "", yaml.safe_dump({"withdrawn": words}))
    new.change("missing reason", "data/raw/sources.yml", "reason: hidden", "reason: withdrawn")


def add_comparator(new: Newcomer) -> None:
    names = dict.fromkeys(LANGUAGES, "Olen and Vorselaar")
    group = yaml.safe_dump({"pair": {"name": names, "members": ["13029", "13044"]}})
    indented = "".join(f"  {line}\n" for line in group.splitlines())
    new.change("comparator", "definitions/regions.yml", "\ngroups:\n", f"\ngroups:\n{indented}")


def add_report_kind(new: Newcomer) -> None:
    task, folder = "report kind", f"{PACKAGE}/pages/sheet"
    village = (new.root / PACKAGE / "pages" / "village" / "__init__.py").read_text(encoding="utf-8")
    page = (
        village[village.index("from __future__") :]
        .replace("VillagePage", "SheetPage")
        .replace(SECTIONS, '("one_bar",)')
    )
    a, b = page.index("    def heading"), page.index("    def __repr__")
    new.write(task, f"{folder}/__init__.py", f'"""A sheet."""\n\n{page[:a]}{HEADING}{page[b:]}', part_of=folder)
    for language in LANGUAGES:
        new.write(task, f"{folder}/{language}.yml", 'title: "Sheet of {place}"\nkind: Sheet\n', part_of=folder)
    new.change(task, f"{PACKAGE}/reports/kinds.py", "\n    for kind in (\n", f"\n    for kind in (\n{ROW}")
    notebook = nbformat.read(new.root / "notebooks" / "profile.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells[:6] if "page." not in cell.source]
    notebook.cells[3].source = MAKE
    new.write(task, "notebooks/sheet.ipynb", nbformat.writes(notebook))
    new.show(task, "notebooks/sheet.ipynb", "head")
    new.show(task, "notebooks/sheet.ipynb", "one_bar")


MAKE = """import resilience_analysis as ra
from resilience_analysis.pages.sheet import SheetPage

page = SheetPage(ra.profile(nis_code, region=region, comparator=comparator, language=language).subject)"""
SECTIONS = '("village_facts", "village_team", "village_questions", "village_map")'
HEADING = '''    def heading(self) -> PageTitle:
        """Return the name of the municipality."""
        place = self.subject.place
        return PageTitle(kind=self.subject.texts("sheet.kind"), title=place, tagline="", text=place)

'''
ROW = """        ReportKind(
            "sheet", "sheets", "Make a sheet of every municipality.", MUNICIPALITY,
            page="resilience_analysis.pages.sheet:SheetPage", title="sheet.title", heading="index.profiles",
            prefix="sheet-",
        ),
"""
TASKS = {
    "language": add_language,  # first: what is added later is worded in it too
    "verb": add_verb,
    "survey tool": add_survey_tool,
    "colour": add_colour,
    "chart in the profile": add_chart,
    "comparator": add_comparator,
    "missing reason": add_missing_reason,
    "publisher format": add_publisher_format,
    "composite method": add_composite_method,
    "report kind": add_report_kind,
}


RUN = """
import json
import sys
from pathlib import Path

import pandas as pd

import resilience_analysis as ra
from resilience_analysis import composite
from resilience_analysis.build import build
from resilience_analysis.checks import all_problems
from resilience_analysis.cli.main import main
from resilience_analysis.data.catalogue import read_catalogue
from resilience_analysis.data.fetch import fetch_source
from resilience_analysis.data.catalogue import accept
from resilience_analysis.foundation.project import Project
from resilience_analysis.survey.exports import survey_tools

project, seen = Project(Path.cwd()), {}
catalogue = read_catalogue(project.raw)
Path("larks.txt").write_text("13011@2024@5")
fetch_source(project.raw, catalogue, catalogue["larks"], file="larks.txt")
accept(project.raw, catalogue)
build(project)
seen["problems"] = [str(problem) for problem in all_problems(project)]
rows = ra.read_indicators().query("indicator == 'ctx_difference' and nis_code == '13011'")
seen["verb"] = rows.sort_values("year")["value"].tolist()[-1:]
seen["format"] = ra.read_observations().query("variable == 'larks' and nis_code == '13011'")["value"].tolist()
seen["tool"] = survey_tools()["zebra"].summary
data = pd.DataFrame({"a": [2.0, 6.0]}, index=pd.Index(["x", "y"], name="unit"))
metadata = pd.DataFrame({"parent": [""], "direction": [1], "weight": [1]}, index=pd.Index(["a"], name="code"))
seen["method"] = composite.normalise(data, metadata=metadata, method="half")["a"].tolist()
seen["profile"] = ra.profile("13011", comparator="pair", language="de").show().standalone()
seen["withdrawn"] = ra.profile("73028", language="de").show().standalone()
sys.argv = ["resilience", "sheets", "Olen", "--lang", "de", "--out", "reports"]
try:
    main()
except SystemExit as done:
    seen["exit"] = done.code
seen["sheets"] = sorted(path.name for path in Path("reports").glob("sheet-*.html"))
Path("seen.json").write_text(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def newcomer(cut_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """A copy of the package and of a small project to which all ten things were added."""
    root = tmp_path_factory.mktemp("newcomer") / "project"
    shutil.copytree(cut_folder, root, ignore=shutil.ignore_patterns("processed"))
    shutil.copytree(HERE / PACKAGE, root / PACKAGE)
    (root / "notebooks").mkdir(exist_ok=True)
    for name in ("profile", "region", "village"):
        shutil.copy(HERE / "notebooks" / f"{name}.ipynb", root / "notebooks")
    (root / "docs").mkdir()
    shutil.copy(HERE / "docs" / "composite.md", root / "docs")
    new = Newcomer(root)
    for add in TASKS.values():
        add(new)
    return new


@pytest.fixture(scope="module")
def seen(newcomer: Newcomer) -> dict[str, object]:
    """What another Python sees of what was added."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RESILIENCE")}
    environment["PYTHONPATH"] = str(newcomer.root / "src")
    command = [sys.executable, "-c", RUN]
    done = subprocess.run(command, cwd=newcomer.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, object] = json.loads((newcomer.root / "seen.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("task", TASKS)
def test_no_task_of_a_newcomer_takes_more_than_three_files(newcomer, task):
    assert 1 <= len(newcomer.touched[task]) <= 3


def test_everything_that_a_newcomer_added_works_at_once(seen):
    assert seen["problems"] == []
    assert [value > 0 for value in seen["verb"]] == [True]
    assert seen["format"] == [5]
    assert seen["tool"] == "Zebra: a tool that did not exist yesterday."
    assert seen["method"] == [2 / 2, 6 / 2]
    assert seen["exit"] == 0
    assert seen["sheets"] == ["sheet-13029-olen.de.html"]


def test_the_pages_show_what_a_newcomer_added(seen):
    profile = seen["profile"]
    assert TITLES["de"] in profile
    assert 'fill="#123456"' in profile
    assert "Olen and Vorselaar" in profile
    assert "How to røad this profilø" in profile
    assert "taken back" in seen["withdrawn"]
