"""What a reader of a run should know: orders that turned, values that vanished, wishes that were not done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import column_max, column_min
from resilience_analysis.composite.checks import Array, Mask, values_of
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.normalisation import Scale, metadata_column, methods_of, spoken_method
from resilience_analysis.composite.scales import NEEDS, TURNS, UNDEFINED

OWN_SCALES = {
    **NEEDS,
    "minmax": ("minmax_lower", "minmax_upper"),
    "zscore": ("zscore_mean", "zscore_sd"),
    "ampi": ("reference",),
}
"""Columns of the metadata that belong to one method of normalisation."""
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
    >>> from resilience_analysis import composite
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
    """Name what the metadata declare and a run does not do: denominators, treatments, references of other methods.

    Parameters
    ----------
    tidy
        Metadata as `check_metadata` gives them.
    asked
        The steps of the run with their arguments.

    Returns
    -------
    list of str
        A sentence for each matter.
    """
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
    """Name the columns that hold a number which often stands for a missing value, far from all others.

    Parameters
    ----------
    data
        One row per unit, one column per indicator.

    Returns
    -------
    list of str
        A sentence for each code and column that it was scored as a value.
    """
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
    """Return what optimised weights came to: codes that get nothing, and how far importance is from what was asked.

    Parameters
    ----------
    found
        As `optimised_weights` gives it.

    Returns
    -------
    list of str
        Up to two sentences.
    """
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


LEAST_WEIGHT, CLOSE = 1e-6, 0.01
