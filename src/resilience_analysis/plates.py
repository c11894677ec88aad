"""Figures in two layers: a base that many profiles share, drawn once, and what one profile adds on top.

A `Plate` keeps the pixels of its base. Printing restores them and draws only the added artists, which gives the same
pixels as drawing everything anew, at a fraction of the cost.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from resilience_analysis.framework import DEFINITIONS
from resilience_analysis.storage import read_yaml

WIDTH = 6.7  # inches: the text width of an A4 page
_COMPRESSION = 6
Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")


@cache
def palette() -> Mapping[str, Any]:
    """Give the colours of ``definitions/style/palette.yml``."""
    return dict(read_yaml(DEFINITIONS / "style" / "palette.yml"))


@cache
def style() -> Any:
    """Give the matplotlib settings of ``definitions/style/resilience.mplstyle``, for `matplotlib.rc_context`."""
    return mpl.rc_params_from_file(DEFINITIONS / "style" / "resilience.mplstyle", use_default_template=True)


def in_style(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Make a drawing function work in the package's style, whatever the caller's settings are."""

    @wraps(draw)
    def drawn(*args: Given.args, **options: Given.kwargs) -> Drawn:
        with mpl.rc_context(style()):
            return draw(*args, **options)

    return drawn


def new_figure(height: float, *, width: float = WIDTH) -> Figure:
    """Make an empty figure outside pyplot; sizes in inches."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


Additions = Callable[[Mapping[str, Axes]], Sequence[Artist]]


@dataclass
class Plate:
    """A base figure whose pixels are kept.

    Attributes
    ----------
    figure
        The base, in the package's style.
    axes
        Its axes by name.
    """

    figure: Figure
    axes: Mapping[str, Axes]
    _base: Any = None

    def __post_init__(self) -> None:
        """Fix the limits of all axes: what is added must not move what is drawn already."""
        for ax in self.axes.values():
            ax.autoscale_view()
            ax.set_autoscale_on(False)

    @property
    def width(self) -> int:
        """Width on screen, in CSS pixels: 720 for the text width of a page."""
        return round(720 * self.figure.get_figwidth() / WIDTH)

    @property
    def _canvas(self) -> FigureCanvasAgg:
        canvas = self.figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        return canvas

    @in_style
    def png(self, add: Additions) -> bytes:
        """Draw what `add` puts on the axes over the base, and give the picture as PNG.

        Parameters
        ----------
        add
            Adds artists to the axes and gives them in drawing order; they are taken off again afterwards.
        """
        canvas = self._canvas
        if self._base is None:
            canvas.draw()
            self._base = canvas.copy_from_bbox(self.figure.bbox)
        canvas.restore_region(self._base)
        artists = add(self.axes)
        for artist in artists:
            self.figure.draw_artist(artist)
        return _taken_off(artists, _encode(canvas))

    @in_style
    def png_anew(self, add: Additions) -> bytes:
        """Draw base and additions from scratch: slower, the same picture; what `png` is tested against."""
        artists = add(self.axes)
        self._canvas.draw()
        return _taken_off(artists, _encode(self._canvas))


def _taken_off(artists: Sequence[Artist], picture: bytes) -> bytes:
    for artist in artists:
        artist.remove()
    return picture


def _encode(canvas: FigureCanvasAgg) -> bytes:
    image = Image.frombuffer("RGBA", canvas.get_width_height(), bytes(canvas.buffer_rgba())).convert("RGB")
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=_COMPRESSION)
    return stream.getvalue()
