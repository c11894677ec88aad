"""Turn survey and open data into resilience indicator scores, and those into a profile per municipality.

import resilience_analysis as ra
framework = ra.load_framework()
indicators = ra.read_indicators()
scores = ra.score(indicators, framework)
ra.profile("13011", scores).show()
"""

from __future__ import annotations

import sys

# nothing is imported here that takes time: until the command line runs, Ctrl-C shows a traceback of Python's own
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any
else:
    ModuleType = type(sys)

# where each public name is defined: a module, and its name there where it is another
_HOME_OF = {
    "boundaries": "analysis.frames",
    "compare": "analysis.frames",
    "data": "analysis.frames",
    "dots": "analysis.pictures",
    "example_survey": "self_assessment.answers",
    "explorer": "explorer",
    "indicator_map": "analysis.pictures:area_map",
    "indicator_table": "analysis.frames",
    "indicators": "analysis.frames",
    "likert": "analysis.pictures",
    "likert_chart": "analysis.pictures:likert",
    "load_atlas": "notebook:load_dataset",
    "load_dataset": "notebook",
    "load_framework": "indicators.framework",
    "map": "analysis.pictures:area_map",
    "places": "analysis.frames",
    "profile": "notebook",
    "read_indicators": "notebook",
    "read_municipalities": "notebook",
    "read_observations": "notebook",
    "read_scores": "notebook",
    "read_survey": "self_assessment.answers",
    "region": "notebook",
    "robustness": "indicators.scores",
    "scatter": "analysis.pictures",
    "score": "indicators.scores",
    "spine_table": "analysis.frames",
    "spread": "analysis.pictures",
    "spread_chart": "analysis.pictures:spread",
    "step_by_step": "analysis.frames",
    "tally": "analysis.tally",
    "trend": "analysis.pictures",
    "village": "notebook",
    "what_if": "analysis.selection",
    "with_indicator": "analysis.selection",
}

__all__ = sorted([*_HOME_OF, "composite"])  # noqa: PLE0605 - imported when asked for: importing the package is instant


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - importing the package is instant

        return version("resilience-analysis")
    from importlib import import_module  # noqa: PLC0415

    if name == "composite":
        return import_module(f"{__name__}.composite")
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, _, called = _HOME_OF[name].partition(":")
    return getattr(import_module(f"{__name__}.{home}"), called or name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])


class _Package(ModuleType):
    """The package itself: a public name such as `data` stays what it is when the folder of that name is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        """Keep a folder from taking the place of the function with its name."""
        if not (name in _HOME_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
