"""The three lists of packages agree: pyproject.toml, environment.yml for conda, and the locks with their hashes."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

LOCKS = ("requirements.lock", "requirements-dev.lock")
# where conda-forge calls a package something else than the index of Python does; all other names are the same
CONDA_NAMES = {"matplotlib": "matplotlib-base"}  # the same library without its windows
NOT_ON_CONDA_FORGE = {"pyxform"}  # installed with pip inside the environment
INSTALLERS = {"pip", "setuptools"}
PLATFORMS = [
    {"sys_platform": platform, "platform_system": system, "os_name": os_name, "python_version": f"3.{minor}"}
    for platform, system, os_name in (
        ("linux", "Linux", "posix"),
        ("darwin", "Darwin", "posix"),
        ("win32", "Windows", "nt"),
    )
    for minor in (11, 12, 13, 14)
]


@pytest.fixture(scope="module")
def project(root) -> dict:
    """The section project of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def conda(root) -> dict:
    """What environment.yml says."""
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


def needs(lines: list[str]) -> dict[str, SpecifierSet]:
    return {canonicalize_name(need.name): need.specifier for need in map(Requirement, lines)}


def pins(path: Path) -> dict[str, list[Requirement]]:
    """Return every pinned package of a lock with its markers, some more than once for other platforms."""
    found = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            need = Requirement(line.rstrip(" \\"))
            found[canonicalize_name(need.name)].append(need)
    return dict(found)


def version(pinned: list[Requirement], platform: dict[str, str]) -> str | None:
    """Return the version that is installed on a platform, or None where the package is not needed."""
    environment = {**default_environment(), **platform, "python_full_version": f"{platform['python_version']}.9"}
    chosen = [need for need in pinned if need.marker is None or need.marker.evaluate(environment)]
    assert len(chosen) <= 1, f"{chosen} all apply on {platform}"
    return str(chosen[0].specifier).removeprefix("==") if chosen else None


def test_conda_has_the_packages_of_the_project_and_its_tests_with_the_same_bounds(project, conda):
    wanted = needs(project["dependencies"] + project["optional-dependencies"]["test"])
    from_conda = needs([line for line in conda["dependencies"] if isinstance(line, str)])
    from_pip = needs([line for part in conda["dependencies"] if isinstance(part, dict) for line in part["pip"]])
    assert set(from_pip) == NOT_ON_CONDA_FORGE
    original = {other: name for name, other in CONDA_NAMES.items()}
    found = {original.get(name, name): bounds for name, bounds in (from_conda | from_pip).items()}
    assert {name: bounds for name, bounds in found.items() if name not in {*INSTALLERS, "python"}} == wanted


def test_conda_takes_the_versions_of_python_that_the_project_takes(project, conda):
    found = needs([line for line in conda["dependencies"] if isinstance(line, str)])["python"]
    assert found == SpecifierSet(project["requires-python"])
    for minor in (11, 12, 13, 14):
        assert f"3.{minor}.0" in found
        assert f"Programming Language :: Python :: 3.{minor}" in project["classifiers"]
    assert "3.10.9" not in found


def test_conda_has_the_name_channel_and_installers_of_the_project(project, conda, root):
    assert (conda["name"], conda["channels"]) == (project["name"], ["conda-forge", "nodefaults"])
    build = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert all(need in conda["dependencies"] for need in build)


def test_the_extra_for_notebooks_is_among_the_dependencies_with_the_same_bounds(project):
    every = needs(project["dependencies"])
    extra = needs(project["optional-dependencies"]["notebooks"])
    assert extra == {name: every[name] for name in extra}
    assert {"papermill", "nbconvert", "ipykernel", "jupyterlab"} <= extra.keys()


def test_the_packages_of_the_tests_stand_apart(project, root):
    lines = (root / "environment.yml").read_text(encoding="utf-8").splitlines()
    border = lines.index("  # what its tests need")
    above = needs(
        [line.removeprefix("  - ") for line in lines[:border] if line.startswith("  - ") and line[4:] and "=" in line]
    )
    tests = set(needs(project["optional-dependencies"]["test"]))
    assert not tests & set(above)
    assert set(needs(project["dependencies"])) - set(CONDA_NAMES) <= set(above)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_one_version_with_hashes_for_everything_and_has_no_address(root, lock):
    text = (root / lock).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|git\+|@ |--(extra-)?index|--find|/", text)
    blocks = re.split(r"\n(?=\S)", text.strip())
    for block in blocks:
        need = Requirement(block.splitlines()[0].rstrip(" \\"))
        assert re.fullmatch(r"==[^,*]+", str(need.specifier)), block.splitlines()[0]
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", block)) >= 1, need.name
    assert len(blocks) > 100


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: f"{p['sys_platform']}-{p['python_version']}")
def test_the_locks_satisfy_the_project_on_every_platform(project, root, platform):
    extras = [line for group in project["optional-dependencies"].values() for line in group]
    for lock, lines in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", project["dependencies"] + extras),
    ):
        pinned = pins(root / lock)
        for name, bounds in needs(lines).items():
            installed = version(pinned.get(name, []), platform)
            assert installed is not None, f"{name} is not in {lock}"
            assert bounds.contains(installed, prereleases=True), f"{name} {installed} in {lock} is not {bounds}"


@pytest.mark.parametrize("platform", PLATFORMS[:4], ids=lambda p: p["python_version"])
def test_the_lock_of_the_tests_has_everything_of_the_other_at_the_same_version(root, platform):
    run, develop = (pins(root / lock) for lock in LOCKS)
    for name, pinned in run.items():
        assert version(develop.get(name, []), platform) == version(pinned, platform), name


def test_both_locks_pin_what_builds_the_package(root):
    (need,) = (root / "build.in").read_text(encoding="utf-8").split()
    for lock in LOCKS:
        name, bounds = next(iter(needs([need]).items()))
        assert bounds.contains(version(pins(root / lock)[name], PLATFORMS[0]))
