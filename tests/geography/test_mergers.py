"""Which codes of then make up a municipality of today, and what became of a code that ended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.small import mergers

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.geography.municipalities import end_problems, predecessors, read_mergers, successor

STEPS = mergers(
    ("10001", "20001", "2019-01-01"),
    ("10002", "20001", "2019-01-01"),
    ("10004", "10004", "2025-01-01"),
    ("10003", "10004", "2025-01-01"),
    ("20001", "30001", "2025-01-01"),
    ("10005", "30001", "2025-01-01"),
)
TODAY = ["10004", "10006", "30001"]
HEAD = "old_nis_code,new_nis_code,valid_from\n"


def refusal(folder, rows: str) -> list[str]:
    (folder / "mergers.csv").write_text(HEAD + rows)
    with pytest.raises(InputError) as raised:
        read_mergers(folder / "mergers.csv", codes="[0-9]{5}")
    return [str(problem) for problem in raised.value.problems]


def test_mergers_are_read_oldest_first(tmp_path):
    (tmp_path / "mergers.csv").write_text(HEAD + "10003,10004,2025-01-01\n10001,20001,2019-01-01\n")
    assert read_mergers(tmp_path / "mergers.csv")["old_nis_code"].tolist() == ["10001", "10003"]


def test_the_names_of_then_are_read_where_they_are_given(tmp_path):
    (tmp_path / "mergers.csv").write_text(HEAD + "10003,10004,2025-01-01\n")
    assert read_mergers(tmp_path / "mergers.csv")["old_name"].tolist() == [""]
    (tmp_path / "mergers.csv").write_text(HEAD.strip() + ",old_name\n10003,10004,2025-01-01,Oud\n")
    assert read_mergers(tmp_path / "mergers.csv")["old_name"].tolist() == ["Oud"]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("1001,20001,2019-01-01\n", "row 2: '1001' is not a code of a place ([0-9]{5})"),
        ("10001,2000,2019-01-01\n", "row 2: '2000' is not a code of a place ([0-9]{5})"),
        ("10001,20001,01/01/2019\n", "row 2: '01/01/2019' is not a date such as 2025-01-01"),
        ("10001,20001,2019-02-30\n", "row 2: '2019-02-30' is not a date such as 2025-01-01"),
        ("10001,20001,20190101\n", "row 2: '20190101' is not a date such as 2025-01-01"),
        ("10001,20001,2019-01-01\n10001,20002,2019-01-01\n", "row 3: 10001 merges for the second time on 2019-01-01"),
        ("10001,20001\n", "row 2: has 2 cells where the header has 3"),
        ("", ": is empty: it has no row below a header. Restore it"),
    ],
)
def test_a_fault_of_the_mergers_is_named_with_its_row(tmp_path, rows, fault):
    assert fault in refusal(tmp_path, rows)[0]


def test_all_faults_of_the_mergers_come_back_at_once(tmp_path):
    assert len(refusal(tmp_path, "x,y,z\n1,20001,2019-01-01\n")) == 4


def test_a_merger_into_what_is_no_municipality_of_today_is_named():
    assert end_problems(STEPS, TODAY, file="mergers.csv") == []
    faults = end_problems(STEPS, [code for code in TODAY if code != "30001"], file="mergers.csv")
    assert [str(fault) for fault in faults] == [
        f"mergers.csv, {code}: is not a municipality of today and became none. Add what it merged into"
        for code in ("20001", "30001")
    ]


def test_mergers_that_do_not_exist_are_named(tmp_path):
    with pytest.raises(InputError, match=r"mergers\.csv: the file does not exist"):
        read_mergers(tmp_path / "mergers.csv", codes="[0-9]{5}")


@pytest.mark.parametrize(
    ("year", "made_of"),
    [
        (2018, {"10004": {"10004", "10003"}, "10006": {"10006"}, "30001": {"10001", "10002", "10005"}}),
        (2019, {"10004": {"10004", "10003"}, "10006": {"10006"}, "30001": {"20001", "10005"}}),
        (2024, {"10004": {"10004", "10003"}, "10006": {"10006"}, "30001": {"20001", "10005"}}),
        (2025, {"10004": {"10004"}, "10006": {"10006"}, "30001": {"30001"}}),
        (2030, {"10004": {"10004"}, "10006": {"10006"}, "30001": {"30001"}}),
    ],
)
def test_a_municipality_of_today_consists_of_the_codes_of_then(year, made_of):
    found = predecessors(STEPS, TODAY, year=year)
    assert {code: set(parts) for code, parts in found.items()} == made_of


@given(st.integers(2010, 2030))
def test_without_mergers_every_municipality_is_itself(year):
    assert predecessors(mergers(), ["10001"], year=year) == {"10001": ("10001",)}


@pytest.mark.parametrize(
    ("code", "became"),
    [
        ("10005", ("30001", "2025-01-01")),
        ("10001", ("30001", "2025-01-01")),  # twice: through 20001
        ("10003", ("10004", "2025-01-01")),
        ("10004", None),  # it grew and kept its code
        ("10006", None),
        ("99999", None),
    ],
)
def test_a_code_that_ended_became_another(code, became):
    assert successor(STEPS, code) == became


def test_a_code_that_came_back_later_ends_where_it_is_today():
    there_and_back = mergers(("10001", "20001", "2019-01-01"), ("20001", "10001", "2025-01-01"))
    assert successor(there_and_back, "10001") == ("10001", "2025-01-01")


def test_the_mergers_of_the_project_end_in_municipalities_of_today(root):
    raw = root / "data" / "raw" / "statbel"
    today = {line.split(",")[0] for line in (raw / "municipalities.csv").read_text(encoding="utf-8").splitlines()[1:]}
    steps = read_mergers(raw / "mergers.csv")
    assert len(today) == 285
    ends = {successor(steps, code) or (code, "") for code in steps["old_nis_code"]}
    assert {code for code, _ in ends} <= today
    of_2018, of_2024 = (
        {part for parts in predecessors(steps, sorted(today), year=year).values() for part in parts}
        for year in (2018, 2024)
    )
    assert (len(of_2018), len(of_2024)) == (308, 300)  # as many as there were
