"""A command ends with 0, 1 or 2, names what is wrong, and shows a traceback to whoever asks for one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from resilience_analysis import build as pipeline
from resilience_analysis.foundation.errors import InputError, Problem, UsageError
from resilience_analysis.foundation.project import ROOT_VARIABLE


def raising(error: BaseException):
    def fail(*_arguments, **_options):
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InputError("a.csv", [Problem("a.csv, row 2", "is torn", "Mend it")]), 1, "a.csv, row 2: is torn. Mend it"),
        (UsageError("unknown region 'x'"), 2, "error: unknown region 'x'"),
        (
            OSError(28, "No space left on device", "/data/scores.csv"),
            1,
            "/data/scores.csv: No space left on device. Check",
        ),
        (PermissionError(13, "Permission denied", "/data"), 1, "/data: Permission denied. Check the disk and the perm"),
        (OSError("odd"), 1, "a file: odd. Check the disk and the permissions"),
        (
            RuntimeError("a slip"),
            1,
            "unexpected RuntimeError: a slip. Run it again with --debug and report what it shows",
        ),
    ],
)
def test_every_failure_ends_with_its_code_and_one_message(resilience, monkeypatch, error, code, message):
    monkeypatch.setattr(pipeline, "build", raising(error))
    answer = resilience("build")
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("error", "code"), [(UsageError("wrong"), 2), (RuntimeError("a slip"), 1), (OSError("odd"), 1)]
)
def test_debug_shows_the_traceback_above_the_same_message_and_code(resilience, monkeypatch, error, code):
    monkeypatch.setattr(pipeline, "build", raising(error))
    for arguments in (["--debug", "build"], ["build", "--debug"]):
        answer = resilience(*arguments)
        assert answer.code == code
        assert answer.err.startswith("Traceback (most recent call last)")
        assert str(error) in answer.err.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["bild"], ["list", "--regoin", "x"], ["build", "too much"], ["lock", "--all"]])
def test_a_command_or_option_that_does_not_exist_is_wrong_use(resilience, arguments):
    answer = resilience(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "Traceback" not in answer.err


def test_help_names_every_command_of_the_data_side(resilience):
    answer = resilience("--help")
    assert answer.code == 0
    assert all(name in answer.out for name in ("build", "list", "check", "lock", "freeze", "fetch", "explore"))


def test_help_says_how_to_see_a_traceback_and_what_the_exit_codes_mean(resilience):
    shown = " ".join(resilience("--help").out.split())
    assert "With --debug anywhere, an error shows its traceback" in shown
    assert "0 done, 1 something failed, 2 wrong use" in shown


@pytest.mark.parametrize("command", ["profiles", "region", "villages", "score", "survey estimate", "survey import"])
def test_help_makes_no_picture_of_a_word_between_colons(resilience, command):
    shown = resilience(*command.split(), "--help").out
    frames = range(0x2500, 0x2580)
    assert [letter for letter in shown if not letter.isascii() and ord(letter) not in frames] == []


def test_the_command_without_anything_says_what_there_is(resilience):
    answer = resilience()
    assert "Usage: resilience" in answer.out + answer.err


def test_it_runs_as_a_module_and_ends_with_the_same_code(tmp_path):
    environment = {**os.environ, ROOT_VARIABLE: str(tmp_path)}
    command = [sys.executable, "-m", "resilience_analysis", "list"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"error: {ROOT_VARIABLE} names {tmp_path}, but that folder has no data/raw/sources.yml" in done.stderr


def test_help_is_there_without_loading_the_libraries():
    heavy = {"geopandas", "papermill", "matplotlib", "pandera"}
    code = f"from resilience_analysis.cli.main import app_for; app_for(); import sys; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_command_alone_shows_its_help_and_is_no_error(resilience):
    alone, asked, briefly = resilience(), resilience("--help"), resilience("-h")
    assert (alone.code, asked.code, briefly.code) == (0, 0, 0)
    assert "Usage: resilience" in alone.out
    assert briefly.out == asked.out


def test_the_version_is_said(resilience):
    answer = resilience("--version")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("resilience-analysis ")
