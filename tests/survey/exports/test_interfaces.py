"""Exports of accounts in any language: a tool's own columns are known by their structure, and by no word alone."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.survey.exports import PREVIEW, REJECTED, REPEAT, read_sheets
from resilience_analysis.survey.import_report import tell
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.mapping import scale_reader
from resilience_analysis.survey.workbook import read_workbook

PLACE, ROLE = "In of voor welke gemeente antwoord je?", "In welke rol antwoord je?"
STATED = (
    "Meten is weten: dit is belangrijk in mijn organisatie/lokaal bestuur.",
    "Ik weet waar en bij wie ik cijfers en data kan vinden.",
)
ANSWERS = ["Olen", "inwoner", "eerder akkoord", "helemaal akkoord"]
WHEN = "2026-03-01 10:00:00"
IMPORT_IDS = ("startDate", "status", "finished", "_recordId", "QID1", "QID2", "QID3_1", "QID3_2")
QUALTRICS = {  # names of its own columns, a person, a preview, a test, finished and not
    "nl": (("Startdatum", "Responstype", "Voltooid", "Respons-ID"), "IP-adres", "Enquêtevoorbeeld", "Enquêtetest"),
    "en": (("StartDate", "Status", "Finished", "ResponseId"), "IP Address", "Survey Preview", "Survey Test"),
    "fr": (("Date de début", "Type", "Terminé", "ID"), "Adresse IP", "Aperçu de l'enquête", "Test de l'enquête"),
    "de": (("Startdatum", "Antworttyp", "Beendet", "Antwort-ID"), "IP-Adresse", "Umfragenvorschau", "Umfragetest"),
    "es": (("Inicio", "Tipo", "Finalizado", "ID"), "Dirección IP", "Vista previa de la encuesta", "Prueba de encuesta"),
}


def table(rows, delimiter=","):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


@pytest.fixture
def imported(write, instrument):
    def read(rows, **options):
        return import_answers(write(table(rows)), instrument, ImportOptions("2026", **options))

    return read


def ids_row():
    return [f'{{"ImportId":"{name}"}}' for name in IMPORT_IDS]


@pytest.mark.parametrize("lang", QUALTRICS)
@pytest.mark.parametrize("named", [True, False])
def test_qualtrics_knows_its_own_columns_by_their_import_ids(imported, lang, named):
    own, person, preview, trial = QUALTRICS[lang]
    names = [*(own if named else QUALTRICS["en"][0]), "Q1", "Q2", "Q3_1", "Q3_2"]
    kinds = [person, preview, trial, "Spam", person, person]
    rows = [[WHEN, kind, "1", f"R_{min(n, 4)}", *ANSWERS] for n, kind in enumerate(kinds)]
    found = imported([names, [*own, PLACE, ROLE, *STATED], ids_row(), *rows])
    assert (found.submissions.rows_in, found.rows_used, found.unfinished) == (6, 2, 0)
    assert len(found.responses.people) == 2
    assert found.known["nis_code"] == 2


def test_status_that_is_not_known_counts_and_is_said_aloud(imported, instrument):
    names = ["StartDate", "Status", "Finished", "ResponseId", "Q1", "Q2", "Q3_1", "Q3_2"]
    rows = [[WHEN, kind, "1", f"R_{n}", *ANSWERS] for n, kind in enumerate(["IP Address", "Ukjent", "", "Offline"])]
    found = imported([names, [*names[:4], PLACE, ROLE, *STATED], ids_row(), *rows])
    assert found.rows_used == 4
    assert [doubt.row for doubt in found.submissions.doubts] == ["5"]
    assert any(said.startswith("1 submissions have a status") for said in tell(found, instrument).problems)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_status_that_kobotoolbox_gives_as_an_object_is_understood(imported, quote):
    said = [f"{{'uid': 'validation_status_{kind}', 'label': ''}}" for kind in ("not_approved", "approved", "on_hold")]
    rows = [["1", f"u{n}", text.replace("'", quote), "3"] for n, text in enumerate(said)]
    found = imported([["_id", "_uuid", "_validation_status", "INF1"], *rows], keep=["repeats"])
    assert found.rows_used == 2
    assert [aside.row for aside in found.submissions.set_aside] == ["2"]


def test_qualtrics_without_its_row_of_import_ids_keeps_the_questions(imported):
    names = ["StartDate", "Status", "Finished", "ResponseId", "Q1", "Q2", "Q3_1", "Q3_2"]
    rows = [[WHEN, "IP Address", "1", f"R_{n}", *ANSWERS] for n in range(3)]
    found = imported([names, [*names[:4], PLACE, ROLE, *STATED], *rows])
    assert (found.submissions.rows_in, found.rows_used, found.refusals) == (3, 3, ())


def test_qualtrics_tells_by_the_progress_who_did_not_finish(imported):
    rows = [[WHEN, progress, f"R_{n}", *ANSWERS[2:]] for n, progress in enumerate(["100", "40", "0", "100"])]
    assert imported([["StartDate", "Progress", "ResponseId", "INF1", "INF2"], *rows]).unfinished == 2


def test_choices_of_redcap_are_read_by_code_and_by_label(imported):
    coded = [["record_id", "rol___inwoner", "inf1", "vragen_complete"], ["1", "1", "3", "2"], ["2", "0", "3", "2"]]
    label = [["Record ID", f"{ROLE} (choice=inwoner)", "INF1", "Complete?"], ["1", "Checked", "3", "Complete"]]
    label.append(["2", "Unchecked", "3", "Incomplete"])
    assert (imported(coded).known["role"], imported(label).known["role"], imported(label).unfinished) == (1, 1, 1)


def test_respondent_who_left_three_cells_open_is_no_second_heading_row(imported):
    headings = ["nummer", "gemeente", "rol", "INF1", "INF2"]
    rows = [["", "", "", "3", "4"], ["2", "Olen", "inwoner", "2", "4"], ["3", "Olen", "inwoner", "1", "1"]]
    found = imported([headings, *rows])
    assert (found.submissions.tool, found.rows_used) == ("plain", 3)


@pytest.mark.parametrize("own", [("Respondent-id", "Begindatum", "Einddatum"), ("ID", "Date de début", "Date de fin")])
def test_surveymonkey_is_known_where_every_question_has_its_own_column(imported, own):
    rows = [[str(118_000_000 + min(n, 2)), WHEN, WHEN, *ANSWERS] for n in range(4)]
    found = imported([[*own, PLACE, ROLE, *STATED], ["", "", "", *["Antwoord"] * 4], *rows])
    assert found.submissions.tool == "surveymonkey"
    assert (found.submissions.rows_in, found.rows_used, len(found.refusals)) == (4, 3, 0)
    assert "unmatched" not in {match.kind for match in found.matches}


@pytest.mark.parametrize("response", ["Response", "Antwoord", "Svar"])
def test_surveymonkey_reads_choices_by_their_label_and_a_question_with_another_answer(imported, response):
    own = ["Respondent ID", "Collector ID", "Start Date", "End Date"]
    above = [*own, PLACE, "", ROLE, "", "Hoe kan het beter?", "Stellingen", ""]
    below = [*[""] * 4, response, "Other (please specify)", "inwoner", "dorpsteamlid", response, *STATED]
    rows = [
        [
            str(n),
            "1",
            WHEN,
            WHEN,
            "Olen",
            "",
            "inwoner" if n % 2 else "",
            "" if n % 2 else "dorpsteamlid",
            "",
            *ANSWERS[2:],
        ]
        for n in range(4)
    ]
    found = imported([above, below, *rows])
    assert (found.known["nis_code"], found.known["role"]) == (4, 4)
    assert set(found.responses.people["role"]) == {"inwoner", "dorpsteamlid"}


@pytest.mark.parametrize(
    ("own", "statuses"),
    [
        (("RespondentId", "Status", "Taal", "IP"), ("Volledig", "Gedeeltelijk beantwoord", "Test")),
        (("Respondent ID", "Status", "Language", "IP"), ("Completed", "Partially completed", "Test response")),
        (("N° du répondant", "Statut", "Langue", "IP"), ("Complété", "Partiellement complété", "Réponse test")),
        (("Befragten-ID", "Status", "Sprache", "IP"), ("Vollständig", "Teilweise beantwortet", "Testantwort")),
    ],
)
def test_checkmarket_is_known_by_its_numbers_and_tells_who_did_not_finish(imported, own, statuses):
    questions = [f"1. {PLACE}", f"2. {ROLE}", *(f"3.{n} {text}" for n, text in enumerate(STATED, start=1))]
    rows = [[str(n), status, "x", "1.1.1.1", *ANSWERS] for n, status in enumerate(statuses)]
    found = imported([[*own, *questions], *rows])
    assert found.submissions.tool == "checkmarket"
    assert (found.rows_used, found.unfinished) == (2, 1)
    assert found.known["nis_code"] == 2


def test_submission_of_which_the_last_version_is_rejected_counts_as_it_was(imported):
    rows = [[WHEN, "Olen", "3", "4", key, state] for key, state in [("a", ""), ("a", "rejected"), ("b", "approved")]]
    headings = ["SubmissionDate", "over-gemeente", "inf-INF1", "inf-INF2", "KEY", "ReviewState"]
    assert imported([headings, *rows]).rows_used == 2
    assert imported([headings, *rows], keep=[REJECTED]).rows_used == 2
    assert imported([headings, *rows], keep=[REJECTED, REPEAT]).rows_used == 3


@given(
    submitted=st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "approved", "rejected", "hasIssues", "Rejected"])),
        min_size=1,
        max_size=12,
    ),
    keep=st.sets(st.sampled_from([REJECTED, REPEAT, PREVIEW])),
)
def test_every_submission_counts_once_or_is_explained_once(instrument, tmp_path_factory, submitted, keep):
    path = tmp_path_factory.mktemp("odk") / "export.csv"
    rows = [[WHEN, "3", key, state] for key, state in submitted]
    path.write_text(table([["SubmissionDate", "INF1", "KEY", "ReviewState"], *rows]))
    found = read_sheets(read_workbook(path), tool="kobotoolbox", reader=scale_reader(instrument.scale), keep=keep)
    counted = [
        (n, key) for n, (key, state) in enumerate(submitted, start=2) if "eject" not in state or REJECTED in keep
    ]
    keys = {key for _, key in counted}
    once = len(keys) == 1 and len(counted) > 2  # a column of one value numbers nothing
    expected = [str(n) for n, key in counted if REPEAT in keep or once or n == max(m for m, k in counted if k == key)]
    assert found.cells.index.tolist() == expected
    assert sorted([*found.cells.index, *(aside.row for aside in found.set_aside)], key=int) == [
        str(n) for n in range(2, len(submitted) + 2)
    ]
