"""Nothing that one person wrote is in a message, a report, a name of a file or of a group, or a traceback."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import ResilienceError
from resilience_analysis.survey import tables
from resilience_analysis.survey.checking import check_answers
from resilience_analysis.survey.import_report import tell, write_import
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.tables import estimate_file
from resilience_analysis.survey.weights import EstimateOptions

SECRETS = (
    "jan.peeters@olen.be",
    "Griet Van den Bossche",
    "0470 12 34 56",
    "+32470123456",
    "Kerkstraat 12, bus 3",
    "85.07.30-033.61",
    "ik ben de enige vroedvrouw van Buul",
)
HEADINGS = ["Tijdstempel", "gemeente", "rol", "deelgemeente", "achtergrond", "code", "INF1", "INF2", "INF3", "gewicht"]
ITEMS = "item,dimension,reverse\nINF1,A,FALSE\nINF2,A,FALSE\nINF3,A,TRUE\n"
ROWS = 14
PLACE = st.tuples(st.integers(-1, ROWS - 1), st.integers(0, len(HEADINGS) - 1), st.sampled_from(SECRETS))
KIND = st.sampled_from(["digits", "labels", "five points"])


def rows_of(kind, places):
    """Make an export in which some cells (row -1: headings) hold what one person wrote."""
    labels = ["helemaal niet akkoord", "eerder niet akkoord", "eerder akkoord", "helemaal akkoord"]
    scales = {"digits": list("1234"), "labels": labels, "five points": ["oneens", "neutraal", "eens", "vaak", "soms"]}
    points = scales[kind]
    about = ["2026-01-01", "Olen", "inwoner", "Olen", "zorg"]
    rows = [[*about, f"ab{n % 7}", *(points[(n + k) % len(points)] for k in range(3)), "1"] for n in range(ROWS)]
    table = [list(HEADINGS), *rows]
    for row, column, secret in places:
        table[row + 1][column] = secret
    return table


def said_of(source, folder, instrument):
    """Import, check and estimate in every way; return all that is said and written, but the answers themselves."""
    said = []

    def attempt(work):
        try:
            return work()
        except ResilienceError as error:
            said.append(str(error))
            return None

    options = ImportOptions("2026", key=lambda: bytes(32))
    imported = attempt(lambda: import_answers(source, instrument, options))
    if imported:
        paths = write_import(folder, imported, source, "2026")
        told = tell(imported, instrument)
        said += [*told.details, *told.problems, told.mapping]
        said += [path.read_text(encoding="utf-8") for path in paths if path.name != "answers.csv"]
        said += [str(finding) for finding in attempt(lambda: check_answers(folder, instrument)) or ()]
    items = folder.parent / "items.csv"
    items.write_text(ITEMS)
    ways = [{"by": by} for by in ("rol", "gemeente", "deelgemeente", "achtergrond", "unknown")]
    ways += [{"by": "gemeente", "gap": gap} for gap in ("rol:inwoner:ambtenaar", "rol:x")]
    ways += [{"by": "gemeente", "weight": "gewicht"}, {"by": "rol", "strata": "gemeente", "cluster": "deelgemeente"}]
    ways += [{"by": "gemeente", name: folder.parent / f"{name}.csv"} for name in ("population", "margins")]
    for way in ways:
        found = attempt(lambda way=way: estimate_file(source, EstimateOptions(items=items, **way), instrument))
        said += [table.to_csv() for table in found.tables.values()] if found else []
    for by in ("nis_code", "village", "role", "background"):
        found = attempt(lambda by=by: estimate_file(folder, EstimateOptions(by=by), instrument))
        said += [table.to_csv() for table in found.tables.values()] if found else []
    return said


def refuse_secrets(folder, instrument, kind, places):
    """Fail where something that is said, or the name of a file, holds what one person wrote."""
    source = folder / "export.csv"
    with source.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows_of(kind, places))
    (folder / "population.csv").write_text("gemeente,N\nOlen,900\n")
    (folder / "margins.csv").write_text("column,value,n\nrol,inwoner,90\nrol,ambtenaar,10\n")
    said = [*said_of(source, folder / "wave", instrument), *(path.name for path in folder.rglob("*"))]
    lines = [line for one in said for line in one.splitlines()]
    assert not [line for line in lines for secret in SECRETS if secret.casefold() in line.casefold()]


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("digits", [(n, 1, secret) for n, secret in enumerate(SECRETS)]),
        ("digits", [(n, 9, secret) for n, secret in enumerate(SECRETS)]),
        ("digits", [(-1, n, secret) for n, secret in enumerate(SECRETS)]),
        ("labels", [(n, 6, secret) for n, secret in enumerate(SECRETS)]),
        ("five points", [(n, 3, secret) for n, secret in enumerate(SECRETS)]),
    ],
)
def test_what_one_person_wrote_is_in_no_message_report_or_table(tmp_path, instrument, kind, places):
    refuse_secrets(tmp_path, instrument, kind, places)


@pytest.mark.trial
def test_what_one_person_wrote_anywhere_is_in_no_message_report_or_table(tmp_path_factory, instrument):
    # The instrument is no argument of what is tried: a failure would print all of it.
    @settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
    @given(kind=KIND, places=st.lists(PLACE, min_size=1, max_size=6))
    def attempt(kind, places):
        refuse_secrets(tmp_path_factory.mktemp("project"), instrument, kind, places)

    attempt()


@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_an_error_that_was_not_foreseen_says_nothing_of_people_in_message_or_traceback(call, monkeypatch, debug):
    def fail(*_arguments, **_options):
        np.array([SECRETS[0]]).astype(float)

    monkeypatch.setattr(tables, "read_answer_table", fail)
    code, said = call("estimate", "answers.csv", "--by", "place", "--out", "out", *debug)
    assert code == 1
    assert "unexpected ValueError" in said
    assert SECRETS[0] not in said
    assert ("Traceback" in said) == bool(debug)
    assert (Path(tables.__file__).name in said) == bool(debug)
