"""What our own questionnaires print is recognised again in every language, and a tool is one file."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from resilience_analysis.foundation.cells import write_workbook
from resilience_analysis.survey import exports
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.instrument import FIELDS
from resilience_analysis.survey.items import load_instrument
from resilience_analysis.survey.questionnaire import write_questionnaire
from resilience_analysis.survey.responses import reason_code
from resilience_analysis.survey.synthetic import simulate, write_example

LANGUAGES = load_instrument().languages
SAFE = [tool for tool in sorted(exports.survey_tools()) if tool != "tally"]


def imported(path, instrument, **options):
    return import_answers(path, instrument, ImportOptions("2026", key=lambda: bytes(32), **options))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_statements_and_questions_as_the_page_prints_them_are_recognised(instrument, tmp_path, lang):
    write_questionnaire(tmp_path / "page.md", "md", instrument, lang=lang)
    lines = (tmp_path / "page.md").read_text(encoding="utf-8").splitlines()
    asked = [line.split("**")[1] for line in lines if line.startswith("**")]
    statements = [line.split(" | ")[1] for line in lines if line.startswith("| ") and line[2:3].isupper()]
    statements = [text for text in statements if len(text.split()) > 2]
    chosen = [
        next(lines[place + 2][4:] for place, line in enumerate(lines) if line.startswith(f"**{question}"))
        if lines[next(place for place, line in enumerate(lines) if line.startswith(f"**{question}")) + 2][:1] == "-"
        else "ab12"
        for question in asked
    ]
    boxes = next(line for line in lines if line.startswith("| ") and line.count("|") > 8).strip("| ").split(" | ")[2:]
    with (tmp_path / "typed.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([[*asked, *statements], *([*chosen, *[box] * len(statements)] for box in boxes)])
    found = imported(tmp_path / "typed.csv", instrument)
    assert not found.problems
    assert set(found.responses.codes) == set(instrument.items)
    unknown = {reason_code(option.reason) for option in instrument.scale.no_opinion}
    assert set(found.responses.codes.to_numpy().ravel()) == {1, 2, 3, 4, *unknown}
    assert found.known == {"nis_code": len(boxes), "role": len(boxes), "pseudonym": len(boxes)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_answer_of_the_limesurvey_structure_is_read_in_its_language(instrument, tmp_path, lang):
    write_questionnaire(tmp_path / "form.txt", "limesurvey", instrument, lang=lang)
    text = (tmp_path / "form.txt").read_bytes().decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text), delimiter="\t") if row["language"] == lang]
    labels = [row["text"] for row in rows if row["class"] == "A" and row["name"] in set("123498")]
    items = {row["name"]: row["text"] for row in rows if row["class"] == "SQ"}
    prompt = next(row["text"] for row in rows if row["class"] == "Q" and row["type/scale"] == "F")
    headings = ["id", "submitdate", *(f"{prompt} [{statement}]" for statement in items.values())]
    lines = [[str(n), "2026-01-01", *[label] * len(items)] for n, label in enumerate(dict.fromkeys(labels))]
    with (tmp_path / "export.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([headings, *lines])
    found = imported(tmp_path / "export.csv", instrument)
    assert not found.problems
    assert set(found.responses.codes) == set(instrument.items)
    assert len(set(found.responses.codes["INF1"])) == 6


def columns_of(form, chosen, *, labels, groups):
    """Return the heading and the possible answers of every question of an XLSForm, as an export writes them."""
    sheets = {
        name: pd.read_excel(form, sheet_name=name, dtype=str, engine="openpyxl") for name in ("survey", "choices")
    }
    written = chosen if labels else "name"
    answers = sheets["choices"].groupby("list_name")[written].agg(list).to_dict()
    path = []
    for row in sheets["survey"].to_dict("records"):
        if row["type"] == "begin_group":
            path.append(row[written])
        elif row["type"] == "end_group":
            path.pop()
        elif row["type"] != "note":
            heading = "/".join([*path, row[written]] if groups else [row[written]])
            yield heading, answers[row["type"].split()[1]] if " " in row["type"] else ["ab12"]


@pytest.mark.parametrize("groups", [True, False])
@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_answer_of_the_xlsform_is_read_in_its_language_by_labels_and_by_names(
    instrument, tmp_path, lang, labels, groups
):
    write_questionnaire(tmp_path / "form.xlsx", "xlsform", instrument, lang=LANGUAGES[0])
    headings = pd.read_excel(tmp_path / "form.xlsx", sheet_name="survey", engine="openpyxl").columns
    chosen = next(heading for heading in headings if heading.endswith(f"({lang})"))
    columns = dict(columns_of(tmp_path / "form.xlsx", chosen, labels=labels, groups=groups))
    rows = [[answers[n % len(answers)] for answers in columns.values()] for n in range(6)]
    with (tmp_path / "kobo.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=";").writerows(
            [[*columns, "_uuid", "_submission_time"], *([*row, f"u{n}", "2026-01-01"] for n, row in enumerate(rows))]
        )
    found = imported(tmp_path / "kobo.csv", instrument)
    assert {remark.why for remark in found.problems} <= {
        "this village does not lie in the municipality of the same row"
    }
    assert (found.submissions.tool, set(found.responses.codes)) == ("kobotoolbox", set(instrument.items))
    assert found.responses.codes.apply(lambda item: len(set(item)) == 6).all()
    assert found.known == {"nis_code": 5, "role": 6, "pseudonym": 6}  # the last municipality is another one


@pytest.mark.parametrize("written", ["{value}", "{label}", "{value} - {label}"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_template_that_is_filled_in_is_read_in_its_language(instrument, tmp_path, lang, written):
    write_questionnaire(tmp_path / "template.csv", "csv", instrument, lang=lang)
    headings = next(csv.reader((tmp_path / "template.csv").read_text(encoding="utf-8-sig").splitlines()))
    answers = [written.format(value=anchor.value, label=anchor.texts[lang]) for anchor in instrument.scale.anchors]
    answers += [option.texts[lang] for option in instrument.scale.no_opinion]
    about = [question.offered[0].texts[lang] if question.choices else "ab12" for question in instrument.questions]
    rows = [[*about, *[answer] * len(instrument.items)] for answer in answers]
    with (tmp_path / "filled.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([headings, *rows])
    found = imported(tmp_path / "filled.csv", instrument)
    assert not found.problems
    assert found.responses.codes.apply(lambda item: len(set(item)) == 6).all()
    assert found.known == {"nis_code": 6, "role": 6, "pseudonym": 6}


@pytest.mark.parametrize("form", ["html", "md", "xlsform", "limesurvey", "csv"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_questionnaire_tells_who_asks_who_sees_and_how_to_withdraw(instrument, tmp_path, form, lang):
    path = tmp_path / ("form.xlsx" if form == "xlsform" else "form.txt")
    write_questionnaire(path, form, instrument, lang=lang)
    if form == "xlsform":
        import openpyxl

        cells = [cell for row in openpyxl.load_workbook(path)["survey"].iter_rows(values_only=True) for cell in row]
        said = " ".join(map(str, cells))
    else:
        said = (path.with_suffix(".notice.md") if form == "csv" else path).read_text(encoding="utf-8-sig")
    said = said.replace("&#x27;", "'")
    for line in instrument.notice.lines(lang):
        assert line in said
    assert "{" not in "".join(instrument.notice.lines(lang))
    assert "anoniem" not in said
    assert "anonymous" not in said
    assert "anonyme" not in said


@pytest.mark.parametrize("question_offers", ["nis_code", "village"])
def test_another_municipality_can_be_chosen_in_every_questionnaire(instrument, tmp_path, question_offers):
    offered = [choice.id for choice in instrument.question(question_offers).offered]
    assert offered[-1] == "andere"
    assert "andere" not in [choice.id for choice in instrument.question(question_offers).choices]


@pytest.mark.parametrize("tool", SAFE)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_example_of_every_tool_gives_back_what_was_made_up(instrument, tmp_path, tool, lang):
    made = simulate(instrument, wave="2025")
    path = tmp_path / f"example{exports.survey_tools()[tool].file_types[0]}"
    write_example(path, tool, made, instrument, lang=lang)
    found = imported(path, instrument)
    assert found.submissions.tool == tool
    assert not found.refusals
    counts = found.responses.codes.apply(lambda column: column.value_counts()).fillna(0)
    answers = made.codes.where(made.codes != reason_code("empty"))
    for item in instrument.scored["informatie"]:
        assert counts[item].loc[[1, 2, 3, 4]].tolist() == [(answers[item] == value).sum() for value in (1, 2, 3, 4)]
    for field in FIELDS:
        assert found.responses.people[field].notna().sum() >= 0.9 * made.people[field].notna().sum()


NEW_TOOL = '''"""Zebra: a tool that did not exist yesterday."""

from resilience_analysis.survey.exports import Heading, OwnColumns, SurveyTool
from resilience_analysis.survey.synthetic import rows_of


def heading(text):
    return Heading(text, (text.removeprefix("z-"),))


def example(made):
    return rows_of({"stripe": made.numbers} | {f"z-{item.id}": made.answers(item) for item in made.items} | made.marker)


OWN = OwnColumns(marks=("stripe",))
TOOLS = (SurveyTool("zebra", "Zebra: a tool that did not exist yesterday.", 5, example, OWN, heading),)
'''


def test_new_tool_is_one_file(instrument, tmp_path, monkeypatch):
    (tmp_path / "zebra.py").write_text(NEW_TOOL)
    monkeypatch.setattr(exports, "__path__", [*exports.__path__, str(tmp_path)])
    assert exports.survey_tools()["zebra"].summary == "Zebra: a tool that did not exist yesterday."
    write_example(tmp_path / "example.csv", "zebra", simulate(instrument), instrument)
    found = imported(tmp_path / "example.csv", instrument)
    assert (found.submissions.tool, found.synthetic) == ("zebra", True)
    assert set(found.responses.codes) == set(instrument.items)


@pytest.mark.parametrize(
    "before",
    ["2.1 ", "3. ", "Vraag 4: ", "Q12_3 ", "Deel B > ", "Stellingen | ", "Waar sta je? ", "informatie/", "[A] "],
)
@pytest.mark.parametrize("behind", ["", " *", " (optional)", " (niet verplicht)"])
def test_what_is_before_or_behind_a_statement_does_not_matter(instrument, tmp_path, before, behind):
    statements = [instrument.items[item].texts[lang] for item, lang in (("INF1", "nl"), ("LER2", "en"))]
    with (tmp_path / "export.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([[f"{before}{text}{behind}" for text in statements], ["3", "4"]])
    assert imported(tmp_path / "export.csv", instrument).responses.codes.to_dict("list") == {"INF1": [3], "LER2": [4]}


def test_na_of_r_is_no_answer_unless_a_mapping_says_otherwise(instrument, tmp_path):
    write_workbook(tmp_path / "r.xlsx", {"x": pd.DataFrame({"INF1": ["3", "NA", "2"], "INF2": ["1", "4", "NA"]})})
    codes = imported(tmp_path / "r.xlsx", instrument).responses.codes
    assert sorted(codes["INF1"]) == [reason_code("empty"), 2, 3]
