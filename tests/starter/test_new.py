"""A project of one's own: made from a table and boundaries, built, and silent about any other region."""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd
import pytest
import yaml
from tests.starter.regions import FOREIGN, write_region

from resilience_analysis import checks, notebook
from resilience_analysis.build import build
from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.settings import ANY_CODE, is_code
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.subject import region_subject, subject
from resilience_analysis.reports.site import site_page
from resilience_analysis.starter.drafts import code_pattern, decimals_of, identifier
from resilience_analysis.starter.making import new_example, new_project

REGIONS = {
    "four digits, Amersfoort": (["0310", "0312", "0321", "0344", "0352"], "EPSG:28992", (5.1, 52.1)),
    "letters, British grid": (["E07000223", "E07000224", "E07000225"], "EPSG:27700", (-0.5, 50.9)),
    "a country in front, Lambert 93": (["FR-35238", "FR-35239", "FR-35240", "FR-35241"], "EPSG:2154", (-1.7, 48.1)),
    "zero in front, degrees, south of the equator": (["08019", "08020", "08021"], "EPSG:4326", (-71.5, -33.0)),
}


def words_of(page) -> str:
    html = re.sub(r"base64,[A-Za-z0-9+/=]+|<style.*?</style>", "", page.show().standalone(), flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", html).casefold()


@pytest.mark.parametrize("name", list(REGIONS))
def test_a_region_elsewhere_is_made_with_its_own_codes_and_reference_system(name, tmp_path):
    codes, crs, middle = REGIONS[name]
    data, areas = write_region(tmp_path / "brought", codes, crs=crs, middle=middle, file="areas.gpkg")
    new_project(tmp_path / "own", data, areas, year=2024, wanted=("en",), name="Elsewhere")
    settings = Project(tmp_path / "own").settings
    assert settings.crs == ("EPSG:32719" if crs == "EPSG:4326" else crs)
    assert all(is_code(code, settings.codes) for code in codes)
    posts = yaml.safe_load((tmp_path / "own/definitions/goalposts.yml").read_text())["indicators"]
    assert {code: post["n"] for code, post in posts.items()} == dict.fromkeys(posts, len(codes))


def test_the_pages_of_a_region_name_no_other(tmp_path):
    data, areas = write_region(tmp_path / "brought", ["0310", "0312", "0321"], crs="EPSG:28992", middle=(5.1, 52.1))
    new_project(tmp_path / "own", data, areas, year=2024, wanted=("nl", "en", "fr"), name="Utrecht")
    project = Project(tmp_path / "own")
    tables = build(project).tables
    assert tables.scores.loc[tables.scores["strand"] == "register", "score"].notna().all()
    assert checks.all_problems(project) == []
    dataset = notebook.load_dataset(project)
    assert dataset.strands == ("register",)
    for language in ("nl", "en", "fr"):
        for page in (
            ProfilePage(subject(dataset, "0310", language=language)),
            RegionPage(region_subject(dataset, "region", language=language)),
        ):
            said = words_of(page)
            assert "utrecht" in said
            assert [word for word in FOREIGN if word in said] == []
            assert page.subject.texts("strand.self").casefold() not in said
        said = site_page(dataset, load_texts(language, project=project), links={}, others={}).casefold()
        assert "utrecht" in said
        assert [word for word in FOREIGN if word in said] == []


def test_codes_that_differ_in_capitals_alone_are_refused(tmp_path):
    data, areas = write_region(tmp_path / "brought", ["ab", "AB", "cd"], crs="EPSG:27700", middle=(-0.5, 50.9))
    with pytest.raises(InputError, match="ab and AB differ in capitals alone"):
        new_project(tmp_path / "own", data, areas, year=2024)


def test_a_table_of_one_place_can_score_nothing_and_is_refused(tmp_path):
    data, areas = write_region(tmp_path / "brought", ["A1"], crs="EPSG:27700", middle=(-0.5, 50.9))
    with pytest.raises(InputError, match="differs between places, so that nothing can be scored"):
        new_project(tmp_path / "own", data, areas, year=2024)
    assert not (tmp_path / "own").exists()


def test_zeros_that_a_spreadsheet_took_off_are_put_back_and_said(tmp_path):
    data, areas = write_region(tmp_path / "brought", ["0310", "0312", "0321"], crs="EPSG:28992", middle=(5.1, 52.1))
    pd.read_csv(data).to_csv(data, index=False)  # 310
    assumed = new_project(tmp_path / "own", data, areas, year=2024)
    assert any("zeros in front" in sentence for sentence in assumed)
    assert pd.read_csv(tmp_path / "own/data/raw/places.csv", dtype=str)["nis_code"].tolist() == ["0310", "0312", "0321"]


def test_metadata_say_factor_direction_weight_and_source(tmp_path):
    data, areas = write_region(tmp_path / "brought", ["A1", "A2", "A3"], crs="EPSG:27700", middle=(-0.5, 50.9))
    (tmp_path / "meta.csv").write_text(
        "indicator,label,dimension,direction,unit,weight,source\n"
        "Jobs,Jobs per inhabitant,Work,1,number,2,Office\nLosses,Losses of firms,Work,-1,%,,\n"
    )
    assumed = new_project(tmp_path / "own", data, areas, year=2024, metadata=tmp_path / "meta.csv", wanted=("en",))
    content = yaml.safe_load((tmp_path / "own/definitions/framework.yml").read_text())
    assert list(content["dimensions"]) == ["work"]
    said = ("direction", "weight", "source")
    found = {code: tuple(entry[key] for key in said) for code, entry in content["indicators"].items()}
    assert found == {"jobs": (1, 2.0, "office"), "losses": (-1, 1.0, "figures")}
    assert "caveat" not in content["indicators"]["losses"]
    assert any("left out: Trees per street" in sentence for sentence in assumed)


@pytest.mark.parametrize(
    ("metadata", "fault"),
    [
        ("indicator\nJob\n", "unknown indicator 'Job'; did you mean 'Jobs'?"),
        ("indicator,direction\nJobs,up\n", "direction is 'up'. Write 1 or -1"),
        ("indicator,weight\nJobs,0\n", "weight is '0'. Write a number above 0"),
        ("indicator\nJobs\nJobs\n", "Jobs appears twice"),
    ],
)
def test_a_fault_of_the_metadata_is_named_with_its_row(tmp_path, metadata, fault):
    data, areas = write_region(tmp_path / "brought", ["A1", "A2", "A3"], crs="EPSG:27700", middle=(-0.5, 50.9))
    (tmp_path / "meta.csv").write_text(metadata)
    with pytest.raises(InputError, match=re.escape(fault)):
        new_project(tmp_path / "own", data, areas, year=2024, metadata=tmp_path / "meta.csv")


def test_a_folder_that_is_not_empty_and_a_language_without_texts_are_refused(tmp_path):
    data, areas = write_region(tmp_path / "brought", ["A1", "A2", "A3"], crs="EPSG:27700", middle=(-0.5, 50.9))
    with pytest.raises(UsageError, match="exists and is not empty"):
        new_project(tmp_path / "brought", data, areas)
    with pytest.raises(UsageError, match="unknown language 'xx'"):
        new_project(tmp_path / "own", data, areas, wanted=("xx",))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brought"]


def test_places_without_boundaries_are_named(tmp_path):
    data, areas = write_region(tmp_path / "brought", ["A1", "A2", "A3"], crs="EPSG:27700", middle=(-0.5, 50.9))
    data.write_text(data.read_text().replace("A3,", "A9,"))
    with pytest.raises(InputError, match=r"row 4: A9 has no boundaries in areas\.geojson"):
        new_project(tmp_path / "own", data, areas, year=2024)


def test_the_example_is_the_project_of_this_repository(tmp_path, root):
    new_example(tmp_path / "copy", "neteland")
    for part in ("definitions/framework.yml", "data/raw/sources.lock.yml", "notebooks/profile.ipynb"):
        assert (tmp_path / "copy" / part).read_bytes() == (root / part).read_bytes()


@pytest.mark.parametrize(
    ("codes", "pattern"), [(["0310", "0344"], "[0-9]{4}"), (["A1", "B2"], ANY_CODE), (["1", "22"], ANY_CODE)]
)
def test_codes_of_so_many_digits_are_held_to_it(codes, pattern):
    assert code_pattern(codes) == pattern


def test_a_code_of_a_definition_is_made_of_any_heading_and_never_twice():
    assert identifier("Emplois créés (%)") == "emplois_crees"
    assert identifier("2024", ["i_2024"]) == "i_2024_2"
    assert identifier("???") == "x"
    assert identifier("Value") == "i_value"


@pytest.mark.parametrize(("value", "decimals"), [(0.012, 3), (5.0, 2), (54.1, 1), (310.0, 0), (12345.0, 0), (0.0, 0)])
def test_values_are_shown_with_three_figures_or_more(value, decimals):
    assert decimals_of(pd.Series([value])) == decimals


def test_boundaries_that_do_not_say_their_system_are_degrees_or_are_asked_about(tmp_path):
    codes = ["A1", "A2", "A3"]
    for crs, name in (("EPSG:4326", "degrees"), ("EPSG:28992", "metres")):
        data, areas = write_region(tmp_path / name, codes, crs=crs, middle=(5.1, 52.1), file="areas.shp")
        areas.with_suffix(".prj").unlink()
    said = new_project(tmp_path / "own", tmp_path / "degrees/figures.csv", tmp_path / "degrees/areas.shp", year=2024)
    assert any("taken as degrees" in sentence for sentence in said)
    with pytest.raises(InputError, match=r"does not say its reference system.*--crs EPSG:28992"):
        new_project(tmp_path / "two", data, areas, year=2024)
    new_project(tmp_path / "two", data, areas, year=2024, crs="EPSG:28992")
    assert Project(tmp_path / "two").settings.extent == pytest.approx(
        Project(tmp_path / "own").settings.extent, abs=0.02
    )


@pytest.mark.parametrize(("language", "unit"), [("en", "number"), ("fr", "nombre")])
def test_a_figure_without_a_unit_is_a_number_in_the_first_language_of_the_project(tmp_path, language, unit):
    data, areas = write_region(tmp_path, ["A1", "A2", "A3"], crs="EPSG:27700", middle=(-0.5, 50.9))
    new_project(tmp_path / "own", data, areas, year=2024, wanted=(language,))
    content = yaml.safe_load((tmp_path / "own/definitions/framework.yml").read_text())
    assert {entry["unit"] for entry in content["indicators"].values()} == {unit}


def test_percent_signs_and_words_for_missing_are_read_as_what_they_mean(tmp_path):
    data, areas = write_region(tmp_path, ["A1", "A2", "A3"], crs="EPSG:27700", middle=(-0.5, 50.9))
    table = pd.DataFrame({"code": ["A1", "A2", "A3"], "Share": ["12,5%", "..", "-3,1 %"], "Jobs": ["n/a", "5", "7"]})
    table.to_csv(data, sep=";", index=False, encoding="cp1252")
    said = new_project(tmp_path / "own", data, areas, year=2024, wanted=("en",))
    raw = pd.read_csv(tmp_path / "own/data/raw/figures.csv")
    assert raw["share"].tolist()[::2] == [12.5, -3.1]
    assert raw.isna().sum().sum() == 2
    content = yaml.safe_load((tmp_path / "own/definitions/framework.yml").read_text())
    assert (content["indicators"]["share"]["unit"], content["indicators"]["jobs"]["unit"]) == ("%", "number")
    assert "cells with .., n/a are taken as missing" in said


def test_a_total_a_note_and_a_column_per_year_are_named_with_the_remedy(tmp_path):
    data, areas = write_region(tmp_path, ["01", "02", "03"], crs="EPSG:27700", middle=(-0.5, 50.9))
    for below, fault in (
        ("Total;9", "figures.csv, row 5: Total has no boundaries in"),
        ("Source: us;", "figures.csv, row 5: 'Source: us' is not a code of a place. "),
    ):
        data.write_text(f"code;value\n1;5\n2;6\n3;8\n{below}\n")
        with pytest.raises(InputError, match=re.escape(fault)):
            new_project(tmp_path / "own", data, areas, year=2024, wanted=("en",))
    data.write_text("code;2023;2024\n01;5;1\n02;6;2\n03;8;4\n")
    with pytest.raises(InputError, match="has a column per year: 2023, 2024"):
        new_project(tmp_path / "own", data, areas, wanted=("en",))


def test_a_name_that_begins_as_a_formula_is_guarded_in_files_and_shown_as_it_is(tmp_path):
    data, areas = write_region(tmp_path, ["A1", "A2", "A3"], crs="EPSG:27700", middle=(-0.5, 50.9))
    data.write_text("code,name,jobs\nA1,=1+1,1\nA2,B,2\nA3,C,4\n")
    new_project(tmp_path / "own", data, areas, year=2024, wanted=("en",))
    assert build(Project(tmp_path / "own")).tables.municipalities.loc["A1", "name"] == "=1+1"
    for file in ("raw/places.csv", "processed/municipalities.csv"):
        assert "\nA1,'=1+1" in (tmp_path / "own/data" / file).read_text()


def test_a_sheet_that_is_not_read_is_said_and_may_be_asked_for(tmp_path):
    _, areas = write_region(tmp_path, ["A1", "A2", "A3"], crs="EPSG:27700", middle=(-0.5, 50.9))
    book = tmp_path / "figures.xlsx"
    with pd.ExcelWriter(book) as writer:
        pd.DataFrame({"code": ["A1", "A2", "A3"], "jobs": [1, 2, 4]}).to_excel(writer, sheet_name="now", index=False)
        pd.DataFrame({"code": ["A1", "A2", "A3"], "jobs": [7, 8, 9]}).to_excel(writer, sheet_name="then", index=False)
    said = new_project(tmp_path / "own", book, areas, year=2024, wanted=("en",))
    assert "figures.xlsx has sheets that are not read: then; --sheet names another" in said
    new_project(tmp_path / "old", book, areas, year=2024, wanted=("en",), sheet="then")
    assert pd.read_csv(tmp_path / "old/data/raw/figures.csv")["jobs"].tolist() == [7, 8, 9]


def test_a_table_that_has_names_alone_is_told_to_bring_codes(tmp_path):
    data, areas = write_region(tmp_path, ["A1", "A2", "A3"], crs="EPSG:27700", middle=(-0.5, 50.9))
    pd.read_csv(data).drop(columns="code").to_csv(data, index=False)
    shapes = gpd.read_file(areas)
    shapes.assign(name=[f"Place {code}" for code in shapes["area_code"]]).to_file(areas)
    with pytest.raises(InputError, match=r"name \('Place A1', \.\.\.\).*does not hold codes\. Add a column"):
        new_project(tmp_path / "own", data, areas, year=2024)
