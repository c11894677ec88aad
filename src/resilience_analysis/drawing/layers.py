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
class Point:
    """A value: a dot for the municipality, an open diamond for the median of its group."""

    axes: str  # name of the axes that it is on, as for all marks
    x: float
    y: float
    of: str = "municipality"


@dataclass(frozen=True)
class Margin:
    """The margin of a value."""

    axes: str
    low: float
    high: float
    y: float


@dataclass(frozen=True)
class Note:
    """Words around a point, readable above what is drawn there."""

    axes: str
    x: float
    y: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """A thick outline around one area, below the names of a map."""

    axes: str
    code: str
    width: float = 2.4


@dataclass(frozen=True)
class Bold:
    """A name on a map in bold."""

    axes: str
    name: str


Mark: TypeAlias = Point | Margin | Note | Outline | Bold


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


def _slot(mark: Mark) -> str:
    """Return the name of the place in a base that a mark is filled in at."""
    return f"name {mark.name}" if isinstance(mark, Bold) else f"marks {mark.axes}"


def _in_page(mark: Mark, base: Base) -> str:
    """Return a mark as SVG."""
    match mark:
        case Point(axes, x, y, of):
            return _point_svg(*base.point(axes, x, y), of)
        case Margin(axes, low, high, y):
            (left, up), (right, _) = base.point(axes, low, y), base.point(axes, high, y)
            look = f'stroke="{palette()["municipality"]}" stroke-width="1.6" stroke-linecap="round"'
            return f'<path d="M{short(left)} {short(up)}H{short(right)}" {look}/>'
        case Note(axes, x, y, lines):
            return _note_svg(*base.point(axes, x, y), lines)
        case Outline(axes, code, width):
            area, scale = base.area(axes, code)
            look = f'fill="none" stroke="{palette()["group"]}" stroke-width="{short(width / scale)}"'
            return f"{area} {look}/>" if area else ""
        case Bold():
            return ' font-weight="bold"'


def _point_svg(x: float, y: float, of: str) -> str:
    if of == "municipality":
        return f'<circle cx="{short(x)}" cy="{short(y)}" r="3.5" fill="{palette()[of]}"/>'
    side = 6 / 2**0.5
    return (
        f'<path d="M{short(x)} {short(y - side)}l{side:.1f} {side:.1f}l-{side:.1f} {side:.1f}'
        f'l-{side:.1f}-{side:.1f}z" fill="none" stroke="{palette()[of]}" stroke-width="1.6"/>'
    )


def _note_svg(x: float, y: float, lines: Sequence[str]) -> str:
    first = y - _LINE * (len(lines) - 1) / 2 + 0.36 * _SIZE
    look = f'font-style="italic" text-anchor="middle" {HALO}'
    return "".join(
        f'<text x="{short(x)}" y="{short(first + _LINE * number)}" {look}>{escape(line, quote=False)}</text>'
        for number, line in enumerate(lines)
    )


def _on_axes(mark: Mark, ax: Axes, base: Base) -> None:
    """Draw a mark on axes."""
    match mark:
        case Point(_, x, y, of):
            ax.plot([x], [y], **point_style(of), zorder=TOP + 2 * (of == "municipality"), clip_on=False)
        case Margin(_, low, high, y):
            ax.plot([low, high], [y, y], color=palette()["municipality"], linewidth=1.6, zorder=TOP + 1)
        case Note(_, x, y, lines):
            look = {"style": "italic", "fontsize": _SIZE, "linespacing": 1.0, "zorder": TOP}
            write_on_white(ax, x, y, "\n".join(lines), halo=3, **look)
        case Outline(_, code, width):
            if (path := base.outlines.path(code)) is not None:
                from matplotlib.collections import PathCollection  # noqa: PLC0415 - only on Axes

                area = PathCollection(
                    [path], facecolors="none", edgecolors=palette()["group"], linewidths=width, zorder=TOP
                )
                ax.add_collection(area, autolim=False)
        case Bold():
            for words in ax.texts:
                if words.get_gid() == _slot(mark):
                    words.set_fontweight("bold")


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
            parts[_slot(mark)] += _in_page(mark, base)
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
            _on_axes(mark, axes[mark.axes], self.base)
        return axes
