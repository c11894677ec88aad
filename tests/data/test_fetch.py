"""A raw file is refreshed only by what is whole and right; then the lock asks somebody to look."""

from __future__ import annotations

import http.server
import io
import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from tests.small import source

from resilience_analysis.data import publishers
from resilience_analysis.data.catalogue import Column, accept, lock_problems, read_catalogue
from resilience_analysis.data.fetch import Fetched, fetch_source
from resilience_analysis.data.publishers import download as read_address
from resilience_analysis.data.recipe import Recipe
from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.foundation.settings import read_settings
from resilience_analysis.geography.boundaries import place_of

HEADER = "REFNIS|CD_YEAR|CD_PERIOD|CD_REFNIS_LEVEL|MS_DWELLING_RES_NEW|MS_APARTMENT_RES_NEW|"
HEADER += "MS_SINGLE_HOUSE_RES_NEW|MS_BUILDING_RES_RENOVATION"
NAMES = ["dwellings_new", "apartments_new", "houses_new", "residential_buildings_renovated"]
PERMITS = source(
    "permits",
    file="statbel/permits.csv",
    columns={name: Column("count") for name in NAMES},
    recipe=Recipe(
        address="nowhere",
        where={"CD_PERIOD": 0, "CD_REFNIS_LEVEL": 5},
        rename={"REFNIS": "nis_code", "CD_YEAR": "year", **dict(zip(HEADER.split("|")[4:], NAMES, strict=True))},
    ),
)
LIST = source("places", file="statbel/municipalities.csv", format="municipalities")
CATALOGUE = {"permits": PERMITS, "places": LIST}
OLD = "nis_code,year,dwellings_new,apartments_new,houses_new,residential_buildings_renovated\n11001,2023,1,1,0,4\n"
NEW = OLD + "11001,2024,3,2,1,5\n"


def zipped(*rows: str, names: tuple[str, ...] = ("permits.txt",)) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "\n".join([HEADER, *rows, ""]))
    return content.getvalue()


WHOLE = zipped("11001|2023|0|5|1|1|0|4", "11001|2024|0|5|3|2|1|5")


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Answer every request with a status and content (cut off after so many bytes) and give the address."""
    answer: dict[str, object] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if answer["wait"]:
                released.wait(5)
            self.send_response(int(str(answer["status"])))
            content = bytes(answer["content"])  # type: ignore[call-overload]
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: answer["cut"]])  # type: ignore[misc]

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    released = threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def start(content: bytes, *, status: int = 200, cut: int | None = None, wait: bool = False) -> str:
        answer.update(content=content, status=status, cut=cut, wait=wait)
        return f"http://127.0.0.1:{server.server_port}/file"

    yield start
    released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def raw(tmp_path):
    """A folder of raw data with the old permits, accepted."""
    (tmp_path / "statbel").mkdir()
    (tmp_path / "statbel" / "municipalities.csv").write_text("nis_code,name\n11001,Aartselaar\n")
    (tmp_path / PERMITS.file).write_text(OLD)
    accept(tmp_path, {"permits": PERMITS})
    return tmp_path


def assert_refused(raw, address: str, fault: str) -> None:
    """Hold that nothing is taken over, with a message that names the fault."""
    with pytest.raises(InputError, match=fault):
        fetch_source(raw, CATALOGUE, PERMITS, file=address)
    assert (raw / PERMITS.file).read_text() == OLD
    assert sorted(path.name for path in (raw / "statbel").iterdir()) == ["municipalities.csv", "permits.csv"]


def test_a_new_file_takes_the_place_of_the_old_and_waits_for_somebody_to_accept_it(raw, serve):
    fetched = fetch_source(raw, CATALOGUE, PERMITS, file=serve(WHOLE))
    assert fetched == Fetched(
        changed=True,
        said="statbel/permits.csv changed: 1 new row (2024). Look at it, then accept it with: resilience lock permits",
    )
    assert (raw / PERMITS.file).read_text() == NEW
    (problem,) = lock_problems(raw, {"permits": PERMITS})
    assert "statbel/permits.csv: changed: sha256" in str(problem)
    assert list(accept(raw, {"permits": PERMITS})) == ["statbel/permits.csv"]
    assert lock_problems(raw, {"permits": PERMITS}) == []


def test_the_same_file_changes_nothing(raw, serve):
    fetched = fetch_source(raw, CATALOGUE, PERMITS, file=serve(zipped("11001|2023|0|5|1|1|0|4")))
    assert fetched == Fetched(changed=False, said="statbel/permits.csv is what the publisher has.")
    assert lock_problems(raw, {"permits": PERMITS}) == []


def test_a_file_on_disk_is_read_as_an_address_is(raw, tmp_path):
    (tmp_path / "download.zip").write_bytes(WHOLE)
    fetch_source(raw, CATALOGUE, PERMITS, file=str(tmp_path / "download.zip"))
    assert (raw / PERMITS.file).read_text() == NEW


@pytest.mark.parametrize("status", [404, 500])
def test_an_address_that_answers_with_an_error_leaves_the_old_file(raw, serve, status):
    assert_refused(raw, serve(WHOLE, status=status), rf"cannot be fetched \(HTTP Error {status}")


def test_an_address_that_does_not_answer_in_time_leaves_the_old_file(raw, serve, monkeypatch):
    monkeypatch.setattr(publishers, "PATIENCE", 0.05)
    assert_refused(raw, serve(WHOLE, wait=True), r"cannot be fetched \(timed out\)\. Try later")


def test_an_answer_that_breaks_off_leaves_the_old_file(raw, serve):
    assert_refused(raw, serve(WHOLE, cut=50), f"broke off after 50 of {len(WHOLE)} bytes. Try later")


def test_an_answer_that_is_too_large_leaves_the_old_file(raw, serve, monkeypatch):
    monkeypatch.setattr(publishers, "LARGEST", 100)
    assert_refused(raw, serve(WHOLE), "is larger than 0 MiB")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<html>moved</html>", "is a web page, not a table"),
        (b"", "lacks the columns CD_PERIOD"),
        (WHOLE[: len(WHOLE) // 2], "is a damaged workbook"),
        (zipped(names=("a.txt", "b.txt")), "is a ZIP with 2 tables"),
        (zipped(names=("readme.pdf",)), "is a ZIP with no tables"),
        (zipped("11001|2023|0|5|many|1|0|4"), "column dwellings_new: 'many' is not a number"),
        (zipped("11001|2023|0|5|-1|1|0|4"), "row 2, column dwellings_new: -1 lies outside 0 to inf"),
        (zipped("11001|2023|0|5|1|1|0|4", "11001|2023|0|5|2|1|0|4"), "11001 has several rows in 2023"),
        (zipped("11001|2023|3|5|1|1|0|4"), "has no row of a municipality with its year"),
    ],
)
def test_content_that_is_not_what_it_should_be_leaves_the_old_file(raw, serve, content, fault):
    assert_refused(raw, serve(content), fault)


@pytest.mark.parametrize("address", ["http://", "http://[bad", "http://a b/"])
def test_an_address_that_is_none_is_refused(raw, address):
    assert_refused(raw, address, "cannot be fetched")


def test_a_file_that_does_not_exist_is_wrong_use(raw):
    with pytest.raises(UsageError, match="is neither a file nor an address"):
        fetch_source(raw, CATALOGUE, PERMITS, file=str(raw / "none.zip"))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/file"])
def test_other_schemes_than_those_of_the_web_are_never_opened(address):
    with pytest.raises(UsageError, match="is neither a file nor an address"):
        read_address(address)


def test_a_source_without_address_asks_for_the_file(raw):
    with pytest.raises(UsageError, match=r"no address is known for age: download it from https://example\.org"):
        fetch_source(raw, CATALOGUE, source("age"))


def test_a_raw_file_that_is_a_workbook_is_replaced_by_hand(raw):
    with pytest.raises(UsageError, match=r"age\.xlsx is not a CSV of ours: replace it"):
        fetch_source(raw, CATALOGUE, source("age", file="age.xlsx"), file="a.xlsx")


def test_figures_that_are_the_same_stay_as_they_were_written_and_other_years_stay(raw, tmp_path):
    age = source("age", columns={"a": Column("share_pct")})
    (raw / "age.csv").write_text("nis_code,year,a\n11001,2023,6\n11001,2024,7.50\n")
    (tmp_path / "new.csv").write_text(
        "NIS-code;Gemeente;Jaar;a\n11001;Aartselaar;2024;7,5\n11001;Aartselaar;2025;8,0\n"
    )
    fetched = fetch_source(raw, CATALOGUE, age, file=str(tmp_path / "new.csv"))
    assert (raw / "age.csv").read_text() == "nis_code,year,a\n11001,2023,6\n11001,2024,7.50\n11001,2025,8\n"
    assert "1 new row (2025), 1 row kept that the file does not have" in fetched.said


def test_pages_of_a_collection_of_features_are_put_together(serve):
    first = {"type": "FeatureCollection", "features": [1], "links": [{"rel": "next", "href": "file:///etc/passwd"}]}
    assert read_address(serve(json.dumps(first).encode()), features=True) == json.dumps(first).encode()


def test_the_next_page_of_a_collection_is_followed_once(serve):
    address = serve(b"")
    page = {"features": [1], "links": [{"rel": "next", "href": f"{address}?next"}]}
    assert json.loads(read_address(serve(json.dumps(page).encode()), features=True))["features"] == [1, 1]


@pytest.fixture
def published(tmp_path, root):
    """A copy of the raw data, and a way to fetch a source of this project from a file in its publisher's shape."""
    shutil.copytree(root / "data" / "raw", tmp_path / "raw")
    catalogue = read_catalogue(tmp_path / "raw")

    def fetched(name: str, content: str | bytes, **options) -> Fetched:
        path = tmp_path / "published"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return fetch_source(tmp_path / "raw", catalogue, catalogue[name], file=str(path), **options)

    return fetched


def test_house_sales_as_statbel_publishes_them_are_what_the_project_has(published, root):
    houses = "Alle huizen met 2, 3, 4 of meer gevels (excl. appartementen)"
    lines = [
        "CD_YEAR|CD_TYPE_NL|CD_REFNIS|CD_REFNIS_NL|CD_PERIOD|MS_TOTAL_TRANSACTIONS|MS_P_25|MS_P_50_median|CD_niveau_refnis"
    ]
    ours = pd.read_csv(root / "data/raw/statbel/house_sales.csv", dtype=str, keep_default_na=False)
    for code, year, sales, price in ours.itertuples(index=False):
        lines.append(f"{year}|{houses}|{code}|x|Y|{sales}|1|{price}|5")
        lines.append(f"{year}|{houses}|{code}|x|Q1|1|1|1|5")  # a quarter
        lines.append(f"{year}|Appartementen|{code}|x|Y|1|1|1|5")
    lines += [f"2014|{houses}|11001|x|Y|1|1|1|5", f"2024|{houses}|10000|x|Y|1|1|1|3"]  # too early, a province
    assert not published("statbel_house_sales", "\n".join(lines)).changed


def test_the_share_of_ages_is_calculated_from_the_structure_of_the_population(published, tmp_path):
    rows = [
        ("11001", 0, 70),
        ("11001", 64, 5),
        ("11001", 65, 15),
        ("11001", 100, 10),
        ("11002", 64, 2),
        ("11002", 65, 1),
    ]
    text = "CD_REFNIS|CD_SEX|CD_AGE|MS_POPULATION\n" + "".join(f"{code}|M|{age}|{n}\n" for code, age, n in rows)
    assert published("statbel_age", text, year=2026).changed
    made = pd.read_csv(tmp_path / "raw/statbel/population_age.csv", dtype=str)
    assert made.loc[made["year"] == "2026", "age_65_plus_pct"].tolist() == ["25", "33.333"]


def ours(root, file: str, *, below: str = "data/raw") -> pd.DataFrame:
    return pd.read_csv(root / below / file, dtype=str, keep_default_na=False)


def test_households_observed_and_projected_come_from_one_file(published, root):
    observed = ours(root, "statistiek_vlaanderen/households_by_size.csv")
    lines = ["jaar,niscode,aantal_huishoudleden,aantal"]
    for code, year, *sizes, _ in observed.itertuples(index=False):
        lines += [f"{year},{code},{size},{n}" for size, n in zip(("1", "2", "3", "4+"), sizes, strict=True)]
    for code, year, n in ours(root, "statistiek_vlaanderen/household_projections.csv").itertuples(index=False):
        lines += [f"{year},{code},1,{int(n) - 1}", f"{year},{code},2,1", f"{year},{code},3,0", f"{year},{code},4+,0"]
    for name in ("sv_households_by_size", "sv_household_projections"):
        assert not published(name, "\ufeff" + "\n".join(lines)).changed


def test_multi_annual_plans_are_added_up_over_years_by_policy_domain(published, root):
    plans = ours(root, "abb/planned_investments.csv")
    catalogue = read_catalogue(root / "data" / "raw")
    labels = catalogue["abb_planned_investments"].recipe.pivot["labels"]
    heads = [
        (domain, year, measure)
        for domain in labels
        for year in (2026, 2027)
        for measure in ("Uitgave", "Uitgave per inwoner")
    ]
    lines = [
        "Rapportjaar;2026",
        *(
            f"{name};" + ";".join(str(head[part]) for head in heads)
            for part, name in enumerate(("BV_domein", "Boekjaar"))
        ),
    ]
    lines.append("NIS-code;" + ";".join(head[2] for head in heads))
    for row in plans.to_dict("records"):
        cells = {domain: int(float(row[variable])) - 3 for domain, variable in labels.items()}
        values = [
            ("1,50" if measure != "Uitgave" else str(cells[domain] if year == 2026 else 3))
            for domain, year, measure in heads
        ]
        lines.append(";".join([row["nis_code"], *values]))
    assert not published("abb_planned_investments", "\n".join(lines)).changed


def test_vacancies_by_sector_are_added_up_over_five_years(published, root):
    names = dict(ours(root, "statbel/municipalities.csv")[["nis_code", "name"]].itertuples(index=False))
    catalogue = read_catalogue(root / "data" / "raw")
    labels = catalogue["vdab_vacancies_by_sector"].recipe.pivot["labels"]
    lines = [";".join(["gemeenten", *(f"{label}|{year}" for label in labels for year in (2019, 2020, 2024))])]
    for row in ours(root, "vdab/vacancies_by_sector.csv").to_dict("records"):
        cells = [cell for variable in labels.values() for cell in ("9", "0", row[variable])]
        lines.append(";".join([names[row["nis_code"]], *cells]))
    assert not published("vdab_vacancies_by_sector", "\n".join(lines)).changed


def test_one_level_of_areas_is_renewed_and_the_others_stay(published, root, tmp_path):
    levels = ours(root, "provinces/supra_local_areas.csv")
    text = "gemeente,politiezone\n" + "".join(
        f"{code},{zone}\n" for code, zone in levels[["nis_code", "police_zone"]].to_numpy()
    )
    assert not published("provinces_areas", text).changed
    assert published("provinces_areas", text.replace("11001,ipz1\n", "11001,ipz9\n")).changed
    made = ours(tmp_path, "provinces/supra_local_areas.csv", below="raw")
    assert made.iloc[0]["police_zone"] == "ipz9"
    pd.testing.assert_frame_equal(made.drop(columns="police_zone"), levels.drop(columns="police_zone"))
    with pytest.raises(InputError, match="has none of the levels"):
        published("provinces_areas", text.replace("politiezone", "zone"))


def test_questions_of_the_survey_are_read_from_the_sheets_of_a_theme(published, root):
    figures = ours(root, "abb/residents_survey_2023.csv")
    book = io.BytesIO()
    with pd.ExcelWriter(book) as writer:
        for item, positive in (("AR_S_01", "Ooit (%)"), ("LO_S_13", "Veel (%)"), ("ZZ_S_99", "Eens (%)")):
            sheet = pd.DataFrame(
                {"Gemeente": "x", "NIS-code": figures["nis_code"], "Indicator": item, "Jaar": 2023, "Neen (%)": 1}
            )
            sheet[positive] = pd.to_numeric(figures[item if item in figures else "AR_S_01"])
            pd.concat([sheet, sheet.assign(Jaar=2020)]).to_excel(writer, sheet_name=item, index=False)
    assert not published("abb_residents_survey", book.getvalue()).changed


def test_questions_that_share_a_sheet_are_told_by_their_wording_and_what_a_file_lacks_is_said(
    published, root, tmp_path
):
    figures, items = ours(root, "abb/residents_survey_2023.csv"), ours(root, "abb/residents_survey_2023_items.csv")
    together = items[items["item"].str.count("_") == 3]
    assert len(together) == 33
    book, first, some = io.BytesIO(), together["item"].iloc[0], figures.head(20)
    with pd.ExcelWriter(book) as writer:
        for name, questions in together.groupby(together["item"].str.rpartition("_")[0]):
            parts = [
                pd.DataFrame({"NIS-code": some["nis_code"], "Jaar": 2023, "Indicator": wording, "Neen": 1}).assign(
                    Ja=pd.to_numeric(some[item]) + (item == first)
                )
                for item, wording in questions[["item", "label_nl"]].to_numpy()
            ]
            pd.concat(parts).to_excel(writer, sheet_name=name, index=False)
    said = published("abb_residents_survey", book.getvalue()).said
    assert "20 cells are different, 279 rows kept that the file does not have" in said
    assert "61 of 94 variables are not in the file: AR_S_01, AR_S_02" in said
    made = ours(tmp_path, "abb/residents_survey_2023.csv", below="raw")
    pd.testing.assert_frame_equal(made.drop(columns=first), figures.drop(columns=first))


def test_education_is_a_share_of_the_counts_by_level(published, root):
    lines = ["BE|CD_MUNTY_REFNIS|TX_MUNTY_DESCR_NL|CD_ISCED_CL|MS_POPULATION|MS_POPULATION_25"]
    for code, _, share in ours(root, "statbel/census_education.csv").itertuples(index=False):
        low = round(float(share) * 1000)
        lines += [f"BE|{code}|x|{level}|7|{n}" for level, n in (("LOW", low), ("HIGH", 1), ("TOT", 100_000))]
    assert not published("statbel_education", "\n".join(lines), year=2021).changed
    with pytest.raises(InputError, match="says no year"):
        published("statbel_education", "\n".join(lines))


def test_flood_exposure_has_the_labels_of_the_monitor(published, root):
    figures = ours(root, "vmm/flood_exposure.csv").drop(columns="year")
    labels = read_catalogue(root / "data" / "raw")["vmm_flood_exposure"].recipe.rename
    table = figures.rename(columns={name: label for label, name in labels.items()} | {"nis_code": "NIS-code"})
    assert not published("vmm_flood_exposure", table.to_csv(index=False), year=2024).changed


def test_candidate_lists_are_counted_once_each_by_municipality_of_today(published, root, tmp_path):
    names = dict(ours(root, "statbel/municipalities.csv")[["nis_code", "name"]].itertuples(index=False))
    lines = ["gemeente,lijst,datum"]
    for code, year, n in ours(root, "abb/candidate_lists.csv").itertuples(index=False):
        lines += [f"{names[code]},http://lists/{code}/{place},{year}-10-13" for place in range(int(n))] * 2
    assert not published("abb_candidate_lists", "\n".join(lines)).changed
    lines.append("Borsbeek,http://lists/another,2024-10-13")  # merged into Antwerpen on 1 January 2025
    assert "1 cell is different" in published("abb_candidate_lists", "\n".join(lines)).said
    made, before = ours(tmp_path, "abb/candidate_lists.csv", below="raw"), ours(root, "abb/candidate_lists.csv")
    (changed,) = made[made["candidate_lists"] != before["candidate_lists"]]["nis_code"]
    assert changed == "11002"
    with pytest.raises(InputError, match="lacks the columns datum, lijst; it has gemeente, list, datum"):
        published("abb_candidate_lists", "gemeente,list,datum\nOlen,a,2024-10-13\n")


def test_bodies_are_counted_by_form_and_by_whether_their_members_share_a_region(published, root, tmp_path):
    region = dict(ours(root, "provinces/supra_local_areas.csv")[["nis_code", "reference_region"]].to_numpy())
    assert region["13010"] == region["13011"] != region["11001"]
    members = {"a": ["13010", "13011"], "b": ["13010", "11001"], "c": ["13010", "13011"], "d": ["11001"]}
    forms = {"a": "projectvereniging", "b": "Dienstverlenende vereniging", "c": "andere", "d": "projectvereniging"}
    rows = [f"{code},{body},{forms[body]}" for body, codes in members.items() for code in [*codes, *codes]]
    published("abb_intermunicipal_bodies", "\n".join(["gemeente,verband,vorm", *rows]), year=2026)
    made = ours(tmp_path, "abb/intermunicipal_bodies.csv", below="raw").query("year == '2026'")
    assert made.drop(columns="year").to_numpy().tolist() == [
        ["11001", "2", "1", "1", "0", "1"],
        ["13010", "3", "1", "1", "0", "2"],
        ["13011", "2", "1", "0", "0", "2"],
    ]


def test_the_members_of_bodies_in_2023_give_the_counts_that_are_kept(published, shared):
    members = pd.read_csv(shared / "facts" / "abb_intermunicipal_membership_2023.csv", dtype=str)
    table = members[["nis_code_2023", "igs_kbo", "igs_type"]].set_axis(["gemeente", "verband", "vorm"], axis=1)
    assert not published("abb_intermunicipal_bodies", table.to_csv(index=False), year=2023).changed


def test_codes_that_ended_or_grew_are_the_mergers_of_a_year(published, root):
    mergers = ours(root, "statbel/mergers.csv")
    now = mergers[mergers["valid_from"] == "2025-01-01"]
    pairs = [*now[["old_nis_code", "new_nis_code"]].to_numpy(), ("11001", "11001"), ("13011", "13011")]
    text = "gemeente2024,gemeente\n" + "".join(f"{old},{new}\n" for old, new in pairs)
    assert not published("statbel_mergers", text).changed


def test_villages_are_made_of_statistical_sectors(published, root, tmp_path):
    villages = gpd.read_file(root / "data/raw/statbel/villages_neteland_2025.geojson")
    west, south, east, north = villages.total_bounds
    halves = [
        villages.clip(box(*edges))
        for edges in ((west, south, (west + east) / 2, north), ((west + east) / 2, south, east, north))
    ]
    names = {"village_code": "cd_sub_munty", "name": "tx_sub_munty_nl", "nis_code": "cd_munty_refnis"}
    sectors = pd.concat(halves).rename(columns=names).to_crs("EPSG:31370")
    settings = read_settings(root / "definitions" / "project.yml")
    assert published("statbel_villages", sectors.to_json(to_wgs84=True).encode(), place=place_of(settings)).changed
    made = gpd.read_file(tmp_path / "raw/statbel/villages_neteland_2025.geojson")
    assert made["village_code"].tolist() == villages["village_code"].tolist()
    assert (made.to_crs(31370).area / villages.to_crs(31370).area - 1).abs().max() < 1e-4
