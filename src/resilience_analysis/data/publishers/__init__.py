"""The formats of publishers, one small module each: from the bytes they publish to our own raw table."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable

import pandas as pd

from resilience_analysis.data.publishers import statbel, swing
from resilience_analysis.foundation.errors import InputError, Problem

Reader = Callable[[bytes, pd.Series], pd.DataFrame]
READERS: dict[str, Reader] = {
    "statbel_permits": statbel.read_permits,
    "statbel_fiscal_income": statbel.read_fiscal_income,
    "swing_jobseekers": swing.read_jobseekers,
}
"""By name: takes the published bytes and the names of the municipalities (by NIS code), gives our raw table."""

# what pandas, openpyxl and the XML parser below it raise on bytes that are something else
_UNREADABLE = (
    *(AttributeError, EOFError, IndexError, KeyError, RuntimeError, SyntaxError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)


def read_published(reader: str, content: bytes, names: pd.Series) -> pd.DataFrame:
    """Read published bytes in one of the formats of `READERS`.

    Raises
    ------
    InputError
        When they are not in that format.
    """
    try:
        return READERS[reader](content, names)
    except _UNREADABLE as error:
        what = f"is not in the format {reader} ({error})"
        remedy = "See whether the publisher changed it, or gave a page instead of the file"
        raise InputError(reader, [Problem("the published file", what, remedy)]) from error
