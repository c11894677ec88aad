"""What readers get of scores: ranks, derived columns, tables of results, a summary of one unit, versions compared."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import (
    SIGNIFICANT_DIGITS,
    Rows,
    check_known,
    peers_of,
    rank_columns,
    row_of,
    rows_by_year,
)
from resilience_analysis.composite.metadata import checked
from resilience_analysis.composite.normalisation import TIES
from resilience_analysis.composite.operations import apply_steps, read_steps
from resilience_analysis.composite.structure import SCORED, column_of
from resilience_analysis.foundation.errors import UsageError


def ranks(
    scores: pd.DataFrame, *, ties: str = "min", digits: int = SIGNIFICANT_DIGITS, within: pd.Series | None = None
) -> pd.DataFrame:
    """Rank the units on every column, 1 the highest score.

    Parameters
    ----------
    scores
        One row per unit; in a panel each year is ranked on its own.
    ties
        Equal scores share the best of their places (``min``: 1, 2, 2, 4) or the mean (``average``: 1, 2.5, 2.5, 4).
    digits
        Scores that agree to this many significant digits are equal.
    within
        The group of each row (same index): places are then among the units of the group, and year.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; whole numbers for ``min``. A missing score, and one without a group, has no rank.

    Raises
    ------
    UsageError
        When a name is unknown, or the groups are not those of the rows.

    Examples
    --------
    >>> scores = pd.DataFrame({"index": [70.0, 45.0, 70.0, 60.0]}, index=["AA", "BB", "CC", "DD"])
    >>> ranks(scores)["index"].tolist()
    [1, 4, 1, 3]
    >>> ranks(scores, within=pd.Series(["x", "x", "y", "y"], index=scores.index))["index"].tolist()
    [1, 2, 1, 2]
    """
    check_known("way with ties", ties, TIES)
    if digits < 1:
        raise UsageError(f"{digits} significant digits leave nothing to compare. Give 1 or more")
    values = scores.to_numpy(dtype=np.float64)
    if within is not None and not within.index.equals(scores.index):
        raise UsageError("within needs the group of every row. Give groups with the index of the scores")
    places = np.full(values.shape, np.nan)
    for year in rows_by_year(scores.index):
        for rows in [year] if within is None else _groups(within, year):
            places[rows] = rank_columns(-values[rows], ties=ties, digits=digits)
    table = pd.DataFrame(places, index=scores.index, columns=scores.columns)
    return table.astype("Int64") if ties == "min" else table


def _groups(within: pd.Series, year: Rows) -> list[Rows]:
    """Return the rows of each group among those of a year."""
    own = within.iloc[year]
    return [year[places] for places in own.groupby(own).indices.values()]


def derived_scores(scores: pd.DataFrame, *, metadata: pd.DataFrame) -> pd.DataFrame:
    """Make the columns of type ``derived`` from the scores of their parents; they go up no further.

    Parameters
    ----------
    scores
        As `aggregate` gives them.
    metadata
        One row per code; see `check_metadata`. A derived code has a ``parent``, the ``steps`` that make it, and in
        ``bands`` the names of its bands where the steps end in numbers from 1.

    Returns
    -------
    pandas.DataFrame
        One row per unit, one column per derived code: numbers, or the names of bands as text.

    Raises
    ------
    InputError
        When the metadata are wrong.

    Examples
    --------
    >>> scores = pd.DataFrame({"index": [0.4, 0.9, 0.75]}, index=["AA", "BB", "CC"])
    >>> tree = pd.DataFrame(
    ...     {"parent": ["", "index"], "type": ["indicator", "derived"], "direction": 1, "weight": 1,
    ...      "steps": ["", "bands:0.55,0.8"], "bands": ["", "low; middle; high"]}, index=["index", "group"],
    ... )
    >>> derived_scores(scores, metadata=tree)["group"].tolist()
    ['low', 'high', 'middle']
    """
    tidy = checked(metadata)
    table = {}
    for code, row in tidy[tidy["type"] == "derived"].reindex(columns=["parent", "steps", "bands"]).iterrows():
        steps = "" if pd.isna(row["steps"]) else str(row["steps"])
        values = apply_steps(
            scores[row["parent"]].to_numpy(dtype=np.float64), read_steps(steps), rows_by_year(scores.index)
        )
        names = [] if pd.isna(row["bands"]) else [name.strip() for name in str(row["bands"]).split(";") if name.strip()]
        column = pd.Series(values, index=scores.index)
        table[code] = column.map(dict(enumerate(names, 1))) if names else column
    return pd.DataFrame(table, index=scores.index)


def results(
    scores: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    columns: str = "aggregates",
    by: str = "scores",
    order_by: str | None = None,
    also: pd.DataFrame | None = None,
    within: pd.Series | None = None,
    decimals: int | None = 2,
) -> pd.DataFrame:
    """Return one table of results: best first, the top aggregate first, with names and ranks.

    Parameters
    ----------
    scores, metadata
        As `aggregate` gives them; one row per code, see `check_metadata`.
    columns
        ``top`` for the top aggregates, ``aggregates`` for all of them, ``all`` for indicators too.
    by
        ``scores`` or ``ranks``.
    order_by
        The code that orders the rows; by default the first top aggregate.
    also
        Further columns, such as names of units and groups, with the index of the scores.
    within
        The group of each unit; ranks are then places within the group.
    decimals
        Of scores; None for all.

    Returns
    -------
    pandas.DataFrame
        One row per unit: the columns of `also`, ``rank`` on `order_by`, then the codes from the top down.

    Raises
    ------
    UsageError
        When a name is unknown.

    Examples
    --------
    >>> scores = pd.DataFrame({"trust": [40.0, 90.0], "index": [45.123, 70.0]}, index=["AA", "BB"])
    >>> tree = pd.DataFrame({"parent": ["index", ""], "direction": 1, "weight": 1}, index=["trust", "index"])
    >>> results(scores, metadata=tree)["index"].to_dict()
    {'BB': 70.0, 'AA': 45.12}
    """
    tidy = checked(metadata)
    check_known("choice of columns", columns, ("top", "aggregates", "all"))
    check_known("kind of result", by, ("scores", "ranks"))
    codes = _codes_from_the_top(tidy, columns)
    order_by = order_by or codes[0]
    check_known("code", order_by, scores.columns)
    places = ranks(scores, within=within)
    shown = places[codes] if by == "ranks" else scores[codes] if decimals is None else scores[codes].round(decimals)
    parts = [*([] if also is None else [also.loc[scores.index]]), places[order_by].rename("rank"), shown]
    order = scores[order_by].sort_values(ascending=False, kind="stable").index
    return pd.concat(parts, axis=1).loc[order]


def _codes_from_the_top(tidy: pd.DataFrame, columns: str) -> list[str]:
    scored = tidy[tidy["type"].isin(SCORED)]
    kept = {
        "top": scored[scored["parent"] == ""],
        "aggregates": scored[(scored["type"] == "aggregate") | (scored["parent"] == "")],
        "all": scored,
    }[columns]
    return [str(code) for code in kept.sort_values("level", ascending=False, kind="stable").index]


def unit_summary(
    scores: pd.DataFrame, *, metadata: pd.DataFrame, unit: Hashable, decimals: int | None = 2
) -> pd.DataFrame:
    """Return the scores and ranks of one unit, from the top of the framework down, with names.

    Parameters
    ----------
    scores
        As `aggregate` gives them; in a panel the unit is ranked within its year.
    metadata
        One row per code; see `check_metadata`.
    unit
        The unit (its index).
    decimals
        Of scores; None for all.

    Returns
    -------
    pandas.DataFrame
        One row per code: ``name``, ``level``, ``parent``, ``score``, ``rank``, ``of`` (units with a score).

    Raises
    ------
    UsageError
        When the unit is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> scores = composite.aggregate(normalised, metadata=metadata)
    >>> found = composite.unit_summary(scores, metadata=metadata, unit="AA")
    >>> found[["score", "rank", "of"]].head(2).to_numpy().tolist()
    [[72.69, 1, 5], [77.78, 2, 5]]
    """
    peers = peers_of(scores, unit)
    tidy = checked(metadata)
    codes = [code for code in _codes_from_the_top(tidy, "all") if code in scores.columns]
    own, places = row_of(peers, unit), row_of(ranks(peers), unit)
    names = column_of(tidy, "name", tidy.index)
    table = tidy.loc[codes, ["level", "parent"]].astype({"level": int})
    table.insert(0, "name", names[codes].where(names[codes] != "", codes))
    table["score"] = own[codes].astype(float) if decimals is None else own[codes].astype(float).round(decimals)
    return table.assign(rank=places[codes], of=peers[codes].notna().sum())


def compare(first: pd.DataFrame, second: pd.DataFrame, *, code: str, by: str = "ranks") -> pd.DataFrame:
    """Compare one column of two versions of the scores.

    Parameters
    ----------
    first, second
        Scores, one row per unit; units in one version only have no difference.
    code
        The column to compare.
    by
        ``ranks`` (1 the best) or ``scores``.

    Returns
    -------
    pandas.DataFrame
        One row per unit of either, those of `first` first: ``first``, ``second``, ``difference`` (first less
        second: above 0 the unit has climbed in rank), ``size`` of it.

    Raises
    ------
    UsageError
        When the code or comparison is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> scores = composite.aggregate(normalised, metadata=metadata)
    >>> equal = composite.equal_weights(metadata)
    >>> other = composite.aggregate(normalised, metadata=metadata, weights=equal)
    >>> composite.compare(scores, other, code="index").loc["DD"].tolist()
    [5, 4, 1, 1]
    """
    check_known("comparison", by, ("ranks", "scores"))
    units = first.index.union(second.index, sort=False)
    table = compare_versions({"first": first, "second": second}, code=code, by=by).reindex(units)
    table["difference"] = table["first"] - table["second"]
    table["size"] = table["difference"].abs()
    return table


def compare_versions(versions: Mapping[str, pd.DataFrame], *, code: str, by: str = "ranks") -> pd.DataFrame:
    """Put one column of many versions of the scores side by side.

    Parameters
    ----------
    versions
        Scores by the name of the version; units of any are in the result.
    code
        The column to compare, which every version has.
    by
        ``ranks`` (1 the best), ``scores``, ``difference`` (of ranks, the first version less each) or ``size`` of it.

    Returns
    -------
    pandas.DataFrame
        One row per unit, one column per version.

    Raises
    ------
    UsageError
        When a name is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> table = composite.normalise(data, metadata=metadata, bounds=(1, 100))
    >>> methods = ("arithmetic", "geometric")
    >>> versions = {how: composite.aggregate(table, metadata=metadata, method=how) for how in methods}
    >>> composite.compare_versions(versions, code="index").loc["DD"].to_dict()
    {'arithmetic': 5, 'geometric': 5}
    """
    check_known("comparison", by, ("ranks", "scores", "difference", "size"))
    for table in versions.values():
        check_known("code", code, table.columns)
    scores = pd.DataFrame({name: table[code] for name, table in versions.items()})
    if by == "scores":
        return scores
    places = ranks(scores)
    if by == "ranks":
        return places
    difference = places.rsub(places.iloc[:, 0], axis=0)
    return difference.abs() if by == "size" else difference
