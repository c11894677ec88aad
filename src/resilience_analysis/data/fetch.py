"""Refresh a raw file from its publisher; the default run never needs it.

What comes in is read with the publisher's own format, checked like any raw table, and only then put in the place of the
old file. The lock is left as it was, so that somebody looks before the new figures are used.
"""

from __future__ import annotations

import http.client
import tempfile
import urllib.request
from pathlib import Path

import pandas as pd

from resilience_analysis.data.catalogue import Catalogue, Source
from resilience_analysis.data.publishers import read_published
from resilience_analysis.data.read_table import read_table
from resilience_analysis.foundation.errors import InputError, Problem, UsageError
from resilience_analysis.foundation.files import write_bytes
from resilience_analysis.foundation.tables import read_rows

LARGEST = 200 * 1024**2
PATIENCE = 60.0
_SCHEMES = ("https://", "http://")


def fetchable(catalogue: Catalogue) -> list[str]:
    """Return the names of the sources that can be fetched."""
    return [source.name for source in catalogue.values() if source.reader]


def fetch_source(folder: Path, source: Source, *, address: str | None = None) -> str:
    """Fetch a source and replace its raw table.

    Parameters
    ----------
    folder
        ``data/raw``.
    source
        What to fetch.
    address
        Where to take it from: an address or a file; the publisher's address of ``sources.yml`` when not given.

    Returns
    -------
    str
        A sentence that says what changed and how to accept it.

    Raises
    ------
    UsageError
        When the source has no reader, or no address is known.
    InputError
        When it cannot be fetched or is not what it should be; the old file stays.
    """
    if not source.reader:
        raise UsageError(f"{source.name} cannot be fetched: replace {source.file} by hand, see {source.page}")
    place = address or source.address
    if not place:
        raise UsageError(f"no address is known for {source.name}: give one with --address, see {source.page}")
    names = municipality_names(folder)
    table = read_published(source.reader, download(place), names)
    content = table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    _check(source, content)
    if not write_bytes(folder / source.file, content):
        return f"{source.file} is what the publisher has."
    size = f"{len(table)} rows, {table['nis_code'].nunique()} municipalities"
    return f"{source.file} changed ({size}). Look at it, then accept it with: resilience lock {source.name}"


def _check(source: Source, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / Path(source.file).name
        path.write_bytes(content)
        read_table(path, source)


def municipality_names(folder: Path) -> pd.Series:
    """Return the names of the municipalities by NIS code, from the raw list."""
    rows = read_rows(folder / "statbel" / "municipalities.csv", columns=["nis_code", "name"])
    return rows.set_index("nis_code")["name"]


def download(place: str) -> bytes:
    """Read an address (http or https) or a file, up to 200 MiB.

    Raises
    ------
    InputError
        When it cannot be reached, is too large or breaks off.
    UsageError
        When it is not an address and there is no such file.
    """
    if not place.startswith(_SCHEMES):
        path = Path(place)
        if not path.is_file():
            raise UsageError(f"{place} is neither a file nor an address")
        return path.read_bytes()
    try:
        request = urllib.request.Request(place, headers={"User-Agent": "resilience-analysis"})  # noqa: S310 - checked above
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - checked above
            content: bytes = answer.read(LARGEST + 1)
            promised = int(answer.headers.get("Content-Length") or 0)
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise InputError(
            place, [Problem(place, f"cannot be fetched ({error})", "Try later, or download it yourself")]
        ) from error
    if len(content) > LARGEST:
        raise InputError(place, [Problem(place, f"is larger than {LARGEST // 1024**2} MiB")])
    if len(content) < promised:
        what = f"broke off after {len(content)} of {promised} bytes"
        raise InputError(place, [Problem(place, what, "Try later, or download it yourself")])
    return content
