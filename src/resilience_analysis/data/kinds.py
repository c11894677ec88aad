"""What a column of figures can be: its bounds, and what happens to it where municipalities merge."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class FigureKind:
    """One kind of figure.

    Attributes
    ----------
    low, high
        Between which every figure lies.
    whole
        Whether it is a whole number.
    additive
        Whether figures of municipalities that merged are added up; what is neither additive nor weighted is missing
        there (``merged_area``).
    weighted
        Whether they are averaged with the inhabitants as weights, where the source names its variable of inhabitants.
    read
        Whether the column is read at all.
    """

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    additive: bool = False
    weighted: bool = False
    read: bool = True


KINDS = {
    "count": FigureKind(low=0, whole=True, additive=True),
    "amount_eur": FigureKind(low=0, additive=True),
    "balance": FigureKind(additive=True),  # of people or euros: what came in less what went out, below zero too
    "share_pct": FigureKind(low=0, high=100, weighted=True),
    "rate_pct": FigureKind(low=0, high=100, weighted=True),
    "rate": FigureKind(low=0),  # per thousand inhabitants, minutes, kilometres: above 100 too
    "median_eur": FigureKind(low=0, high=1e7),  # of people's incomes and of houses: beyond it, a slip of the keyboard
    "number": FigureKind(),
    "ignore": FigureKind(read=False),
}
