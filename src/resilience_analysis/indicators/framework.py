"""What a framework consists of: dimensions, indicators, context, what is wanted, and who can act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, TypeVar

from resilience_analysis.foundation.errors import UsageError, raise_if_any, unknown
from resilience_analysis.foundation.project import definition_at_hand
from resilience_analysis.foundation.settings import languages_of, read_definition
from resilience_analysis.indicators.framework_checks import DEFAULT, FILE_NAME, GOALPOSTS_FILE, framework_problems

Text = Mapping[str, str]
Made = TypeVar("Made")


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


__all__ = [
    "Actor", "Candidate", "Context", "Dimension", "ErrorCorrelation", "Framework", "Indicator", "Scoring", "Text",
    "load_framework", "load_unfrozen", "select_indicator",
]  # fmt: skip


@dataclass(frozen=True)
class Scoring:
    """How indicators become scores."""

    normalise: str
    aggregate: str
    min_coverage: float  # least share (0-1) of its indicators that a dimension needs for a score
    index: bool
    goalpost_percentiles: tuple[float, float]
    """Percentiles of the reference municipalities that ``resilience freeze`` takes as goalposts."""
    false_discovery_rate: float
    """Greatest share (0-1) of the differences called clear that may be expected to be chance."""


@dataclass(frozen=True)
class ErrorCorrelation:
    """The correlation (0-1) that is assumed between the sampling errors of two indicators of one source, and why."""

    value: float
    why: Text


@dataclass(frozen=True, repr=False)
class Framework:
    """Everything that decides the scores; mappings keep the order of the file."""

    version: str
    reference_year: int
    title: Text
    definition: Text
    scoring: Scoring
    literature: Mapping[str, str]
    dimensions: Mapping[str, Dimension]
    indicators: Mapping[str, Indicator]
    context: Mapping[str, Context]
    candidates: Mapping[str, Candidate]
    error_correlation: Mapping[str, ErrorCorrelation]
    mapped: tuple[str, ...] = ()  # indicators that every profile puts on a map
    compared_roles: tuple[str, ...] = ()
    """Two values of the field ``role`` whose answers to the same statements are compared, or nothing."""
    goalposts_frozen: str = ""  # the day on which the goalposts were frozen
    headline: tuple[str, ...] = ()  # indicators that are the big numbers of a profile
    actors: Mapping[str, Actor] = field(default_factory=dict)  # who can do something about a figure, by id
    shocks: Mapping[str, Text] = field(default_factory=dict)  # shocks by id, in the order of the page

    @cached_property
    def entries(self) -> Mapping[str, Indicator | Context]:
        """Every indicator and context indicator by its code, scored ones first."""
        return {**self.indicators, **self.context}

    def of(self, dimension: str, strand: str | None = None) -> list[Indicator]:
        """Return the indicators of one dimension (and strand), in the order of the file."""
        return [
            indicator
            for indicator in self.indicators.values()
            if indicator.dimension == dimension and strand in {None, indicator.strand}
        ]

    def correlation(self, source: str) -> ErrorCorrelation:
        """Return the correlation between sampling errors assumed for a source, or else the default."""
        return self.error_correlation.get(source) or self.error_correlation[DEFAULT]

    def reach(self, code: str) -> float:
        """Return how much a difference in an indicator weighs: for who can act on it, and what it tells a reader."""
        entry = self.entries[code]
        return entry.tells * (self.actors[entry.actor].weight if entry.actor else 1.0)

    def gaps(self, dimension: str) -> list[Candidate]:
        """Return the wanted indicators of one dimension that have no data."""
        return [candidate for candidate in self.candidates.values() if candidate.dimension == dimension]

    def with_(
        self,
        *,
        weights: Mapping[str, float] | None = None,
        directions: Mapping[str, int] | None = None,
        goalposts: Mapping[str, tuple[float, float]] | None = None,
        **scoring: Any,
    ) -> Framework:
        """Return a framework with other choices; this one stays as it is.

        Parameters
        ----------
        weights, directions, goalposts
            By indicator: 0 or more; +1 or -1; (low, high) in its unit.
        **scoring
            Fields of `Scoring`: ``normalise``, ``aggregate``, ``min_coverage``.

        Raises
        ------
        UsageError
            With every indicator or field that is not known, and every value that cannot be used.

        Examples
        --------
        >>> framework.with_(weights={"trust": 2}, aggregate="geometric")  # doctest: +SKIP
        """
        weights, directions, goalposts = weights or {}, directions or {}, goalposts or {}
        faults = _choice_faults(self, weights, directions, goalposts, scoring)
        if faults:
            raise UsageError("\n".join(faults))
        changed = {
            code: replace(
                indicator,
                weight=float(weights.get(code, indicator.weight)),
                direction=directions.get(code, indicator.direction),
                goalposts=goalposts.get(code, indicator.goalposts),
            )
            for code, indicator in self.indicators.items()
        }
        return replace(self, indicators=changed, scoring=replace(self.scoring, **scoring))

    def __repr__(self) -> str:
        """Count what there is, on one line."""
        return (
            f"Framework {self.version}: {len(self.dimensions)} dimensions, {len(self.indicators)} indicators, "
            f"{len(self.context)} in context, {len(self.candidates)} wanted"
        )

    def _repr_html_(self) -> str:
        """Show a row per dimension in a notebook."""
        rows = "".join(
            f"<tr><td>{escape(code)}</td><td>{len(self.of(code))}</td>"
            f"<td>{escape(', '.join(indicator.id for indicator in self.of(code)))}</td></tr>"
            for code in self.dimensions
        )
        head = "<tr><th>dimension</th><th>n</th><th>indicators</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table>"


def _choice_faults(
    framework: Framework,
    weights: Mapping[str, float],
    directions: Mapping[str, int],
    goalposts: Mapping[str, tuple[float, float]],
    scoring: Mapping[str, Any],
) -> list[str]:
    """Return everything that is wrong with other choices for a framework."""
    codes, known = framework.indicators, [choice.name for choice in fields(Scoring)]
    faults = [unknown("indicator", code, codes) for code in {**weights, **directions, **goalposts} if code not in codes]
    faults += [unknown("choice", name, known) for name in scoring if name not in known]
    faults += [f"the weight of {code} is {given}: give 0 or more" for code, given in weights.items() if not given >= 0]
    faults += [
        f"the direction of {code} is {given}: give 1 or -1"
        for code, given in directions.items()
        if given not in {1, -1}
    ]
    return faults + [
        f"the goalposts of {code} are {low} and {high}: give the lower first"
        for code, (low, high) in goalposts.items()
        if not low < high
    ]


def load_framework(folder: Path | None = None) -> Framework:
    """Load and check the framework.

    Parameters
    ----------
    folder
        Folder with ``framework.yml`` and ``goalposts.yml``; the definitions of the project around us when not given.

    Raises
    ------
    InputError
        With every fault: repeated or unknown names, direction not +1 or -1, weights, goalposts out of order or not
        frozen, missing source, wording or unit.
    """
    return _load(folder or definition_at_hand(FILE_NAME).parent, need_goalposts=True)


def load_unfrozen(folder: Path | None = None) -> Framework:
    """Load the framework for freezing its goalposts: NaN where theory sets none, whatever was frozen before."""
    return _load(folder or definition_at_hand(FILE_NAME).parent, need_goalposts=False)


def _load(folder: Path, *, need_goalposts: bool) -> Framework:
    content, path = read_definition(folder / FILE_NAME), folder / GOALPOSTS_FILE
    frozen = (read_definition(path) or {}) if need_goalposts and path.is_file() else {}
    languages = languages_of(folder)
    raise_if_any(FILE_NAME, framework_problems(content, frozen, languages, posts_needed=need_goalposts))
    return _build(content, frozen)


def _build(content: Mapping[str, Any], frozen: Mapping[str, Any]) -> Framework:
    posts = frozen.get("indicators", {})
    scoring = dict(content["scoring"])
    scoring["goalpost_percentiles"] = tuple(scoring["goalpost_percentiles"])
    return Framework(
        version=str(content["version"]),
        reference_year=int(content["reference_year"]),
        title=content["title"],
        definition=content["definition"],
        scoring=Scoring(**scoring),
        literature=content.get("literature", {}),
        dimensions={
            code: Dimension(id=code, **_tupled(entry, "literature")) for code, entry in content["dimensions"].items()
        },
        indicators={code: _indicator(code, entry, posts.get(code)) for code, entry in content["indicators"].items()},
        context={
            code: Context(id=code, **_tupled(entry, "breaks")) for code, entry in content.get("context", {}).items()
        },
        candidates={code: Candidate(id=code, **entry) for code, entry in content.get("candidates", {}).items()},
        error_correlation={
            name: ErrorCorrelation(float(entry["value"]), entry["why"])
            for name, entry in content["error_correlation"].items()
        },
        mapped=tuple(content.get("mapped") or ()),
        compared_roles=tuple(content.get("compared_roles") or ()),
        goalposts_frozen=str(frozen.get("frozen", "")),
        headline=tuple(content.get("headline") or ()),
        actors={name: Actor(**entry) for name, entry in (content.get("actors") or {}).items()},
        shocks=content.get("shocks") or {},
    )


def _made(kind: Callable[..., Made], entries: Mapping[str, Mapping[str, Any]], *tuples: str) -> dict[str, Made]:
    return {code: kind(id=code, **_tupled(entry, *tuples)) for code, entry in entries.items()}


def _tupled(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**entry, **{name: tuple(entry.get(name) or ()) for name in names}}


def _indicator(code: str, entry: Mapping[str, Any], post: Mapping[str, Any] | None) -> Indicator:
    entry = _tupled(entry, "literature", "breaks")
    theory = entry.pop("goalposts", None)
    low, high = theory or (post or {}).get("goalposts") or (float("nan"), float("nan"))
    year = None if theory or post is None else int(post["year"])
    entry["weight"] = float(entry["weight"])
    return Indicator(id=code, goalposts=(float(low), float(high)), goalposts_year=year, **entry)


def select_indicator(framework: Framework, code: str) -> Indicator:
    """Return one indicator; raise `UsageError` with the nearest known code otherwise."""
    if code not in framework.indicators:
        raise UsageError(unknown("indicator", code, framework.indicators))
    return framework.indicators[code]
