"""Objects that show themselves in a notebook, and carry what an accessible report needs beside the picture.

Every view has a plain text: a rounded table or a description. That is what nbval compares and what a terminal shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resilience_analysis.drawing.layers import Drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Html:
    """A fragment of HTML with its plain text."""

    html: str  # the fragment; untrusted text in it is escaped already
    text: str  # what it says, as text

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
class Picture(Html):
    """A figure as HTML: vector graphics with its description, caption and the data behind it."""

    drawing: Drawing  # what it shows; `axes` draws the same with matplotlib
    alt: str  # what the figure shows, for those who cannot see it
    caption: str  # title and source, as text

    def axes(self) -> Mapping[str, Axes]:
        """Draw the same with matplotlib, to change or to save; returns the axes by name."""
        return self.drawing.axes()


@dataclass(frozen=True)
class Views:
    """Several views that belong together; a notebook shows them one below the other."""

    views: Sequence[Html]

    def __iter__(self) -> Iterator[Html]:
        """Go through the views."""
        return iter(self.views)

    def __repr__(self) -> str:
        """Show the plain texts."""
        return "\n\n".join(view.text for view in self.views)

    def standalone(self) -> str:
        """Return the HTML that shows these views on their own."""
        return share_outlines("\n".join(view.standalone() for view in self.views))

    def _ipython_display_(self) -> None:
        from IPython.display import display  # noqa: PLC0415 - loaded where a notebook runs

        for view in self.views:
            data, metadata = view.bundle()
            display(data, metadata=metadata, raw=True)


_OUTLINES = re.compile(r'<defs class="outlines" data-of="(\w+)">.*?</defs>', re.DOTALL)


def share_outlines(html: str) -> str:
    """Keep the outlines of areas that several pictures of a page show once: the first picture has them for all."""
    seen: set[str] = set()

    def first(match: re.Match[str]) -> str:
        again = match[1] in seen
        seen.add(match[1])
        return "" if again else match[0]

    return _OUTLINES.sub(first, html)


_HALO = re.compile(r'<text ([^>]*?)( stroke="#fff"[^>]*? paint-order="stroke")([^>]*)>([^<]*)</text>')


def plain_pictures(html: str) -> str:
    """Return a page whose pictures are complete in themselves, for programs that print and know less of SVG.

    Every picture has the outlines that it refers to and its label as a title, which is where a PDF takes its text from;
    what is white around a name is written before the name.
    """
    known = {match[1]: match[0] for match in _OUTLINES.finditer(html)}
    html = _HALO.sub(r"<text \1\2\3>\4</text><text \1\3>\4</text>", html)

    def whole(match: re.Match[str]) -> str:
        needed = "".join(text for key, text in known.items() if f'"#{key}-' in match[0])
        return f"{match[1]}<title>{match[2]}</title>{needed}{match[3]}"

    return re.sub(
        r'(?s)(<svg class="picture"[^>]*? aria-label="([^"]*)"[^>]*>)(.*?</svg>)', whole, _OUTLINES.sub("", html)
    )
