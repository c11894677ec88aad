"""Divide indicators by a size, such as inhabitants or area, so that large and small units compare."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import Array, listed, value_problems
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any


def denominate(data: pd.DataFrame, *, metadata: pd.DataFrame, denominators: pd.DataFrame) -> pd.DataFrame:
    """Divide every indicator that names a denominator by it.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator.
    metadata
        One row per code; ``denominator`` names a column of `denominators`, and ``denominator_scale`` multiplies
        the result, such as 1000 for "per 1,000 inhabitants".
    denominators
        The sizes, one row for at least every row of the data (same index).

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; an indicator without denominator is unchanged, a missing size gives a missing
        value.

    Raises
    ------
    InputError
        When a size is zero, negative or no number where there is a value to divide, or is not there at all.
    UsageError
        When no indicator names a denominator.

    Examples
    --------
    >>> from resilience_analysis import composite
    >>> data, metadata = composite.example_index()
    >>> wanted = metadata.assign(denominator=["", "people", "", "", "", "", ""], denominator_scale=1000)
    >>> people = pd.DataFrame({"people": [1000, 2000, 4000, 1000, 5000]}, index=data.index)
    >>> composite.denominate(data, metadata=wanted, denominators=people)["crime"].tolist()
    [10.0, 15.0, 5.0, 50.0, 8.0]
    """
    tidy = check_metadata(metadata, data)
    scales = divisors(data, tidy, denominators)
    divided = {code: data[code].to_numpy(dtype=float) / scale for code, scale in scales.items()}
    return data.assign(**divided)


def divisors(data: pd.DataFrame, tidy: pd.DataFrame, denominators: pd.DataFrame) -> dict[str, Array]:
    """Return what each denominated indicator is divided by, one number per row of the data.

    Raises
    ------
    InputError
        As `denominate` says.
    """
    chosen = tidy["denominator"] if "denominator" in tidy.columns else pd.Series("", index=tidy.index)
    chosen = chosen[(chosen != "") & (tidy["type"] == "indicator")]
    if chosen.empty:
        raise UsageError("no indicator names a denominator. Name them in the metadata, or do not denominate")
    raise_if_any("denominators", _table_problems(chosen, denominators, data.index))
    sizes = denominators.loc[data.index, chosen.unique()].astype(float)
    raise_if_any(
        "denominators",
        [problem for code, name in chosen.items() for problem in _size_problems(data[code], sizes[name])],
    )
    factors = tidy["denominator_scale"] if "denominator_scale" in tidy.columns else pd.Series(dtype=float)
    return {str(code): sizes[name].to_numpy() / _factor(factors.get(code)) for code, name in chosen.items()}


def _factor(given: float | None) -> float:
    return 1.0 if given is None or np.isnan(given) else float(given)


def _table_problems(chosen: pd.Series, denominators: pd.DataFrame, units: pd.Index) -> list[Problem]:
    problems = [
        Problem(f"code {code}, column denominator", f"{name!r} is not a column of the data", "Add it or correct it")
        for code, name in chosen.items()
        if name not in denominators.columns
    ]
    absent = units[~units.isin(denominators.index)]
    if len(absent):
        problems.append(Problem("denominators", f"have no row for {listed(absent)}", "Add the units"))
    for name in chosen.unique():
        if name in denominators.columns:
            problems += value_problems(denominators[name])
    return problems


def _size_problems(values: pd.Series, sizes: pd.Series) -> list[Problem]:
    wrong = (sizes <= 0) & values.notna()
    if not wrong.any():
        return []
    return [
        Problem(
            f"column {sizes.name}",
            f"is zero or negative for {listed(sizes.index[wrong])}, and divides {values.name}",
            "Correct the size, or leave it empty to make the result missing",
        )
    ]
