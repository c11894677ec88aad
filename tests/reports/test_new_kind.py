"""A new kind of report is a row, a page and a notebook: its command, tasks, reports and index follow."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.batch.lab import write_notebook
from tests.conftest import Answer

from resilience_analysis.foundation.project import Project
from resilience_analysis.reports.kinds import KINDS, MUNICIPALITY, ReportKind

CELL = """\
import resilience_analysis as ra
from tests.reports.factsheet import Factsheet
from resilience_analysis.pages.subject import subject
Factsheet(subject(ra.load_dataset(), nis_code, region=region, group=comparator, language=language))
"""


def test_a_row_a_page_and_a_notebook_make_a_kind_of_report(
    resilience: Callable[..., Answer], small_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ReportKind(
        "factsheet", "factsheets", "Make fact sheets.", MUNICIPALITY, page="tests.reports.factsheet:Factsheet",
        title="profile.title", heading="index.profiles", prefix="factsheet-", downloads=False,
    )  # fmt: skip
    monkeypatch.setitem(KINDS, row.name, row)
    parameters = "\n".join(f'{name} = ""' for name in ("nis_code", "region", "comparator", "language"))
    write_notebook(small_project, "factsheet", CELL, parameters=parameters)
    answer = resilience("factsheets", "Olen")
    assert answer.code == 0, answer.err
    page = (small_project.reports / "factsheet-13029-olen.nl.html").read_text(encoding="utf-8")
    assert "<h1>Feiten over Olen</h1>" in page
    assert "factsheet-13029-olen.nl.html" in (small_project.reports / "index.html").read_text(encoding="utf-8")
    manifest = json.loads((small_project.reports / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["reports"]["factsheet-13029-olen.nl"]["kind"] == "factsheet"
    assert "Make fact sheets." in resilience("factsheets", "--help").out
