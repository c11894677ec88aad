"""The group of municipalities that a profile is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.geography.groups import Group, members, named_group
from resilience_analysis.indicators.framework import Text
from resilience_analysis.profiles.dataset import Dataset

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
    distances = dataset.distances(of) if of is not None and group.nearest is not None else None
    codes = members(group, dataset.municipalities, of=of, distances=distances)
    return Comparator(group.id, _named(dataset, group, of), tuple(codes))


def _named(dataset: Dataset, group: Group, of: str | None) -> Text:
    """Return the name of a group; one that depends on a municipality names it."""
    if of is None or not group.relative:
        return group.name
    blanks = {"{place}": str(dataset.names[of])}
    province = str(dataset.municipalities.at[of, "province"]) if "province" in dataset.municipalities else ""
    called = dataset.geography.province_names.get(province, {})
    return {
        language: _filled(name, {**blanks, "{province}": called.get(language, province)})
        for language, name in group.name.items()
    }


def _filled(name: str, blanks: Mapping[str, str]) -> str:
    for blank, said in blanks.items():
        name = name.replace(blank, said)
    return name


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
        members = ", ".join(f"{code} {dataset.names[code]}" for code in region.codes[:10])
        raise UsageError(
            f"{of} {dataset.names[of]} is not in {wanted} ({members}). Ask for another region, or for {HOME}"
        )
    return region
