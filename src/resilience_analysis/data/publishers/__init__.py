"""The formats of publishers: every module in this folder lists readers under `READERS`, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pandas as pd

from resilience_analysis.foundation.errors import InputError, refusal
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
    """What reads one format; see `formats`."""

    def __call__(self, content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
        """Read published bytes as text."""


def readers() -> dict[str, Reader]:
    """Return all readers by name."""
    modules = [load_entry(__name__, name, "READERS") for name in entry_names(__path__)]
    return {name: read for module in modules for name, read in module.items()}


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
