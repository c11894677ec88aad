"""The choices an uncertainty run varies, named by their argument; and versions of one index under given choices.

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
from typing import Any, NamedTuple

import pandas as pd

from resilience_analysis.composite.chain import Scored, Settings, arguments, score, step_settings
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.reporting import ranks
from resilience_analysis.composite.scales import BOUNDS_ARE_CENTRE_AND_SPREAD, WITHOUT_BOUNDS
from resilience_analysis.composite.structure import roots
from resilience_analysis.foundation.errors import UsageError, unknown

VARIED = ("impute", "treat", "normalise", "weights", "aggregate")
SAMPLE, NOISE = "sample", "weights.noise"


@dataclass(frozen=True)
class Factors:
    """What is varied."""

    alternatives: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Per choice, the settings that each of its alternatives puts in place."""
    noise: dict[int, float] = field(default_factory=dict)
    """Per level the size of the noise of weights; empty for none."""
    sample: bool = False
    """Whether values are drawn within their sampling error."""

    @property
    def names(self) -> list[str]:
        """Return the names of all factors: choices, noise, sample."""
        return [*self.alternatives, *([NOISE] if self.noise else []), *([SAMPLE] if self.sample else [])]


def read_choices(choices: Mapping[str, Any], *, base: Settings, levels: int, has_error: bool) -> Factors:
    """Check choices and turn them into factors: unknown names, lists of fewer than 2 values and no choice are refused.

    `base` are the settings of the nominal run, in a framework of so many levels. With a sampling error ``sample`` is
    varied unless the choices say no.
    """
    alternatives = {
        name: _alternatives(name, given, base) for name, given in choices.items() if name not in (SAMPLE, NOISE)
    }
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
    if method in WITHOUT_BOUNDS:
        settings.pop("normalise.bounds", None)
    return settings


def _kind_of_bounds(method: str) -> str:
    if method in WITHOUT_BOUNDS:
        return "none"
    return "centre" if method in BOUNDS_ARE_CENTRE_AND_SPREAD else "range"


def _alternatives(name: str, given: Any, base: Settings) -> list[dict[str, Any]]:
    step = name.partition(".")[0]
    found = check_choice(name, given)
    if step in ("impute", "treat") and step not in step_settings(base):
        raise UsageError(f"the choice {name} varies a step that the run does not do. Set {step}.method in it")
    return found


def check_choice(name: str, given: Any) -> list[dict[str, Any]]:
    """Refuse a choice with an unknown name or fewer than 2 values; give the settings each of them puts in place."""
    step, _, argument = name.partition(".")
    _check_name(name, step, argument)
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


def _check_name(name: str, step: str, argument: str) -> None:
    known = {key: names for key, names in arguments().items() if key in VARIED}
    if step in known and (not argument or argument in known[step]):
        return
    everything = [*known, *(f"{key}.{each}" for key, names in known.items() for each in names), NOISE, SAMPLE]
    raise UsageError(unknown("choice", name, everything))


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
