"""What a reader of a run should know: orders that turned, values that vanished, wishes that were not done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import Array, Mask, column_max, column_min, values_of
from resilience_analysis.composite.imputation import GROUPED
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.normalisation import Scale, metadata_column, methods_of, spoken_method
from resilience_analysis.composite.scales import NEEDS, TURNS, UNDEFINED, WITHOUT_BOUNDS

OWN_SCALES = {
    **NEEDS,
    "minmax": ("minmax_lower", "minmax_upper"),
    "zscore": ("zscore_mean", "zscore_sd"),
    "ampi": ("reference",),
}
"""Columns of the metadata that belong to one method of normalisation."""
LEAST_WEIGHT, CLOSE = 1e-6, 0.01
RANKED = {"rank", "borda", "percentile-rank"}
USUAL_CODES = (-9.0, -99.0, -999.0, -9999.0, -99999.0, -8.0, -88.0, -888.0, 999.0, 9999.0, 99999.0, 999999.0)
"""Numbers that files often have in place of a missing value."""


def normalisation_notes(
    data: pd.DataFrame, normalised: pd.DataFrame, *, metadata: pd.DataFrame, method: Scale = "minmax"
) -> list[str]:
    """Return what a reader of normalised data should know: columns that became missing, and orders that turned.

    Parameters
    ----------
    data, normalised
        What went into `normalise` and what came out.
    metadata, method
        As given to `normalise`.

    Returns
    -------
    list of str
        One sentence per matter; empty when there is none.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> negative = data.assign(jobs=-data["jobs"])
    >>> made = composite.normalise(negative, metadata=metadata, method="fraction-of-max")
    >>> notes = composite.normalisation_notes(negative, made, metadata=metadata, method="fraction-of-max")
    >>> notes[0].split(":")[0]
    'fraction-of-max turns the order of crime, jobs'
    """
    tidy = check_metadata(metadata, data)
    codes = list(normalised.columns)
    methods = methods_of(tidy, method)
    before, after = values_of(data, codes), values_of(normalised, codes)
    lost = np.isnan(after).all(axis=0) & ~np.isnan(before).all(axis=0)
    turned = _turned(before, tidy.loc[codes])
    notes = []
    for name in dict.fromkeys(methods[code] for code in codes):
        mine = np.array([methods[code] == name for code in codes])
        spoken = spoken_method(name)
        reason = UNDEFINED.get(spoken, "it has the same value in every unit")
        if (lost & mine).any():
            notes.append(f"missing in every unit after {spoken}: {_some(codes, lost & mine)} ({reason})")
        if spoken in turned and (turned[spoken] & mine).any():
            notes.append(f"{spoken} turns the order of {_some(codes, turned[spoken] & mine)}: {TURNS[spoken]}")
    return notes


def _turned(before: Array, rows: pd.DataFrame) -> dict[str, Mask]:
    """Find, by method of `TURNS`, the columns whose values it would put in the opposite order."""
    direction = rows["direction"].to_numpy(dtype=np.float64)
    x = before * direction
    return {
        "fraction-of-max": column_max(x) < 0,
        "distance-to-target": column_min(x) > metadata_column(rows, "target") * direction,
    }


def _some(codes: Sequence[str], picked: Mask) -> str:
    return ", ".join(code for code, is_picked in zip(codes, picked, strict=True) if is_picked)


def declared_notes(tidy: pd.DataFrame, asked: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Name what the metadata declare and a run does not do: denominators, treatments, references of other methods."""
    notes = []
    indicators = tidy.loc[indicator_codes(tidy)]
    divided = filled_codes(indicators, "denominator")
    if divided and "denominate" not in asked:
        notes.append(f"not denominated, though the framework names denominators: {', '.join(divided)} (denominate)")
    for column in ("treat", "winmax"):
        treated = filled_codes(indicators, column)
        if treated and "treat" not in asked:
            notes.append(f"not treated, though the framework has {column}: {', '.join(treated)} (treat)")
    return [*notes, *_unused_references(indicators, asked)]


def _unused_references(indicators: pd.DataFrame, asked: Mapping[str, Mapping[str, Any]]) -> list[str]:
    methods = methods_of(indicators, asked.get("normalise", {}).get("method", "minmax"))
    notes = []
    for name, columns in OWN_SCALES.items():
        idle = [code for code in filled_codes(indicators, columns[0]) if methods[code] != name]
        if idle:
            notes.append(f"{columns[0]} is for {name}, and other methods leave it unused: {_counted(idle)}")
    return notes


def filled_codes(rows: pd.DataFrame, column: str) -> list[str]:
    """Return the codes of tidy metadata that have something in a column."""
    if column not in rows.columns:
        return []
    given = rows[column].notna() & (rows[column].astype(str) != "")
    return [str(code) for code in rows.index[given]]


def _counted(codes: Sequence[str]) -> str:
    few = 6
    return ", ".join(codes) if len(codes) <= few else f"{', '.join(codes[:few])} and {len(codes) - few} more"


def missing_code_notes(data: pd.DataFrame) -> list[str]:
    """Name the columns that hold a number which often stands for a missing value, far from all others."""
    notes = []
    values = values_of(data, data.columns)
    for place, column in enumerate(data.columns):
        x = values[:, place]
        for code in [code for code in USUAL_CODES if (x == code).any()]:
            others = x[~np.isnan(x) & ~np.isin(x, USUAL_CODES)]
            if len(others) > 1 and _is_far(code, others):
                notes.append(
                    f"{column}: {code:g} was scored as a value in {int((x == code).sum())} units. "
                    f"If it means missing, say so (missing: {code:g})"
                )
    return notes


def _is_far(code: float, others: Array) -> bool:
    """Return whether a number lies beyond all others by ten times their size, or below 0 where no other does."""
    lowest, highest = float(others.min()), float(others.max())
    if code < 0:
        return lowest >= 0
    return code > highest + 10 * max(highest - lowest, abs(highest))


def optimisation_notes(found: pd.DataFrame) -> list[str]:
    """Return what optimised weights came to: codes that get nothing, and how far importance is from what was asked."""
    on_level = found[found["wanted"].notna()]
    idle = [str(code) for code in on_level.index[on_level["weight"] < LEAST_WEIGHT]]
    reached, asked = on_level["obtained"], on_level["wanted"]
    furthest = (reached - asked).abs()
    notes = []
    if idle:
        notes.append(
            f"optimised weights give nothing to {len(idle)} of {len(on_level)} indicators, and no score "
            f"depends on them: {_counted(idle)}"
        )
    worst = str(furthest.idxmax())
    if furthest.max() > CLOSE:
        notes.append(
            f"optimised weights do not reach the importance asked for: {worst} has "
            f"{float(reached[worst]):.3g} where {float(asked[worst]):.3g} was wanted"
        )
    return notes


def idle_options(
    own: pd.DataFrame,
    declared: Mapping[str, Any],
    asked: Mapping[str, Any],
    *,
    group: str | None,
    drawn: Mapping[str, int | None],
) -> Iterator[str]:
    """Name the options that do nothing without another one, since the user expected something of them.

    What a framework declares, and the methods that indicators have of their own, may be what an option is for. `drawn`
    holds the options of an uncertainty run that is not made.
    """
    yield from _idle_in_steps(own, declared, asked)
    if group is not None and str(asked.get("impute.method", declared.get("impute.method"))) not in GROUPED:
        yield "--group did nothing: it names the groups for imputation (--impute group-mean or group-median)"
    for option, value in drawn.items():
        if value is not None:
            yield f"{option} did nothing: it is for draws (--uncertainty N)"


def _idle_in_steps(own: pd.DataFrame, declared: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[str]:
    scales = _methods(own, {**declared, **asked}, "normalise", "minmax")
    if "treat.winmax" in asked and "winsorise" not in _methods(own, {**declared, **asked}, "treat", "none"):
        yield "--winmax did nothing: it limits winsorising, and no value was winsorised (--treat winsorise)"
    if "normalise.bounds" in asked and scales <= {*WITHOUT_BOUNDS}:
        yield f"--range did nothing: the method {min(scales)} has no range"
    if "normalise.ties" in asked and not scales & RANKED:
        yield f"--ties did nothing: it places equal values in ranks (--normalise {' or '.join(sorted(RANKED))})"
    if "normalise.reference" in asked and "distance-to-reference" not in scales:
        yield "--reference did nothing: it is for distances to it (--normalise distance-to-reference)"


def _methods(metadata: pd.DataFrame, settings: Mapping[str, Any], step: str, usual: str) -> set[str]:
    """Return the methods of a step: the one for all, and those that indicators have of their own once it is done."""
    name = f"{step}.method"
    is_done = step == "normalise" or name in settings
    own = metadata[step].dropna() if is_done and step in metadata.columns else ()
    return {str(settings.get(name, usual)), *(str(one) for one in own if one)}
