"""Several versions of one index: what changes when choices do, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from resilience_analysis.composite.chain import Scored, Settings, score
from resilience_analysis.composite.choices import with_alternatives
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.reporting import ranks
from resilience_analysis.composite.structure import roots
from resilience_analysis.foundation.errors import UsageError, unknown

NOMINAL = "nominal"
CHANGES = ("settings", "weights", "metadata", "drop")


class Versions(NamedTuple):
    """The result of `what_if`.

    Attributes
    ----------
    scores, ranks
        One row per unit; a column per version, the one without changes first.
    effect
        One row per changed version: ``rank_shift`` (mean size of the change of rank), ``largest_shift``, ``moved``
        (units with another rank), ``correlation`` of the ranks with the nominal ones (Spearman).
    runs
        Everything that scoring gave, by version.
    """

    scores: pd.DataFrame
    ranks: pd.DataFrame
    effect: pd.DataFrame
    runs: dict[str, Scored]


def what_if(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    changes: Mapping[str, Mapping[str, Any]],
    settings: Settings | None = None,
    code: str | None = None,
    groups: pd.Series | None = None,
    denominators: pd.DataFrame | None = None,
) -> Versions:
    """Score a table once as it is and once for each list of changes.

    Parameters
    ----------
    data, metadata, settings, groups, denominators
        As for `score`.
    changes
        By the name of the version, what is different in it: ``settings`` (in place of those), ``weights`` by code,
        ``metadata`` (``{code: {column: value}}``), and ``drop``, codes that are left out with all below them.
    code
        The aggregate to compare; by default the first top.

    Raises
    ------
    InputError, UsageError
        As `score` says, and when a change or code is unknown.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [9.0, 2.0, 5.0]}, index=["AA", "BB", "CC"])
    >>> tree = pd.DataFrame({"parent": ["t", "t", ""], "direction": 1, "weight": 1}, index=["a", "b", "t"])
    >>> found = what_if(table, metadata=tree, changes={"heavier a": {"weights": {"a": 9}}, "no b": {"drop": ["b"]}})
    >>> found.ranks.loc["AA"].tolist()
    [2, 3, 3]
    """
    tidy = check_metadata(metadata, data)
    base = dict(settings or {})
    shared: dict[str, Any] = {"groups": groups, "denominators": denominators}
    runs = {NOMINAL: score(data, metadata=tidy, settings=base, **shared)}
    for name, change in changes.items():
        changed = _changed(tidy, change)
        own = with_alternatives(base, [change.get("settings", {})])
        runs[name] = score(_columns_of(data, changed), metadata=changed, settings=own, **shared)
    code = code or next(iter(dict.fromkeys(roots(tidy).values())))
    table = compare_versions({name: run.tables["scores"] for name, run in runs.items()}, code=code, by="scores")
    places = ranks(table)
    return Versions(table, places, _effect(places), runs)


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
    >>> from resilience_analysis import composite
    >>> data, metadata = composite.example_index()
    >>> table = composite.normalise(data, metadata=metadata, bounds=(1, 100))
    >>> methods = ("arithmetic", "geometric")
    >>> versions = {how: composite.aggregate(table, metadata=metadata, method=how) for how in methods}
    >>> composite.compare_versions(versions, code="index").loc["DD"].to_dict()
    {'arithmetic': 5, 'geometric': 5}
    """
    kinds = ("ranks", "scores", "difference", "size")
    if by not in kinds:
        raise UsageError(unknown("comparison", by, kinds))
    for table in versions.values():
        if code not in table.columns:
            raise UsageError(unknown("code", code, table.columns))
    scores = pd.DataFrame({name: table[code] for name, table in versions.items()})
    if by == "scores":
        return scores
    places = ranks(scores)
    if by == "ranks":
        return places
    difference = places.rsub(places.iloc[:, 0], axis=0)
    return difference.abs() if by == "size" else difference


def _changed(tidy: pd.DataFrame, change: Mapping[str, Any]) -> pd.DataFrame:
    for key in change:
        if key not in CHANGES:
            raise UsageError(unknown("change", key, CHANGES))
    table = tidy.copy()
    for given in [*change.get("weights", {}), *change.get("metadata", {}), *change.get("drop", ())]:
        if given not in table.index:
            raise UsageError(unknown("code", given, table.index))
    for code, weight in change.get("weights", {}).items():
        table.loc[code, "weight"] = float(weight)
    for code, cells in change.get("metadata", {}).items():
        for column, value in cells.items():
            table.loc[code, column] = value
    return _without(table, change.get("drop", ()))


def _without(table: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Leave codes out, with all below them and every aggregate that has no child left."""
    gone = set(codes)
    while True:
        kept = table[~table.index.isin(gone)]
        below = set(kept.index[kept["parent"].isin(gone)])
        empty = set(kept.index[(kept["type"] == "aggregate") & ~kept.index.isin(kept["parent"])])
        if not below | empty:
            return kept.drop(columns="level")
        gone |= below | empty


def _columns_of(data: pd.DataFrame, tidy: pd.DataFrame) -> pd.DataFrame:
    return data[[column for column in data.columns if column in tidy.index]]


def _effect(places: pd.DataFrame) -> pd.DataFrame:
    numbers = places.astype(float)
    shift = numbers.drop(columns=NOMINAL).sub(numbers[NOMINAL], axis=0).abs()
    return pd.DataFrame(
        {
            "rank_shift": shift.mean(),
            "largest_shift": shift.max(),
            "moved": (shift > 0).sum(),
            "correlation": numbers.drop(columns=NOMINAL).corrwith(numbers[NOMINAL]),
        }
    )
