"""The choices an uncertainty run varies, named by their argument.

======================== =======================================================================================
choice                   what is drawn
======================== =======================================================================================
``step.argument``        one of a list of values, all equally likely, such as ``"treat.winmax": [1, 5, 10]``
``step``                 one of a list of groups of arguments that go together, such as
                         ``"normalise": [{"method": "minmax"}, {"method": "zscore", "bounds": (50, 15)}]``
``weights.noise``        every weight times 1 + noise * u, u uniform on -1..1: one number for all levels, or a
                         number per level as ``{1: 0.1, 2: 0.25}``
``weights.method``       a list of names, or of weights by code
``sample``               True: every value within its sampling error; independent of each other without a correlation
======================== =======================================================================================

The steps are those of `chain`, less ``screen`` and ``denominate``: units stay the same in every draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from resilience_analysis.composite.arrays import check_known
from resilience_analysis.composite.chain import Settings, arguments, step_settings
from resilience_analysis.composite.formulas import METHODS
from resilience_analysis.foundation.errors import UsageError

VARIED = ("impute", "treat", "normalise", "weights", "aggregate")
SAMPLE, NOISE = "sample", "weights.noise"


@dataclass(frozen=True)
class Factors:
    """What is varied."""

    alternatives: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # of a choice: settings put in place
    noise: dict[int, float] = field(default_factory=dict)  # of weights, by level; empty for none
    sample: bool = False  # whether values are drawn within their sampling error

    @property
    def names(self) -> list[str]:
        """Return the names of all factors: choices, noise, sample."""
        return [*self.alternatives, *([NOISE] if self.noise else []), *([SAMPLE] if self.sample else [])]


def read_choices(choices: Mapping[str, Any], *, base: Settings, levels: int, has_error: bool) -> Factors:
    """Check choices and turn them into factors: unknown names, lists of fewer than 2 values and no choice are refused.

    `base` are the settings of the nominal run, in a framework of so many levels. With a sampling error ``sample`` is
    varied unless the choices say no.
    """
    alternatives = {}
    for name, given in choices.items():
        if name in (SAMPLE, NOISE):
            continue
        alternatives[name], step = check_choice(name, given), name.partition(".")[0]
        if step in ("impute", "treat") and step not in step_settings(base):
            raise UsageError(f"the choice {name} varies a step that the run does not do. Set {step}.method in it")
    sample = bool(choices.get(SAMPLE, has_error))
    if sample and not has_error:
        raise UsageError("the choice sample needs the error of the values. Give se, or low and high")
    factors = Factors(alternatives, _noise(choices.get(NOISE), levels), sample)
    if not factors.names:
        raise UsageError("there is nothing to vary. Name at least one choice, or give a sampling error")
    return factors


def with_alternatives(base: Settings, updates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put alternatives in place of the base settings.

    A normalisation method that takes another kind of bounds than the base method does not inherit them.

    Parameters
    ----------
    base
        Settings, named as for `score`.
    updates
        What takes their place, the later before the earlier.

    Returns
    -------
    dict of str to object
        The settings.

    Examples
    --------
    >>> with_alternatives({"impute.method": "mean"}, [{"impute.method": "median"}])
    {'impute.method': 'median'}
    """
    settings = dict(base)
    changed = {name: value for update in updates for name, value in update.items()}
    usual = str(base.get("normalise.method", "minmax"))
    method = str(changed.get("normalise.method", usual))
    if _kind_of_bounds(method) != _kind_of_bounds(usual):
        settings.pop("normalise.bounds", None)
    settings.update(changed)
    if _kind_of_bounds(method) == "none":
        settings.pop("normalise.bounds", None)
    return settings


def _kind_of_bounds(method: str) -> str:
    return METHODS[method].bounds if method in METHODS else "range"


def check_choice(name: str, given: Any) -> list[dict[str, Any]]:
    """Refuse a choice with an unknown name or fewer than 2 values; give the settings each of them puts in place."""
    step, _, argument = name.partition(".")
    known = {key: names for key, names in arguments().items() if key in VARIED}
    of_steps = [f"{key}.{each}" for key, names in known.items() for each in names]
    check_known("choice", name, [*known, *of_steps, NOISE, SAMPLE])
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence) or len(given) < 2:  # noqa: PLR2004
        raise UsageError(f"the choice {name} needs a list of at least 2 values, not {given!r}")
    if argument:
        return [{name: value} for value in given]
    if not all(isinstance(group, Mapping) for group in given):
        raise UsageError(f"the choice {name} needs groups of arguments, such as {{'method': ...}}, not {given!r}")
    found = [{f"{step}.{key}": value for key, value in group.items()} for group in given]
    for update in found:
        step_settings(update)
    return found


def _noise(given: Any, levels: int) -> dict[int, float]:
    if given is None:
        return {}
    per_level = dict(given) if isinstance(given, Mapping) else dict.fromkeys(range(1, levels), given)
    for level, size in per_level.items():
        if level not in range(1, levels):
            raise UsageError(f"the choice {NOISE} names level {level}; weights count on levels 1 to {levels - 1}")
        if not 0 <= size <= 1:
            raise UsageError(f"the choice {NOISE} of {size} is not between 0 and 1")
    return {int(level): float(size) for level, size in per_level.items() if size > 0}


def noisy_codes(tidy: pd.DataFrame, noise: Mapping[int, float]) -> pd.Series:
    """Return the size of the noise of each code whose weight is varied."""
    sizes = tidy.loc[tidy["parent"] != "", "level"].map(dict(noise))
    return sizes.dropna()
