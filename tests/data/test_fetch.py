"""A raw file is refreshed only by what is whole and right; then the lock asks somebody to look."""

from __future__ import annotations

import http.server
import io
import threading
import zipfile
from collections.abc import Callable, Iterator

import pytest
from tests.small import source

from resilience_analysis.data import fetch
from resilience_analysis.data.catalogue import Column
from resilience_analysis.data.fetch import download, fetch_source, fetchable
from resilience_analysis.data.lock import accept, lock_problems
from resilience_analysis.foundation.errors import InputError, UsageError

HEADER = "REFNIS|CD_YEAR|CD_PERIOD|CD_REFNIS_LEVEL|MS_DWELLING_RES_NEW|MS_APARTMENT_RES_NEW|"
HEADER += "MS_SINGLE_HOUSE_RES_NEW|MS_BUILDING_RES_RENOVATION"
NAMES = ["dwellings_new", "apartments_new", "houses_new", "residential_buildings_renovated"]
PERMITS = source(
    "permits",
    file="statbel/permits.csv",
    reader="statbel_permits",
    columns={name: Column("count") for name in NAMES},
    address="nowhere",
)
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
        fetch_source(raw, PERMITS, address=address)
    assert (raw / PERMITS.file).read_text() == OLD
    assert sorted(path.name for path in (raw / "statbel").iterdir()) == ["municipalities.csv", "permits.csv"]


def test_a_new_file_takes_the_place_of_the_old_and_waits_for_somebody_to_accept_it(raw, serve):
    said = fetch_source(raw, PERMITS, address=serve(WHOLE))
    assert said.startswith("statbel/permits.csv changed (2 rows, 1 municipalities). Look at it, then accept it with: ")
    assert said.endswith("resilience lock permits")
    assert (raw / PERMITS.file).read_text() == NEW
    (problem,) = lock_problems(raw, {"permits": PERMITS})
    assert "statbel/permits.csv: changed: sha256" in str(problem)
    assert list(accept(raw, {"permits": PERMITS})) == ["statbel/permits.csv"]
    assert lock_problems(raw, {"permits": PERMITS}) == []


def test_the_same_file_changes_nothing(raw, serve):
    assert fetch_source(raw, PERMITS, address=serve(zipped("11001|2023|0|5|1|1|0|4"))) == (
        "statbel/permits.csv is what the publisher has."
    )
    assert lock_problems(raw, {"permits": PERMITS}) == []


def test_a_file_on_disk_is_read_as_an_address_is(raw, tmp_path):
    (tmp_path / "download.zip").write_bytes(WHOLE)
    fetch_source(raw, PERMITS, address=str(tmp_path / "download.zip"))
    assert (raw / PERMITS.file).read_text() == NEW


@pytest.mark.parametrize("status", [404, 500])
def test_an_address_that_answers_with_an_error_leaves_the_old_file(raw, serve, status):
    assert_refused(raw, serve(WHOLE, status=status), rf"cannot be fetched \(HTTP Error {status}")


def test_an_address_that_does_not_answer_in_time_leaves_the_old_file(raw, serve, monkeypatch):
    monkeypatch.setattr(fetch, "PATIENCE", 0.05)
    assert_refused(raw, serve(WHOLE, wait=True), r"cannot be fetched \(timed out\)\. Try later")


def test_an_answer_that_breaks_off_leaves_the_old_file(raw, serve):
    assert_refused(raw, serve(WHOLE, cut=50), f"broke off after 50 of {len(WHOLE)} bytes. Try later")


def test_an_answer_that_is_too_large_leaves_the_old_file(raw, serve, monkeypatch):
    monkeypatch.setattr(fetch, "LARGEST", 100)
    assert_refused(raw, serve(WHOLE), "is larger than 0 MiB")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<html>moved</html>", r"is not in the format statbel_permits \(File is not a zip file\)"),
        (b"", "is not in the format statbel_permits"),
        (WHOLE[: len(WHOLE) // 2], "is not in the format statbel_permits"),
        (zipped(names=("a.txt", "b.txt")), "holds 2 text files, not one"),
        (zipped(names=("readme.pdf",)), "holds 0 text files, not one"),
        (zipped("11001|2023|0|5|many|1|0|4"), "is not in the format statbel_permits"),
        (zipped("11001|2023|0|5|-1|1|0|4"), "row 2, column dwellings_new: -1 lies outside 0 to inf"),
        (zipped("11001|2023|0|5|1|1|0|4", "11001|2023|0|5|2|1|0|4"), "11001 stands here for the second time in 2023"),
        (zipped("11001|2023|3|5|1|1|0|4"), "is empty: it has no row below a header"),
    ],
)
def test_content_that_is_not_what_it_should_be_leaves_the_old_file(raw, serve, content, fault):
    assert_refused(raw, serve(content), fault)


@pytest.mark.parametrize("address", ["http://", "http://[bad", "http://a b/"])
def test_an_address_that_is_none_is_refused(raw, address):
    assert_refused(raw, address, "cannot be fetched")


def test_a_file_that_does_not_exist_is_wrong_use(raw):
    with pytest.raises(UsageError, match="is neither a file nor an address"):
        fetch_source(raw, PERMITS, address=str(raw / "none.zip"))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/file"])
def test_other_schemes_than_those_of_the_web_are_never_opened(address):
    with pytest.raises(UsageError, match="is neither a file nor an address"):
        download(address)


def test_a_source_without_reader_is_replaced_by_hand(raw):
    with pytest.raises(UsageError, match=r"age cannot be fetched: replace age\.csv by hand, see https://example\.org"):
        fetch_source(raw, source("age"))


def test_a_source_without_address_asks_for_one(raw):
    with pytest.raises(UsageError, match="no address is known for income: give one with --address"):
        fetch_source(raw, source("income", reader="statbel_fiscal_income"))


def test_what_can_be_fetched_is_what_has_a_reader():
    assert fetchable({"a": source("a"), "permits": PERMITS}) == ["permits"]
