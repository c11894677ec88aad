"""The tally on the projector: protected, refreshed from the export, and silent about single people."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

import resilience_analysis as ra
from resilience_analysis.analysis import selection, tally
from resilience_analysis.foundation.errors import UsageError

HEADINGS = "INF1,INF2"


@pytest.fixture(autouse=True)
def found(dataset, monkeypatch):
    """The dataset of the real figures, wherever the functions look for it."""
    for module in (tally, selection):
        monkeypatch.setattr(module, "load_dataset", lambda: dataset)
    return dataset


def write(export: Path, answers: list[str]) -> Path:
    export.write_text("\n".join([HEADINGS, *answers]) + "\n", encoding="utf-8")
    return export


def test_a_count_follows_the_export_by_five_people_at_least(tmp_path):
    export = write(tmp_path / "export.csv", ["1,2", "2,3", "4,4", "3,1"])
    shown = ra.tally(export, municipality="Herentals", language="en")
    assert (shown.n, len(shown.estimates)) == (0, 0)
    write(export, ["1,2", "2,3", "4,4", "3,1", "4,2", "1,1"])
    assert shown.refresh().n == 6
    before = shown.rows()
    write(export, ["1,2", "2,3", "4,4", "3,1", "4,2", "1,1", "4,4", "4,4", "4,4", "4,4"])
    assert shown.refresh().rows().equals(before)
    write(export, ["1,2", "2,3", "4,4", "3,1", "4,2", "1,1", "4,4", "4,4", "4,4", "4,4", "1,3"])
    assert shown.refresh().n == 11
    assert shown.rows().at["INF1", "share_agree"] == round(100 * 7 / 11)


def test_only_a_statement_that_enough_people_answered_has_a_bar(tmp_path):
    export = write(tmp_path / "export.csv", ["1,", "2,", "4,", "3,", "4,", "1,"])
    html = ra.tally(export, municipality="Herentals", language="en")._repr_html_()
    assert html.count('role="img"') == 1


def test_made_up_answers_say_so_and_come_in_bit_by_bit():
    shown = ra.tally(municipality="Olen", language="en")
    counts = [shown.n, shown.refresh().n, shown.refresh().n, shown.refresh().n]
    assert counts[0] < counts[1] < counts[2] == counts[3]
    assert "INVENTED" in shown._repr_html_()
    assert "INVENTED" in repr(shown)


def test_the_tally_keeps_itself_fresh(monkeypatch):
    updates = []
    handle = type("Handle", (), {"update": lambda _, given: updates.append(given.n)})()
    monkeypatch.setattr(tally, "display", lambda *_, **__: handle)
    shown = ra.tally(municipality="Olen", language="en")
    shown.follow(seconds=0.01, times=2)
    until = time.monotonic() + 30
    while len(updates) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert updates[0] < updates[1]


def test_a_municipality_that_is_not_known_is_refused():
    with pytest.raises(UsageError, match=re.escape("Herentals")):
        ra.tally(municipality="Herental")
