"""The whole road for every tool: questionnaire, made-up export in the tool's own form, import."""

import numpy as np
import pytest

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.exports import survey_tools
from resilience_analysis.survey.responses import check_survey_table, reason_code, to_table
from resilience_analysis.survey.synthetic import simulate, write_example

EMPTY, NOT_APPLICABLE = reason_code("empty"), reason_code("not_applicable")
LINKED = [tool for tool in sorted(survey_tools()) if tool != "tally"]
ONLY_XLSX = {"microsoft_forms", "mentimeter"}


@pytest.fixture(scope="module")
def simulated(instrument):
    return simulate(instrument)


def expected_codes(simulated, instrument):
    """What must come back: the village team's questions do not apply to others."""
    codes = simulated.codes.copy()
    team = [item.id for item in instrument.village_team.section.items]
    others = simulated.people["role"] != "dorpsteamlid"
    codes.loc[others, team] = codes.loc[others, team].replace(EMPTY, NOT_APPLICABLE)
    return codes


def paths(tool):
    return ["export.xlsx"] if tool in ONLY_XLSX else ["export.csv", "export.xlsx"]


@pytest.fixture
def road(simulated, instrument, run_import, tmp_path):
    """Write made-up answers as a tool does, and import them."""

    def go(tool, name):
        write_example(tmp_path / name, tool, simulated, instrument)
        return run_import(tmp_path / name)

    return go


@pytest.mark.parametrize(("tool", "name"), [(tool, name) for tool in LINKED for name in paths(tool)])
def test_what_was_answered_comes_back(tool, name, road, simulated, instrument):
    found = road(tool, name)
    assert found.submissions.tool == tool
    assert found.submissions.rows_in == found.rows_used == len(simulated.people)
    assert not found.problems
    expected = expected_codes(simulated, instrument)
    np.testing.assert_array_equal(found.responses.codes.to_numpy(), expected[list(found.responses.codes)].to_numpy())
    columns = ["nis_code", "village", "role", "background"]
    assert found.responses.people[columns].equals(simulated.people[columns].astype(object))
    check_survey_table(to_table(found.responses), "answers")


@pytest.mark.parametrize("name", ["export.csv", "export.xlsx"])
def test_counts_of_a_workshop_come_back(name, road, simulated):
    found = road("tally", name)
    assert found.submissions.tool == "tally"
    assert found.submissions.rows_in == found.rows_used
    for place in ("13011", "13029"):
        mine = (found.responses.people["nis_code"] == place).to_numpy()
        theirs = (simulated.people["nis_code"] == place).to_numpy()
        for position in (1, 2, 3, 4):
            counted = (found.responses.codes[mine] == position).sum()
            assert counted.to_dict() == (simulated.codes[theirs] == position).sum()[counted.index].to_dict()


@pytest.mark.parametrize("tool", sorted(survey_tools()))
def test_made_up_exports_are_marked_in_file_and_answers(tool, road):
    found = road(tool, paths(tool)[0])
    assert found.synthetic
    assert found.responses.people["respondent"].str.startswith("synthetic-").all()


def test_nothing_in_an_export_reaches_the_answers_but_answers(road, simulated):
    found = road("qualtrics", "a.csv")
    kinds = {match.heading: match.kind for match in found.matches}
    assert kinds["IPAddress"] == "identifying"
    assert kinds["RecordedDate"] == "identifying"
    assert found.unfinished == (~simulated.people["finished"]).sum()


@pytest.mark.parametrize("tool", sorted(survey_tools()))
def test_same_seed_writes_the_same_bytes(tool, simulated, instrument, tmp_path):
    name = paths(tool)[-1]
    for folder in ("one", "two"):
        write_example(tmp_path / folder / name, tool, simulated, instrument)
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize(("tool", "name"), [("surveyzebra", "a.csv"), ("microsoft_forms", "a.csv"), ("plain", "a.txt")])
def test_form_that_a_tool_does_not_export_is_wrong_use(tool, name, simulated, instrument, tmp_path):
    with pytest.raises(UsageError):
        write_example(tmp_path / name, tool, simulated, instrument)
