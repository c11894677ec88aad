"""Every reader of files gives a table or a refusal in words, whatever the bytes: thousands are tried."""

from __future__ import annotations

import io
import random
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from tests.foundation.test_workbooks import xlsx

from resilience_analysis.data.publishers import read_published, readers
from resilience_analysis.data.recipe import Recipe
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.shapes import read_shapes
from resilience_analysis.foundation.tables import read_rows
from resilience_analysis.survey.exports import survey_tools
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.items import load_instrument
from resilience_analysis.survey.synthetic import simulate, write_example
from resilience_analysis.survey.workbook import read_workbook

pytestmark = pytest.mark.trial
TRIED = 4000
PIECES = [
    *(b"a", b"1", b"1.200", b"3,5", b",", b";", b"\t", b"|", b'"', b"\r\n", b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\0"),
    *(
        b"\xe9",
        "é".encode(),
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0",
        b"{",
        b"[",
        b"}",
        b"]",
        b": ",
        b"- ",
        b"&a ",
        b"*a",
        b"<<: ",
    ),
    *(
        b"inf",
        b"nan",
        b"=1+1",
        b"!!python/object:os.system",
        b'{"facts": [{}]}',
        b"2024",
        b"label|2024",
        b" ",
        b"\xc2\xa0",
    ),
]
LABELS = {"column": "label", "values": "value", "labels": {"a": "x"}}


def mixed(random_: random.Random) -> bytes:
    return b"".join(random_.choices(PIECES, k=random_.randint(0, 40)))


def damaged(random_: random.Random, whole: bytes) -> bytes:
    content = bytearray(whole)
    for _ in range(random_.randint(1, 30)):
        content[random_.randrange(len(content))] = random_.randrange(256)
    return bytes(content[: random_.randint(1, len(content))] if random_.random() < 0.3 else content)


def refusals(read, contents) -> int:
    """Count the refusals; any other error than an `InputError` fails the test."""
    count = 0
    for content in contents:
        try:
            read(content)
        except InputError as error:
            count += len(error.problems) > 0
    return count


def test_tables_are_read_or_refused(tmp_path):
    random_, path = random.Random(1), tmp_path / "a.csv"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        read_rows(path, rows_needed=False)

    assert 0 < refusals(read, (mixed(random_) for _ in range(TRIED))) < TRIED
    whole = xlsx(["code", "a"], *([f"U{k}", k / 3] for k in range(9)))
    assert 0 < refusals(read, (damaged(random_, whole) for _ in range(TRIED // 4))) <= TRIED // 4


def test_definitions_are_read_or_refused(tmp_path):
    random_, path = random.Random(2), tmp_path / "a.yml"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        read_yaml(path)

    assert 0 < refusals(read, (mixed(random_) for _ in range(TRIED))) < TRIED


@pytest.mark.parametrize("reader", readers())
def test_published_files_are_read_or_refused(reader):
    random_ = random.Random(3)
    recipe = Recipe(reader, pivot=LABELS)
    assert (
        refusals(lambda content: read_published(content, "a", recipe), (mixed(random_) for _ in range(TRIED // 4))) > 0
    )


def zipped(content: bytes, name: str = "a.csv") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def test_archives_are_read_or_refused(tmp_path):
    random_, path = random.Random(4), tmp_path / "a.zip"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        read_rows(path, rows_needed=False)

    assert 0 < refusals(read, (zipped(mixed(random_)) for _ in range(TRIED // 2))) < TRIED // 2
    for whole in (zipped(b"code,a\n1,2\n" * 50), zipped(xlsx(["code"], [1]), "a.xlsx"), zipped(zipped(b"a\n1\n"))):
        assert 0 < refusals(read, (damaged(random_, whole) for _ in range(TRIED // 4))) <= TRIED // 4


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_maps_are_read_or_refused(tmp_path, name):
    random_, path = random.Random(5), tmp_path / name
    gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[box(4, 51, 5, 52), box(5, 51, 6, 52)], crs=4326).to_file(path)
    whole = path.read_bytes()

    def read(content: bytes) -> None:
        path.write_bytes(content)
        read_shapes(path)

    assert 0 < refusals(read, (damaged(random_, whole) for _ in range(TRIED // 8))) <= TRIED // 8
    assert refusals(read, (whole[:16] + mixed(random_) for _ in range(TRIED // 8))) > 0


@pytest.mark.parametrize("tool", sorted(survey_tools()))
def test_exports_are_read_or_refused(tmp_path, tool):
    random_, instrument = random.Random(6), load_instrument()
    path = tmp_path / f"a{next(iter(survey_tools()[tool].file_types))}"
    write_example(path, tool, simulate(instrument), instrument)
    whole = path.read_bytes()
    text = path.suffix == ".csv"
    whole = b"".join(whole.splitlines(keepends=True)[:12]) if text else whole

    def read(content: bytes) -> None:
        path.write_bytes(content)
        import_answers(path, instrument, ImportOptions("2026", tool=tool, key=lambda: bytes(32)))

    def torn() -> bytes:
        place = random_.randrange(len(whole))
        return whole[:place] + mixed(random_) + whole[place + random_.randint(0, 9) :]

    assert refusals(read, (damaged(random_, whole) for _ in range(TRIED // 80))) > 0
    assert refusals(read, ((torn() if text else mixed(random_)) for _ in range(TRIED // 80))) > 0


def test_spss_files_are_read_or_refused(tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    random_, path = random.Random(7), tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"code": ["a", "b"] * 9, "x": [1.0, None] * 9}), str(path))
    whole = path.read_bytes()

    def read(content: bytes) -> None:
        path.write_bytes(content)
        read_workbook(path)

    assert 0 < refusals(read, (damaged(random_, whole) for _ in range(TRIED // 4))) < TRIED // 4
    assert 0 < refusals(read, (b"$FL2" + mixed(random_) for _ in range(TRIED // 4))) <= TRIED // 4
