"""Words that every table shares (reasons for a gap, strands, levels, statuses), and registries that are folders."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from resilience_analysis.foundation.errors import refusal

MISSING_REASONS = (
    "unknown",  # the source says it does not know; a respondent says "don't know"
    "hidden",  # the source hides it
    "not_applicable",
    "empty",  # nothing was filled in
    "suppressed",  # too few answers to publish
    "merged_area",  # the municipality merged, and the figure cannot be added up
    "not_in_source",  # the file of the source has no row for it
    "not_published",  # the publisher has no such figure; what goes round is made by others
    "too_few_entries",  # too few entries in the log to score
    "not_collected",  # not gathered yet
    "low_coverage",  # too few of the indicators below it have a value
)
STRANDS = ("self", "residents", "register", "process")
LEVELS = ("indicator", "dimension", "index")
STATUSES = ("ok", "indicative", "suppressed")
HIDDEN_BECAUSE = ("too_few", "would_disclose")  # fewer people than may be shown; or answers would follow
COMPUTED = ("sum", "weighted_mean")  # made here from the parts of a municipality that merged; else as published


_BROKEN = (AttributeError, ImportError, KeyError, NameError, SyntaxError, TypeError, ValueError)
"""What a module that is half written raises."""


def is_missing(value: Any) -> bool:
    """Return whether a fact is missing: None or NaN."""
    return value is None or bool(value != value)  # noqa: PLR0124 - NaN is not itself


def entry_names(path: Iterable[str]) -> tuple[str, ...]:
    """Return the names of all entries below a package's ``__path__``, sorted; none of them is loaded."""
    return tuple(sorted(module.name for module in iter_modules(path)))


def load_entry(package: str, name: str, part: str) -> Any:
    """Return what an entry declares under a name such as ``TOOL``.

    Raises
    ------
    InputError
        When it cannot be loaded or does not declare it: an entry that is half added.
    """
    where = f"{package.partition('.')[2].replace('.', '/')}/{name}"
    try:
        module = import_module(f"{package}.{name}")
    except _BROKEN as error:
        raise refusal(where, f"cannot be loaded ({type(error).__name__}: {error})", "Mend it") from error
    if not hasattr(module, part):
        raise refusal(where, f"declares no {part}", "Add it, as CONTRIBUTING says")
    return getattr(module, part)
