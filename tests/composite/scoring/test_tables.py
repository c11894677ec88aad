"""What is read and written fast is what was read and written slowly."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from resilience_analysis.composite import tables
from resilience_analysis.composite.inputs import read_inputs
from resilience_analysis.composite.outputs import read_areas
from resilience_analysis.composite.scoring import Products, run
from resilience_analysis.composite.tables import read_plain_csv
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import DATA, write


def test_a_plain_file_is_read_at_once_and_the_same(tmp_path, framework):
    path = write(tmp_path / "d.csv", DATA)
    fast = read_plain_csv(path, {"trust", "crime", "green", "jobs", "people"}, {"", "NA"})
    assert fast is not None
    assert fast["nis_code"].tolist() == ["01001", "02002", "13011", "13012", "13013"]
    slow = read_inputs(write(tmp_path / "q.csv", DATA.replace("Aa,", '"Aa",')), framework)
    pd.testing.assert_frame_equal(read_inputs(path, framework).data, slow.data)


@pytest.mark.parametrize(
    "change",
    [("Aa,", '"Aa",'), (",", ";"), ("01001,Aa", "01001, Aa"), ("2.5", "x"), ("\n13011", "\n\n13011"), (",7\n", "\n")],
)
def test_a_file_with_a_doubt_is_left_to_the_careful_reader(tmp_path, change):
    path = write(tmp_path / "d.csv", DATA.replace(*change))
    assert read_plain_csv(path, {"trust", "crime", "green", "jobs", "people"}, {"", "NA"}) is None


def test_every_digit_of_a_number_is_kept(tmp_path, framework):
    exact = math.nextafter(1.5, 2)
    path = write(tmp_path / "d.csv", DATA.replace("1.5", repr(exact)))
    assert read_inputs(path, framework).data["trust"].iloc[0] == exact


def test_only_the_tables_asked_for_are_written(data, framework, tmp_path):
    run(data, framework, tmp_path / "all", asked={})
    report = run(data, framework, tmp_path / "out", asked={}, products=Products(only=("scores", "ranks")))
    assert [path.name for path in report.paths] == ["scores.csv", "ranks.csv", "manifest.json"]
    assert (tmp_path / "out" / "scores.csv").read_bytes() == (tmp_path / "all" / "scores.csv").read_bytes()
    with pytest.raises(UsageError, match="unknown table 'scorse'; did you mean 'scores'"):
        run(data, framework, tmp_path / "no", asked={}, products=Products(only=("scorse",)))
    assert not (tmp_path / "no").exists()


def test_parquet_goes_in_and_out_with_the_same_scores(data, framework, tmp_path):
    pytest.importorskip("pyarrow")
    pd.read_csv(data, dtype={"nis_code": str}).to_parquet(tmp_path / "d.parquet")
    run(tmp_path / "d.parquet", framework, tmp_path / "out", asked={}, products=Products(form="parquet"))
    run(data, framework, tmp_path / "csv", asked={})
    found = pd.read_parquet(tmp_path / "out" / "scores.parquet")
    expected = pd.read_csv(tmp_path / "csv" / "scores.csv", dtype={"nis_code": str})
    assert found["nis_code"].tolist() == expected["nis_code"].tolist()
    np.testing.assert_array_equal(found.drop(columns="nis_code"), expected.drop(columns="nis_code"))


def test_a_parquet_file_that_is_damaged_or_too_large_is_refused(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    pd.DataFrame({"code": ["a", "b"], "x": [1, 2]}).to_parquet(tmp_path / "d.parquet")
    monkeypatch.setattr(tables, "MAX_PARQUET_CELLS", 3)
    with pytest.raises(InputError, match=r"has more than 3 cells\. Leave out what is not needed"):
        tables.read_parquet(tmp_path / "d.parquet")
    (tmp_path / "d.parquet").write_bytes((tmp_path / "d.parquet").read_bytes()[:-5])
    with pytest.raises(InputError, match=r"is a damaged Parquet file\. Write it again"):
        tables.read_parquet(tmp_path / "d.parquet")


@pytest.fixture
def areas(tmp_path):
    """Write a square for each unit but the last, in degrees."""
    units = [line.split(",")[0] for line in DATA.splitlines()[1:-1]]
    squares = gpd.GeoSeries([box(4.4 + n / 10, 51, 4.5 + n / 10, 51.1) for n in range(len(units))], crs="EPSG:4326")
    gpd.GeoDataFrame({"label": "x", "code": units}, geometry=squares).to_file(tmp_path / "areas.geojson")
    return tmp_path / "areas.geojson"


def test_scores_are_drawn_on_the_areas_of_the_units(data, framework, areas, tmp_path):
    products = Products(only=("scores",), boundaries=areas, maps=("index", "trust"))
    report = run(data, framework, tmp_path / "out", asked={}, products=products)
    assert [path.name for path in report.paths if path.suffix == ".png"] == ["map_index.png", "map_trust.png"]
    assert "without an area, and not on the maps: 13013" in report.notes
    found = read_areas(areas, ["02002", "01001", "elsewhere"])
    assert found.index.tolist() == ["02002", "01001"]
    assert not found.crs.is_geographic


def test_maps_without_areas_or_scores_are_wrong_use_and_write_nothing(data, framework, areas, tmp_path):
    for products, said in (
        (Products(maps=("index",)), "--map needs the areas of the units"),
        (Products(boundaries=areas, maps=("idnex",)), "unknown code for a map 'idnex'; did you mean 'index'"),
    ):
        with pytest.raises(UsageError, match=said):
            run(data, framework, tmp_path / "out", asked={}, products=products)
    with pytest.raises(InputError, match="no column holds the codes of the units; it has label, code"):
        read_areas(areas, ["A", "B"])
    assert not (tmp_path / "out").exists()


def test_pictures_and_a_workbook_come_with_the_tables_when_asked(data, framework, tmp_path):
    products = Products(only=("scores",), plots=True, workbook=True)
    report = run(data, framework, tmp_path, asked={"impute.method": "mean"}, draws=4, products=products)
    drawn = {path.stem for path in report.paths if path.suffix == ".png"}
    assert {"framework", "scores_index", "correlations", "ranks_index", "sensitivity_index"} <= drawn
    assert (tmp_path / "results.xlsx").is_file()
    run(data, framework, tmp_path, asked={}, products=products)
    assert not (tmp_path / "plots" / "ranks_index.png").exists(), "of the run before"


def test_the_workbook_of_a_run_gives_the_same_scores_again(data, framework, tmp_path):
    report = run(data, framework, tmp_path, asked={"impute.method": "mean"}, products=Products(workbook=True))
    book = next(path for path in report.paths if path.suffix == ".xlsx")
    again = {"impute.method": "mean", "denominate": True, "normalise.bounds": [1, 100]}
    run(book, book, tmp_path / "again", asked=again)
    first, second = (pd.read_csv(folder / "scores.csv", index_col=0) for folder in (tmp_path, tmp_path / "again"))
    np.testing.assert_allclose(second[first.columns], first, rtol=1e-12)
