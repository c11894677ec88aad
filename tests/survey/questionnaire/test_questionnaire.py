"""The four forms of the questionnaire, checked with the formats' own means, and read back as an export."""

import csv
import io
import itertools
import re

import openpyxl
import pytest
from pyxform.xls2xform import convert

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.questionnaire import FORMATS, write_questionnaire


@pytest.fixture
def made(tmp_path, instrument):
    def make(form, name, lang="nl"):
        write_questionnaire(tmp_path / name, form, instrument, lang=lang)
        return tmp_path / name

    return make


def sheet_rows(path, name):
    rows = [[cell or "" for cell in row] for row in openpyxl.load_workbook(path)[name].iter_rows(values_only=True)]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def structure(path):
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))


def test_xlsform_is_accepted_by_pyxform_without_a_warning(made):
    result = convert(str(made("xlsform", "form.xlsx")), validate=False)
    assert result.warnings == []
    for question in ("informatie/INF1", "dorpsteam/DT8", "overjou/gemeente"):
        assert f"/{question}" in result.xform


def test_xlsform_asks_every_item_on_the_scale(made, instrument):
    survey = {row["name"]: row for row in sheet_rows(made("xlsform", "form.xlsx"), "survey")}
    for code, item in instrument.items.items():
        assert survey[code]["type"] == "select_one schaal"
        assert survey[code]["label::Nederlands (nl)"] == item.texts["nl"]
        assert survey[code]["label::English (en)"] == item.texts["en"]


def test_xlsform_asks_the_village_team_of_its_members_only(made):
    survey = {
        row["name"]: row for row in sheet_rows(made("xlsform", "form.xlsx"), "survey") if row["type"] != "end_group"
    }
    assert survey["dorpsteam"]["relevant"] == "${rol} = 'dorpsteamlid'"
    assert survey["deelgemeente"]["choice_filter"] == "gemeente = ${gemeente} or gemeente = ''"


def test_xlsform_export_is_recognised_without_a_mapping(made, instrument, tmp_path):
    path = made("xlsform", "form.xlsx")
    survey, choices = sheet_rows(path, "survey"), sheet_rows(path, "choices")
    headings, groups = [], []
    for row in survey:
        if row["type"] == "begin_group":
            groups.append(row["name"])
        elif row["type"] == "end_group":
            groups.pop()
        elif row["type"] != "note":
            headings.append((("/".join([*groups, row["name"]])), row["type"].removeprefix("select_one ")))
    first = {row["list_name"]: row["name"] for row in reversed(choices)}
    cells = [first.get(kind, "ab12") for _, kind in headings]
    export = tmp_path / "export.csv"
    names = [name for name, _ in headings]
    export.write_text(";".join([*names, "_id", "_uuid"]) + "\n" + ";".join([*cells, "1", "u"]) + "\n")
    found = import_answers(export, instrument, ImportOptions("2026"))
    assert found.submissions.tool == "kobotoolbox"
    assert set(found.responses.codes) == set(instrument.items)
    assert (found.responses.codes == 1).all(axis=None)
    assert found.responses.people.loc[0, ["nis_code", "village", "role"]].tolist() == [
        "13010",
        "Grobbendonk",
        "ambtenaar",
    ]
    assert not found.problems


def test_limesurvey_structure_has_the_documented_columns(made):
    rows = structure(made("limesurvey", "form.txt"))
    assert list(rows[0])[:9] == [
        "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language",
    ]  # fmt: skip
    assert {row["class"] for row in rows} == {"S", "SL", "G", "Q", "SQ", "A"}
    settings = {row["name"]: row["text"] for row in rows if row["class"] == "S"}
    assert (settings["language"], settings["additional_languages"], settings["anonymized"]) == ("nl", "en fr", "Y")


def test_limesurvey_languages_have_the_same_questions_under_the_same_numbers(made):
    rows = [row for row in structure(made("limesurvey", "form.txt")) if row["class"] in {"G", "Q", "SQ", "A"}]
    shapes = {
        lang: [
            (row["id"], row["class"], row["type/scale"], row["relevance"]) for row in rows if row["language"] == lang
        ]
        for lang in ("nl", "en", "fr")
    }
    assert shapes["nl"] == shapes["en"] == shapes["fr"]
    order = [row["language"] for row in rows]
    assert list(dict.fromkeys(order)) == [lang for lang, _ in itertools.groupby(order)] == ["nl", "en", "fr"]


def test_limesurvey_codes_keep_to_its_rules(made):
    rows = [row for row in structure(made("limesurvey", "form.txt")) if row["language"] == "nl"]
    questions = [row["name"] for row in rows if row["class"] == "Q"]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", name) for name in questions)
    assert len(set(questions)) == len(questions)
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,5}", row["name"]) for row in rows if row["class"] in {"A", "SQ"})
    numbers = [row["id"] for row in rows if row["class"] in {"Q", "SQ"}]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("heading", ["code", "full", "codetext"])
@pytest.mark.parametrize("answers", ["short", "long"])
def test_limesurvey_export_is_recognised_without_a_mapping(made, instrument, tmp_path, heading, answers):
    columns = {"id": "1", "submitdate": "1980-01-01 00:00:00", "lastpage": "8"}
    question = {}
    for row in structure(made("limesurvey", "form.txt")):
        if row["language"] != "nl" or row["class"] not in {"Q", "SQ", "A"}:
            continue
        if row["class"] == "Q":
            question = row
            columns |= {headed(heading, row["name"], row["text"]): ""} if row["type/scale"] != "F" else {}
        elif row["class"] == "SQ":
            code = f"{question['name']}[{row['name']}]"
            columns[headed(heading, code, f"{question['text']} [{row['text']}]")] = ""
        else:
            shown = row["name"] if answers == "short" else row["text"]
            open_ones = [name for name, cell in columns.items() if not cell]
            mine = [name for name in open_ones if question["type/scale"] == "F" or name == list(columns)[-1]]
            columns |= dict.fromkeys(mine, shown)
    export = tmp_path / "export.csv"
    with export.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([list(columns), list(columns.values())])
    found = import_answers(export, instrument, ImportOptions("2026"))
    assert found.submissions.tool == "limesurvey"
    assert (found.responses.codes[list(instrument.items)] == 1).all(axis=None)
    assert found.responses.people.loc[0, ["nis_code", "village", "role"]].tolist() == [
        "13010",
        "Grobbendonk",
        "ambtenaar",
    ]


def headed(style, code, text):
    return {"code": code, "full": text, "codetext": f"{code}. {text}"}[style]


def test_template_is_recognised_without_a_mapping(made, instrument):
    path = made("csv", "form.csv")
    heading = path.read_text(encoding="utf-8").rstrip("\n")
    cells = ["13011", "Morkhoven", "inw", "", ""] + ["4"] * len(instrument.items)
    path.write_text(heading + "\n" + ",".join(cells) + "\n", encoding="utf-8")
    found = import_answers(path, instrument, ImportOptions("2026"))
    assert list(found.responses.codes) == list(instrument.items)
    assert not found.problems


def test_printable_page_asks_everything_in_dutch(made, instrument):
    text = made("md", "form.md").read_text(encoding="utf-8")
    for code, item in instrument.items.items():
        assert f"| {code} | {item.texts['nl']} |" in text
    for item in instrument.discussion.items:
        assert item.texts["nl"] in text
    assert "weet niet" in text


def test_printable_page_can_be_html_in_either_language(made, instrument):
    html = made("md", "form.html").read_text(encoding="utf-8")
    assert '<html lang="nl">' in html
    assert "http" not in html
    assert html.count("<h1>") == 1
    english = made("html", "english.html", lang="en").read_text(encoding="utf-8")
    assert instrument.items["INF2"].texts["en"] in english
    assert '<html lang="en">' in english


def test_apostrophes_and_ampersands_are_escaped_in_html(made):
    html = made("html", "form.html").read_text(encoding="utf-8")
    assert "collega&#x27;s" in html
    assert "collega's" not in html


@pytest.mark.parametrize("form", FORMATS)
def test_same_instrument_gives_the_same_bytes(made, form):
    assert made(form, "one.x").read_bytes() == made(form, "two.x").read_bytes()


@pytest.mark.parametrize(("form", "lang"), [("pdf", "nl"), ("md", "xx")])
def test_unknown_form_or_language_is_wrong_use(made, form, lang):
    with pytest.raises(UsageError, match="unknown"):
        made(form, "form.x", lang=lang)
