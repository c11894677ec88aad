"""The steps one after the other: what was asked for is done, in one order, and every table in between is kept.

The order is denominate, impute, screen, transform, treat, normalise, weights, aggregate. Settings are named by their
argument, such as ``treat.winmax``; a step is done when any of its arguments is set (``denominate`` by
``denominate: True``), transformation where the metadata ask for it, normalisation and aggregation always.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from resilience_analysis.composite.aggregation import aggregate, coverage, with_weights
from resilience_analysis.composite.imputation import impute
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.normalisation import methods_of, normalise
from resilience_analysis.composite.notes import (
    declared_notes,
    filled_codes,
    missing_code_notes,
    normalisation_notes,
    optimisation_notes,
)
from resilience_analysis.composite.optimisation import optimised_weights
from resilience_analysis.composite.reporting import derived_scores
from resilience_analysis.composite.screening import screen
from resilience_analysis.composite.transformation import denominate, has_transforms, transform
from resilience_analysis.composite.treatment import scale_problems, treat
from resilience_analysis.composite.weighting import framework_weights
from resilience_analysis.composite.weighting import weights as weigh
from resilience_analysis.foundation.errors import UsageError, raise_if_any, unknown

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
        By name, in order, those that apply: ``data``, ``denominated``, ``imputed``, ``screened``, ``transformed``,
        ``treated``, ``normalised``, ``scores``, ``derived``, ``coverage``. One row per unit, in the order of the data.
    weights
        What was used, one per code.
    records
        ``imputation`` (a row per value that was missing), ``screening`` (per unit), ``treatment`` (per indicator),
        ``changes`` (per winsorised value), ``optimisation`` (per code), those that apply.
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
    """Sort settings by step, as keywords of its verb; a name that is not an argument of a step is refused."""
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
    data, metadata
        One row per unit (or unit and year), one column per indicator; one row per code, see `check_metadata`.
    settings
        By argument, such as ``{"impute.method": "mean", "normalise.bounds": (1, 100)}``; what is not named has the
        default of its verb. ``weights.method`` may also be weights by code.
    groups, denominators
        As for `impute` and `denominate`.

    Raises
    ------
    InputError, UsageError
        As the verbs say.

    Examples
    --------
    >>> table = pd.DataFrame({"trust": [3.0, 2.0], "crime": [9.0, 30.0]}, index=["AA", "BB"])
    >>> tree = pd.DataFrame(
    ...     {"parent": ["index", "index", ""], "direction": [1, -1, 1], "weight": 1}, index=["trust", "crime", "index"]
    ... )
    >>> score(table, metadata=tree).tables["scores"]["index"].tolist()
    [100.0, 0.0]
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
    return _scale(table, tables, records, tidy, asked)


def _scale(
    table: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    records: dict[str, pd.DataFrame],
    tidy: pd.DataFrame,
    asked: dict[str, dict[str, Any]],
) -> Scored:
    """Transform, treat and normalise, and go on."""
    scale: pd.DataFrame = tidy
    if has_transforms(tidy):
        table, scale = transform(table, metadata=tidy)
        tables["transformed"] = table
    given = asked.get("normalise", {})
    method = given.get("method", "minmax")
    if "treat" in asked:
        table, records["treatment"], records["changes"] = treat(table, metadata=scale, **asked["treat"])
        tables["treated"] = table
        raise_if_any("metadata", scale_problems(records["treatment"], scale, methods_of(scale, method)))
    tables["normalised"] = normalise(table, metadata=scale, **given)
    notes = [
        *missing_code_notes(tables["data"]),
        *declared_notes(tidy, asked),
        *normalisation_notes(table, tables["normalised"], metadata=scale, method=method),
    ]
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
    if asked.get("weights", {}).get("method") == "optimised":
        found = optimised_weights(normalised, metadata=tidy, aggregation=options.get("method", "arithmetic"))
        records["optimisation"] = found
        notes = [*notes, *optimisation_notes(found)]
    tables["scores"] = aggregate(normalised, metadata=tidy, weights=used, **options)
    if (tidy["type"] == "derived").any():
        tables["derived"] = derived_scores(tables["scores"], metadata=tidy)
    tables["coverage"] = coverage(
        normalised, metadata=with_weights(tidy, used), min_coverage=options.get("min_coverage", 0.0)
    )
    empty = [code for code in indicator_codes(tidy) if tables["data"][code].isna().all()]
    if empty:
        notes = [*notes, f"no unit has a value: {', '.join(empty)}"]
    return Scored(tables, used, records, notes)


def declared_settings(tidy: pd.DataFrame) -> dict[str, Any]:
    """Return the settings that tidy metadata ask for by what they declare of single indicators.

    Denominators ask for denominating. A treatment or limit of an indicator asks for treating, of that one only.
    """
    settings: dict[str, Any] = {}
    indicators = tidy.loc[indicator_codes(tidy)]
    if filled_codes(indicators, "denominator"):
        settings["denominate"] = True
    if filled_codes(indicators, "treat") or filled_codes(indicators, "winmax"):
        settings["treat.method"] = "none"
    return settings


def chosen_weights(normalised: pd.DataFrame, tidy: pd.DataFrame, asked: Mapping[str, Mapping[str, Any]]) -> pd.Series:
    """Return the weights that settings ask for: a method's name, or weights by code on top of the framework's."""
    method = asked.get("weights", {}).get("method", "framework")
    if isinstance(method, str) or callable(method):
        return weigh(
            normalised,
            metadata=tidy,
            method=method,
            aggregation=asked.get("aggregate", {}).get("method", "arithmetic"),
        )
    framework = framework_weights(tidy)
    given = pd.Series(method, dtype=float)
    absent = [code for code in given.index if code not in framework.index]
    if absent:
        raise UsageError(unknown("code", absent[0], framework.index))
    return given.reindex(framework.index).fillna(framework)
