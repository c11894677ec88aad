"""Where forking is not safe, prepared processes make the reports, and one that breaks is replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.batch.lab import LABORATORY, task, write_notebook

from resilience_analysis.batch import pool
from resilience_analysis.batch.kinds import Order
from resilience_analysis.batch.pool import run_in_pool
from resilience_analysis.batch.tasks import Limits, Outcome
from resilience_analysis.foundation.project import Project


def order(project: Project, folder: Path, notebook: str, who: str, seconds: float = 60) -> Order:
    return Order(task(notebook, f"{who}.nl", who=who), LABORATORY, project, folder / who, "warm", Limits(seconds))


def test_a_pool_makes_every_report_and_says_what_failed(workshop: Project, tmp_path: Path) -> None:
    notebook = write_notebook(workshop, "pooled", "import os\nif who == 'wrong': os.kill(os.getpid(), 9)\nprint(who)")
    orders = [order(workshop, tmp_path, notebook, who) for who in ("one", "wrong", "two")]
    outcomes = {outcome.task.stem: outcome for outcome in run_in_pool(orders, jobs=2)}
    assert {stem: outcome.state for stem, outcome in outcomes.items()} == {
        "one.nl": "made", "wrong.nl": "failed", "two.nl": "made",
    }  # fmt: skip
    assert (tmp_path / "one" / "files" / "one.nl.html").is_file()


@pytest.fixture
def no_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes of the pool do without forks, as on a system that has none."""
    monkeypatch.setattr(pool, "FORKS", False)
    monkeypatch.setattr(pool, "make_one", _make_in_place)


def _make_in_place(order: Order) -> Outcome:
    pool.can_fork = lambda: False
    return pool.make_one(order)


@pytest.mark.usefixtures("no_forks")
def test_without_forks_a_process_that_breaks_its_limits_is_replaced(workshop: Project, tmp_path: Path) -> None:
    notebook = write_notebook(
        workshop,
        "unforked",
        "import os, time\nif who == 'dead': os._exit(1)\nprint(who)\nif who == 'slow': time.sleep(60)",
    )
    patience = {"fine": 60, "slow": 1.5, "dead": 60}
    orders = [order(workshop, tmp_path, notebook, who, seconds) for who, seconds in patience.items()]
    made = list(run_in_pool(orders, jobs=1))
    assert [outcome.state for outcome in made] == ["made", "failed", "failed"]
    slow, dead = (outcome.failure for outcome in made[1:])
    assert slow is not None
    assert (slow.kind, slow.output.splitlines()[-1]) == ("timeout", "slow")
    assert dead is not None
    assert dead.kind == "killed"
