"""What publishers give: bytes from an address or a file, read in their formats.

Every module in this folder lists readers of formats under `READERS`, by their names.
"""

from __future__ import annotations

import http.client
import json
import urllib.request
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from resilience_analysis.foundation.errors import InputError, UsageError, refusal
from resilience_analysis.foundation.vocabulary import entry_names, load_entry

if TYPE_CHECKING:
    from resilience_analysis.data.recipe import Recipe

LARGEST = 200 * 1024**2
PATIENCE = 60.0
MOST_PAGES = 1000
_SCHEMES = ("https://", "http://")
# what pandas, json and the XML parsers raise on bytes that are something else
_UNREADABLE = (AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError)


class Reader(Protocol):
    """What reads one format; see `formats`."""

    def __call__(self, content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
        """Read published bytes as text."""


def readers() -> dict[str, Reader]:
    """Return all readers by name, in order of their names."""
    modules = [load_entry(__name__, name, "READERS") for name in entry_names(__path__)]
    return dict(sorted((entry for module in modules for entry in module.items()), key=itemgetter(0)))


def read_published(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read published bytes with the reader that a recipe names.

    Returns
    -------
    pandas.DataFrame
        Text, under the publisher's own headings.

    Raises
    ------
    InputError
        When they are not in that format.
    """
    try:
        return readers()[recipe.reader](content, file, recipe)
    except InputError:
        raise
    except _UNREADABLE as error:
        what = f"is not in the format {recipe.reader} ({type(error).__name__}: {error})"
        remedy = "See whether the publisher changed it, or gave a page instead of the file"
        raise refusal(file, what, remedy) from error


def download(place: str, *, features: bool = False) -> bytes:
    """Read an address (http or https) or a file, up to 200 MiB.

    Parameters
    ----------
    features
        Whether it is a collection of features, whose next pages are followed.

    Raises
    ------
    InputError
        When it cannot be reached, is too large or breaks off.
    UsageError
        When it is not an address and the file does not exist.
    """
    if not place.startswith(_SCHEMES):
        path = Path(place)
        if not path.is_file():
            raise UsageError(f"{place} is neither a file nor an address")
        return path.read_bytes()
    content = _read(place)
    return _all_pages(place, content) if features else content


def _read(place: str) -> bytes:
    try:
        request = urllib.request.Request(place, headers={"User-Agent": "resilience-analysis"})  # noqa: S310 - checked above
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - checked above
            content: bytes = answer.read(LARGEST + 1)
            promised = int(answer.headers.get("Content-Length") or 0)
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise refusal(place, f"cannot be fetched ({error})", "Try later, or download it yourself") from error
    if len(content) > LARGEST:
        raise refusal(place, f"is larger than {LARGEST // 1024**2} MiB")
    if len(content) < promised:
        what = f"broke off after {len(content)} of {promised} bytes"
        raise refusal(place, what, "Try later, or download it yourself")
    return content


def _all_pages(place: str, content: bytes) -> bytes:
    """Put the pages of a collection together, as OGC API Features links them."""
    try:
        first = page = json.loads(content)
        seen = {place}
        while (following := _next_page(page)) and len(seen) < MOST_PAGES:
            if following in seen or not following.startswith(_SCHEMES):
                break
            seen.add(following)
            page = json.loads(_read(following))
            first["features"] += page["features"]
    except (ValueError, KeyError, TypeError):
        return content  # another kind of file, which its reader refuses in its own words
    return content if len(seen) == 1 else json.dumps(first).encode()


def _next_page(page: Any) -> str | None:
    links = page.get("links", []) if isinstance(page, dict) else []
    return next((str(link["href"]) for link in links if link.get("rel") == "next" and link.get("href")), None)
