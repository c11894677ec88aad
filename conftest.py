"""What holds for tests and notebooks alike."""

from __future__ import annotations

import pytest

WHOLE = ("loadfile", "no")
"""Ways to share out tests that keep the cells of a notebook together."""


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run the cells of one notebook in several processes: they would not know each other's names."""
    notebooks = config.getoption("nbval", default=False)
    if notebooks and config.getoption("numprocesses", default=None) and config.getoption("dist") not in WHOLE:
        raise pytest.UsageError("the cells of a notebook belong together: add --dist loadfile, or leave out -n")
