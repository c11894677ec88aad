import pytest

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.responses import check_survey_table

from .conftest import answers_table


@pytest.fixture(scope="module")
def table(instrument):
    rows = [(f"a{n}", "13011", "inwoner" if n < 9 else "ambtenaar", {"INF1": 1 + n % 4}) for n in range(11)]
    return estimates(answers_table(rows), instrument)


def test_hidden_row_says_why_and_a_shown_row_does_not(table):
    assert check_survey_table(table, "estimates").equals(table)
    for reason, status in ((None, "suppressed"), ("too_few", "ok")):
        row = table.index[table["status"] == status][0]
        wrong = table.assign(hidden_because=table["hidden_because"].where(table.index != row, reason))
        with pytest.raises(InputError, match=f"rows {row + 1}: hidden_because is there exactly where status"):
            check_survey_table(wrong, "estimates")


def test_reason_is_one_that_is_known(table):
    wrong = table.assign(hidden_because=table["hidden_because"].replace("too_few", "few"))
    with pytest.raises(InputError, match="hidden_because"):
        check_survey_table(wrong, "estimates")
