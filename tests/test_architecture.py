"""How the code hangs together: imports go one way, only the command line talks, importing does no work."""

from __future__ import annotations

import ast
import functools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
PACKAGE = "resilience_analysis"

# From below to above: a module imports from its own layer or from those below it, never from above.
LAYERS = [
    {"foundation"},
    {"composite", "survey", "batch", "geography"},
    {"data"},
    {"indicators", "self_assessment"},
    {"profiles", "drawing"},
    {"pages"},
    {"build", "notebook", "checks", "registries", "reports", "analysis"},
    {"explorer", "starter"},
    {"cli", "__main__"},
]
LEVEL = {name: number for number, layer in enumerate(LAYERS) for name in layer}
# The engines know nothing of what they are used for; drawing knows no figures but those it is given.
ONLY = {name: {"foundation"} for name in ("composite", "survey", "batch", "drawing", "geography")}
# What may swallow any exception: the last to hear of it, and a batch in which one failure must not stop the others.
CATCH_ALL = {
    "cli/main.py",
    "batch/execute.py",
    "batch/cluster.py",
    "batch/processes.py",
    "batch/server.py",
    "batch/direct.py",
}


@functools.cache
def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    paths = sorted((SOURCE / PACKAGE).rglob("*.py"))
    return {".".join(p.with_suffix("").relative_to(SOURCE).parts).removesuffix(".__init__"): p for p in paths}


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(nodes: Iterator[ast.AST]) -> set[str]:
    """Return the modules of the package that are imported in some nodes of a tree."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else node.module for name in inner}
    return {name for name in found if name.split(".")[0] == PACKAGE}


def part(module: str) -> str:
    """Return the part of the package that a module belongs to."""
    return f"{module}.".split(".")[1]


def imports_between_parts() -> set[tuple[str, str]]:
    pairs = set()
    for module, path in modules().items():
        pairs |= {(part(module), part(other)) for other in imported(ast.walk(tree(path)))}
    return {(one, other) for one, other in pairs if one != other and one and other}


def test_every_part_of_the_package_stands_in_a_layer():
    assert {part(module) for module in modules()} - {""} == set(LEVEL)


def test_imports_go_one_way_from_above_to_below():
    wrong = [f"{one} imports {other}" for one, other in imports_between_parts() if LEVEL[one] < LEVEL[other]]
    assert sorted(wrong) == []


@pytest.mark.parametrize("name", list(ONLY))
def test_a_part_with_a_narrow_purpose_imports_no_more_than_that_needs(name):
    assert {other for one, other in imports_between_parts() if one == name} <= ONLY[name]


def test_no_modules_import_each_other_in_a_circle():
    graph = {module: imported(iter(tree(path).body)) - {module} for module, path in modules().items()}
    seen: dict[str, str] = {}

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert seen.get(module) != "open", " -> ".join((*way, module))
        if module in seen:
            return
        seen[module] = "open"
        for other in sorted(graph.get(module, ())):
            visit(other, (*way, module))
        seen[module] = "done"

    for module in graph:
        visit(module, ())
    assert set(seen) >= set(modules())


def test_only_the_command_line_prints():
    talking = {
        f"{path.relative_to(SOURCE / PACKAGE)}:{node.lineno}"
        for module, path in modules().items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert talking == set()
    consoles = {
        part(module) for module, path in modules().items() if "rich.console" in path.read_text(encoding="utf-8")
    }
    assert consoles == {"cli", "foundation"}


def test_an_exception_of_any_kind_is_caught_only_to_be_raised_again():
    swallowed = set()
    for path in modules().values():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            named = node.type
            kinds = named.elts if isinstance(named, ast.Tuple) else [named]
            broad = any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in kinds)
            if broad and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)):
                swallowed.add(str(path.relative_to(SOURCE / PACKAGE)))
    assert swallowed <= CATCH_ALL


WATCHED = """
import importlib, json, sys
sys.path.insert(0, {source!r})
touched = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        name = arguments[0]
        if any(mark in name for mark in {marks!r}) and not name.endswith((".py", ".pyc")):
            touched.append(name)
    elif event.startswith(("socket.connect", "subprocess.", "os.system", "urllib.")):
        touched.append(event)
for library in {libraries!r}:
    try:
        importlib.import_module(library)
    except ImportError:
        pass
sys.addaudithook(watch)
for module in {modules!r}:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if str(error.name).startswith({package!r}):
            raise
print(json.dumps(touched))
"""
LIBRARIES = [
    "pandas",
    "geopandas",
    "matplotlib.pyplot",
    "papermill",
    "nbconvert",
    "IPython",
    "distributed",
    "weasyprint",
]


def test_importing_any_module_reads_no_data_and_takes_no_network(tmp_path):
    names = [module for module in modules() if not module.endswith("__main__")]
    marks = [str(ROOT / "data"), str(ROOT / "notebooks"), f"{PACKAGE}/starter", f"{PACKAGE}/texts", f"{PACKAGE}/style"]
    code = WATCHED.format(source=str(SOURCE), marks=marks, modules=names, libraries=LIBRARIES, package=PACKAGE)
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_no_module_is_longer_and_no_function_more_tangled_than_a_reader_can_hold():
    long = {
        str(path.relative_to(SOURCE)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules().values()
    }
    assert {name: lines for name, lines in long.items() if lines > 350} == {}


def test_no_two_classes_have_one_name():
    classes = [n.name for path in modules().values() for n in tree(path).body if isinstance(n, ast.ClassDef)]
    assert sorted({name for name in classes if classes.count(name) > 1}) == []


def test_joins_of_tables_say_what_they_expect():
    unsaid = {
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for module, path in modules().items()
        if part(module) not in {"foundation", "composite", "survey", "batch"}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "merge"
        and "validate" not in {keyword.arg for keyword in node.keywords}
    }
    assert unsaid == set()


def visible(template: str) -> str:
    """Return what a reader sees of a template that no expression puts there."""
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", template, flags=re.DOTALL)
    text = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", " ", text, flags=re.DOTALL)
    spoken = re.findall(r'\b(?:alt|title|aria-label|placeholder)="([^"]*)"', text)
    return " ".join([re.sub(r"<[^>]*>|&\w+;|&#\d+;", " ", text), *spoken])


TEMPLATES = sorted((SOURCE / PACKAGE).rglob("*.html.j2"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_words_of_its_own(path):
    words = re.findall(r"[^\W\d_]{2,}", visible(path.read_text(encoding="utf-8")))
    assert words == []


def test_words_in_a_template_would_be_found():
    assert visible('<p title="Hi {{ x }}">Good {{ day }}<!-- no --> <b>morning</b>').split() == [
        "Good",
        "morning",
        "Hi",
    ]
    assert TEMPLATES


def tracked() -> list[Path]:
    """Return every file that is kept in the repository."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a checkout")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


# with a bracket in each word, so that this file does not hold what it looks for
FORBIDDEN = {
    "the address of an index of packages": rb"https?://[^\s\"']*(?:pyp[i]|pythonhoste[d]|/simpl[e]/)",
    "an option that names an index": rb"--(?:extra-)?index-ur[l]|--find-link[s]",
    "a path of somebody's machine": rb"(?<![\w.~-])/(?:wor[k]|roo[t]|hom[e]|User[s])/[\w.-]+",
}


@pytest.mark.parametrize("what", list(FORBIDDEN))
def test_no_file_of_the_repository_holds(what):
    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode(errors='replace')}"
        for path in tracked()
        for match in re.finditer(FORBIDDEN[what], path.read_bytes())
    ]
    assert found == []


def test_nothing_of_the_folder_beside_the_repository_is_kept_in_it(shared):
    import hashlib

    def digest(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    beside = {
        digest(path) for name in ("samples", "conformance") for path in (shared / name).rglob("*") if path.is_file()
    }
    assert [str(path.relative_to(ROOT)) for path in tracked() if digest(path) in beside] == []


def test_the_map_of_the_house_names_every_room():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| room |") : text.index("## Rules")]
    named = set(re.findall(r"`(\w+)/`", table))
    rooms = {path.name for path in (SOURCE / PACKAGE).iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert named == rooms
