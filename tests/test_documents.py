"""What the documents promise is there: every file they link to, every target, command, option and example."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import matplotlib.pyplot as plt
import pytest
import typer
import yaml
from tests.small import NETELAND

from resilience_analysis.cli.main import app_for
from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE
from resilience_analysis.geography.groups import read_regions

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/raw/**/*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def heading_anchors(path: Path) -> set[str]:
    """Return the anchors of a page, as a forge makes them of its headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path) -> list[str]:
    broken = []
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        place, _, anchor = unquote(link).partition("#")
        target = path.parent / place if place else path
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists() or (anchor and anchor not in heading_anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_relative_link_of_a_document_leads_somewhere(path):
    assert broken_links(path) == []


def test_a_link_to_a_missing_file_or_heading_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](page.md#one-two) [b](#one-two) [c](https://x.be) [d](gone.md) [e](page.md#three)")
    assert broken_links(page) == ["gone.md", "page.md#three"]


def test_every_script_of_the_makefile_is_there():
    scripts = re.findall(r"\b(?:benchmarks|tools)/\w+\.py", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert len(scripts) >= 2
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


def test_make_bench_runs_every_measurement():
    listed = set(re.findall(r'"(\w+\.py)"', (ROOT / "benchmarks" / "all.py").read_text(encoding="utf-8")))
    parts = {"all.py", "commands.py", "synthetic.py"}  # measure nothing of themselves
    assert listed == {path.name for path in (ROOT / "benchmarks").glob("*.py")} - parts


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_make_target_of_a_document_exists(path):
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    asked = {word for line in re.findall(r"(?:`|^)make ((?:[a-z]+ ?)+)", text, re.MULTILINE) for word in line.split()}
    assert asked <= known


def commands() -> dict[str, set[str]]:
    """Return the options of every command, such as ``survey import``."""

    def walk(command: typer.core.TyperCommand, words: str) -> dict[str, set[str]]:
        inner = getattr(command, "commands", {})
        if not inner:
            return {words: {name for part in command.params for name in part.opts} | {"--help", "--debug"}}
        return {name: opts for word in inner for name, opts in walk(inner[word], f"{words} {word}".strip()).items()}

    return walk(typer.main.get_command(app_for()), "")


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_command_and_option_of_a_document_exists(path):
    known = commands()
    for line in re.findall(
        r"(?:`|^\.venv/bin/)resilience ([a-z][^`\n#]*)", path.read_text(encoding="utf-8"), re.MULTILINE
    ):
        words = line.split()
        name = next((name for name in (" ".join(words[:2]), words[0]) if name in known), None)
        assert name is not None, f"resilience {line}"
        assert set(re.findall(r"--[a-z-]+", line)) <= known[name], f"resilience {line}"


def test_the_five_lines_of_python_of_the_readme_show_a_profile(small_project, monkeypatch):
    monkeypatch.setenv(ROOT_VARIABLE, str(small_project.root))
    monkeypatch.delenv(EXAMPLE_VARIABLE, raising=False)
    (lines,) = blocks(ROOT / "README.md", "python")
    assert len(lines.split("\n\n")[1].splitlines()) + 1 == 5
    names: dict[str, object] = {}
    exec(lines, names)
    assert set(NETELAND) <= set(names["scores"]["nis_code"])


PAGES = [path for path in DOCUMENTS if path.name == "tutorial.md" or path.parent.name == "how_to"]


@pytest.mark.parametrize("path", [path for path in PAGES if blocks(path, "python")], ids=named)
def test_every_block_of_python_in_a_page_of_the_documentation_runs(path, small_project, monkeypatch, tmp_path):
    monkeypatch.setenv(ROOT_VARIABLE, str(small_project.root))
    monkeypatch.delenv(EXAMPLE_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks(path, "python"):
        exec(block, names)
    plt.close("all")


def test_a_task_of_an_analyst_takes_at_most_five_lines():
    _, *tasks = blocks(ROOT / "docs" / "how_to" / "analyst_tasks.md", "python")
    assert len(tasks) == 10
    assert max(len(task.splitlines()) for task in tasks) <= 5


def test_the_region_of_the_readme_is_one_that_can_be_added(tmp_path):
    content = yaml.safe_load((ROOT / "definitions" / "regions.yml").read_text(encoding="utf-8"))
    (example,) = blocks(ROOT / "README.md", "yaml")
    content["groups"] |= yaml.safe_load(example)
    (tmp_path / "regions.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    assert read_regions(tmp_path / "regions.yml").groups["antwerpse_kempen"].members == ("13001", "13006", "13035")


PACKAGE = ROOT / "src" / "resilience_analysis"
DOTTED = re.compile(r"`([a-z_]+(?:\.[A-Za-z_]+)+)(?:\([^`]*\))?`")
# attributes of an object or a definition, a choice in `composite`, and names in R
OTHERS = {"keeping.years", "page.sections", "run.tables", "weights.noise", "is.coin", "is.purse", "r.drop"}
ALIASES = ("pd", "np", "ra")
MODULES = [".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py")]


def is_there(dotted: str) -> bool:
    """Return whether a name like `gaps.gap` is that of something in a module of ours, or of another package."""
    module, _, last = dotted.rpartition(".")
    if module in ALIASES or find_spec(module.split(".")[0]) is not None:
        return True
    names = [name.removesuffix(".__init__") for name in MODULES]
    ours = [name for name in names if name == module or name.endswith(f".{module}")]
    return any(
        f"{name}.{last}" in names or hasattr(import_module(f"resilience_analysis.{name}"), last) for name in ours
    )


def unknown_names(text: str) -> list[str]:
    """Return the names of functions, classes and modules that are not there."""
    named = {name.removeprefix("resilience_analysis.") for name in DOTTED.findall(text)} - OTHERS
    return sorted(name for name in named if "." in name and not is_there(name))


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.name != "CHANGELOG.md"], ids=named)
def test_a_document_names_only_functions_that_are_there(path):
    files = re.compile(r"\.(?:py|ya?ml|csv|md|gpkg|json|html|ipynb|toml|lock|xlsx|txt|key)$")
    assert [name for name in unknown_names(path.read_text(encoding="utf-8")) if not files.search(name)] == []


def test_a_function_that_is_gone_is_found_in_a_document():
    text = "`gaps.gap` and `survey.gaps.between_roles(a, b)`, `gaps.gone`, `pd.concat`, `composite.no`, `no.where`"
    assert unknown_names(text) == ["composite.no", "gaps.gone", "no.where"]
