"""The publishers' own files, read with the readers, give our raw tables exactly (skipped where they are absent)."""

from __future__ import annotations

import pandas as pd
import pytest

from resilience_analysis.data.catalogue import read_catalogue
from resilience_analysis.data.fetch import download, fetch_source, municipality_names
from resilience_analysis.data.publishers import READERS

SAMPLES = {
    "statbel_permits": "statbel/TF_BUILDING_PERMITS.zip",
    "statbel_fiscal_income": "statbel/TF_PSNL_INC_TAX_MUNTY.xlsx",
    "vdab_jobseekers": "swing/unemployment_jobseekers_data.xlsx",
}


def test_every_reader_has_a_sample():
    assert len(SAMPLES) == len(READERS)


@pytest.mark.parametrize("name", list(SAMPLES))
def test_a_published_file_gives_the_raw_table_of_the_project(real_project, shared, name):
    raw = real_project.raw
    source = read_catalogue(raw)[name]
    table = READERS[source.reader](download(str(shared / "samples" / SAMPLES[name])), municipality_names(raw))
    kept = pd.read_csv(raw / source.file, dtype={"nis_code": str})
    common = table.merge(kept, on=["nis_code", "year"], how="outer", indicator=True)
    assert common["_merge"].value_counts().to_dict() == {"both": len(kept), "left_only": 0, "right_only": 0}
    pd.testing.assert_frame_equal(table.astype({"nis_code": "str"}), kept, check_dtype=False)


@pytest.mark.parametrize("name", ["statbel_permits"])
def test_fetching_the_published_file_changes_no_byte(small_project, real_project, shared, name):
    source = read_catalogue(real_project.raw)[name]
    target = small_project.raw / source.file
    target.write_bytes((real_project.raw / source.file).read_bytes())
    places = real_project.raw / "statbel" / "municipalities.csv"
    (small_project.raw / "statbel" / "municipalities.csv").write_bytes(places.read_bytes())
    said = fetch_source(small_project.raw, source, address=str(shared / "samples" / SAMPLES[name]))
    assert said == f"{source.file} is what the publisher has."
    assert target.read_bytes() == (real_project.raw / source.file).read_bytes()
