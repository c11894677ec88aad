"""Figures in two layers: a base that many reports share, drawn once, and the marks that one report adds.

The base is drawn by matplotlib and kept as text; a report fills in its marks, as SVG, in a millisecond. For a notebook
the same is drawn on Axes (see `Drawing`). matplotlib is loaded where something is drawn anew, not for what was kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from resilience_analysis.drawing.outlines import POINTS, TEXT_SIZE, DrawnBase, Outlines, area_data, matrix, short
from resilience_analysis.foundation.project import NOTHING_KEPT, KeptFiles
from resilience_analysis.foundation.style import in_style, palette, style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text


__all__ = ["WIDTH", "Base", "Shown", "in_style", "new_figure", "palette", "style"]
WIDTH = 6.7  # inches: the text width of an A4 page
Shown: TypeAlias = "tuple[Figure, Mapping[str, Axes]]"


def new_figure(height: float, *, width: float = WIDTH) -> Figure:
    """Make an empty figure outside pyplot.

    Parameters
    ----------
    height, width
        Inches; `WIDTH` is the text width of an A4 page.

    Returns
    -------
    Figure
        A figure without axes, which pyplot does not know of.

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
        kept: KeptFiles = NOTHING_KEPT,
        name: str = "",
    ) -> None:
        self._make, self._outlines = make, outlines
        self.drawn = DrawnBase(**kept.plain(name, lambda: asdict(self._draw_text())))
        if not self.drawn.complete:
            _ = self.outlines  # before reports are forked
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
        if self.drawn.complete or code not in self.outlines.shapes:
            path = self.drawn.loose.get(name, {}).get(code)
        else:
            path = area_data(self.outlines.shapes[code], self.drawn.places[name])
        return (f'<path d="{path}"', 1.0) if path else ("", 1.0)

    def filled(self, parts: Mapping[str, str]) -> str:
        """Fill in the places by name; those that have nothing stay empty."""
        pieces = self.drawn.pieces
        return "".join(piece if number % 2 == 0 else parts.get(piece, "") for number, piece in enumerate(pieces))


TOP = 10  # above everything on the base but names
HALO = 'stroke="#fff" stroke-width="3" paint-order="stroke"'
_SIZE, _LINE = TEXT_SIZE, 11.0  # of a note, in points


@dataclass(frozen=True)
class Mark:
    """One mark, on one of the axes of a base."""

    axes: str

    @property
    def slot(self) -> str:
        """Name of the place that it is filled in at."""
        return f"marks {self.axes}"

    def svg(self, base: Base) -> str:
        """Return the mark as SVG."""
        raise NotImplementedError

    def draw(self, ax: Axes, base: Base) -> Sequence[Artist]:
        """Draw the mark on axes; returns what was added."""
        raise NotImplementedError


@dataclass(frozen=True)
class Point(Mark):
    """A value: a dot for the municipality, an open diamond for the median of its group."""

    x: float
    y: float
    of: str = "municipality"

    def svg(self, base: Base) -> str:
        """Return the mark as SVG."""
        x, y = base.point(self.axes, self.x, self.y)
        colour = palette()[self.of]
        if self.of == "municipality":
            return f'<circle cx="{short(x)}" cy="{short(y)}" r="3.5" fill="{colour}"/>'
        side = 6 / 2**0.5
        return (
            f'<path d="M{short(x)} {short(y - side)}l{side:.1f} {side:.1f}l-{side:.1f} {side:.1f}'
            f'l-{side:.1f}-{side:.1f}z" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        )

    def draw(self, ax: Axes, base: Base) -> Sequence[Artist]:  # noqa: ARG002
        """Draw the mark on axes."""
        zorder = TOP + 2 if self.of == "municipality" else TOP
        return ax.plot([self.x], [self.y], **point_style(self.of), zorder=zorder, clip_on=False)


def point_style(of: str) -> dict[str, Any]:
    """Return how matplotlib draws a `Point`.

    Examples
    --------
    >>> point_style("group")["marker"]
    'D'
    """
    if of == "municipality":
        return {"marker": "o", "color": palette()[of], "markersize": 7}
    face = {"markerfacecolor": "none", "markeredgewidth": 1.6, "markersize": 6}
    return {"marker": "D", "color": palette()[of], "linewidth": 0, **face}


@dataclass(frozen=True)
class Margin(Mark):
    """The margin of a value."""

    low: float
    high: float
    y: float

    def svg(self, base: Base) -> str:
        """Return the mark as SVG."""
        (left, y), (right, _) = base.point(self.axes, self.low, self.y), base.point(self.axes, self.high, self.y)
        look = f'stroke="{palette()["municipality"]}" stroke-width="1.6" stroke-linecap="round"'
        return f'<path d="M{short(left)} {short(y)}H{short(right)}" {look}/>'

    def draw(self, ax: Axes, base: Base) -> Sequence[Artist]:  # noqa: ARG002
        """Draw the mark on axes."""
        colour = palette()["municipality"]
        return ax.plot([self.low, self.high], [self.y, self.y], color=colour, linewidth=1.6, zorder=TOP + 1)


@dataclass(frozen=True)
class Note(Mark):
    """Words around a point, readable above what is drawn there."""

    x: float
    y: float
    lines: tuple[str, ...]

    def svg(self, base: Base) -> str:
        """Return the mark as SVG."""
        x, y = base.point(self.axes, self.x, self.y)
        first = y - _LINE * (len(self.lines) - 1) / 2 + 0.36 * _SIZE
        look = f'font-style="italic" text-anchor="middle" {HALO}'
        return "".join(
            f'<text x="{short(x)}" y="{short(first + _LINE * number)}" {look}>{escape(line, quote=False)}</text>'
            for number, line in enumerate(self.lines)
        )

    def draw(self, ax: Axes, base: Base) -> Sequence[Artist]:  # noqa: ARG002
        """Draw the mark on axes."""
        look = {"style": "italic", "fontsize": _SIZE, "linespacing": 1.0, "zorder": TOP}
        return [write_on_white(ax, self.x, self.y, "\n".join(self.lines), halo=3, **look)]


def write_on_white(ax: Axes, x: float, y: float, words: str, *, halo: float, **look: Any) -> Text:
    """Write words around a point, so that they can be read above what is drawn there.

    Parameters
    ----------
    ax
        Axes to draw on.
    x, y
        The middle of the words, in the units of the axes.
    words
        What to write; lines have a line feed between them.
    halo
        Points of white around every letter.
    **look
        Further arguments of `Axes.text`.

    Examples
    --------
    >>> write_on_white(new_figure(2).add_subplot(), 0, 0, "Olen", halo=3).get_text()
    'Olen'
    """
    from matplotlib.patheffects import withStroke  # noqa: PLC0415 - only what is drawn anew

    effects = [withStroke(linewidth=halo, foreground="white")]
    return ax.text(x, y, words, ha="center", va="center", color=palette()["ink"], path_effects=effects, **look)


@dataclass(frozen=True)
class Outline(Mark):
    """A thick outline around one area, below the names of a map."""

    code: str
    width: float = 2.4

    def svg(self, base: Base) -> str:
        """Return the mark as SVG."""
        area, scale = base.area(self.axes, self.code)
        look = f'fill="none" stroke="{palette()["group"]}" stroke-width="{short(self.width / scale)}"'
        return f"{area} {look}/>" if area else ""

    def draw(self, ax: Axes, base: Base) -> Sequence[Artist]:
        """Draw the mark on axes."""
        from matplotlib.collections import PathCollection  # noqa: PLC0415 - only on Axes

        path = base.outlines.path(self.code)
        if path is None:
            return []
        look = {"facecolors": "none", "edgecolors": palette()["group"], "linewidths": self.width, "zorder": TOP}
        area = PathCollection([path], **look)
        ax.add_collection(area, autolim=False)
        return [area]


@dataclass(frozen=True)
class Bold(Mark):
    """A name on a map in bold."""

    name: str

    @property
    def slot(self) -> str:
        """Name of the place that it is filled in at."""
        return f"name {self.name}"

    def svg(self, base: Base) -> str:  # noqa: ARG002
        """Return the mark as SVG."""
        return ' font-weight="bold"'

    def draw(self, ax: Axes, base: Base) -> Sequence[Artist]:  # noqa: ARG002
        """Draw the mark on axes."""
        named = [words for words in ax.texts if words.get_gid() == self.slot]
        for words in named:
            words.set_fontweight("bold")
        return named


@dataclass(frozen=True)
class Drawing:
    """A base with the marks of one report."""

    base: Base
    marks: Sequence[Mark] = ()

    def svg(self, *, label: str) -> str:
        """Return the picture as SVG for a page."""
        base = self.base
        parts: dict[str, str] = defaultdict(str)
        for mark in self.marks:
            parts[mark.slot] += mark.svg(base)
        width, height = base.drawn.size
        return (
            f'<svg class="picture" role="img" aria-label="{escape(label)}" viewBox="0 0 {width:.1f} {height:.1f}" '
            f'width="{base.width}" font-family="DejaVu Sans,Verdana,sans-serif" font-size="{TEXT_SIZE}" '
            f'fill="{palette()["ink"]}" stroke-linejoin="round">{base.drawn.outlines}{base.filled(parts)}</svg>'
        )

    @in_style
    def axes(self) -> Mapping[str, Axes]:
        """Draw the same with matplotlib, on new axes; returns them by name."""
        _, axes = self.base.draw()
        for mark in self.marks:
            mark.draw(axes[mark.axes], self.base)
        return axes
