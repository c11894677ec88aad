"""The steps one after the other: what was asked for is done, in one order, and every table in between is kept.

The order is denominate, impute, screen, treat, normalise, weights, aggregate. Settings are named by their argument,
such as ``treat.winmax``; a step is done when any of its arguments is set (``denominate`` by ``denominate: True``),
normalisation and aggregation always.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from resilience_analysis.composite.aggregation import aggregate, coverage
from resilience_analysis.composite.denomination import denominate
from resilience_analysis.composite.imputation import impute
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.normalisation import normalisation_notes, normalise
from resilience_analysis.composite.screening import screen
from resilience_analysis.composite.treatment import treat
from resilience_analysis.composite.weighting import METHODS as WEIGHTINGS
from resilience_analysis.composite.weighting import weights as weigh
from resilience_analysis.foundation.errors import UsageError, unknown

Settings = Mapping[str, Any]
VERBS: dict[str, Callable[..., Any]] = {
    "impute": impute,
    "screen": screen,
    "treat": treat,
    "normalise": normalise,
    "weights": weigh,
    "aggregate": aggregate,
}
NOT_SETTINGS = ("data", "metadata", "groups", "weights", "aggregation")


@dataclass(frozen=True)
class Scored:
    """Everything that scoring a table gave.

    Attributes
    ----------
    tables
        By name, in order, those that apply: ``data``, ``denominated``, ``imputed``, ``screened``, ``treated``,
        ``normalised``, ``scores``, ``coverage``. One row per unit, in the order of the data.
    weights
        What was used, one per code.
    records
        ``imputation`` (a row per value that was missing), ``screening`` (per unit), ``treatment`` (per indicator),
        ``changes`` (per winsorised value), those that apply.
    notes
        Sentences on what a reader should know.
    """

    tables: dict[str, pd.DataFrame]
    weights: pd.Series
    records: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def arguments() -> dict[str, list[str]]:
    """Return the arguments that settings can name, per step."""
    return {
        step: [name for name in inspect.signature(verb).parameters if name not in NOT_SETTINGS]
        for step, verb in VERBS.items()
    }


def step_settings(settings: Settings) -> dict[str, dict[str, Any]]:
    """Sort settings by step, as keywords of its verb.

    Raises
    ------
    UsageError
        When a name is not an argument of a step.
    """
    known = [f"{step}.{name}" for step, names in arguments().items() for name in names]
    sorted_settings: dict[str, dict[str, Any]] = {}
    for name, value in settings.items():
        if name == "denominate":
            if value:
                sorted_settings["denominate"] = {}
            continue
        if name not in known:
            raise UsageError(unknown("setting", name, [*known, "denominate"]))
        step, argument = name.split(".")
        sorted_settings.setdefault(step, {})[argument] = value
    return sorted_settings


def score(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    settings: Settings | None = None,
    groups: pd.Series | None = None,
    denominators: pd.DataFrame | None = None,
) -> Scored:
    """Score a table of indicators.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator.
    metadata
        One row per code; see `check_metadata`.
    settings
        By argument, such as ``{"impute.method": "mean", "normalise.bounds": (1, 100)}``; what is not named has the
        default of its verb. ``weights.method`` may also be weights by code.
    groups, denominators
        As for `impute` and `denominate`.

    Raises
    ------
    InputError, UsageError
        As the verbs say.
    """
    asked = step_settings(settings or {})
    tidy = check_metadata(metadata, data)
    tables, records = {"data": data}, {}
    table = data
    if "denominate" in asked:
        if denominators is None:
            raise UsageError("denominate needs the denominators. Give a table with one column for each")
        table = tables["denominated"] = denominate(table, metadata=tidy, denominators=denominators)
    if "impute" in asked:
        table, records["imputation"] = impute(table, metadata=tidy, groups=groups, **asked["impute"])
        tables["imputed"] = table
    if "screen" in asked:
        table, records["screening"] = screen(table, metadata=tidy, **asked["screen"])
        tables["screened"] = table
    if "treat" in asked:
        table, records["treatment"], records["changes"] = treat(table, metadata=tidy, **asked["treat"])
        tables["treated"] = table
    method = asked.get("normalise", {}).get("method", "minmax")
    tables["normalised"] = normalise(table, metadata=tidy, **asked.get("normalise", {}))
    notes = normalisation_notes(table, tables["normalised"], metadata=tidy, method=method)
    return _aggregate(tables, records, notes, tidy, asked)


def _aggregate(
    tables: dict[str, pd.DataFrame],
    records: dict[str, pd.DataFrame],
    notes: list[str],
    tidy: pd.DataFrame,
    asked: dict[str, dict[str, Any]],
) -> Scored:
    normalised, options = tables["normalised"], asked.get("aggregate", {})
    used = chosen_weights(normalised, tidy, asked)
    tables["scores"] = aggregate(normalised, metadata=tidy, weights=used, **options)
    tables["coverage"] = coverage(
        normalised, metadata=tidy.assign(weight=used), min_coverage=options.get("min_coverage", 0.0)
    )
    empty = [code for code in indicator_codes(tidy) if tables["data"][code].isna().all()]
    if empty:
        notes = [*notes, f"no unit has a value: {', '.join(empty)}"]
    return Scored(tables, used, records, notes)


def chosen_weights(normalised: pd.DataFrame, tidy: pd.DataFrame, asked: Mapping[str, Mapping[str, Any]]) -> pd.Series:
    """Return the weights that settings ask for: a method's name, or weights by code on top of the framework's."""
    method = asked.get("weights", {}).get("method", "framework")
    if isinstance(method, str):
        return weigh(
            normalised,
            metadata=tidy,
            method=method,
            aggregation=asked.get("aggregate", {}).get("method", "arithmetic"),
        )
    framework = WEIGHTINGS["framework"](normalised, tidy, "arithmetic")
    given = pd.Series(method, dtype=float)
    absent = [code for code in given.index if code not in framework.index]
    if absent:
        raise UsageError(unknown("code", absent[0], framework.index))
    return given.reindex(framework.index).fillna(framework)
