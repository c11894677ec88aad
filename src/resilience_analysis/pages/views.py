"""Objects that show themselves in a notebook, and carry what an accessible report needs beside the picture.

Every view has a plain text: a rounded table or a description. That is what nbval compares and what a terminal shows.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from IPython.display import display

METADATA = "resilience"


@dataclass(frozen=True)
class Html:
    """A fragment of HTML with its plain text.

    Attributes
    ----------
    html
        The fragment; untrusted text in it is escaped already.
    text
        What it says, as text.
    """

    html: str
    text: str

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the data and metadata of a notebook output."""
        return {"text/html": self.html, "text/plain": self.text}, {}

    def standalone(self) -> str:
        """Return the HTML that shows this view on its own."""
        return self.html

    def __repr__(self) -> str:
        """Show the plain text."""
        return self.text

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.bundle()


@dataclass(frozen=True)
class Picture:
    """A figure with its description, caption and the data behind it.

    Attributes
    ----------
    png
        The image.
    alt
        What the figure shows, for who cannot see it.
    caption
        Title and source, as text.
    table
        The data behind the figure as an HTML table, or empty.
    text
        What it shows, with the rounded data, as text.
    width
        Width on screen, in CSS pixels.
    """

    png: bytes
    alt: str
    caption: str
    table: str
    text: str
    width: int = 720

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the data and metadata of a notebook output; what a report adds to the image stands in the metadata."""
        facts = {"alt": self.alt, "caption": self.caption, "table": self.table, "width": self.width}
        image = base64.b64encode(self.png).decode("ascii")
        return {"image/png": image, "text/plain": self.text}, {METADATA: facts}

    def standalone(self) -> str:
        """Return the HTML that shows this view on its own."""
        image = base64.b64encode(self.png).decode("ascii")
        return (
            f'<figure><img src="data:image/png;base64,{image}" alt="{escape(self.alt)}" width="{self.width}">'
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
        )

    def __repr__(self) -> str:
        """Show the plain text."""
        return self.text

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.bundle()


View = Html | Picture


@dataclass(frozen=True)
class Views:
    """Several views that belong together; a notebook shows them one below the other."""

    views: Sequence[View]

    def __iter__(self) -> Iterator[View]:
        """Go through the views."""
        return iter(self.views)

    def __repr__(self) -> str:
        """Show the plain texts."""
        return "\n\n".join(view.text for view in self.views)

    def standalone(self) -> str:
        """Return the HTML that shows these views on their own."""
        return "\n".join(view.standalone() for view in self.views)

    def _ipython_display_(self) -> None:
        for view in self.views:
            data, metadata = view.bundle()
            display(data, metadata=metadata, raw=True)
