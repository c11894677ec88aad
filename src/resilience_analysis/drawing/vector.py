"""A figure of matplotlib as compact SVG: text stays text, areas are shared between pictures, parts can be filled in.

`SvgRenderer` is a renderer of matplotlib: what an artist draws becomes SVG, with coordinates in points (a tenth is
the finest). A text with a group id, and every `Placeholder`, is filled in afterwards (see `layers.Base`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from resilience_analysis.drawing.outlines import (
    MOST_AREAS,
    POINTS,
    SLOT,
    TEXT_SIZE,
    DrawnBase,
    Numbers,
    Outlines,
    area_data,
    matrix,
    short,
)
from resilience_analysis.foundation.style import in_style

HALO = 2.4  # points of white around a name on a map
_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
_PATTERNS = {
    "/": '<path d="M-1 1L1 -1M0 6L6 0M5 7L7 5" stroke="{line}" stroke-width=".8"/>',
    ".": '<circle cx="1.5" cy="1.5" r=".8" fill="{line}"/><circle cx="4.5" cy="4.5" r=".8" fill="{line}"/>',
}


class Placeholder(Artist):
    """A place in a figure, between what is below and above it, where SVG is filled in; draws nothing itself."""

    def __init__(self, name: str, *, zorder: float) -> None:
        super().__init__()
        self.set_zorder(zorder)
        self.name = name

    def draw(self, renderer: RendererBase) -> None:
        """Leave the place."""
        if isinstance(renderer, SvgRenderer):
            renderer.parts.append(f"{SLOT}{self.name}{SLOT}")


class SvgRenderer(RendererBase):
    """Collects what artists draw as SVG.

    Parameters
    ----------
    outlines
        Areas that pictures share: drawn by reference.
    """

    def __init__(self, figure: Figure, outlines: Outlines) -> None:
        super().__init__()
        self.width, self.height = (POINTS * size for size in figure.get_size_inches())
        self.dpi = POINTS
        self.outlines = outlines
        self.parts: list[str] = []
        self.patterns: dict[str, str] = {}
        self.halos: dict[int, float] = {}
        self.ink = to_hex(rcParams["text.color"])
        self._flip = Affine2D().scale(1, -1).translate(0, self.height)

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size in points."""
        return self.width, self.height

    def flipy(self) -> bool:
        """Say that y runs downwards."""
        return True

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        """Draw one path."""
        if len(np.asarray(path.vertices)):
            drawn, ending = path_data(path, transform + self._flip), f'"{self._look(gc, rgbFace)}/>'
            last = self.parts[-1] if self.parts else ""
            if ending.startswith('" fill="none" stroke') and last.startswith("<path") and last.endswith(ending):
                self.parts[-1] = f"{last.removesuffix(ending)}{drawn}{ending}"  # lines in a row that look the same
            else:
                self.parts.append(f'<path d="{drawn}{ending}')

    def draw_path_collection(
        self, gc: GraphicsContextBase, master_transform: Transform, *given: Any, **more: Any
    ) -> None:
        """Draw areas that pictures share by reference; other collections path by path."""
        paths, _, offsets, _, faces, edges, widths = given[:7]
        names = [self.outlines.name_of(path) for path in paths]
        if gc.get_hatch() or len(offsets) != 1 or not paths or not all(names):
            super().draw_path_collection(gc, master_transform, *given, **more)
            return
        placed = self.outlines.transform + master_transform + self._flip
        scale = float(placed.get_matrix()[0, 0])
        edge = to_hex(edges[0]) if len(edges) else "none"
        width = widths[0] if len(widths) else 0
        self.parts.append(
            f'<g transform="{matrix(numbers(placed))}" stroke="{edge}" stroke-width="{short(float(width) / scale)}">'
        )
        inks = [to_hex(faces[place % len(faces)]) if len(faces) else "none" for place in range(len(names))]
        self.parts.extend(f'<use href="#{name}" fill="{ink}"/>' for name, ink in zip(names, inks, strict=True))
        self.parts.append("</g>")

    def draw_text(  # noqa: PLR0917 - matplotlib's own
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,  # noqa: ARG002
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        """Draw a line of text, as text."""
        align = mtext.get_horizontalalignment() if mtext is not None else "left"
        width = self.get_text_width_height_descent(s, prop, ismath)[0] if align != "left" else 0.0
        anchor, x = {"center": ("middle", x + width / 2), "right": ("end", x + width)}.get(align, ("start", x))
        size, ink = prop.get_size_in_points(), to_hex(gc.get_rgb())
        looks = {
            f' font-size="{short(size)}"': size != TEXT_SIZE,
            f' fill="{ink}"': ink != self.ink,
            f' text-anchor="{anchor}"': anchor != "start",
            ' font-style="italic"': prop.get_style() == "italic",
            ' font-weight="bold"': prop.get_weight() in {"bold", 700},
        }
        look = "".join(written for written, there in looks.items() if there)
        halo = self.halos.get(id(mtext), 0.0)
        look += f' stroke="#fff" stroke-width="{halo}" paint-order="stroke"' if halo else ""
        slot = f"{SLOT}{mtext.get_gid()}{SLOT}" if mtext is not None and mtext.get_gid() else ""
        self._add_text(f'<text x="{short(x)}" y="{short(y)}"{slot}>{escape(s, quote=False)}</text>', look)

    def _add_text(self, written: str, look: str) -> None:
        """Add a text; those in a row that look the same say once how."""
        opening, closing, last = f"<g{look}>", "</g>", self.parts[-1] if self.parts else ""
        alone = f"<text{look} "
        if last.startswith(alone):
            last = f"{opening}{last.replace(alone, '<text ', 1)}{closing}"
        if last.startswith(f"{opening}<text "):
            self.parts[-1] = f"{last.removesuffix(closing)}{written}{closing}"
        else:
            self.parts.append(written.replace("<text ", alone, 1))

    def _look(self, gc: GraphicsContextBase, face: Any) -> str:
        fill = "none" if face is None or (len(face) > 3 and face[3] == 0) else to_hex(face)  # noqa: PLR2004 - alpha
        if gc.get_hatch():
            fill = f"url(#{self._pattern(str(gc.get_hatch()), fill, to_hex(gc.get_hatch_color()))})"
        look = f' fill="{fill}"'
        if gc.get_alpha() < 1:
            look += f' opacity="{short(gc.get_alpha())}"'
        if gc.get_linewidth() and (len(gc.get_rgb()) < 4 or gc.get_rgb()[3]):  # noqa: PLR2004 - alpha
            look += f' stroke="{to_hex(gc.get_rgb())}" stroke-width="{short(gc.get_linewidth())}"'
            look += ' stroke-linecap="round"' if gc.get_capstyle() == "round" else ""
        return look

    def _pattern(self, hatch: str, face: str, line: str) -> str:
        name = f"{self.outlines.key or 'hatch'}-{'missing' if hatch[0] == '/' else 'suppressed'}"
        ground = f'<rect width="6" height="6" fill="{face}"/>'
        drawn = ground + _PATTERNS[hatch[0]].format(line=line)
        self.patterns[name] = (
            f'<pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse">{drawn}</pattern>'
        )
        return name


@in_style
def draw_text(figure: Figure, axes: Mapping[str, Axes], outlines: Outlines) -> DrawnBase:
    """Return a figure as SVG with places to fill in, and where its axes and areas lie in it.

    Parameters
    ----------
    figure
        What is drawn.
    axes
        Its axes by name.
    outlines
        Areas that are drawn by reference.

    Returns
    -------
    DrawnBase
        Lengths are in points.

    Examples
    --------
    >>> figure = Figure(figsize=(1, 1))
    >>> draw_text(figure, {"map": figure.add_axes((0, 0, 1, 1))}, Outlines("a")).size
    (72.0, 72.0)
    """
    size = (float(POINTS * figure.get_figwidth()), float(POINTS * figure.get_figheight()))
    pieces = _draw_svg(figure, outlines).split(SLOT)
    flip = Affine2D().scale(1, -1).translate(0, size[1])
    places = {name: Affine2D((ax.transData + flip).get_matrix()) for name, ax in axes.items()}
    loose = {code: shape for code, shape in outlines.shapes.items() if code in outlines.loose}
    complete = len(loose) <= MOST_AREAS
    shown = loose if complete else {}
    drawn_in = {name: numbers(place) for name, place in places.items()}
    return DrawnBase(
        size=size,
        pieces=pieces,
        places=drawn_in,
        outlines=outlines.svg if outlines.key else "",
        key=outlines.key,
        defined=outlines.defined,
        area_places={name: numbers(outlines.transform + place) for name, place in places.items()},
        loose={name: {code: area_data(each, at) for code, each in shown.items()} for name, at in drawn_in.items()},
        complete=complete,
    )


def _draw_svg(figure: Figure, outlines: Outlines) -> str:
    renderer = SvgRenderer(figure, outlines)
    with_halo = [text for text in figure.findobj(Text) if text.get_path_effects()]
    for text in with_halo:  # an effect would turn it into paths
        renderer.halos[id(text)] = HALO
        text.set_path_effects([])
    figure.set_dpi(POINTS)
    figure.draw(renderer)
    return "".join([*renderer.patterns.values(), *renderer.parts])


def path_data(path: Path, transform: Transform) -> str:
    """Return a path as the data of an SVG path, in tenths of a point.

    Parameters
    ----------
    path
        A path of matplotlib.
    transform
        How its coordinates become points of a picture.

    Returns
    -------
    str
        The value of an attribute ``d``.

    Examples
    --------
    >>> from matplotlib.transforms import IdentityTransform
    >>> path_data(Path([(0, 0), (1, 0), (1, 2)]), IdentityTransform())
    'M0 0l1 0 0 2'
    """
    return "".join(_segments(path, transform))


def _segments(path: Path, transform: Transform) -> Iterator[str]:
    last, before = np.zeros(2), ""
    for corners, code in path.iter_segments(transform, simplify=False, remove_nans=False):
        if code == Path.CLOSEPOLY:
            yield (before := "z")
            continue
        points = np.round(np.asarray(corners).reshape(-1, 2), 1)
        if code == Path.LINETO:
            across, up = float(points[0][0] - last[0]), float(points[0][1] - last[1])
            letter = "l" if before != "l" else "" if across < 0 else " "
            yield f"{letter}{short(across)}{'' if up < 0 else ' '}{short(up)}"
            before = "l"
        else:
            before = _LETTERS[code]
            yield _LETTERS[code] + " ".join(f"{short(x)} {short(y)}" for x, y in points.tolist())
        last = points[-1]


def numbers(transform: Transform) -> Numbers:
    """Return a transform as the numbers that SVG writes.

    Parameters
    ----------
    transform
        An affine transform of matplotlib.

    Returns
    -------
    tuple of float
        The six numbers of `Numbers`.

    Examples
    --------
    >>> numbers(Affine2D().scale(2))
    (2.0, 0.0, 0.0, 2.0, 0.0, 0.0)
    """
    (a, c, e), (b, d, f), _ = transform.get_matrix().tolist()
    return a, b, c, d, e, f
