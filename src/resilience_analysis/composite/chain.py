"""The steps one after the other: what was asked for is done, in one order, and every table in between is kept.

The order is denominate, impute, screen, transform, treat, normalise, weights, aggregate. Settings are named by their
argument, such as ``treat.winmax``; a step is done when any of its arguments is set (``denominate`` by
``denominate: True``), transformation where the metadata ask for it, normalisation and aggregation always.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import aggregate, coverage
from resilience_analysis.composite.arrays import Array, check_known, counted, listed, values_of
from resilience_analysis.composite.formulas import METHODS
from resilience_analysis.composite.metadata import checked, with_weights
from resilience_analysis.composite.normalisation import Scale, methods_of, normalisation_notes, normalise
from resilience_analysis.composite.optimisation import optimised_weights
from resilience_analysis.composite.preparation import denominate, impute
from resilience_analysis.composite.reporting import derived_scores
from resilience_analysis.composite.screening import screen
from resilience_analysis.composite.structure import COLUMNS, SCORED, filled_codes, indicator_codes
from resilience_analysis.composite.treatment import has_transforms, scale_problems, transform, treat
from resilience_analysis.composite.weighting import framework_weights
from resilience_analysis.composite.weighting import weights as weigh
from resilience_analysis.foundation.errors import UsageError, raise_if_any

Settings = Mapping[str, Any]
Steps = Mapping[str, Mapping[str, Any]]
VERBS: dict[str, Callable[..., Any]] = {
    "impute": impute,
    "screen": screen,
    "treat": treat,
    "normalise": normalise,
    "weights": weigh,
    "aggregate": aggregate,
}
NOT_SETTINGS = ("data", "metadata", "groups", "weights", "aggregation")
LEAST_WEIGHT, CLOSE, FEW = 1e-6, 0.01, 6
USUAL_CODES = (-9.0, -99.0, -999.0, -9999.0, -99999.0, -8.0, -88.0, -888.0, 999.0, 9999.0, 99999.0, 999999.0)
"""Numbers that files often have in place of a missing value."""


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
        check_known("setting", name, [*known, "denominate"])
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

    Returns
    -------
    Scored
        Every table in between, the weights, records and notes.

    Raises
    ------
    InputError, UsageError
        As the verbs say.

    References
    ----------
    OECD and JRC (2008), *Handbook on constructing composite indicators*.

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
    tidy = scale = checked(metadata, data)
    table, tables, records = data, {"data": data}, {}
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
    if has_transforms(tidy):
        tables["transformed"], moved = transform(table, metadata=tidy)
        table, scale = tables["transformed"], checked(moved)
    method = asked.get("normalise", {}).get("method", "minmax")
    if "treat" in asked:
        table, records["treatment"], records["changes"] = treat(table, metadata=scale, **asked["treat"])
        tables["treated"] = table
        raise_if_any("metadata", scale_problems(records["treatment"], scale, methods_of(scale, method)))
    tables["normalised"] = normalise(table, metadata=scale, **asked.get("normalise", {}))
    notes = [
        *_missing_code_notes(data),
        *_declared_notes(tidy, asked),
        *normalisation_notes(table, tables["normalised"], metadata=scale, method=method),
    ]
    return _aggregate(tables, records, notes, tidy, asked)


def _aggregate(
    tables: dict[str, pd.DataFrame],
    records: dict[str, pd.DataFrame],
    notes: list[str],
    tidy: pd.DataFrame,
    asked: Steps,
) -> Scored:
    normalised, options = tables["normalised"], asked.get("aggregate", {})
    if asked.get("weights", {}).get("method") == "optimised":
        found = optimised_weights(normalised, metadata=tidy, aggregation=options.get("method", "arithmetic"))
        records["optimisation"], used = found, found["weight"]
        notes += _optimisation_notes(found)
    else:
        used = chosen_weights(normalised, tidy, asked)
    tables["scores"] = aggregate(normalised, metadata=tidy, weights=used, **options)
    if (tidy["type"] == "derived").any():
        tables["derived"] = derived_scores(tables["scores"], metadata=tidy)
    least = options.get("min_coverage", 0.0)
    tables["coverage"] = coverage(normalised, metadata=with_weights(tidy, used), min_coverage=least)
    empty = [code for code in indicator_codes(tidy) if tables["data"][code].isna().all()]
    notes += [f"no unit has a value: {', '.join(empty)}"] if empty else []
    return Scored(tables, used, records, notes)


def declared_settings(tidy: pd.DataFrame) -> dict[str, Any]:
    """Return the settings that tidy metadata ask for by what they declare of single indicators.

    Denominators ask for denominating. A treatment or limit of an indicator asks for treating, of that one only.
    """
    own_treatment = filled_codes(tidy, "treat") or filled_codes(tidy, "winmax")
    settings: dict[str, Any] = {"denominate": True} if filled_codes(tidy, "denominator") else {}
    return {**settings, "treat.method": "none"} if own_treatment else settings


def chosen_weights(normalised: pd.DataFrame, tidy: pd.DataFrame, asked: Steps) -> pd.Series:
    """Return the weights that settings ask for: a method's name, or weights by code on top of the framework's."""
    method = asked.get("weights", {}).get("method", "framework")
    if isinstance(method, str) or callable(method):
        aggregation = asked.get("aggregate", {}).get("method", "arithmetic")
        return weigh(normalised, metadata=tidy, method=method, aggregation=aggregation)
    framework, given = framework_weights(tidy), pd.Series(method, dtype=float)
    for code in given.index:
        check_known("code", code, framework.index)
    return given.reindex(framework.index).fillna(framework)


UNDONE = {
    "denominator": ("denominate", "denominated, though the framework names denominators"),
    "treat": ("treat", "treated, though the framework has treat"),
    "winmax": ("treat", "treated, though the framework has winmax"),
}
"""Columns that ask for a step, and what to say where it is not done."""


def _declared_notes(tidy: pd.DataFrame, asked: Steps) -> list[str]:
    """Name what the metadata declare and a run does not do, or has no use for."""
    methods = methods_of(tidy, asked.get("normalise", {}).get("method", "minmax"))
    undone = {column: filled_codes(tidy, column) for column, (step, _) in UNDONE.items() if step not in asked}
    return [
        *(f"not {UNDONE[name][1]}: {', '.join(codes)} ({UNDONE[name][0]})" for name, codes in undone.items() if codes),
        *(f"{column} is for {what}: {listed(idle, most=FEW)}" for column, what, idle in _idle(tidy, methods) if idle),
    ]


def _idle(tidy: pd.DataFrame, methods: Mapping[str, Scale]) -> Iterator[tuple[str, str, list[str]]]:
    """Find the codes that have a column for another method or type, or without the one that it goes with."""
    for name, scaling in METHODS.items():
        for column in scaling.own[:1]:
            others = [code for code in filled_codes(tidy, column) if methods[code] != name]
            yield column, f"{name}, and other methods leave it unused", others
    kinds = (*SCORED, "derived")
    for column, about in COLUMNS.items():
        others = [kind for kind in kinds if about.types and kind not in about.types]
        if others:
            yield column, f"{about.types[0]} codes, and left unused", filled_codes(tidy, column, *others)
        alone = {*filled_codes(tidy, column, *kinds)} - {*filled_codes(tidy, about.beside, *kinds)}
        if about.beside:
            yield column, f"codes with {about.beside}, and left unused", sorted(alone)


def _missing_code_notes(data: pd.DataFrame) -> list[str]:
    """Name the columns that hold a number which often stands for a missing value, far from all others."""
    notes = []
    values = values_of(data, data.columns)
    for place, column in enumerate(data.columns):
        x = values[:, place]
        for code in [code for code in USUAL_CODES if (x == code).any()]:
            others = x[~np.isnan(x) & ~np.isin(x, USUAL_CODES)]
            if len(others) > 1 and _is_far(code, others):
                notes.append(
                    f"{column}: {code:g} was scored as a value in {counted(int((x == code).sum()), 'unit')}. "
                    f"If it means missing, say so (missing: {code:g})"
                )
    return notes


def _is_far(code: float, others: Array) -> bool:
    """Return whether a number lies beyond all others by ten times their size, or below 0 where no other does."""
    lowest, highest = float(others.min()), float(others.max())
    if code < 0:
        return lowest >= 0
    return code > highest + 10 * max(highest - lowest, abs(highest))


def _optimisation_notes(found: pd.DataFrame) -> list[str]:
    """Return what optimised weights came to: codes that get nothing, and how far importance is from what was asked."""
    on_level = found[found["wanted"].notna()]
    idle = [str(code) for code in on_level.index[on_level["weight"] < LEAST_WEIGHT]]
    reached, asked = on_level["obtained"], on_level["wanted"]
    furthest = (reached - asked).abs()
    notes = []
    if idle:
        notes.append(
            f"optimised weights give nothing to {len(idle)} of {len(on_level)} indicators, and no score "
            f"depends on them: {listed(idle, most=FEW)}"
        )
    worst = str(furthest.idxmax())
    if furthest.max() > CLOSE:
        notes.append(
            f"optimised weights do not reach the importance asked for: {worst} has "
            f"{float(reached[worst]):.3g} where {float(asked[worst]):.3g} was wanted"
        )
    return notes
