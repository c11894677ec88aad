"""The region's own registers: empty until somebody fills them in, refused with row and column when filled in ill."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.data.registers import DECISION_COLUMNS, HOUSING_COLUMNS, PROCESS_COLUMNS, parts, read_registers
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.project import find_project

WORDS = read_words(find_project().definition(LOCAL_FILE))
EXTENT = (2.3, 49.4, 6.5, 51.6)
CODES = ["13010", "13011"]
PROJECT = {
    "project_id": "P1",
    "naam": "Molenhof",
    "gemeente_nis": "13011",
    "wooneenheden": "24",
    "woningtype": "gemengd",
    "sociaal": "6",
    "fase": "vergund",
    "opleverjaar": "2028",
}
EVENT = {
    "datum": "2026-03-17",
    "type": "overleg",
    "naam": "Overleg",
    "gebied": "neteland",
    "status": "gehouden",
    "rollen": "schepen;contactambtenaar",
    "gemeenten": "13010; 13011",
    "deelnemers": "12",
}


@pytest.fixture
def fill(tmp_path, root):
    """Write rows in the two registers and read them."""
    shutil.copytree(root / "data" / "raw" / "local", tmp_path / "local")

    def read(*, housing=(), process=(), **options):
        for file, columns, rows in (
            ("woonprojecten.csv", HOUSING_COLUMNS, housing),
            ("proces.csv", PROCESS_COLUMNS, process),
        ):
            lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
            (tmp_path / "local" / file).write_text("\n".join([*lines, ""]), encoding="utf-8")
        return read_registers(tmp_path, WORDS, codes=CODES, regions=["neteland"], extent=EXTENT, **options)

    return read


def test_registers_that_nobody_filled_in_are_empty_tables(fill):
    registers = fill()
    assert (len(registers.housing), len(registers.process), registers.synthetic) == (0, 0, False)
    assert list(registers.housing) == list(HOUSING_COLUMNS.values())
    assert list(registers.process) == [*PROCESS_COLUMNS.values(), *DECISION_COLUMNS.values()]


def test_the_registers_of_the_project_are_empty_or_sound(root):
    read_registers(root / "data" / "raw", WORDS, codes=CODES, regions=["neteland"])


def test_projects_have_numbers_where_filled_in(fill):
    housing = fill(housing=[PROJECT, PROJECT | {"project_id": "P0", "wooneenheden": ""}]).housing
    assert housing["project"].tolist() == ["P0", "P1"]
    assert housing["units"].isna().tolist() == [True, False]
    assert housing.loc[1, ["units", "social_units", "completion_year"]].tolist() == [24, 6, 2028]


@pytest.mark.parametrize("cell", ["", " ", "\u00a0", "\t", " \u202f\u00a0 "])
def test_spaces_alone_are_no_number_and_spaces_around_one_do_not_matter(fill, cell):
    row = fill(housing=[PROJECT | {"wooneenheden": cell, "sociaal": f"{cell}6{cell}"}]).housing.iloc[0]
    assert pd.isna(row["units"])
    assert row["social_units"] == 6


@pytest.mark.parametrize("cell", ["1200", "1 200", "1\u00a0200", "1\u202f200", "1.2e3"])
def test_thousands_that_leave_no_doubt_are_read(fill, cell):
    assert fill(housing=[PROJECT | {"wooneenheden": cell}]).housing.loc[0, "units"] == 1200


@pytest.mark.parametrize("cell", ["inf", "-inf", "nan", "NA", "1.200", "12 00", "9" * 400])
def test_a_number_in_doubt_is_not_read(fill, cell):
    with pytest.raises(InputError, match=r"local/woonprojecten\.csv, row 2, column wooneenheden: "):
        fill(housing=[PROJECT | {"wooneenheden": cell}])


def test_a_project_may_have_a_place_of_its_own(fill):
    (row,) = fill(housing=[PROJECT | {"lengtegraad": "4.83", "breedtegraad": "51.18"}]).housing.itertuples()
    assert (row.longitude, row.latitude) == (4.83, 51.18)


def test_events_stand_in_the_order_of_their_days(fill):
    process = fill(process=[EVENT, EVENT | {"datum": "2026-01-05", "deelnemers": ""}]).process
    assert process["date"].tolist() == ["2026-01-05", "2026-03-17"]
    assert process["participants"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"gemeente_nis": "13012"}, "column gemeente_nis: unknown code '13012'"),
        ({"gemeente_nis": ""}, "column gemeente_nis: is empty"),
        ({"woningtype": "villa"}, "column woningtype: unknown dwelling type 'villa'"),
        ({"fase": "klaar"}, "column fase: unknown phase 'klaar'"),
        ({"wooneenheden": "veel"}, "column wooneenheden: 'veel' is not a number"),
        ({"lengtegraad": "51.18", "breedtegraad": "4.83"}, "columns lengtegraad and breedtegraad: '51.18' and '4.83'"),
        ({"lengtegraad": "4.83"}, "columns lengtegraad and breedtegraad: '4.83' and '' are not a place in this region"),
        ({"wooneenheden": "-2"}, "column wooneenheden: '-2' is not a whole number of 0 or more"),
    ],
)
def test_a_fault_of_a_project_is_named_with_row_and_column(fill, changes, fault):
    with pytest.raises(InputError) as refusal:
        fill(housing=[PROJECT, PROJECT | {"project_id": "P2"} | changes])
    assert str(refusal.value.problems[0]).startswith(f"local/woonprojecten.csv, row 3, {fault}")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"datum": "03/17/2026"}, "column datum: '03/17/2026' is not a day such as 2026-03-17 or 17/03/2026"),
        ({"datum": ""}, "column datum: '' is not a day such as 2026-03-17"),
        ({"teruggekoppeld_op": "later"}, "column teruggekoppeld_op: 'later' is not a day"),
        ({"type": "feest"}, "column type: unknown type 'feest'"),
        ({"gebied": "vlaanderen"}, "column gebied: unknown code or region 'vlaanderen'"),
        ({"status": ""}, "column status: is empty"),
        ({"rollen": "schepen;koning"}, "column rollen: unknown role 'koning'"),
        ({"gemeenten": "13010;99999"}, "column gemeenten: unknown code '99999'"),
        ({"geevalueerd": "misschien"}, "column geevalueerd: unknown answer 'misschien'"),
        ({"deelnemers": "tien"}, "column deelnemers: 'tien' is not a number"),
    ],
)
def test_a_fault_of_an_event_is_named_with_row_and_column(fill, changes, fault):
    with pytest.raises(InputError) as refusal:
        fill(process=[EVENT | changes])
    assert str(refusal.value.problems[0]).startswith(f"local/proces.csv, row 2, {fault}")


def test_a_project_that_stands_twice_is_named(fill):
    with pytest.raises(InputError, match="row 3: the project 'P1' appears here again"):
        fill(housing=[PROJECT, PROJECT])


def test_the_faults_of_both_registers_come_back_at_once(fill):
    with pytest.raises(InputError) as refusal:
        fill(housing=[PROJECT | {"fase": "x", "sociaal": "y"}], process=[EVENT | {"type": "z"}])
    assert len(refusal.value.problems) == 3


def test_the_invented_examples_are_read_when_asked_for_and_marked(root):
    neteland = ["13010", "13011", "13012", "13029", "13044"]
    example = read_registers(root / "data" / "raw", WORDS, codes=neteland, regions=["neteland"], example=True)
    assert example.synthetic is True
    assert len(example.housing) > 0
    assert len(example.process) > 0


@pytest.mark.parametrize(("cell", "expected"), [("", []), ("a", ["a"]), (" a ; b;;c ", ["a", "b", "c"])])
def test_a_cell_with_several_values_is_split_at_semicolons(cell, expected):
    assert parts(cell) == expected
