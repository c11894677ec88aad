"""What an import leaves behind: the answers, the table of problems, the report of what was recognised."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from resilience_analysis.foundation.cells import write_table
from resilience_analysis.foundation.files import sha256, write_json
from resilience_analysis.survey.headings import BLANK, IDENTIFYING, ITEM, TECHNICAL, UNMATCHED, USED
from resilience_analysis.survey.importing import Imported
from resilience_analysis.survey.privacy import PRIVATE_FILE, identifies, is_short_number, owner_only, redact
from resilience_analysis.survey.raking import LEAST_NAMED
from resilience_analysis.survey.responses import ANSWERS_FILE, write_answers

PROBLEMS_FILE = "problems.csv"
REPORT_FILE = "import.json"
_SAID = (*USED, TECHNICAL)
PROBLEM_COLUMNS = ("row", "column", "value", "why")


def problems_table(imported: Imported) -> pd.DataFrame:
    """Return the problems as a table: row, column, value, why.

    A row is numbered as a spreadsheet program shows it; it is empty where a whole column is meant. A value is there
    where it is a short number or `LEAST_NAMED` rows have it; what fewer people wrote is looked up in the export. A
    column that is left out is named by its letter, as on the terminal: its heading may be a cell of somebody.
    """
    letters = {match.heading: f"column {match.column}" for match in imported.matches if match.kind not in _SAID}
    times = Counter((problem.column, problem.value) for problem in imported.problems)
    rows = [
        (
            problem.row,
            letters.get(problem.column, problem.column),
            _named(problem.value, times[problem.column, problem.value]),
            problem.why,
        )
        for problem in imported.problems
    ]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS), dtype=object)


def _named(value: str, times: int) -> str:
    if times >= LEAST_NAMED and not identifies(value):
        return redact(value)
    return value.strip() if is_short_number(value) else ""


def report(imported: Imported, source: Path, wave: str) -> dict[str, Any]:
    """Say what was recognised, what was used and what was left out, for ``import.json``.

    ``rows_in`` always equals ``rows_used`` plus ``rows_explained``.
    """
    matches = imported.matches
    return {
        "file": source.name,
        "sha256": sha256(source),
        "tool": imported.submissions.tool,
        "recognised_by": imported.submissions.evidence,
        "wave": wave,
        "synthetic": imported.synthetic,
        "linked": imported.submissions.linked,
        "rows_in": imported.submissions.rows_in,
        "rows_used": imported.rows_used,
        "rows_explained": imported.rows_explained,
        "respondents": len(imported.responses.people),
        "unfinished": imported.unfinished,
        "problems": len(imported.problems),
        "columns": [
            {"heading": match.heading, "is": match.target, "by": match.how or match.kind}
            for match in matches
            if match.kind in USED
        ],
        "identifying": [match.column for match in matches if match.kind == IDENTIFYING],
        "technical": [match.heading for match in matches if match.kind == TECHNICAL and match.heading],
        "blank": [match.column for match in matches if match.kind == BLANK],
        "unmatched": [match.column for match in matches if match.kind == UNMATCHED],
        "wordings": {match.target: match.wording for match in matches if match.kind == ITEM},
    }


def write_import(folder: Path, imported: Imported, source: Path, wave: str) -> list[Path]:
    """Write ``answers.csv``, ``problems.csv`` and ``import.json`` for their owner only, and return their paths."""
    paths = [folder / name for name in (ANSWERS_FILE, PROBLEMS_FILE, REPORT_FILE)]
    with owner_only(folder):
        write_answers(paths[0], imported.responses)
        write_table(paths[1], problems_table(imported))
        write_json(paths[2], report(imported, source, wave))
    for path in paths:  # a file that did not change keeps the mode it had
        path.chmod(PRIVATE_FILE)
    return paths
