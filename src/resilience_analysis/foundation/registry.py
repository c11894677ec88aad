"""Registries that are folders: every module in one is an entry, called as its file is, and declares its part."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from resilience_analysis.foundation.errors import InputError, Problem


def entry_names(path: Iterable[str]) -> tuple[str, ...]:
    """Return the names of all entries below a package's ``__path__``, sorted; none of them is loaded."""
    return tuple(sorted(module.name for module in iter_modules(path)))


def load_entry(package: str, name: str, part: str) -> Any:
    """Return what an entry declares under a name such as ``TOOL``.

    Raises
    ------
    InputError
        When it does not declare it: an entry that is half added.
    """
    module = import_module(f"{package}.{name}")
    if not hasattr(module, part):
        where = f"{package.partition('.')[2].replace('.', '/')}/{name}"
        raise InputError(where, [Problem(where, f"declares no {part}", "Add it, as CONTRIBUTING says")])
    return getattr(module, part)
