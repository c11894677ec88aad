"""Exports as each tool writes them, small and by hand."""

import pytest

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.survey.exports import read_sheets, survey_tools
from resilience_analysis.survey.mapping import scale_reader
from resilience_analysis.survey.workbook import read_workbook

INF1 = "Meten is weten: dit is belangrijk in mijn organisatie/lokaal bestuur."
INF2 = "Ik weet waar en bij wie ik cijfers en data kan vinden."
PROMPT = "Waar sta jij op een schaal van 1 (helemaal niet akkoord) tot 4 (helemaal akkoord)?"


@pytest.fixture
def export(write, instrument):
    def read(source, tool="auto"):
        path = write(source) if isinstance(source, str) else source
        return read_sheets(read_workbook(path), tool=tool, reader=scale_reader(instrument.scale))

    return read


def keys(export):
    return [heading.keys[0] for heading in export.headings]


def counted(export):
    """Return the positions counted, by row of the file and statement."""
    found = {}
    for row, cells in zip(export.cells.index, export.cells.to_numpy().tolist(), strict=True):
        filled = [(export.headings[n].text, cell) for n, cell in enumerate(cells) if cell]
        found.setdefault(row, []).append(filled[0])
    return found


def test_unknown_tool_is_wrong_use_with_the_known_ones(export):
    with pytest.raises(UsageError, match="did you mean 'limesurvey'"):
        export("a,b\n1,2\n", tool="limesurvy")


def test_every_tool_of_the_issue_has_a_reader():
    assert set(survey_tools()) == {
        "limesurvey", "kobotoolbox", "microsoft_forms", "google_forms", "mentimeter", "qualtrics", "plain", "tally",
        "surveymonkey", "redcap", "surveycto", "checkmarket",
    }  # fmt: skip


def test_limesurvey_is_known_by_its_columns(export):
    found = export("id;submitdate;lastpage;INF1\n1;2026-01-01;3;4\n2;;1;2\n")
    assert found.tool == "limesurvey"
    assert found.evidence == "headings submitdate, lastpage"
    assert found.finished == 1


@pytest.mark.parametrize(
    "heading",
    [
        "informatie[INF1]",
        f"informatie[INF1]. {PROMPT} [{INF1}]",
        "informatie_INF1",
    ],
)
def test_limesurvey_headings_of_every_kind_give_the_code(export, heading):
    found = export(f'submitdate,lastpage,"{heading}"\n2026-01-01,3,4\n')
    assert "INF1" in found.headings[2].keys


def test_limesurvey_full_text_heading_gives_the_statement(export):
    found = export(f'Date submitted,Last page,"{PROMPT} [{INF1}]"\n2026-01-01,3,4\n')
    assert found.headings[2].keys[0] == INF1


def test_limesurvey_without_its_own_columns_is_known_by_its_codes(export):
    found = export("likert[a1]. [One],likert[a2]. [Two]\nx,y\n")
    assert (found.tool, found.evidence) == ("limesurvey", "headings such as array[item]")


def test_kobotoolbox_headings_lose_their_groups(export):
    found = export("start;overjou/gemeente;informatie/INF1;_id;_uuid\nx;13011;4;1;u\n")
    assert found.tool == "kobotoolbox"
    assert "INF1" in found.headings[2].keys
    assert "gemeente" in found.headings[1].keys


def test_kobotoolbox_labels_with_a_slash_keep_their_wording(export):
    found = export(f'"Informatie/{INF1}";_id;_uuid\n4;1;u\n')
    assert INF1 in found.headings[0].keys


@pytest.mark.parametrize(
    "own",
    [
        ["ID", "Start time", "Completion time", "Email", "Name"],
        ["ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam"],
    ],
)
def test_microsoft_forms_is_known_in_both_languages(export, book, own):
    found = export(book(Sheet1=[[*own, INF1 + "\u00a0"], [1, "2026", "2026", "anonymous", "", "Akkoord"]]))
    assert found.tool == "microsoft_forms"
    assert found.cells[5].tolist() == ["Akkoord"]


def test_microsoft_forms_number_behind_a_repeated_question_is_dropped(export, book):
    found = export(book(Sheet1=[["Start time", "Completion time", INF2 + "2"], ["a", "b", "Akkoord"]]))
    assert found.headings[2].keys == (INF2 + "2", INF2)


@pytest.mark.parametrize("time", ["Timestamp", "Tijdstempel"])
def test_google_forms_is_known_in_both_languages(export, time):
    found = export(f'{time},"{PROMPT} [{INF1}]"\n2026/03/01,Akkoord\n')
    assert found.tool == "google_forms"
    assert found.headings[1].keys[0] == INF1


def test_qualtrics_has_three_heading_rows(export):
    text = f'Status,informatie_INF1,Q7_2\nResponse Type,"{PROMPT} - {INF1}","{PROMPT} - {INF2}"\n'
    text += '"{""ImportId"":""status""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n'
    text += "IP Address,Akkoord,Eens\nSurvey Preview,Oneens,Eens\n"
    found = export(text)
    assert found.tool == "qualtrics"
    assert "INF1" in found.headings[1].keys
    assert INF2 in found.headings[2].keys
    assert found.cells.index.tolist() == ["4"]
    assert [(remark.row, remark.why) for remark in found.set_aside] == [
        ("5", "its status is 'survey preview': it does not count")
    ]


def test_qualtrics_with_one_heading_row_is_known_too(export):
    found = export("StartDate,Progress,ResponseId,INF1\n2026,100,R1,4\n")
    assert found.tool == "qualtrics"
    assert found.rows_in == 1


def test_mentimeter_heading_row_is_looked_for(export, book):
    rows = [["Mentimeter", "Workshop"], [None], ["Voter", f"{PROMPT}: {INF1}"], [1, 3], [2, 4]]
    found = export(book(Voters=rows))
    assert found.tool == "mentimeter"
    assert INF1 in found.headings[1].keys
    assert found.cells[1].tolist() == ["3", "4"]
    assert found.cells.index.tolist() == ["4", "5"]


def test_mentimeter_counts_per_statement_are_spread_out(export, book):
    rows = [["Mentimeter results"], ["Statement", 1, 2, 3, 4], [INF1, 0, 1, 2, 0], [INF2, 1, 0, 0, 0]]
    found = export(book(Results=rows))
    assert not found.linked
    assert counted(found) == {"3": [(INF1, "2"), (INF1, "3"), (INF1, "3")], "4": [(INF2, "1")]}


def test_mentimeter_counts_per_choice_take_the_question_above(export, book):
    first = [["Mentimeter"], [INF1], ["Choice", "Votes"], ["3 - eerder akkoord", 2], ["weet niet", 1]]
    second = [[INF2], ["Choice", "Votes"], ["4", 1]]
    found = export(book(Vraag_1=first, Vraag_2=second))
    assert counted(found) == {
        "Vraag 1!4": [(INF1, "3 - eerder akkoord")] * 2,
        "Vraag 1!5": [(INF1, "weet niet")],
        "Vraag 2!3": [(INF2, "4")],
    }


def test_mentimeter_without_voters_or_counts_is_refused(export, book):
    with pytest.raises(InputError, match="neither a column of voters nor counts"):
        export(book(Blad=[["a", "b"], ["c", "d"]]), tool="mentimeter")


def test_heading_of_endless_parts_is_left_whole(export):
    found = export("INF1," + "/" * 3000 + ",_id,_uuid\n3,x,1,u\n")
    assert len(found.headings[1].keys) == 1


def test_plain_table_is_what_nothing_else_is(export):
    found = export("gemeente,INF1\nOlen,3\n")
    assert (found.tool, keys(found)) == ("plain", ["gemeente", "INF1"])


def test_columns_called_id_and_status_prove_no_tool(export):
    assert export("ID,Status,INF1\n1,x,3\n").tool == "plain"


def test_long_tally_becomes_one_row_an_answer(export):
    found = export(f'stelling,positie,aantal,gemeente\n"{INF1}",3,2,Olen\n"{INF1}",weet niet,1,Olen\n')
    assert found.tool == "tally"
    assert counted(found) == {"2": [(INF1, "3")] * 2, "3": [(INF1, "weet niet")]}
    assert found.cells[1].tolist() == ["Olen"] * 3
    assert found.rows_in == 2


def test_wide_tally_has_a_column_for_each_position(export):
    found = export("statement,1 helemaal niet akkoord,2,3,4,weet niet\nINF1,1,0,2,,1\nINF2,0,0,0,0,0\n")
    assert [answer for _, answer in counted(found)["2"]] == ["1 helemaal niet akkoord", "3", "3", "weet niet"]
    assert [(remark.row, remark.why) for remark in found.set_aside] == [("3", "nobody is counted in this row")]


def test_wide_tally_of_another_scale_keeps_its_fifth_position(export):
    found = export("statement,1,2,3,4,5\nINF1,1,1,1,1,3\n")
    assert [answer for _, answer in counted(found)["2"]].count("5") == 3


@pytest.mark.parametrize("count", ["drie", "-1", "2.5", "99999999"])
def test_count_that_is_no_number_is_set_aside(export, count):
    found = export(f"statement,position,count\nINF1,3,{count}\nINF1,4,1\n")
    assert [(remark.row, remark.value) for remark in found.set_aside] == [("2", count)]
    assert found.rows_in == 2


def test_bad_cell_in_a_used_row_is_remarked_upon(export):
    found = export("statement,1,2,3,4\nINF1,1,x,0,0\n")
    assert [(remark.row, remark.column, remark.value) for remark in found.remarks] == [("2", "2", "x")]
    assert not found.set_aside


def test_tally_without_a_statement_says_so(export):
    found = export("statement,position,count\n,3,2\nINF1,3,1\n")
    assert [(remark.row, remark.why) for remark in found.set_aside] == [
        ("2", "the row names no statement"),
    ]


def test_tally_of_too_many_answers_is_cut_off_aloud(export, monkeypatch):
    monkeypatch.setattr("resilience_analysis.survey.counts.MAX_ANSWERS", 5)
    found = export("statement,position,count\nINF1,3,4\nINF1,4,2\n")
    assert found.set_aside[0].why.startswith("more than")
    assert len(found.cells) == 4


@pytest.mark.parametrize("tool", sorted(survey_tools()))
def test_any_reader_can_be_asked_for_by_name(export, tool):
    try:
        found = export("gemeente,INF1\nOlen,3\n", tool=tool)
    except InputError:
        assert tool == "mentimeter"
    else:
        assert (found.tool, found.evidence) == (tool, "what the user said")


@pytest.mark.parametrize("between", ["-", "/", ":", "."])
def test_odk_headings_lose_their_groups_whatever_stands_between(export, between):
    found = export(f"SubmissionDate,informatie{between}INF1,meta{between}instanceID,KEY,SubmitterName\nx,4,u,u,Jan\n")
    assert found.tool == "kobotoolbox"
    assert "INF1" in found.headings[1].keys


def test_name_within_a_sentence_is_no_question_of_a_form(export):
    found = export('_id,_uuid,"Opmerking bij - INF1"\n1,u,x\n')
    assert "INF1" not in [key.strip() for key in found.headings[2].keys]


def test_limesurvey_may_write_underscores_for_spaces(export):
    heading = f"{PROMPT} [{INF1}]".replace(" ", "_")
    found = export(f'Response_ID,Date_submitted,Last_page,"{heading}"\n1,,3,4\n')
    assert (found.tool, found.finished) == ("limesurvey", 1)
    assert found.headings[3].keys[0] == INF1


def test_words_of_a_statement_with_underscores_are_no_codes(export):
    found = export("submitdate,lastpage,Er_is_in_mijn_gemeente_ruimte_voor_iedereen\n,3,4\n")
    assert "gemeente" not in found.headings[2].keys


@pytest.mark.parametrize("import_id", ["{'ImportId': 'QID1'}", '{""ImportId"": ""QID1""}', '{""ImportId"":""QID1""}'])
def test_row_of_import_ids_is_known_in_every_spelling(export, import_id):
    found = export(f'Q1,Q2\n"{INF1}","{INF2}"\n"{import_id}","{import_id}"\n3,4\n')
    assert (found.tool, found.rows_in) == ("qualtrics", 1)
