"""The walk of a value: each table is checked once and changes its layout once on its way to the score and the page."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pandas as pd
import pytest
from tests.datasets import make_dataset

from resilience_analysis.build import Built, build
from resilience_analysis.foundation.project import Project
from resilience_analysis.notebook import profile

LAYOUTS = ("melt", "pivot", "pivot_table", "stack", "unstack")
WATCHED = ("latest", "check_rows", "_range_problems", "_ordered", "find", "subject")


def within(frame: FrameType) -> str:
    """Return the file of a frame, as it is named within the package."""
    return frame.f_code.co_filename.rpartition("resilience_analysis/")[2]


def doer(frame: FrameType | None) -> tuple[str, ...]:
    """Return which module and function of the package does something, within pandas or not."""
    while frame is not None and "resilience_analysis" not in frame.f_code.co_filename:
        frame = frame.f_back
    return ("", "") if frame is None else (within(frame), frame.f_code.co_name)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[tuple[Any, ...]]]:
    """What is done, counted: changes of layout by their place, watched functions by place and what they look at."""
    counts: Counter[tuple[Any, ...]] = Counter()

    def watched(name: str, method: Any) -> Any:
        def change(table: Any, *args: Any, **options: Any) -> Any:
            if "pandas" not in sys._getframe(1).f_globals["__name__"]:
                counts[(name, *doer(sys._getframe(1)))] += 1
            return method(table, *args, **options)

        return change

    for kind in (pd.DataFrame, pd.Series):
        for name in LAYOUTS:
            if hasattr(kind, name):
                monkeypatch.setattr(kind, name, watched(name, getattr(kind, name)))

    def count(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_name in WATCHED and "resilience_analysis" in code.co_filename:
            about = frame.f_locals.get("subject") or frame.f_locals.get("file") or ""
            counts[(code.co_name, within(frame), str(about))] += 1

    sys.setprofile(count)
    yield counts
    sys.setprofile(None)


def often(seen: Counter[tuple[Any, ...]], name: str, file: str = "") -> int:
    return sum(count for (what, where, *_), count in seen.items() if what == name and where.startswith(file))


def test_in_a_build_each_table_is_checked_once_and_spread_or_gathered_once(cut_folder: Path, tmp_path: Path, seen):
    kept = shutil.ignore_patterns("processed", ".cache")
    built = build(Project(Path(shutil.copytree(cut_folder, tmp_path / "project", ignore=kept))))
    sys.setprofile(None)
    tables = built.tables.observations["source"].nunique()
    assert {key: n for key, n in seen.items() if key[0] in LAYOUTS} == {
        ("melt", "data/observations.py", "observe"): tables,  # each raw table
        ("pivot", "indicators/scores.py", "_spread"): 4,  # value, low, high and reason of the indicators
    }
    assert often(seen, "latest") == 1
    checks = {subject: n for (what, _, subject), n in seen.items() if what == "check_rows"}
    assert max(checks.values()) == 1
    assert {"indicators", "scores", "municipalities"} <= set(checks)
    ranges = {file: n for (what, _, file), n in seen.items() if what == "_range_problems"}
    assert max(ranges.values()) == 1
    assert len(ranges) == tables
    assert 0 < often(seen, "_ordered") <= built.tables.observations["variable"].nunique()


def test_for_a_page_a_place_is_looked_up_once_and_nothing_is_checked_again(cut_built: Built, seen):
    dataset = make_dataset(cut_built.tables)
    for code in ("13011", "13029"):
        profile(code, data=dataset).show().standalone()
    sys.setprofile(None)
    assert often(seen, "check_rows") == 0
    assert often(seen, "latest", "indicators") == 1  # for both
    looked_up = often(seen, "find", "geography/municipalities.py")
    assert (looked_up, often(seen, "subject", "pages/subject.py")) == (2, 2)
    layouts = {key: n for key, n in seen.items() if key[0] in LAYOUTS}
    assert {file for _, file, _ in layouts} <= {"profiles/dataset.py", "profiles/local_registers.py"}
