"""The commands that make reports, as a user runs them: in a process of their own, on ten municipalities."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from tests.batch.lab import PATIENCE, write_notebook
from tests.conftest import ROOT, Answer

from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE, Project

FIVE = ["13010-grobbendonk", "13011-herentals", "13012-herenthout", "13029-olen", "13044-vorselaar"]
PARAMETERS = "\n".join(f'{name} = ""' for name in ("nis_code", "region", "comparator", "language"))
Run = Callable[..., Answer]


@pytest.fixture
def project(small_project: Project) -> Project:
    """A small project with the project's own notebooks."""
    small_project.notebooks.mkdir(exist_ok=True)
    for name in ("profile", "region", "village"):
        target = small_project.notebooks / f"{name}.ipynb"
        target.write_bytes((ROOT / "notebooks" / f"{name}.ipynb").read_bytes())
    return small_project


@pytest.fixture
def start(project: Project) -> Callable[..., subprocess.Popen[str]]:
    """Start the command line in the project's folder."""
    environment = {**os.environ, "COLUMNS": "200", "PYTHONWARNINGS": "error"}
    for name in (ROOT_VARIABLE, EXAMPLE_VARIABLE):
        environment.pop(name, None)

    def begin(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "resilience_analysis", *arguments],
            cwd=project.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return begin


@pytest.fixture
def run(start: Callable[..., subprocess.Popen[str]]) -> Run:
    def finish(*arguments: str) -> Answer:
        with start(*arguments) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return Answer(process.returncode, out, err)

    return finish


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a path is there, or fail when the process that should make it has ended."""
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def stems(folder: Path) -> list[str]:
    return sorted(path.name.removesuffix(".html") for path in folder.glob("*.??.html") if "index" not in path.name)


def test_the_five_of_neteland_are_made_when_nothing_is_asked(run: Run, project: Project) -> None:
    done = run("profiles")
    assert done.code == 0, done.err
    assert stems(project.reports) == [f"{stem}.nl" for stem in FIVE]
    assert "Open reports/index.html" in done.out
    assert "[5/5]" in done.err
    assert "without encryption" not in done.err
    again = run("profiles")
    assert (again.code, "[" in again.err) == (0, False)
    assert re.search(r"kept\s+│\s+5", again.out)


def test_reports_of_a_region_and_of_villages_come_into_the_same_folder(run: Run, project: Project) -> None:
    assert run("profiles", "Olen", "--lang", "nl,en").code == 0
    assert run("region", "--lang", "en").code == 0
    assert run("villages", "13029A").code == 0
    assert stems(project.reports) == ["13029-olen.en", "13029-olen.nl", "region-neteland.en", "village-13029A-olen.nl"]
    manifest = json.loads((project.reports / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["reports"]) == 4


def test_a_dry_run_says_what_it_would_do_and_why_and_does_nothing(run: Run, project: Project) -> None:
    done = run("profiles", "--nis", "13011", "Olen", "--dry-run")
    assert done.code == 0
    assert done.out.splitlines() == [
        "13011-herentals.nl: not made before",
        "13029-olen.nl: not made before",
        "2 would be made, 0 are as they should be",
    ]
    assert not project.reports.exists()


def test_a_dry_run_says_that_the_manifest_is_of_another_version(run: Run, project: Project) -> None:
    project.reports.mkdir()
    (project.reports / "manifest.json").write_text('{"format": 0, "reports": {}}', encoding="utf-8")
    done = run("profiles", "Olen", "--dry-run")
    assert (done.code, done.out.splitlines()[0]) == (0, "13029-olen.nl: not made before")
    assert "The manifest of this folder is of another version" in done.err


def test_a_corrected_figure_is_the_reason_to_make_a_profile_again(run: Run, project: Project) -> None:
    assert run("profiles", "13011", "11002").code == 0
    path = project.processed / "indicators.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    # among ten municipalities every figure of the last year moves a quartile that all profiles show
    earlier = rows["year"] < rows.groupby("indicator")["year"].transform("max")
    [place, *_] = rows.index[earlier & (rows["nis_code"] == "13011") & (rows["value"] != "")]
    rows.loc[place, "value"] = str(float(rows.loc[place, "value"]) + 1)
    rows.to_csv(path, index=False, lineterminator="\n")
    told = run("profiles", "13011", "11002", "--dry-run").out
    assert "13011-herentals.nl: data that it can show changed" in told
    assert "11002" not in told


def test_a_failing_notebook_gives_code_1_and_names_cell_output_and_log(run: Run, project: Project) -> None:
    name = write_notebook(
        project, "profile", "print('so far')\nassert nis_code != '13029', 'no figures'",
        parameters=PARAMETERS,
    )  # fmt: skip
    assert name == "profile.ipynb"
    done = run("profiles", "--jobs", "2")
    assert done.code == 1
    assert "13029-olen.nl failed: cell 3: AssertionError: no figures" in done.err
    assert "see reports/logs/13029-olen.nl.log" in done.err
    assert re.search(r"made\s+│\s+4", done.out)
    assert "Traceback" not in done.out
    only = run("profiles", "--only-failed", "--dry-run")
    assert only.out.splitlines()[0] == "13029-olen.nl: failed before"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Herentols"], "did you mean 13011 Herentals?"),
        (["--nis", "99999"], "unknown municipality '99999'"),
        (["--region", "netelnd"], "did you mean 'neteland'?"),
        (["--comparator", "nearby"], "unknown region 'nearby'"),
        (["--lang", "xx"], "unknown language 'xx'"),
        (["--format", "docx"], "unknown format 'docx'"),
        (["--engine", "hot"], "unknown engine 'hot'"),
        (["--all", "Olen"], "leave out --nis and --region"),
        (["--jobs", "0"], "Invalid value for '--jobs'"),
        (["--timeout", "soon"], "Invalid value for '--timeout'"),
        (["--scheduler", "nonsense"], "'nonsense' is not an address of a scheduler, such as tcp://10.0.0.1:8786"),
    ],
)
def test_wrong_use_gives_code_2_and_a_remedy(run: Run, project: Project, arguments: list[str], message: str) -> None:
    done = run("profiles", *arguments)
    assert (done.code, "Traceback" in done.err) == (2, False), done.err
    assert message in " ".join(done.err.split())


def test_without_tables_the_command_that_makes_them_is_named(run: Run, project: Project) -> None:
    (project.processed / "municipalities.csv").unlink()
    done = run("profiles")
    assert done.code == 1
    assert "Make it with: resilience build" in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_what_is_left_and_keeps_what_is_whole(
    start: Callable[..., subprocess.Popen[str]], project: Project, number: int
) -> None:
    write_notebook(
        project, "profile", "import time\nif nis_code != '13010': time.sleep(60)",
        parameters=PARAMETERS,
    )  # fmt: skip
    with start("profiles", "--jobs", "1") as process:
        wait_for(project.reports / "13010-grobbendonk.nl.html", process)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "Stopped. What is finished is whole; the same command makes the 4 others." in err
    assert re.search(r"made\s+│\s+1", out)
    assert not (project.reports / ".making").exists()


def test_a_second_batch_in_the_same_folder_is_refused(
    start: Callable[..., subprocess.Popen[str]], run: Run, project: Project
) -> None:
    write_notebook(
        project, "profile", "import time\ntime.sleep(60)",
        parameters=PARAMETERS,
    )  # fmt: skip
    with start("profiles") as first:
        wait_for(project.reports / ".making", first)
        second = run("profiles", "Olen")
        first.terminate()
        first.communicate(timeout=PATIENCE)
    assert second.code == 1
    assert f"is in use by process {first.pid}. Wait until it is done, or give another --out" in second.err


def test_a_folder_that_cannot_be_written_is_named_without_a_traceback(run: Run, project: Project) -> None:
    project.reports.write_text("a file where the folder should be", encoding="utf-8")
    done = run("profiles", "Olen")
    assert (done.code, "Traceback" in done.err) == (1, False)
    assert "reports" in done.err


HEAVY = {
    "IPython", "geopandas", "jupyter_client", "matplotlib", "nbconvert", "nbformat", "numpy", "openpyxl",
    "pandas", "pandera", "papermill", "psutil", "pyogrio", "scipy", "seaborn", "shapely", "sklearn", "statsmodels",
}  # fmt: skip
LOADED = """\
import json, sys
sys.argv = ["resilience", *sys.argv[1:]]
from resilience_analysis.cli import main
try:
    main()
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded_by(project: Project, *arguments: str) -> set[str]:
    """Return the libraries that a command loads in its own process."""
    command = [sys.executable, "-c", LOADED, *arguments]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True, timeout=PATIENCE)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_command_loads_pandas_only_to_find_what_is_asked_for_the_first_time(run: Run, project: Project) -> None:
    write_notebook(project, "profile", "print(nis_code)", parameters=PARAMETERS)
    assert loaded_by(project, "profiles", "Olen") & HEAVY <= {"numpy", "pandas", "psutil"}
    assert loaded_by(project, "profiles", "Olen", "--dry-run") & HEAVY == set()
    assert "1 would be made, 0 are" in run("profiles", "Olen", "--dry-run", "--force").out
    again = run("profiles", "Olen")
    assert (again.code, "0 reports to make, 1 are as they should be" in again.err) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--shared"], "give its --scheduler too"),
        (["--out", "s3://bucket/reports"], "reports are written to a folder of this machine"),
    ],
)
def test_options_that_would_be_ignored_are_refused(
    resilience: Callable[..., Answer], arguments: list[str], message: str
) -> None:
    answer = resilience("profiles", *arguments)
    assert (answer.code, message in " ".join(answer.err.split())) == (2, True), answer.err
