"""The papermill engine ``resilience``: cells run in a process forked from this one instead of in a kernel.

Registered as an entry point, so that ``papermill --engine resilience IN OUT`` works; ``resilience profiles`` runs its
notebooks with it. papermill loads this module while it is being imported itself: nothing of papermill, and nothing
heavy, can be imported here before the engine is used.
"""

from __future__ import annotations

from typing import Any

NAME = "resilience"


class ForkEngine:
    """What papermill asks of an engine, passed on to `forked.ForkedRun`."""

    @staticmethod
    def execute_notebook(nb: Any, kernel_name: str, **options: Any) -> Any:
        """Run a notebook and give it executed."""
        from resilience_analysis.batch.forked import ForkedRun  # noqa: PLC0415 - see above

        return ForkedRun.execute_notebook(nb, kernel_name, **options)

    @staticmethod
    def nb_kernel_name(nb: Any, name: str | None = None) -> Any:
        """Return the kernel that a notebook asks for."""
        from papermill.utils import nb_kernel_name  # noqa: PLC0415

        return nb_kernel_name(nb, name)

    @staticmethod
    def nb_language(nb: Any, language: str | None = None) -> Any:
        """Return the language a notebook is written in."""
        from papermill.utils import nb_language  # noqa: PLC0415

        return nb_language(nb, language)
