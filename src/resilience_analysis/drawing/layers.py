"""Figures in two layers: a base that many reports share, drawn once, and the marks that one report adds.

The base is drawn by matplotlib and kept as text; a report fills in its marks in a millisecond. For a notebook the same
is drawn on Axes (see `marks.Drawing`). matplotlib is loaded where something is drawn anew, and not for what was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from resilience_analysis.drawing.outlines import Outlines
from resilience_analysis.drawing.svg import POINTS, DrawnBase, matrix
from resilience_analysis.foundation.kept import KeptFiles
from resilience_analysis.foundation.style import in_style, palette, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["WIDTH", "Base", "Shown", "in_style", "new_figure", "palette", "style"]
WIDTH = 6.7  # inches: the text width of an A4 page
Shown: TypeAlias = "tuple[Figure, Mapping[str, Axes]]"


def new_figure(height: float, *, width: float = WIDTH) -> Figure:
    """Make an empty figure outside pyplot; sizes in inches.

    Examples
    --------
    >>> new_figure(3.0, width=4.0).get_size_inches().tolist()
    [4.0, 3.0]
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - only what is drawn anew
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


class Base:
    """A figure that many reports share: drawn once, kept as text, and filled in for each report.

    Parameters
    ----------
    make
        Draws the figure, and returns it with its axes by name. What is added to it does not move what is drawn.
    outlines
        Returns the areas that are drawn by reference.
    kept, name
        Where it is kept on disk, and as what; it is drawn anew where it is not there.
    """

    def __init__(
        self,
        make: Callable[[], Shown],
        *,
        outlines: Callable[[], Outlines] = lambda: Outlines(""),
        kept: KeptFiles | None = None,
        name: str = "",
    ) -> None:
        self._make, self._outlines = make, outlines
        found = kept.read(name) if kept else None
        self.drawn = self._draw_text() if found is None else DrawnBase(**found)
        if found is None and kept and self.drawn.complete:
            kept.write(name, asdict(self.drawn))
        self._defined = frozenset(self.drawn.defined)

    def _draw_text(self) -> DrawnBase:
        from resilience_analysis.drawing.vector import draw_text  # noqa: PLC0415 - loads matplotlib

        return draw_text(*self.draw(), self.outlines)

    @cached_property
    def outlines(self) -> Outlines:
        """The areas that are drawn by reference."""
        return self._outlines()

    @in_style
    def draw(self) -> Shown:
        """Draw the figure anew."""
        figure, axes = self._make()
        for ax in axes.values():
            ax.autoscale_view()
            ax.set_autoscale_on(False)
        return figure, axes

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(self.drawn.places)

    @property
    def width(self) -> int:
        """Width on screen, in CSS pixels: 720 for the text width of a page."""
        return round(720 * self.drawn.size[0] / (WIDTH * POINTS))

    def point(self, name: str, x: float, y: float) -> tuple[float, float]:
        """Return where a point of one of the axes lies in the picture."""
        a, _, _, d, e, f = self.drawn.places[name]
        return a * x + e, d * y + f

    def area(self, name: str, code: str) -> tuple[str, float]:
        """Return an area on one of the axes as the beginning of an SVG element, and how many points a unit of it is.

        Empty for an area that is not there.
        """
        if code in self._defined:
            place = self.drawn.area_places[name]
            return f'<use href="#{self.drawn.key}-{code}" transform="{matrix(place)}"', place[0]
        path = self.drawn.loose.get(name, {}).get(code) if self.drawn.complete else self._area_data(name, code)
        return (f'<path d="{path}"', 1.0) if path else ("", 1.0)

    def _area_data(self, name: str, code: str) -> str:
        from resilience_analysis.drawing.vector import area_data  # noqa: PLC0415 - loads matplotlib

        return area_data(self.outlines, code, self.drawn.places[name])

    def filled(self, parts: Mapping[str, str]) -> str:
        """Fill in the places by name; those that have nothing stay empty."""
        pieces = self.drawn.pieces
        return "".join(piece if number % 2 == 0 else parts.get(piece, "") for number, piece in enumerate(pieces))
