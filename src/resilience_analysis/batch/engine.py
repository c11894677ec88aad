"""The papermill engine ``resilience``: papermill's own, with kernels that are forked from a prepared process.

Registered as an entry point, so that ``papermill --engine resilience IN OUT`` works. papermill loads this module while
it is being imported itself: nothing of papermill, and nothing heavy, can be imported here before the engine is used.
"""

from __future__ import annotations

from typing import Any

NAME = "resilience"


class ForkEngine:
    """What papermill asks of an engine."""

    @staticmethod
    def execute_notebook(nb: Any, kernel_name: str, **options: Any) -> Any:
        """Run a notebook and return it executed."""
        from papermill.engines import NBClientEngine  # noqa: PLC0415 - see above

        return NBClientEngine.execute_notebook(nb, kernel_name, **kernels_for(nb, kernel_name, options))

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


def kernels_for(notebook: Any, kernel_name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return papermill's options with the manager of forked kernels, where these do what the one asked for would."""
    from resilience_analysis.batch.processes import FORKS  # noqa: PLC0415
    from resilience_analysis.batch.provisioner import is_own, manager_for  # noqa: PLC0415

    if {"km", "kernel_manager_class"} & options.keys() or not (FORKS and is_own(kernel_name)):
        return options
    return options | {"kernel_manager_class": manager_for(notebook)}
