"""The processed tables: written all or none, read back as they were, refused with the command that makes them."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import frictionless
import geopandas as gpd
import pandas as pd
import pytest

from resilience_analysis.data.processed import (
    DESCRIPTOR,
    MAPS,
    REPORTS,
    SYNTHETIC,
    TABLES,
    Processed,
    check_table,
    read_processed,
    read_table,
    write_processed,
)
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.project import KeptFiles

PAPERS = {"title": "t", "description": "d", "licenses": [{"name": "mit", "title": "MIT"}], "sources": []}
FILES = {*(f"{name}.csv" for name in (*TABLES, *REPORTS)), MAPS, SYNTHETIC, DESCRIPTOR}


@pytest.fixture
def folder(small_project) -> Path:
    """The processed tables of ten municipalities."""
    return small_project.processed


@pytest.fixture
def tables(cut_built) -> Processed:
    """The tables that those were written from."""
    return cut_built.tables


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refusal(work) -> str:
    with pytest.raises(InputError) as raised:
        work()
    return str(raised.value)


def test_everything_is_written_and_named_the_first_time_and_nothing_the_second(tables, tmp_path):
    assert set(write_processed(tmp_path, tables, PAPERS)) == FILES == set(content(tmp_path))
    before = content(tmp_path)
    assert write_processed(tmp_path, tables, PAPERS) == []
    assert content(tmp_path) == before


def test_only_what_changed_is_written(tables, tmp_path):
    write_processed(tmp_path, tables, PAPERS)
    fewer = replace(tables, mergers=tables.mergers.iloc[1:])
    assert write_processed(tmp_path, fewer, PAPERS) == ["mergers.csv"]


@pytest.mark.parametrize("name", ["municipalities", "observations", "indicators", "scores", "mergers", "survey_items"])
def test_a_table_reads_back_as_it_was_written(tables, folder, name):
    written = getattr(tables, name)
    read = getattr(read_processed(folder), name) if name == "municipalities" else read_table(folder, name)
    pd.testing.assert_frame_equal(plain(read), plain(written))


def test_a_table_that_was_kept_is_read_later_but_not_from_a_file_that_was_built_anew(folder, tmp_path):
    kept = KeptFiles(tmp_path, "one")
    scores = read_processed(folder, kept).scores
    later, without, anew = (read_processed(folder, kept) for _ in range(3))
    pd.testing.assert_frame_equal(later.scores, scores)
    kept.forget()
    pd.testing.assert_frame_equal(without.scores, scores)
    os.utime(folder / "scores.csv", ns=(1, 1))
    assert "scores.csv: was built anew after other tables had been read. Start again" in refusal(lambda: anew.scores)


def test_no_cell_starts_a_formula_and_it_reads_back_as_it_was(tables, tmp_path):
    attack = tables.municipalities["name"].mask(tables.municipalities.index == "13011", "=1+1")
    write_processed(tmp_path, replace(tables, municipalities=tables.municipalities.assign(name=attack)), PAPERS)
    assert "'=1+1" in (tmp_path / "municipalities.csv").read_text(encoding="utf-8")
    assert read_table(tmp_path, "municipalities").set_index("nis_code").loc["13011", "name"] == "=1+1"


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which every gap is the same."""
    return table.astype(object).where(table.notna(), None)


def test_maps_read_back_as_they_were_written(tables, folder):
    read = read_processed(folder)
    for written, back in ((tables.boundaries, read.boundaries), (tables.villages, read.villages)):
        assert back.crs == written.crs
        assert back.geometry.geom_equals_exact(written.geometry, tolerance=0).all()
        assert back.drop(columns="geometry").astype(str).equals(written.drop(columns="geometry").astype(str))


def test_codes_stay_text_even_when_they_look_like_numbers(folder):
    read = read_processed(folder)
    assert all(isinstance(code, str) for code in read.municipalities.index)
    levels = read.municipalities[["housing_company", "transport_region", "facility_level", "arrondissement"]]
    assert all(isinstance(code, str) for code in levels.to_numpy().ravel())


def test_a_new_level_of_areas_stays_text_without_anybody_saying_so(tables, tmp_path):
    more = replace(tables, municipalities=tables.municipalities.assign(water_board="007"))
    write_processed(tmp_path, more, PAPERS)
    assert set(read_table(tmp_path, "municipalities")["water_board"]) == {"007"}


def test_names_of_invented_tables_are_remembered(tables, tmp_path):
    write_processed(tmp_path, replace(tables, synthetic=("housing", "process")), PAPERS)
    assert read_processed(tmp_path).synthetic == ("housing", "process")


@pytest.mark.parametrize("name", ["scores.csv", "join_report.csv", "process.csv", MAPS, SYNTHETIC])
def test_a_file_that_is_missing_names_the_command_that_makes_it(folder, name):
    (folder / name).unlink()
    message = refusal(lambda: read_processed(folder))
    assert f"{name}: is not in {folder}. Make it with: resilience build" in message


@pytest.mark.parametrize(
    ("name", "torn"),
    [
        ("scores.csv", b""),
        ("scores.csv", b"\xff\xfe"),
        ("scores.csv", b'nis_code,code\n"11001'),
        ("mergers.csv", b"<<<<<<< HEAD\n"),
        ("survey_items.csv", b"a,b\n1,2\n"),
        (MAPS, b"no map"),
        (SYNTHETIC, b"["),
        (SYNTHETIC, b"3"),
    ],
)
def test_a_file_that_is_torn_names_the_command_that_mends_it(folder, name, torn):
    (folder / name).write_bytes(torn)
    message = refusal(lambda: read_processed(folder))
    assert f"  - {name}: cannot be read (" in message
    assert "Make it again with: resilience build" in message


def test_a_score_changed_by_hand_into_something_impossible_is_named_with_its_line(folder):
    lines = (folder / "scores.csv").read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if number and line.split(",")[4])
    cells = lines[place].split(",")
    cells[4], cells[6], cells[7] = "120.0", "", ""
    lines[place] = ",".join(cells)
    (folder / "scores.csv").write_text("\n".join([*lines, ""]))
    assert f"scores.csv, column score, row {place + 1}: must be 100 or less, not 120.0" in refusal(
        lambda: read_table(folder, "scores")
    )


@pytest.mark.parametrize("after", [0, 3, 7])
def test_a_disk_that_fills_up_while_writing_changes_no_file(tables, folder, monkeypatch, after):
    before = content(folder)
    real, written = Path.write_bytes, []

    def write(path: Path, data: bytes) -> int:
        written.append(path)
        if len(written) > after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", write)
    other = {name: getattr(tables, name).iloc[:0] for name in (*TABLES, *REPORTS)}
    with pytest.raises(OSError, match="No space left") as failure:
        write_processed(folder, replace(tables, synthetic=("x",), **other), PAPERS)
    assert Path(failure.value.filename).parent == folder
    assert content(folder) == before


def test_a_folder_that_may_not_be_written_changes_no_file(tables, folder, monkeypatch):
    before = content(folder)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(PermissionError):
        write_processed(folder, replace(tables, mergers=tables.mergers.iloc[:0]), PAPERS)
    assert content(folder) == before


def test_writing_that_was_killed_between_two_files_is_completed_by_the_next(tables, folder, monkeypatch):
    before = content(folder)
    changed = replace(
        tables, mergers=tables.mergers.iloc[:1], synthetic=("x",), join_report=tables.join_report.iloc[:1]
    )
    real, moved = Path.replace, []

    def die(path: Path, target: Path) -> Path:
        moved.append(target)
        if len(moved) > 1:
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        write_processed(folder, changed, PAPERS)
    now = content(folder)
    assert sum(now[name] != before[name] for name in before) == 1  # each file is old or new, never torn
    monkeypatch.setattr(Path, "replace", real)
    write_processed(folder, changed, PAPERS)
    assert read_processed(folder).synthetic == ("x",)
    assert len(read_table(folder, "mergers")) == 1
    assert set(content(folder)) == FILES


def test_the_descriptor_names_every_table_with_its_columns_and_key(folder, tables):
    package = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    by_path = {resource["path"]: resource["schema"] for resource in package["resources"]}
    assert set(by_path) == {f"{name}.csv" for name in (*TABLES, *REPORTS)}
    for name in TABLES:
        header = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        assert [field["name"] for field in by_path[f"{name}.csv"]["fields"]] == header
        assert set(by_path[f"{name}.csv"]["primaryKey"]) <= set(header)


def test_the_package_and_all_its_tables_are_valid_by_frictionless(folder):
    report = frictionless.validate(str(folder / DESCRIPTOR))
    assert report.flatten(["name", "rowNumber", "fieldName", "message"]) == []
    assert len(report.tasks) == len(TABLES) + len(REPORTS)


def test_the_published_package_of_the_repository_is_valid_by_frictionless(root, tmp_path):
    # the largest tables hold the same columns in every row: their beginning is looked at
    folder = Path(shutil.copytree(root / "data" / "processed", tmp_path / "processed"))
    for name in ("observations", "indicators", "scores"):
        lines = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()[:2000]
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert frictionless.validate(str(folder / DESCRIPTOR)).flatten(["name", "rowNumber", "message"]) == []


def test_the_published_tables_follow_their_schemas(root):
    for name in TABLES:
        table = read_table(root / "data" / "processed", name)
        assert len(check_table(table, name)) > 0
    maps = gpd.read_file(root / "data" / "processed" / MAPS, layer="municipalities")
    assert (len(maps), maps.crs.to_epsg()) == (285, 31370)
