"""The figures beside a report: what they hold, and that a stranger's tools read them as described."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package

from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.pages.subject import subject
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.content import COLUMNS, csv_files, descriptor, figures

LANGUAGES = ("nl", "en")
KINDS = {name: {"string": "object", "number": "float64", "integer": "Int64"}[kind] for name, kind in COLUMNS.items()}


def table_of(dataset: Dataset, code: str, language: str = "nl") -> pd.DataFrame:
    about = subject(dataset, code, language=language)
    rows = figures(dataset, [code], about.group, language=language)
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object).astype(KINDS)


def csv_of(table: pd.DataFrame, language: str = "nl") -> tuple[bytes, bytes]:
    return csv_files(table.astype(object).where(table.notna(), None).to_numpy().tolist(), load_texts(language))


def test_every_indicator_context_figure_and_factor_has_a_row(dataset):
    table = table_of(dataset, "13011")
    framework = dataset.framework
    assert set(table.loc[table["level"] == "indicator", "code"]) == set(framework.indicators)
    assert set(table.loc[table["level"] == "context", "code"]) == set(framework.context)
    assert set(table.loc[table["level"] == "factor", "code"]) == set(framework.dimensions)
    assert list(table) == list(COLUMNS)


def test_values_and_scores_are_those_of_the_tables_to_the_last_digit(dataset):
    table = table_of(dataset, "13029").set_index("code")
    for code in dataset.framework.indicators:
        assert table.at[code, "value"] == pytest.approx(dataset.values.at["13029", code], rel=0, abs=0, nan_ok=True)
    built = dataset.tables.scores
    mine = built[(built["nis_code"] == "13029") & (built["level"] == "indicator")].set_index("code")
    for code, row in mine.iterrows():
        assert table.at[code, "score"] == pytest.approx(row["score"], rel=0, abs=0, nan_ok=True)


def test_a_missing_value_has_its_reason(dataset):
    table = table_of(dataset, "44087")
    missing = table[table["level"].isin({"indicator", "context"}) & table["value"].isna()]
    reasons = missing.set_index("code")["missing_reason"]
    assert reasons.notna().all()
    assert reasons.to_dict() == dataset.column("missing_reason").loc["44087", reasons.index].to_dict()
    # what can be put together of merged municipalities is; shares of which the whole is not known cannot
    assert set(reasons.index[reasons == "merged_area"]) == {"ctx_flood", "ctx_flood_2050"}
    assert {"not_collected", "merged_area"} <= set(reasons)


def test_plain_csv_is_read_back_as_it_was(dataset):
    table = table_of(dataset, "13011")
    back = pd.read_csv(io.BytesIO(csv_of(table)[0]), dtype={"nis_code": str})
    pd.testing.assert_series_equal(back["value"], table["value"], rtol=0, atol=0)
    assert back["label"].tolist() == table["label"].tolist()


@pytest.mark.parametrize("code", ["13011", "44087"])
def test_both_files_are_to_the_byte_as_pandas_writes_them(dataset, code):
    table = table_of(dataset, code)
    plain, spreadsheet = csv_of(table)
    assert plain.decode() == table.to_csv(index=False, lineterminator="\n")
    words = table.set_axis([load_texts("nl")(f"columns.{name}") for name in table], axis=1)
    told = words.to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n")
    assert spreadsheet.decode("utf-8-sig") == told


def test_a_dutch_spreadsheet_finds_semicolons_commas_and_words(dataset):
    texts = load_texts("nl")
    _, written = csv_of(table_of(dataset, "13011"))
    assert written.startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(io.BytesIO(written), sep=";", decimal=",", encoding="utf-8-sig")
    assert list(back) == [texts(f"columns.{name}") for name in COLUMNS]
    numbers = back[texts("columns.value")]
    assert numbers.notna().sum() == table_of(dataset, "13011")["value"].notna().sum()
    assert pd.api.types.is_float_dtype(numbers)


def test_no_cell_starts_a_formula(dataset):
    table = table_of(dataset, "13011").head(2).assign(label=["=1+1", "@SUM(A1)"])
    plain, _ = csv_of(table)
    assert b"\n13011,Herentals,indicator" in plain
    for line in plain.decode().splitlines():
        assert ",=" not in line
        assert ",@" not in line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["13011", "44087"])
def test_both_files_are_valid_by_their_descriptor(dataset, tmp_path, code, language):
    stem = f"{code}-x.{language}"
    table = table_of(dataset, code, language)
    write(tmp_path, stem, table, language)
    report = Package(str(tmp_path / f"{stem}.datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "fieldName", "rowNumber", "note"])[:5]


@pytest.mark.parametrize("suffix", [".csv", ".excel.csv"])
def test_a_figure_that_is_text_is_found_by_the_descriptor(dataset, tmp_path, suffix):
    stem = "13011-x.nl"
    write(tmp_path, stem, table_of(dataset, "13011"), "nl")
    path = tmp_path / f"{stem}{suffix}"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace("2023", "twee", 1), encoding="utf-8")
    assert not Package(str(tmp_path / f"{stem}.datapackage.json")).validate().valid


def test_invented_figures_say_so_in_their_descriptor(example_dataset):
    texts = load_texts("nl")
    said = json.loads(descriptor("x.nl", title="x", language="nl", texts=texts, synthetic=True))
    silent = json.loads(descriptor("x.nl", title="x", language="nl", texts=texts, synthetic=False))
    assert said["description"] == texts("synthetic.mark")
    assert "description" not in silent


def write(folder: Path, stem: str, table: pd.DataFrame, language: str) -> None:
    texts = load_texts(language)
    plain, spreadsheet = csv_of(table, language)
    (folder / f"{stem}.csv").write_bytes(plain)
    (folder / f"{stem}.excel.csv").write_bytes(spreadsheet)
    described = descriptor(stem, title="A report", language=language, texts=texts, synthetic=False)
    (folder / f"{stem}.datapackage.json").write_bytes(described)
