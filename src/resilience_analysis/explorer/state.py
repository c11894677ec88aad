"""What is chosen in the explorer, as data: to write as Python code, and to put in an address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import parse_qs, urlencode


@dataclass(frozen=True)
class Choices:
    """Everything that can be chosen.

    Attributes
    ----------
    region, comparator
        Ids of groups.
    places
        Codes of the places that are named.
    indicators
        Codes; the first is on the map, the second beside it.
    weights
        By indicator, where they differ from the framework.
    goalposts
        (low, high) by indicator, where they differ from the framework.
    normalise, aggregate
        Methods; those of the framework when empty.
    min_coverage
        Least coverage, 0-1; that of the framework when None.
    language
        Of the words; the project's first when empty.
    """

    region: str
    comparator: str
    places: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    goalposts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    normalise: str = ""
    aggregate: str = ""
    min_coverage: float | None = None
    language: str = ""

    @property
    def changes(self) -> dict[str, Any]:
        """Return what differs from the framework, as arguments of `Framework.with_`."""
        named = {name: getattr(self, name) for name in ("weights", "goalposts", "normalise", "aggregate")}
        given = {name: dict(value) if isinstance(value, Mapping) else value for name, value in named.items() if value}
        return given if self.min_coverage is None else {**given, "min_coverage": self.min_coverage}

    def as_code(self) -> str:
        """Return lines of Python that give the same table and, where something is changed, what moves.

        Examples
        --------
        >>> print(Choices("neteland", "flanders", indicators=("trust",)).as_code())
        import resilience_analysis as ra
        <BLANKLINE>
        table = ra.compare('neteland', ['trust'])
        """
        said = f", language={self.language!r}" if self.language else ""
        lines = [
            "import resilience_analysis as ra",
            "",
            f"table = ra.compare({self.region!r}, {list(self.indicators)!r}{said})",
        ]
        if self.changes:
            arguments = ", ".join(f"{name}={value!r}" for name, value in self.changes.items())
            lines.append(f"moved = ra.what_if({arguments}, region={self.region!r})")
        return "\n".join(lines)

    def as_address(self) -> str:
        """Return the part of an address after the question mark."""
        given = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return urlencode({name: _written(value) for name, value in given.items() if value not in ((), {}, "", None)})


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return json.dumps(dict(value), separators=(",", ":"))
    return ",".join(value) if isinstance(value, tuple) else str(value)


def read_address(address: str, usual: Choices) -> Choices:
    """Return the choices of an address; what it lacks, or cannot be read, is as in `usual`.

    Examples
    --------
    >>> read_address("region=kempen&weights=%7B%22trust%22%3A2%7D", Choices("neteland", "flanders")).weights
    {'trust': 2.0}
    """
    given = {name: values[0] for name, values in parse_qs(address).items()}
    single = ("region", "comparator", "normalise", "aggregate", "language")
    read: dict[str, Any] = {name: getattr(usual, name) for name in single}
    read |= {name: given[name] for name in read if name in given}
    for name in ("places", "indicators"):
        read[name] = tuple(given[name].split(",")) if name in given else getattr(usual, name)
    try:
        read["weights"] = {code: float(value) for code, value in json.loads(given.get("weights", "{}")).items()}
        posts = json.loads(given.get("goalposts", "{}"))
        read["goalposts"] = {code: (float(low), float(high)) for code, (low, high) in posts.items()}
        read["min_coverage"] = float(given["min_coverage"]) if "min_coverage" in given else None
    except (ValueError, TypeError, AttributeError):
        return usual
    return Choices(**read)
