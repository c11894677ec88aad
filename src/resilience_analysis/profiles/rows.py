"""The groups a profile is compared with, and its rows: indicators, factors and gaps of a municipality beside them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.geography.groups import Group, members, named_group
from resilience_analysis.indicators.framework import Context, Framework, Text
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.survey.gaps import between_roles

HOME = "home"


@dataclass(frozen=True)
class Comparator:
    """A named group."""

    id: str  # id of the group in ``regions.yml``, or the codes joined by commas for a list of one's own
    name: Text  # its name per language
    codes: tuple[str, ...]  # NIS codes, nearest first for a group by resemblance


def without(group: Comparator, nis_code: str) -> Comparator:
    """Return a group without the municipality that is compared with it: nothing is compared with itself."""
    return replace(group, codes=tuple(code for code in group.codes if code != nis_code))


def comparator(dataset: Dataset, wanted: str, *, of: str | None = None) -> Comparator:
    """Find the group that `wanted` names: id of a group in ``regions.yml``, or NIS codes or names separated by commas.

    `of` is the municipality that is compared, for groups that depend on it.

    Raises
    ------
    UsageError
        When the group or municipality is not known.
    """
    group = named_group(dataset.geography, dataset.names, wanted, mergers=dataset.tables.mergers)
    key = ("members", group.id, _rests_on(dataset, group, of))
    return Comparator(group.id, _named(dataset, group, of), dataset.keep(key, lambda: _members(dataset, group, of)))


def _rests_on(dataset: Dataset, group: Group, of: str | None) -> str | None:
    """Return what the members of a group that depends on a municipality follow from: the area it lies in, or itself."""
    if of is not None and group.same is not None and group.same in dataset.municipalities:
        return str(dataset.municipalities.at[of, group.same])
    return of if group.relative else None


def _members(dataset: Dataset, group: Group, of: str | None) -> tuple[str, ...]:
    distances = dataset.distances(of) if of is not None and group.nearest is not None else None
    return tuple(members(group, dataset.municipalities, of=of, distances=distances))


def _named(dataset: Dataset, group: Group, of: str | None) -> Text:
    """Return the name of a group; one that depends on a municipality names it."""
    if of is None or not group.relative:
        return group.name
    place = str(dataset.names[of])
    province = str(dataset.municipalities.at[of, "province"]) if "province" in dataset.municipalities else ""
    called = dataset.geography.province_names.get(province, {})
    return {
        language: name.replace("{place}", place).replace("{province}", called.get(language, province))
        for language, name in group.name.items()
    }


def home_region(dataset: Dataset, nis_code: str) -> Comparator:
    """Return the region a municipality belongs to when none is asked for, the first that fits of ``home``."""
    for name in dataset.geography.home:
        group = comparator(dataset, name, of=nis_code)
        if nis_code in group.codes:
            return group
    return comparator(dataset, nis_code)


def region_of(dataset: Dataset, wanted: str, *, of: str) -> Comparator:
    """Return the region a profile is drawn in; raise `UsageError` when the municipality does not belong to it."""
    if wanted in {"", HOME}:
        return home_region(dataset, of)
    region = comparator(dataset, wanted, of=of)
    if of not in region.codes:
        some = ", ".join(f"{code} {dataset.names[code]}" for code in region.codes[:10])
        raise UsageError(f"{of} {dataset.names[of]} is not in {wanted} ({some}). Ask for another region, or for {HOME}")
    return region


LEAST_REFERENCE = 30  # fewer municipalities do not stand for all
LEAST_SHARE = 0.75  # nor do fewer than this share of them, in a project that has not as many
Facts = dict[str, Any]
OWN_COLUMNS = ("n", "value", "low", "high", "computed", "missing_reason")
LEAST_GROUP = 3  # fewer have no middle, and a median of one would be that one's own figure


def indicator_facts(dataset: Dataset, nis_code: str, group: Comparator) -> dict[str, Facts]:
    """Look up what there is to say about one municipality on every indicator and context indicator.

    Returns
    -------
    dict
        By indicator, scored ones first: ``year``, ``n``, ``value``, ``low``, ``high``, ``computed``,
        ``missing_reason``, ``group_*`` and ``all_*`` (n, min, p05, q1, median, q3, p95, max of the others in the
        comparator group and of all municipalities; missing where too few have a value, see `LEAST_GROUP` and
        `least_reference`), ``all_together`` (all inhabitants together; missing where that has no meaning),
        ``share_below`` and ``share_above`` (0-1, shares of the other municipalities with a value that lie below and
        above; the rest has the same value).
    """
    table = dataset.keep("indicator facts", lambda: _indicator_table(dataset))
    return dict(_compared(dataset, table, dataset.spread, nis_code, group))


def _compared(
    dataset: Dataset, table: FactTable, spread: Callable[..., pd.DataFrame], nis_code: str, group: Comparator
) -> Iterator[tuple[Any, Facts]]:
    """Go through the facts of one municipality, each beside how the others in its group and all are spread."""
    others, everywhere = without(group, nis_code).codes, tuple(dataset.everywhere)
    near = _spread_facts(dataset, spread, others, "group_", max(1, min(LEAST_GROUP, len(others))))
    reference = _spread_facts(dataset, spread, everywhere, "all_", least_reference(len(everywhere)))
    for key, own in table.of(nis_code):
        yield key, {**own, **near[key], **reference[key]}


def least_reference(count: int) -> int:
    """Return how many of all municipalities of a project need a value before it is said how all are spread.

    Examples
    --------
    >>> least_reference(285), least_reference(14)
    (30, 11)
    """
    return min(LEAST_REFERENCE, ceil(LEAST_SHARE * count))


@dataclass(frozen=True)
class FactTable:
    """What is known of all municipalities: an array per column, municipalities x keys."""

    keys: Sequence[Hashable]  # what there is a fact about: an indicator, or a dimension and strand
    places: Mapping[str, int]  # row of each municipality
    columns: Mapping[str, np.ndarray[Any, Any]]  # the arrays by name
    same: Sequence[Facts]  # what is the same for all municipalities, per key

    def of(self, nis_code: str) -> Iterator[tuple[Any, Facts]]:
        """Go through the facts of one municipality: key, and a value per column."""
        row = self.places[nis_code]
        lists = [array[row].tolist() for array in self.columns.values()]
        for place, key in enumerate(self.keys):
            yield key, {**self.same[place], **{name: values[place] for name, values in zip(self.columns, lists)}}  # noqa: B905


def _indicator_table(dataset: Dataset) -> FactTable:
    codes = list(dataset.framework.entries)
    columns = {name: dataset.column(name).reindex(columns=codes).to_numpy() for name in OWN_COLUMNS}
    columns |= _shares(columns["value"].astype(float))
    enough = dataset.values.notna().sum() >= LEAST_REFERENCE
    together = dataset.together.where(enough.reindex(dataset.together.index))
    same = [{"year": dataset.years[code], "all_together": float(together[code])} for code in codes]
    return FactTable(codes, dataset.places, columns, same)


def _shares(values: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Return the share of the others that lie below and above each value (0-1), where enough have a value."""
    below, above = (np.full(values.shape, np.nan) for _ in range(2))
    for column in range(values.shape[1]):
        known = np.flatnonzero(~np.isnan(values[:, column]))
        if len(known) < max(least_reference(len(values)), 2):
            continue
        own, ordered = values[known, column], np.sort(values[known, column])
        below[known, column] = np.searchsorted(ordered, own, side="left") / (len(known) - 1)
        above[known, column] = (len(known) - np.searchsorted(ordered, own, side="right")) / (len(known) - 1)
    return {"share_below": below, "share_above": above}


def _spread_facts(
    dataset: Dataset, spread: Callable[..., pd.DataFrame], codes: Sequence[str], prefix: str, least: int
) -> Mapping[Any, Facts]:
    """Return how a group is spread on every key, with a prefix before the names."""

    def make() -> Mapping[Any, Facts]:
        table = spread(codes, least=least)
        names = [f"{prefix}{name}" for name in table.columns]
        rows = zip(table.index, table.to_numpy().tolist(), strict=True)
        return {key: dict(zip(names, row, strict=True)) for key, row in rows}

    return dataset.keep((prefix, spread.__name__, least, codes), make)


def indicator_rows(dataset: Dataset, nis_code: str, group: Comparator, codes: list[str]) -> pd.DataFrame:
    """Return the facts of `indicator_facts` as a table: one row per indicator of `codes`, indexed by ``indicator``."""
    facts = indicator_facts(dataset, nis_code, group)
    return pd.DataFrame([facts[code] for code in codes], index=pd.Index(codes, name="indicator"))


def factor_facts(dataset: Dataset, nis_code: str, group: Comparator) -> list[Facts]:
    """Look up the scores of one municipality: a row per dimension and strand, in the framework's order.

    Returns
    -------
    list of dict
        ``dimension``, ``strand``, ``score``, ``low``, ``high``, ``coverage``, ``missing_reason``, ``indicators`` (how
        many the framework has), ``group_*`` and ``all_*`` as in `indicator_facts`.
    """
    table = dataset.keep("factor facts", lambda: _factor_table(dataset))
    return [facts for _, facts in _compared(dataset, table, dataset.score_spread, nis_code, group)]


def _factor_table(dataset: Dataset) -> FactTable:
    keys = [(dimension, strand) for dimension in dataset.framework.dimensions for strand in dataset.strands]
    index = pd.MultiIndex.from_tuples(keys, names=["code", "strand"])
    names = ("score", "low", "high", "coverage", "missing_reason")
    columns = {name: dataset.scores[name].reindex(columns=index).to_numpy() for name in names}
    same = [
        {"dimension": dimension, "strand": strand, "indicators": len(dataset.framework.of(dimension, strand))}
        for dimension, strand in keys
    ]
    return FactTable(keys, dataset.places, columns, same)


def factor_rows(dataset: Dataset, nis_code: str, group: Comparator) -> pd.DataFrame:
    """Return the facts of `factor_facts` as a table: one row per dimension and strand."""
    return pd.DataFrame(factor_facts(dataset, nis_code, group))


def role_facts(dataset: Dataset, nis_code: str) -> list[Facts]:
    """Compare two roles that answered the same statements in the last wave, in the order of the factors.

    Returns
    -------
    list of dict
        One per dimension, as in `between_roles`, with ``clear`` (the interval of the gap leaves out zero); empty
        without two roles to compare.
    """
    own, roles = dataset.estimates_of(nis_code), dataset.framework.compared_roles
    if own.empty or not roles:
        return []
    rows = between_roles(own[own["wave"] == own["wave"].max()], *roles)
    facts: Any = rows.assign(clear=(rows["low"] > 0) | (rows["high"] < 0)).to_dict("records")
    found = {row["code"]: row for row in facts}
    return [found[code] for code in dataset.framework.dimensions if code in found]


def gap_facts(dataset: Dataset, nis_code: str) -> list[Facts]:
    """Look up everything that is not known about a municipality.

    Returns
    -------
    list of dict
        One per gap, in the order of the dimensions, what is wanted last: ``code``, ``dimension`` (empty for context),
        ``strand``, ``year`` (missing for what has not been collected anywhere), ``missing_reason``, ``wanted`` (true
        for indicators that have no data for any municipality).
    """
    table = dataset.keep("indicator facts", lambda: _indicator_table(dataset))
    reasons = {code: own["missing_reason"] for code, own in table.of(nis_code)}
    rows = [
        _gap(dataset.framework, str(code), str(reason), dataset.years)
        for code, reason in reasons.items()
        if not is_missing(reason)
    ]
    order = {dimension: place for place, dimension in enumerate(dataset.framework.dimensions)}
    rows.sort(key=lambda row: order.get(row["dimension"], len(order)))
    return rows + dataset.keep("wanted", lambda: _wanted(dataset.framework, order))


def _wanted(framework: Framework, order: Mapping[str, int]) -> list[Facts]:
    same = {"year": None, "missing_reason": "not_collected", "wanted": True}
    rows = [{"code": c.id, "dimension": c.dimension, "strand": c.strand, **same} for c in framework.candidates.values()]
    return sorted(rows, key=lambda row: order.get(str(row["dimension"]), len(order)))


def _gap(framework: Framework, code: str, reason: str, years: Mapping[str, int]) -> Facts:
    entry = framework.entries[code]
    dimension, strand = ("", "context") if isinstance(entry, Context) else (entry.dimension, entry.strand)
    year = None if reason == "not_collected" else years[code]
    of = {"code": code, "dimension": dimension, "strand": strand}
    return {**of, "year": year, "missing_reason": reason, "wanted": False}


def change_rows(dataset: Dataset, nis_code: str, group: Comparator) -> list[Facts]:
    """Return how the self-assessment changed between two waves, beside what changed in the others of the group.

    Returns
    -------
    list of dict
        A row per factor with a change, in the framework's order: the columns of ``changes`` and ``group_median``, the
        median change between the same waves of the others in the group (points of 0 to 100; missing where fewer than
        `LEAST_GROUP` have one).
    """
    known = dataset.keep("changes of factors", lambda: _factor_changes(dataset))
    own = known.get(nis_code, [])
    others = [row for code in without(group, nis_code).codes for row in known.get(code, [])] if own else []
    found: dict[tuple[Any, ...], list[float]] = {}
    for row in others:
        found.setdefault(_between(row), []).append(row["change"])
    medians = {waves: float(np.median(of)) for waves, of in found.items() if len(of) >= LEAST_GROUP}
    return [{**row, "group_median": medians.get(_between(row), np.nan)} for row in own]


def _between(row: Facts) -> tuple[Any, ...]:
    return row["code"], row["earlier"], row["later"]


def _factor_changes(dataset: Dataset) -> dict[str, list[Facts]]:
    """Return the changes of factors of every municipality that has any, in the framework's order."""
    table = dataset.tables.changes
    order = {code: place for place, code in enumerate(dataset.framework.dimensions)}
    chosen = (table["level"] == "dimension") & table["change"].notna() & table["code"].isin(list(order))
    rows = sorted(table[chosen].to_dict("records"), key=lambda row: order[row["code"]])
    known: dict[str, list[Facts]] = {}
    for row in rows:
        known.setdefault(str(row["nis_code"]), []).append({str(name): value for name, value in row.items()})
    return known


STANDINGS = ("above", "below", "unsure", "high", "low", "middle", "alone", "unknown")


def standing(row: Mapping[str, Any]) -> str:
    """Return where a score of `factor_facts` stands: one of `STANDINGS`.

    Returns
    -------
    str
        With a margin: ``above`` or ``below`` the median municipality with the whole margin, else ``unsure``. Without
        one: ``high`` or ``low`` outside the middle half of all municipalities, else ``middle``. ``alone`` where too
        few others have a score; ``unknown`` without a score.
    """
    if is_missing(row["score"]):
        return "unknown"
    if is_missing(row["all_median"]):
        return "alone"
    if is_missing(row["low"]):
        return "high" if row["score"] > row["all_q3"] else "low" if row["score"] < row["all_q1"] else "middle"
    if row["low"] > row["all_median"]:
        return "above"
    return "below" if row["high"] < row["all_median"] else "unsure"
