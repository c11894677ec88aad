"""A project is found by its marker: named, around the current folder, or around the package."""

from __future__ import annotations

import pytest

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, MARKER, ROOT_VARIABLE, Project, find_project


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.delenv(ROOT_VARIABLE, raising=False)
    (tmp_path / "here" / MARKER).parent.mkdir(parents=True)
    (tmp_path / "here" / MARKER).write_text("{}")
    return tmp_path / "here"


def test_everything_of_a_project_lies_below_its_root(tmp_path):
    project = Project(tmp_path)
    folders = [
        project.definitions,
        project.raw,
        project.processed,
        project.private,
        project.answers,
        project.notebooks,
        project.reports,
    ]
    assert all(folder.is_relative_to(tmp_path) for folder in folders)
    assert len(set(folders)) == len(folders) - 1  # answers of people are private


def test_invented_examples_go_to_folders_of_their_own(tmp_path):
    real, example = Project(tmp_path), Project(tmp_path, example=True)
    assert real.raw == example.raw
    assert {example.processed, example.answers, example.reports}.isdisjoint(
        {real.processed, real.answers, real.reports, real.private}
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [(("true", ""), True), (("false", ""), False), (("true", "0"), False), (("false", "1"), True)],
)
def test_one_line_takes_the_examples_out_and_the_environment_takes_precedence(project, monkeypatch, said, shown):
    line, variable = said
    (project / "definitions").mkdir()
    (project / "definitions" / "local.yml").write_text(f"example: {line}\n")
    monkeypatch.setenv(EXAMPLE_VARIABLE, variable)
    assert find_project(project).example is shown


def test_a_project_is_found_from_a_folder_inside_it(project):
    inside = project / "notebooks" / "deep"
    inside.mkdir(parents=True)
    assert find_project(inside).root == project


def test_a_project_is_found_from_the_current_folder(project, monkeypatch):
    monkeypatch.chdir(project / "data")
    assert find_project().root == project


def test_the_environment_decides_before_the_current_folder(project, tmp_path, monkeypatch):
    monkeypatch.setenv(ROOT_VARIABLE, str(project))
    monkeypatch.chdir(tmp_path)
    assert find_project(tmp_path).root == project


def test_a_named_folder_that_is_no_project_is_refused_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    with pytest.raises(UsageError, match=r"has no data/raw/sources\.yml\. Correct or unset it"):
        find_project()


def test_the_package_finds_the_project_it_lies_in_from_anywhere(tmp_path, monkeypatch, root):
    monkeypatch.delenv(ROOT_VARIABLE, raising=False)
    assert find_project(tmp_path).root == root


def test_no_project_anywhere_is_refused_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.delenv(ROOT_VARIABLE, raising=False)
    monkeypatch.setattr("resilience_analysis.foundation.project.__file__", str(tmp_path / "package" / "project.py"))
    with pytest.raises(
        UsageError, match=f"no project found in .* set {ROOT_VARIABLE} to it, or make one with: resilience new FOLDER"
    ):
        find_project(tmp_path)
