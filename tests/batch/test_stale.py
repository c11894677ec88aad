import shutil

import pytest

from resilience_analysis.batch import stale
from resilience_analysis.batch.stale import bases, input_digests, library_versions, tree_digests
from resilience_analysis.foundation.files import sha256
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.settings import DEFAULTS


@pytest.fixture
def project(workshop, tmp_path):
    return Project(shutil.copytree(workshop.root, tmp_path / "copy"))


def basis(project):
    return bases(project, input_digests(project, ["profile.ipynb"]), ["profile.ipynb"])["profile.ipynb"]


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


def test_every_table_notebook_and_definition_is_among_the_inputs(project):
    project.notebooks.mkdir(exist_ok=True)
    (project.notebooks / "profile.ipynb").write_text("{}", encoding="utf-8")
    found = input_digests(project, ["profile.ipynb"])
    assert found["data/processed/scores.csv"] == sha256(project.processed / "scores.csv")
    assert {"data/raw/sources.yml", "notebooks/profile.ipynb", "definitions/goalposts.yml"} <= set(found)


def test_a_changed_table_changes_the_data_and_nothing_else(project):
    before = basis(project)
    path = project.processed / "scores.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    assert changed(before, basis(project)) == {"data"}


def test_a_changed_goalpost_changes_the_definitions(project):
    before = basis(project)
    path = project.definitions / "goalposts.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("frozen:", "frozen: #"), encoding="utf-8")
    assert changed(before, basis(project)) == {"definitions"}


def test_a_corrected_figure_changes_the_data_and_not_the_definitions(project):
    before = basis(project)
    definitions = project.definitions
    (definitions / "corrections.yml").write_text("- {source: statbel_population}\n", encoding="utf-8")
    assert changed(before, basis(project)) == set()
    assert input_digests(project, [])["definitions/corrections.yml"] == sha256(definitions / "corrections.yml")


def test_a_definition_that_comes_from_the_package_counts_too(project):
    (project.definitions / "next.yml").unlink()
    assert input_digests(project, [])["definitions/next.yml"] == sha256(DEFAULTS / "next.yml")


def test_a_changed_line_of_code_changes_the_code(project, tmp_path, monkeypatch):
    before = basis(project)
    package = shutil.copytree(stale.PACKAGE, tmp_path / "package")
    monkeypatch.setattr(stale, "PACKAGE", package)
    assert changed(before, basis(project)) == set()
    (package / "charts.py").write_text("", encoding="utf-8")
    assert changed(before, basis(project)) == {"code"}


def test_another_version_of_a_library_changes_the_libraries(project, monkeypatch):
    before = basis(project)
    monkeypatch.setattr(stale, "library_versions", lambda: {"numpy": "99"})
    assert changed(before, basis(project)) == {"libraries"}


def test_a_library_that_is_not_there_has_no_version(monkeypatch):
    monkeypatch.setattr(stale, "LIBRARIES", ("numpy", "no-such-library"))
    assert library_versions()["no-such-library"] == ""


def test_what_python_compiled_is_no_part_of_a_tree(tmp_path):
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"x")
    (tmp_path / "a.py").write_bytes(b"x")
    assert list(tree_digests(tmp_path)) == ["a.py"]
