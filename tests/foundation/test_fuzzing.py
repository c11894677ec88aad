"""Every reader of files gives a table or a refusal in words, whatever the bytes: thousands are tried."""

from __future__ import annotations

import random

import pytest
from tests.foundation.test_workbooks import xlsx

from resilience_analysis.data.publishers import read_published, readers
from resilience_analysis.data.recipe import Recipe
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.tables import read_rows

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
