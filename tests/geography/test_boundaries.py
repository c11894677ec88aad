"""Boundaries are read only where they lie in Belgium: no map is ever drawn in the Atlantic."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
from shapely.geometry import Point, Polygon, box

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.geography import boundaries
from resilience_analysis.geography.boundaries import Place, coverage_problems

HERENTALS = box(4.80, 51.15, 4.86, 51.20)
OLEN = box(4.86, 51.12, 4.92, 51.18)
PLACE = Place("EPSG:31370", (2.3, 49.4, 6.5, 51.6), ("EPSG:3812",))
VRT = "<OGRVRTDataSource><OGRVRTLayer name='x'></OGRVRTLayer></OGRVRTDataSource>"
AREAS = {"13011": HERENTALS, "13029": OLEN}


def shapes(areas=None, crs="EPSG:4326", **columns) -> gpd.GeoDataFrame:
    areas = AREAS if areas is None else areas
    return gpd.GeoDataFrame({"nis_code": list(areas), **columns}, geometry=list(areas.values()), crs=crs)


@pytest.fixture
def write(tmp_path):
    """Write shapes, or a text, as a file of boundaries and give its path."""

    def write_file(content, name="areas.geojson"):
        path = tmp_path / name
        if isinstance(content, gpd.GeoDataFrame):
            content.to_file(path)
        else:
            path.write_text(content)
        return path

    return write_file


def without_statement(table: gpd.GeoDataFrame) -> str:
    """Return GeoJSON that says nothing of its reference system, as any reader takes for WGS 84."""
    return json.dumps(json.loads(table.set_crs("EPSG:4326", allow_override=True).to_json(drop_id=True)))


def read_boundaries(path, **options):
    return boundaries.read_boundaries(path, place=PLACE, **options)


def refusal(path, **options) -> list[str]:
    with pytest.raises(InputError) as raised:
        read_boundaries(path, **options)
    return [str(problem) for problem in raised.value.problems]


def test_areas_come_in_lambert_metres_sorted_by_code(write):
    read = read_boundaries(write(shapes({"13029": OLEN, "13011": HERENTALS})))
    assert read["nis_code"].tolist() == ["13011", "13029"]
    assert read.crs == PLACE.crs
    assert read.geometry.area.sum() / 1e6 == pytest.approx(2 * 0.06 * 0.0555 * 111.3 * 69.8, rel=0.2)  # km2, roughly


@pytest.mark.parametrize("crs", ["EPSG:31370", "EPSG:3812", "EPSG:4258", "EPSG:3857"])
def test_a_file_in_another_system_that_says_so_gives_the_same_areas(write, crs):
    expected = read_boundaries(write(shapes(), "wgs84.gpkg"))
    read = read_boundaries(write(shapes().to_crs(crs), "other.gpkg"))
    assert read.geometry.centroid.distance(expected.geometry.centroid).max() < 0.5


def test_lambert_coordinates_taken_for_degrees_are_refused_with_what_to_say(write):
    path = write(without_statement(shapes().to_crs("EPSG:31370")))
    (fault,) = refusal(path)
    assert f"do not lie {PLACE}: read as EPSG:4326, but they look like EPSG:31370. Say so: crs='EPSG:31370'" in fault
    assert read_boundaries(path, crs="EPSG:31370")["nis_code"].tolist() == ["13011", "13029"]


def test_the_newer_lambert_is_told_from_the_older(write):
    (fault,) = refusal(write(without_statement(shapes().to_crs("EPSG:3812"))))
    assert "they look like EPSG:3812" in fault


def test_a_wrong_statement_is_refused_even_when_made_by_hand(write):
    (fault,) = refusal(write(shapes()), crs="EPSG:31370")
    assert f"do not lie {PLACE}: read as EPSG:31370, but they look like EPSG:4326" in fault


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_file_without_reference_system_is_refused_with_what_to_say(write):
    path = write(shapes(crs=None), "areas.shp")
    (fault,) = refusal(path)
    assert "it has no coordinate reference system, but they look like EPSG:4326. Say so: crs='EPSG:4326'" in fault
    assert len(read_boundaries(path, crs="EPSG:4326")) == 2


def test_a_drawing_in_screen_units_is_refused(write):
    drawing = shapes({"13011": box(477, 248, 478, 249), "13029": box(478, 248, 482, 252)})
    (fault,) = refusal(write(without_statement(drawing)))
    assert "they are neither degrees nor EPSG:31370, perhaps the units of a drawing" in fault
    assert fault.endswith("Get the file in EPSG:4326 or EPSG:31370")


@pytest.mark.parametrize("place", [box(-30, 40, -29, 41), box(-74, 40, -73, 41), box(2, 48, 3, 49)])
def test_areas_elsewhere_in_the_world_are_refused(write, place):
    assert f"do not lie {PLACE}" in refusal(write(shapes({"13011": place})))[0]


def test_an_unknown_reference_system_is_refused(write):
    (fault,) = refusal(write(shapes()), crs="EPSG:99999")
    assert "EPSG:99999 is not a reference system" in fault
    assert fault.endswith("Write one such as EPSG:31370")


def test_a_municipality_that_is_missing_is_named(write):
    assert refusal(write(shapes()), expected=["13011", "13029", "13010"]) == [
        "areas.geojson, 13010: is missing from the boundaries"
    ]


def test_an_area_that_is_no_municipality_is_named(write):
    assert refusal(write(shapes()), expected=["13011"]) == ["areas.geojson, 13029: is not a municipality of today"]


def test_all_codes_that_do_not_agree_are_named_at_once():
    found = coverage_problems("a.geojson", ["1", "2"], ["2", "3", "4"])
    assert [problem.where for problem in found] == ["a.geojson, 3", "a.geojson, 4", "a.geojson, 1"]


def test_a_municipality_that_stands_twice_is_named(write):
    table = shapes()
    assert refusal(write(table.assign(nis_code="13011"))) == ["areas.geojson, 13011: appears twice in the file"]


@pytest.mark.parametrize(
    ("hollow", "fault"),
    [(None, "has no geometry"), (Polygon(), "has no geometry"), (Point(4.8, 51.1), "is not a polygon")],
)
def test_an_area_without_surface_is_named(write, hollow, fault):
    assert refusal(write(shapes({"13011": HERENTALS, "13029": hollow}))) == [f"areas.geojson, 13029: {fault}"]


def test_a_column_that_is_missing_is_named_beside_those_that_are_there(write):
    assert refusal(write(shapes()), code="NISCODE", columns=["name"]) == [
        "areas.geojson: has no column NISCODE; it has nis_code, geometry",
        "areas.geojson: has no column name; it has nis_code, geometry",
    ]


@pytest.mark.parametrize(
    ("content", "name", "fault"),
    [
        ("", "areas.geojson", "is empty. Restore it"),
        ('{"type": "FeatureCollection", "features": [', "areas.geojson", "cannot be read as boundaries"),
        ('{"type": "FeatureCollection", "features": []}', "areas.geojson", "holds no boundaries"),
        ("nis_code,value\n13011,1\n", "areas.csv", "is not GeoJSON, a GeoPackage or a shapefile"),
        ("words", "areas.txt", "is not GeoJSON, a GeoPackage or a shapefile"),
        (VRT, "areas.geojson", "is not GeoJSON, a GeoPackage or a shapefile"),
    ],
)
def test_a_file_that_is_no_map_is_refused(write, content, name, fault):
    (found,) = refusal(write(content, name))
    assert found.startswith(f"{name}: {fault}")


def test_a_column_that_is_missing_is_named_once_even_when_asked_for_twice(write):
    path = write(shapes().rename(columns={"nis_code": "NISCODE"}))
    assert len(refusal(path, columns=["nis_code", "nis_code"])) == 1


def test_a_file_without_any_geometry_is_refused(write):
    (fault,) = refusal(write(shapes({"13011": None})))
    assert "has no geometry that can be read" in fault


def test_a_map_that_does_not_exist_is_named(tmp_path):
    assert refusal(tmp_path / "none.geojson") == ["none.geojson: the file does not exist"]


def test_a_ring_that_crosses_itself_is_made_valid(write):
    bow = Polygon([(4.80, 51.15), (4.86, 51.20), (4.86, 51.15), (4.80, 51.20)])
    read = read_boundaries(write(shapes({"13011": bow})))
    assert read.geometry.is_valid.all()


def test_codes_that_are_numbers_become_text(write):
    assert read_boundaries(write(shapes().assign(nis_code=[13011, 13029])))["nis_code"].tolist() == ["13011", "13029"]


class TestSamples:
    """Files as people find them (skipped where they are absent)."""

    @pytest.fixture
    def samples(self, shared):
        """The folder with boundaries as found."""
        return shared / "samples" / "boundaries"

    def test_the_lambert_sample_is_recognised_and_refused_unless_stated(self, samples):
        path = samples / "be-municip-lamberts.geo.json"
        assert "they look like EPSG:31370" in refusal(path, code="NIS5")[0]
        assert len(read_boundaries(path, code="NIS5", crs="EPSG:31370")) == 589

    def test_the_sample_in_screen_units_is_refused(self, samples):
        (fault,) = refusal(samples / "belgium-municipalities-2019.json", code="NISCODE_2019")
        assert "perhaps it holds a drawing for a screen" in fault

    def test_the_field_names_of_the_official_register_are_understood(self, samples):
        read = read_boundaries(samples / "gemeentegrenzen_antwerpen.json", code="NISCODE", columns=["NAAM"])
        assert {"13010", "13011", "13012", "13029", "13044"} <= set(read["NISCODE"])
