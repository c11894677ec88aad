"""Maps that people bring are read by three formats alone, whatever their names, within limits and without a request."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import geopandas as gpd
import pytest
from shapely.geometry import box

from resilience_analysis.foundation import shapes
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.shapes import read_shapes

AREAS = gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[box(4, 51, 5, 52), box(5, 51, 6, 52)], crs="EPSG:4326")
OTHERS = {
    "a.vrt": '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>a.csv</SrcDataSource></OGRVRTLayer>',
    "a.csv": "code,WKT\n1,POINT (4 51)\n",
    "a.gml": '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>',
    "a.kml": '<?xml version="1.0"?><kml><NetworkLink><href>http://localhost</href></NetworkLink></kml>',
}


def refusal(path) -> str:
    with pytest.raises(InputError) as raised:
        read_shapes(path)
    return str(raised.value)


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp"])
def test_three_formats_are_read_and_too_large_ones_refused(tmp_path, monkeypatch, name):
    AREAS.to_file(tmp_path / name)
    assert list(read_shapes(tmp_path / name)["code"]) == ["1", "2"]
    monkeypatch.setattr(shapes, "MAX_AREAS", 1)
    assert "Keep the areas of the region, simplify them" in refusal(tmp_path / name)
    monkeypatch.setattr(shapes, "MAX_BYTES", 100)
    assert "has more than 100 bytes. Keep the areas of the region" in refusal(tmp_path / name)


@pytest.mark.parametrize("name", [*OTHERS, "a.geojson", "a.gpkg", "a.shp"])
@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_any_other_format_is_refused_whatever_its_name(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert "is not GeoJSON, a GeoPackage or a shapefile (.shp). Save it as one of them" in refusal(tmp_path / name)


@pytest.mark.parametrize("address", ["http://localhost:9/a.geojson", "/vsicurl/http://localhost:9/a.geojson", "GPKG:a"])
def test_an_address_is_not_a_file(tmp_path, address):
    assert "the file does not exist" in refusal(tmp_path.joinpath(address))


def test_a_coordinate_that_is_not_a_number_is_refused_and_nothing_else_is_said(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text(AREAS.to_json().replace("52.0", "NaN", 1))
    assert "a.geojson: has a coordinate that is not a number" in refusal(path)


def test_other_kinds_of_json_and_sqlite_are_refused(tmp_path):
    served = {"geometryType": "esriGeometryPolygon", "features": [{"attributes": {"code": "1"}}]}
    (tmp_path / "a.geojson").write_text(json.dumps(served))
    assert "is ESRIJSON, not GeoJSON" in refusal(tmp_path / "a.geojson")
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        database.execute("CREATE TABLE areas (code, WKT)")
    assert "is a database, not a GeoPackage" in refusal(tmp_path / "a.gpkg")


def test_a_geopackage_that_would_work_for_ever_is_refused(tmp_path):
    AREAS.to_file(tmp_path / "a.gpkg")
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        database.execute(f"CREATE VIEW more AS {endless}")
    assert "a.gpkg: works out more as it is read. Save the layer" in refusal(tmp_path / "a.gpkg")


def test_deep_nesting_is_refused(tmp_path):
    nested = '{"type":"GeometryCollection","geometries":[' * 5_000 + "]}" * 5_000
    (tmp_path / "a.geojson").write_text(f'{{"type": "Feature", "properties": {{}}, "geometry": {nested}}}')
    assert "cannot be read as boundaries" in refusal(tmp_path / "a.geojson")
