"""What a framework consists of: dimensions, indicators, context, what is wanted, and who can act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Text = Mapping[str, str]


@dataclass(frozen=True)
class Dimension:
    """One of the factors of resilience, with the seed's own explanation (lines per language)."""

    id: str
    label: Text
    short: Text
    explanation: Mapping[str, list[str]]
    literature: tuple[str, ...] = ()
    note: Text | None = None


@dataclass(frozen=True)
class Indicator:
    """One scored indicator."""

    id: str
    label: Text
    dimension: str
    strand: str
    aspect: str
    unit: str
    direction: int  # +1 when more is more resilient, -1 when less is
    weight: float
    source: str
    derive: Mapping[str, Any]
    goalposts: tuple[float, float]
    """(low, high) in the indicator's unit, where the score is 0 and 100 (reversed for direction -1)."""
    goalposts_year: int | None  # the year of the data that the goalposts were frozen on; None where theory sets them
    rationale: Text
    literature: tuple[str, ...] = ()
    caveat: Text | None = None
    numerator: Text | None = None
    denominator: Text | None = None
    decimals: int | None = None  # how many decimals its values are shown with; None for the usual number of its unit
    apart: Text | None = None  # why it is shown and not counted, for an indicator with weight 0
    lopsided: Text | None = None  # why it is scored although more than half of the values lie at one goalpost
    actor: str = ""  # who can do most about it, of the framework's `actors`; empty where that is not said
    tells: float = 1.0  # how much a difference in it tells a reader (0-1)
    statement: str = ""  # item of the self-assessment that asks the organisation about the same; empty for none
    breaks: tuple[int, ...] = ()  # years from which the figures are not comparable with those before


@dataclass(frozen=True)
class Context:
    """An indicator that is shown beside the factors and never scored; `actor` and `breaks` as of an indicator."""

    id: str
    label: Text
    unit: str
    source: str
    derive: Mapping[str, Any]
    caveat: Text | None = None
    decimals: int | None = None
    actor: str = ""
    tells: float = 1.0
    breaks: tuple[int, ...] = ()
    shock: str = ""  # the shock that it is about; empty for other context


@dataclass(frozen=True)
class Actor:
    """Who can do something about a figure, and how much the more a difference is worth telling (0 or more)."""

    label: Text
    weight: float


@dataclass(frozen=True)
class Candidate:
    """An indicator that is wanted but has no data here: a known gap."""

    id: str
    label: Text
    dimension: str
    strand: str
    would_come_from: Text
    exists: bool  # whether the publisher in `would_come_from` has the figure, so that it only has to be taken over
