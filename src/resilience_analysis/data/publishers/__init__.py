"""The formats of publishers, one small module each: from the bytes they publish to a table of text.

A module here is a reader; its name is what ``fetch: {reader: ...}`` in ``sources.yml`` calls it. It has one function,
``read(content, file, recipe)``, which gives a row per figure or per municipality as published; `data.recipe` does the
rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.vocabulary import entry_names, load_entry

if TYPE_CHECKING:
    from resilience_analysis.data.recipe import Recipe

# what pandas, json and the XML parsers raise on bytes that are something else
_UNREADABLE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


class Reader(Protocol):
    """The function ``read`` of a module of this package."""

    def __call__(self, content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
        """Read published bytes as text."""


def readers() -> tuple[str, ...]:
    """Return the names of all readers."""
    return entry_names(__path__)


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
    read: Reader = load_entry(__name__, recipe.reader, "read")
    try:
        return read(content, file, recipe)
    except InputError:
        raise
    except _UNREADABLE as error:
        what = f"is not in the format {recipe.reader} ({type(error).__name__}: {error})"
        remedy = "See whether the publisher changed it, or gave a page instead of the file"
        raise InputError(file, [Problem(file, what, remedy)]) from error
