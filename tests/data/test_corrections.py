"""A correction replaces one figure, and only as long as its error stands in the file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

from resilience_analysis.data.read_table import Correction, correct, read_corrections
from resilience_analysis.foundation.errors import InputError

ENTRY = {
    "source": "census",
    "nis_code": "11001",
    "year": 2024,
    "variable": "people",
    "expect": 115430,
    "value": 11543,
    "why": "a digit too many",
}
TABLE = pd.DataFrame(
    {"nis_code": ["11001", "11001", "11002"], "year": [2023, 2024, 2024], "people": [11500.0, 115430.0, np.nan]}
)


def write(folder, content):
    (folder / "corrections.yml").write_text(yaml.safe_dump(content))
    return folder / "corrections.yml"


def refusal(work) -> list[str]:
    with pytest.raises(InputError) as raised:
        work()
    return [str(problem) for problem in raised.value.problems]


def test_corrections_are_read_as_they_stand(tmp_path):
    assert read_corrections(write(tmp_path, [ENTRY]), sources=["census"]) == [Correction(**ENTRY)]


@pytest.mark.parametrize("content", [[], None])
def test_nothing_to_correct_is_an_empty_list(tmp_path, content):
    assert read_corrections(write(tmp_path, content), sources=[]) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"source": "cencus"}, ", source: unknown source 'cencus'; did you mean 'census'?"),
        ({"nis_code": 11001}, ", nis_code: 11001 is not a code of a place. Write it between quotes"),
        ({"year": "2024"}, ", year: '2024' is not a year"),
        ({"expect": "many"}, ", expect: 'many' is not a number or null"),
        ({"value": [1]}, ", value: [1] is not a number or null"),
        ({"note": "x"}, ": unknown field 'note'. Known: expect, nis_code, source, value, variable, why, year"),
    ],
)
def test_a_fault_of_an_entry_is_refused_with_its_number(tmp_path, changes, fault):
    path = write(tmp_path, [ENTRY, ENTRY | changes])
    (found,) = refusal(lambda: read_corrections(path, sources=["census"]))
    assert found.startswith(f"corrections.yml, entry 2{fault}")


@pytest.mark.parametrize("entry", [None, "text", ["a"]])
def test_an_entry_that_is_no_mapping_is_refused(tmp_path, entry):
    (found,) = refusal(lambda: read_corrections(write(tmp_path, [entry]), sources=["census"]))
    assert found.startswith("corrections.yml, entry 1: must be a mapping of fields")


def test_corrections_that_are_no_list_are_refused(tmp_path):
    found = refusal(lambda: read_corrections(write(tmp_path, {"a": ENTRY}), sources=["census"]))
    assert found == ["corrections.yml: must be a list"]


def test_a_figure_that_is_as_expected_is_replaced_and_nothing_else_is():
    corrected = correct(TABLE, [Correction(**ENTRY)], source="census")
    assert corrected["people"].tolist() == pytest.approx([11500, 11543, np.nan], nan_ok=True)
    assert TABLE["people"].tolist()[1] == 115430  # what was given is not changed


def test_a_figure_can_be_made_missing_and_a_missing_one_filled():
    gone = Correction(**ENTRY | {"value": None})
    filled = Correction(**ENTRY | {"nis_code": "11002", "expect": None, "value": 7})
    corrected = correct(TABLE, [gone, filled], source="census")
    assert corrected["people"].tolist() == pytest.approx([11500, np.nan, 7], nan_ok=True)


def test_corrections_of_other_sources_are_passed_over():
    other = Correction(**ENTRY | {"source": "survey"})
    pd.testing.assert_frame_equal(correct(TABLE, [other], source="census"), TABLE)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"expect": 115431}, "expects 115431 but the file says 115430.0. See whether the publisher mended it"),
        ({"expect": None}, "expects None but the file says 115430.0"),
        ({"nis_code": "11002"}, "expects 115430 but the file says nan"),
        ({"nis_code": "11009"}, "this figure does not exist. Remove the correction"),
        ({"year": 2020}, "this figure does not exist. Remove the correction"),
        ({"variable": "dogs"}, "this figure does not exist. Remove the correction"),
    ],
)
def test_a_correction_whose_error_is_gone_is_refused_with_its_place(changes, fault):
    entry = ENTRY | changes
    (found,) = refusal(lambda: correct(TABLE, [Correction(**entry)], source="census"))
    place = f"corrections.yml, census, {entry['nis_code']}, {entry['year']}, {entry['variable']}"
    assert found.startswith(f"{place}: {fault}")


def test_all_corrections_that_do_not_hold_come_back_at_once():
    two = [Correction(**ENTRY | {"expect": 1}), Correction(**ENTRY | {"variable": "dogs"})]
    assert len(refusal(lambda: correct(TABLE, two, source="census"))) == 2


def test_correcting_the_same_figure_twice_is_refused():
    two = [Correction(**ENTRY), Correction(**ENTRY)]
    assert "expects 115430 but the file says 11543.0" in refusal(lambda: correct(TABLE, two, source="census"))[0]
