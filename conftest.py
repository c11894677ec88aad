"""What holds for tests and notebooks alike."""

from __future__ import annotations

from typing import Any

import pytest
from tests.changed_rows import changed_rows

WHOLE = ("loadfile", "no")
"""Ways to share out tests that keep the cells of a notebook together."""


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run the cells of one notebook in several processes: they would not know each other's names."""
    notebooks = config.getoption("nbval", default=False)
    if notebooks and config.getoption("numprocesses", default=None) and config.getoption("dist") not in WHOLE:
        raise pytest.UsageError("the cells of a notebook belong together: add --dist loadfile, or leave out -n")


def pytest_itemcollected(item: Any) -> None:
    """Let nbval name the rows in which a cell shows something else than is kept."""
    tell = getattr(item, "format_output_compare", None)
    if tell is None:
        return

    def tell_with_rows(key: str, before: Any, now: Any) -> None:
        tell(key, before, now)
        item.comparison_traceback += [f"  {line}" for line in changed_rows(str(before), str(now))]

    item.format_output_compare = tell_with_rows
