"""Raw data are read and checked together; every fault is named, those of all files in one message."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests.small import CUT, NETELAND

from resilience_analysis.data.catalogue import read_catalogue
from resilience_analysis.data.raw import read_raw
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.project import Project

PERMITS = "statbel/building_permits.csv"
AREAS = "provinces/supra_local_areas.csv"
PLACES = "statbel/municipalities.csv"
MERGERS = "statbel/mergers.csv"
ITEMS = "abb/residents_survey_2023_items.csv"
MAP = "statbel/municipalities_2025.geojson"
VILLAGES = "statbel/villages_neteland_2025.geojson"
TABLES = {"statbel_population", "statbel_permits", "statbel_dwellings", "vdab_jobseekers", "abb_residents_survey"}


def read(raw: Path):
    return read_raw(Project(raw.parents[1]), read_catalogue(raw))


@pytest.fixture
def definitions(raw) -> Path:
    """The definitions beside the raw data, to be broken."""
    return raw.parents[1] / "definitions"


@pytest.fixture
def raw(cut_folder, tmp_path) -> Path:
    """Some of the raw data of ten municipalities, to be broken."""
    definitions = Path(shutil.copytree(cut_folder / "definitions", tmp_path / "project" / "definitions"))
    folder = Path(shutil.copytree(cut_folder / "data" / "raw", tmp_path / "project" / "data" / "raw"))
    entries = yaml.safe_load((folder / "sources.yml").read_text(encoding="utf-8"))
    few = {name: entry for name, entry in entries.items() if entry["format"] != "table" or name in TABLES}
    few["abb_residents_survey"]["columns"] = {"LO_S_13": {"kind": "share_pct"}}
    keep_columns(folder / few["abb_residents_survey"]["file"], ["nis_code", "year", "LO_S_13"])
    (folder / "sources.yml").write_text(yaml.safe_dump(few), encoding="utf-8")
    (definitions / "fr.yml").unlink()  # a further language words every source, of which most are gone
    change(definitions / "project.yml", r"^languages: .*$", "languages: [nl, en]")
    return folder


def keep_columns(path: Path, columns: list[str]) -> None:
    pd.read_csv(path, dtype=str)[columns].to_csv(path, index=False)


def change(path: Path, pattern: str, replacement: str) -> None:
    """Replace the first text that matches, which must be there."""
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1, f"{pattern} is not in {path.name}"
    path.write_text(text, encoding="utf-8")


def change_areas(path: Path, work) -> None:
    """Change the features of a GeoJSON file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content["features"] = work(content["features"])
    path.write_text(json.dumps(content), encoding="utf-8")


def refusal(raw: Path) -> list[str]:
    with pytest.raises(InputError) as raised:
        read(raw)
    return [str(problem) for problem in raised.value.problems]


def test_raw_data_give_municipalities_maps_observations_and_registers(raw):
    found = read(raw)
    assert found.municipalities.index.tolist() == sorted(CUT) == found.boundaries["nis_code"].tolist()
    assert set(found.observations["nis_code"]) == set(CUT)
    assert set(found.villages["nis_code"]) == set(NETELAND)
    assert found.municipalities.loc["13011", ["name", "province", "area_km2"]].tolist() == [
        "Herentals",
        "Antwerpen",
        47.95,
    ]
    assert {"item", "theme_nl", "label_nl"} == set(found.items)


def test_a_municipality_that_belongs_to_no_partnership_has_none(raw):
    found = read(raw)
    assert found.municipalities["housing_partnership"].isna().to_dict()["11002"]
    assert "igs999" not in set(found.municipalities["housing_partnership"].dropna())


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "fault"),
    [
        (PERMITS, r"^13011,2024,", "99999,2024,", "2024: 99999 is not a municipality on the boundaries of 2025"),
        (PERMITS, r"^13011,2024,", "11056,2024,", "11056 .* It merged on 2025-01-01 into 46030"),
        (PERMITS, r"^13011,2024,", "13011,2023,", "row .*: 13011 appears again in 2023"),
        (PERMITS, r"^(13011,2024,)\d+", r"\g<1>many", "column dwellings_new: 'many' is not a number"),
        (PERMITS, r"^(13011,2024,)\d+", r"\g<1>-4", "column dwellings_new: -4 lies outside 0 to inf for a count"),
        (PERMITS, r"^(13011,2024,.*),\d+$", r"\g<1>", "has 5 cells where the header has 6"),
        (
            PERMITS,
            r"^(13011,2024),\d+,\d+",
            r"\g<1>,3,9",
            "apartments_new: 9 is more than the 3 of dwellings_new. Correct it",
        ),
        (PERMITS, r"houses_new", "house_new", "lacks the columns houses_new"),
        (PERMITS, r"^(13011,2024),\d+", r"\g<1>,1234567", "dwellings_new: .* is more than the .* of population"),
        (ITEMS, r"^(LO_S_13,.*\n)", r"\1\1", "row .*: LO_S_13 appears here for the second time"),
        (AREAS, r"^13012", "13012\0", "is damaged: line .* has a NUL character"),
        (
            "vdab/jobseeker_rate.csv",
            r"^(13011,2023),[\d.]+",
            r'\1,"6;8"',
            "'6;8' is not a number",
        ),
        ("vdab/jobseeker_rate.csv", r"^(13011,2023),[\d.]+", r"\1,680", "680 lies outside 0 to 100 for a rate_pct"),
        (
            "vdab/jobseeker_rate.csv",
            r"^(13011,2024),[\d.]+",
            r"\1,6.9",
            "13011, 2024: the publisher printed 6.8, .* says 6.9",
        ),
        (PLACES, r"^13012,", "13011,", "13011 appears twice"),
        (PLACES, r"^13012,", "1301x,", r"row .*: '1301x' is not a code of a place \(\[0-9\]\{5\}\)"),
        (PLACES, r"Herenthout", "", "row .*: the name is missing"),
        (AREAS, r"^13012,(.*)\n", r"13012,\1\n13099,\1\n", "13099 is not a municipality of today"),
        (AREAS, r"^13012,(.*)\n", r"13012,\1\n13012,\1\n", "13012 appears twice"),
        (PERMITS, r"^(13011,2024,)\d+", r"\g<1>4.5", "dwellings_new: 4.5 is not a whole number, as a count must be"),
        (PLACES, r"(Herentals),10000", r"\1,99000", "the province 99000 has no name in regions.yml"),
        (AREAS, r"^13012,.*\n", "", "13012 is missing"),
        (MERGERS, r"2025-01-01", "1/1/2025", "'1/1/2025' is not a date such as 2025-01-01"),
        (MERGERS, r"^12030,12041,", "12030,12099,", "12099: is not a municipality of today and became none"),
        (MAP, r'"13012"', '"13099"', "13012: is missing from the boundaries"),
        (MAP, r'"13012"', '"13011"', "13011: appears twice in the file"),
        (MAP, r'"area_km2"', '"area"', "[0-9]{5}: has no area_km2"),
        (
            VILLAGES,
            r'"nis_code": ?"13011"',
            '"nis_code": "13099"',
            "lies in 13099, which is not a municipality of today",
        ),
        (VILLAGES, r'"village_code"', '"code"', "area 1: has no village_code"),
    ],
)
def test_a_fault_in_one_file_is_named_with_its_place_and_remedy(raw, file, pattern, replacement, fault):
    change(raw / file, pattern, replacement)
    found = refusal(raw)
    assert any(re.search(fault, line) for line in found), found
    assert all(Path(file).name in line for line in found)


@pytest.mark.parametrize("file", [PERMITS, PLACES, AREAS, MERGERS, MAP, ITEMS])
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "the file does not exist"),
        (b"", "empty|cannot be read"),
        (b"\xff\xfe;\n\xd8", "UTF-8|cannot be read|is not GeoJSON"),
    ],
)
def test_every_file_that_is_missing_empty_or_encoded_otherwise_is_named(raw, file, content, fault):
    if content is None:
        (raw / file).unlink()
    else:
        (raw / file).write_bytes(content)
    (found,) = refusal(raw)
    assert found.startswith(Path(file).name)
    assert re.search(fault, found)


def test_the_faults_of_all_files_come_back_in_one_message(raw):
    for file in (PERMITS, AREAS, MERGERS):
        (raw / file).write_text("a;b\n1;2\n", encoding="utf-8")
    change(raw / "vdab/jobseeker_rate.csv", r"^(13011,2023),[\d.]+", r"\1,680")
    (raw / MAP).write_text("{", encoding="utf-8")
    found = refusal(raw)
    names = {line.split(":")[0].split(",")[0] for line in found}
    assert names == {Path(file).name for file in (PERMITS, AREAS, MERGERS, MAP, "vdab/jobseeker_rate.csv")}


def test_what_files_disagree_on_comes_back_in_one_message_too(raw):
    change(raw / PERMITS, r"^13011,2024,", "99999,2024,")
    change(raw / "statbel/dwellings.csv", r"^13011,", "99998,")
    change_areas(raw / MAP, lambda areas: areas[1:])
    change(raw / VILLAGES, r'"nis_code": ?"13011"', '"nis_code": "13099"')
    assert len(refusal(raw)) == 4


def test_a_map_in_lambert_that_says_nothing_of_it_is_refused(raw):
    import geopandas as gpd

    moved = gpd.read_file(raw / MAP).to_crs("EPSG:31370").set_crs("EPSG:4326", allow_override=True)
    moved.to_file(raw / MAP, driver="GeoJSON")
    assert "they look like EPSG:31370" in refusal(raw)[0]


def test_a_map_in_lambert_whose_system_sources_yml_names_is_read(raw):
    import geopandas as gpd

    drawn = read(raw).boundaries
    moved = gpd.read_file(raw / MAP).to_crs("EPSG:31370").set_crs("EPSG:4326", allow_override=True)
    moved.to_file(raw / MAP, driver="GeoJSON", COORDINATE_PRECISION=8)
    change(raw / "sources.yml", r"^statbel_boundaries:\n", "statbel_boundaries:\n  crs: EPSG:31370\n")
    found = read(raw).boundaries
    assert found.geometry.geom_equals_exact(drawn.geometry, tolerance=0.01).all()


def test_a_correction_that_no_longer_holds_stops_the_reading(raw, definitions):
    correction = {"source": "statbel_permits", "nis_code": "13011", "year": 2024, "variable": "dwellings_new"}
    content = [correction | {"expect": -1, "value": 3, "why": "a slip of the pen"}]
    (definitions / "corrections.yml").write_text(yaml.safe_dump(content))
    (found,) = refusal(raw)
    assert found.startswith(
        "corrections.yml, statbel_permits, 13011, 2024, dwellings_new: expects -1 but the file says"
    )


def test_a_correction_that_holds_is_seen_in_the_observations(raw, definitions):
    table = (raw / PERMITS).read_text(encoding="utf-8")
    expect = int(re.search(r"^13011,2024,(\d+)", table, re.MULTILINE).group(1))
    correction = {"source": "statbel_permits", "nis_code": "13011", "year": 2024, "variable": "dwellings_new"}
    content = [correction | {"expect": expect, "value": 4321, "why": "a slip of the pen"}]
    (definitions / "corrections.yml").write_text(yaml.safe_dump(content))
    rows = read(raw).observations
    rows = rows[(rows["variable"] == "dwellings_new") & (rows["nis_code"] == "13011")].set_index("year")
    assert rows.loc[2024, "value"] == 4321


def leave_out(raw: Path, name: str) -> None:
    entries = yaml.safe_load((raw / "sources.yml").read_text(encoding="utf-8"))
    del entries[name]
    (raw / "sources.yml").write_text(yaml.safe_dump(entries), encoding="utf-8")


@pytest.mark.parametrize("wanted", ["municipalities", "boundaries"])
def test_a_source_that_every_build_needs_is_missed(raw, wanted):
    leave_out(raw, f"statbel_{wanted}")
    assert f"sources.yml: a source with format: {wanted} is missing; every build needs it" in refusal(raw)


def test_villages_and_levels_of_areas_may_be_absent(raw):
    leave_out(raw, "statbel_villages")
    fault = "has figures of villages, and no source with format: villages says where they are"
    assert f"villages/figures.csv: {fault}" in refusal(raw)
    for name in ("village_figures", "provinces_areas"):
        leave_out(raw, name)
    (raw.parents[1] / "definitions" / "regions.yml").unlink()
    found = read(raw)
    assert found.villages.empty
    assert found.village_figures.empty
    assert list(found.municipalities) == ["name", "province", "arrondissement", "area_km2"]
    assert found.municipalities.at["13011", "province"] == "10000"


def test_an_area_that_the_file_does_not_have_is_worked_out(raw):
    expected = read(raw).municipalities["area_km2"]

    def without_area(features):
        return [part | {"properties": {"nis_code": part["properties"]["nis_code"]}} for part in features]

    change_areas(raw / MAP, without_area)
    assert read(raw).municipalities["area_km2"].to_numpy() == pytest.approx(expected.to_numpy(), rel=0.01)


def test_a_region_of_municipalities_that_do_not_exist_is_a_fault_of_the_definitions(raw, definitions):
    path = definitions / "regions.yml"
    path.write_text(path.read_text().replace('"13044"]', '"13045"]'))
    found = refusal(raw)
    assert found == ["regions.yml: the group neteland names 13045, which are not municipalities of today"]


def test_the_process_log_may_name_regions_that_are_the_same_for_everybody(raw):
    event = "2026-01-01,overleg,x,{area},,gehouden"
    for area, fine in (("kempen", True), ("nearest", False), ("flanders", False)):
        path = raw / "local" / "proces.csv"
        heading = path.read_text().splitlines()[0]
        empty = "," * (heading.count(",") - event.count(","))
        path.write_text(f"{heading}\n{event.format(area=area)}{empty}\n")
        if fine:
            assert read(raw).registers.process["area"].tolist() == [area]
        else:
            assert f"unknown code or region '{area}'" in refusal(raw)[0]
