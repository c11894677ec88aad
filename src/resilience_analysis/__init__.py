"""Turn survey and open data into resilience indicator scores, and those into a profile per municipality.

import resilience_analysis as ra
framework = ra.load_framework()
indicators = ra.read_indicators()
scores = ra.score(indicators, framework)
ra.profile("13011", scores).show()
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME_OF = {
    "example_survey": "self_assessment.answers",
    "explorer": "explore",
    "indicator_map": "pieces",
    "indicator_table": "pieces",
    "likert_chart": "pieces",
    "load_atlas": "notebook",
    "load_framework": "indicators.framework",
    "profile": "notebook",
    "read_indicators": "notebook",
    "read_municipalities": "notebook",
    "read_observations": "notebook",
    "read_scores": "notebook",
    "read_survey": "self_assessment.answers",
    "region": "notebook",
    "robustness": "indicators.robustness",
    "score": "indicators.scores",
    "spine_table": "pieces",
    "spread_chart": "pieces",
    "step_by_step": "pieces",
    "village": "notebook",
}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - imported when asked for, so that importing the package is instant


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
