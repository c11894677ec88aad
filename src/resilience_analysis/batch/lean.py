"""Import what notebooks need without what they do not."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

_GRAMMAR = "rfc3987_syntax"


@contextlib.contextmanager
def lean_imports() -> Iterator[None]:
    """Leave out, while papermill is imported, a grammar that takes longer to build than all of papermill.

    jsonschema, with which nbformat checks notebooks, compiles one to check the form of international web addresses when
    the package for it happens to be installed (JupyterLab brings it); it does without where it is not. No notebook
    has a field that would be checked with it.
    """
    if _GRAMMAR in sys.modules or "jsonschema" in sys.modules:
        yield
        return
    # Python's own way to say that a module is not there
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_GRAMMAR]
