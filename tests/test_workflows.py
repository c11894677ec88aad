"""What the public host runs: the README's commands, on every system and version that the project names."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib

import pytest
import yaml


@pytest.fixture(scope="module")
def jobs(root) -> dict:
    """The jobs of the workflow."""
    return yaml.safe_load((root / ".github/workflows/test.yml").read_text(encoding="utf-8"))["jobs"]


def commands(job: dict) -> list[str]:
    return [line.strip() for step in job["steps"] for line in step.get("run", "").splitlines() if line.strip()]


def test_every_version_of_python_that_the_project_names_is_tried_on_three_systems(jobs, root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [re.search(r":: (3\.\d+)$", line) for line in project["classifiers"]]
    tried = jobs["anywhere"]["strategy"]["matrix"]
    assert tried["python"] == [match[1] for match in found if match]
    assert {name.partition("-")[0] for name in tried["os"]} == {"ubuntu", "windows", "macos"}
    assert tried["os"] == jobs["conda"]["strategy"]["matrix"]["os"]


def test_the_workflow_runs_what_the_readme_says(jobs, root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    said = {line for line in commands(jobs["anywhere"]) + commands(jobs["conda"]) if "pytest" not in line}
    assert [line for line in said if line not in readme] == []
    assert commands(jobs["everything"]) == [".ci/run"]
    assert "make test" in (root / ".ci/run").read_text(encoding="utf-8")


def test_actionlint_finds_no_fault_in_the_workflows(root):
    if shutil.which("actionlint") is None:
        pytest.skip("actionlint is not installed")
    files = sorted((root / ".github/workflows").glob("*.yml"))
    done = subprocess.run(["actionlint", *files], capture_output=True, text=True, check=False)
    assert done.stdout == ""


def test_binder_installs_the_package_with_its_notebooks_and_builds_its_tables(root):
    assert "--editable .[notebooks,explore]" in (root / ".binder/requirements.txt").read_text(encoding="utf-8")
    assert (root / ".binder/postBuild").stat().st_mode & 0o100
    assert "resilience build" in (root / ".binder/postBuild").read_text(encoding="utf-8")
