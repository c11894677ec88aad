"""Figures in two layers: a base that many reports share, drawn once, and the marks that one report adds.

The base is drawn by matplotlib and kept as SVG; a report fills in its marks in a millisecond. For a notebook the same
is drawn on Axes (see `marks.Drawing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from resilience_analysis.drawing.outlines import Outlines
from resilience_analysis.drawing.vector import POINTS, SLOT, draw_svg
from resilience_analysis.foundation.style import in_style, palette, style

__all__ = ["WIDTH", "Base", "Shown", "in_style", "new_figure", "palette", "style"]
WIDTH = 6.7  # inches: the text width of an A4 page


def new_figure(height: float, *, width: float = WIDTH) -> Figure:
    """Make an empty figure outside pyplot; sizes in inches.

    Examples
    --------
    >>> new_figure(3.0, width=4.0).get_size_inches().tolist()
    [4.0, 3.0]
    """
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


Shown = tuple[Figure, Mapping[str, Axes]]


class Base:
    """A figure that many reports share: drawn once, kept as SVG, and filled in for each report.

    Parameters
    ----------
    make
        Draws the figure, and returns it with its axes by name. What is added to it does not move what is drawn.
    outlines
        Areas that are drawn by reference.
    """

    def __init__(self, make: Callable[[], Shown], *, outlines: Outlines | None = None) -> None:
        self._make = make
        self.outlines = outlines or Outlines("")
        figure, axes = self.draw()
        self.size = (POINTS * figure.get_figwidth(), POINTS * figure.get_figheight())
        self._pieces = in_style(draw_svg)(figure, self.outlines).split(SLOT)
        flip = Affine2D().scale(1, -1).translate(0, self.size[1])
        self._places = {name: Affine2D((ax.transData + flip).get_matrix()) for name, ax in axes.items()}
        self.area_places = {name: self.outlines.transform + place for name, place in self._places.items()}
        self._numbers = {name: place.get_matrix() for name, place in self._places.items()}

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
        return tuple(self._places)

    @property
    def width(self) -> int:
        """Width on screen, in CSS pixels: 720 for the text width of a page."""
        return round(720 * self.size[0] / (WIDTH * POINTS))

    def place(self, name: str) -> Affine2D:
        """Return where the data of one of the axes lie in the picture."""
        return self._places[name]

    def point(self, name: str, x: float, y: float) -> tuple[float, float]:
        """Return where a point of one of the axes lies in the picture."""
        (a, _, c), (_, d, f), _ = self._numbers[name]
        return a * x + c, d * y + f

    def filled(self, parts: Mapping[str, str]) -> str:
        """Fill in the places by name; those that have nothing stay empty."""
        return "".join(piece if number % 2 == 0 else parts.get(piece, "") for number, piece in enumerate(self._pieces))
