"""What pictures are written with: numbers as short as SVG allows, and the sizes that all share; loads no library."""

from __future__ import annotations

from dataclasses import dataclass, field

POINTS = 72  # per inch
TEXT_SIZE = 9.5  # points, of text that says no other size
SLOT = "\0"  # before and after the name of a place to fill in
Numbers = tuple[float, float, float, float, float, float]
"""A transform from (x, y): a and c for what x becomes, b and d for y, then what is added to each (a b c d e f)."""


def matrix(numbers: Numbers) -> str:
    """Return a transform as SVG writes it.

    Examples
    --------
    >>> matrix((0.5, 0, 0, -0.5, 10, 20))
    'matrix(0.5 0 0 -0.5 10 20)'
    """
    return f"matrix({' '.join(f'{number:.6g}' for number in numbers)})"


def short(number: float) -> str:
    """Write a number in tenths, as briefly as SVG allows.

    Examples
    --------
    >>> short(0.25), short(12.0)
    ('.2', '12')
    """
    text = f"{round(float(number), 1):g}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


@dataclass(frozen=True)
class DrawnBase:
    """What a page needs of a base, as text and numbers.

    Attributes
    ----------
    size
        Width and height in points.
    pieces
        Its SVG, and between two pieces the name of a place to fill in.
    places
        Where the data of each of the axes lie in the picture.
    outlines
        The definitions of areas that pictures share; empty where it has none.
    key
        What the names of these begin with.
    defined
        Codes of these.
    area_places
        Where they lie in the picture, by axes.
    loose
        Areas that have no such definition, by axes and code, as the data of an SVG path.
    complete
        Whether these are here: not where there are very many, of which a report shows one.
    """

    size: tuple[float, float]
    pieces: list[str]
    places: dict[str, Numbers]
    outlines: str = ""
    key: str = ""
    defined: list[str] = field(default_factory=list)
    area_places: dict[str, Numbers] = field(default_factory=dict)
    loose: dict[str, dict[str, str]] = field(default_factory=dict)
    complete: bool = True
