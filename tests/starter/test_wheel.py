"""The wheel alone makes and runs a project, in an environment of its own and far from any checkout."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest
from tests.batch.test_without_forks import WITHOUT
from tests.starter.regions import FOREIGN, write_region
from tests.starter.test_new import REGIONS

# what would lead the new environment back to this checkout
LEFT_OUT = ("RESILIENCE_PROJECT", "RESILIENCE_EXAMPLE", "PYTHONPATH")


def run(*command: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def python(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; it borrows the libraries of the one that runs this test."""
    folder = tmp_path_factory.mktemp("fresh")
    source = folder / "source"
    for part in ("src", "definitions", "data/raw", "notebooks"):
        shutil.copytree(root / part, source / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(root / name, source / name)
    building = ("wheel", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", folder, source)
    run(sys.executable, "-m", "pip", *building)
    shutil.rmtree(source)
    run(sys.executable, "-m", "venv", folder / "venv")
    made = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    (wheel,) = folder.glob("*.whl")
    run(made, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    where = run(made, "-c", "import site; print(site.getsitepackages()[0])").stdout.strip()
    borrowed = Path(where) / "borrowed.pth"
    borrowed.write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf-8")
    return made


def resilience(python: Path, folder: Path, *arguments: object) -> str:
    """Run a command of the installed package in a folder and return what it says."""
    done = run(python, "-m", "resilience_analysis", *arguments, folder=folder)
    return done.stdout + done.stderr


def say_nothing_of_others(reports: Path, count: int) -> None:
    pages = sorted(reports.glob("*.html"))
    assert len(pages) == count
    for page in pages:
        text = page.read_text(encoding="utf-8").casefold()
        assert [word for word in FOREIGN if word in text] == []


@pytest.mark.trial
def test_a_region_of_four_digit_codes_is_made_from_the_wheel(python, tmp_path, shared):
    case = shared / "cases" / "nl_four_digit_codes" / "raw" / "src"
    brought = ("--data", case / "indicators.csv", "--boundaries", case / "boundaries.geojson")
    resilience(python, tmp_path, "new", "utrecht", *brought)
    for command in (["build"], ["profiles"], ["region"], ["check"]):
        resilience(python, tmp_path / "utrecht", *command)
    say_nothing_of_others(tmp_path / "utrecht" / "reports", count=5 + 1 + 1)


@pytest.mark.trial
def test_a_region_with_letters_in_its_codes_is_made_from_the_wheel(python, tmp_path):
    codes, crs, middle = REGIONS["letters, British grid"]
    data, areas = write_region(tmp_path / "brought", codes, crs=crs, middle=middle, file="areas.shp")
    resilience(python, tmp_path, "new", "sussex", "--data", data, "--boundaries", areas, "--lang", "en", "--year", 2024)
    for command in (["build"], ["profiles"], ["check"]):
        resilience(python, tmp_path / "sussex", *command)
    say_nothing_of_others(tmp_path / "sussex" / "reports", count=len(codes) + 1)


@pytest.mark.trial
def test_the_example_is_made_from_the_wheel_and_builds_what_is_published(python, tmp_path, root):
    resilience(python, tmp_path, "new", "copy", "--example", "neteland")
    resilience(python, tmp_path / "copy", "build")
    for name in ("scores.csv", "indicators.csv"):
        made, published = ((folder / "data/processed" / name).read_bytes() for folder in (tmp_path / "copy", root))
        assert made == published


@pytest.mark.trial
def test_all_reports_are_made_where_python_lacks_what_it_lacks_on_windows(tmp_path, root):
    (tmp_path / "sitecustomize.py").write_text(WITHOUT, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(root / "src")])

    def say(folder: Path, *arguments: str) -> str:
        command = [sys.executable, "-m", "resilience_analysis", *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    say(tmp_path, "new", "copy", "--example", "neteland")
    for command in (["build"], ["profiles", "13011", "13029"], ["region"], ["villages", "Morkhoven"]):
        say(tmp_path / "copy", *command)
    made = {page.name for page in (tmp_path / "copy" / "reports").glob("*.html")}
    pages = {"13011-herentals.nl", "13029-olen.nl", "region-neteland.nl", "village-13011C-morkhoven.nl", "index"}
    assert made == {f"{name}.html" for name in pages}
