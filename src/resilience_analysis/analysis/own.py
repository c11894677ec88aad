"""Figures and choices of one's own: an indicator more, or other weights, and what they change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from resilience_analysis.analysis.selection import figures, members_of
from resilience_analysis.data.catalogue import Source
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.indicators.framework import Framework, Indicator
from resilience_analysis.indicators.scores import score
from resilience_analysis.notebook import load_dataset
from resilience_analysis.profiles.dataset import Dataset

SOURCE = "own"
STRAND = "register"
_LOWER, _UPPER = 0.05, 0.95


def with_indicator(
    values: pd.Series | pd.DataFrame, *, code: str, label: str, dimension: str, year: int, unit: str = "",
    direction: int = 1, weight: float = 1.0, goalposts: tuple[float, float] | None = None, source: str = "",
) -> Dataset:  # fmt: skip
    """Return the figures of the project with an indicator more, and the scores that follow; nothing is written.

    Parameters
    ----------
    values
        A Series, or a DataFrame with one column of numbers, by codes or names of places.
    code
        What it is called in tables; not the code of another.
    label
        Its wording, in every language.
    dimension
        The factor that it counts in, in the strand of open figures.
    year
        The year of the values.
    unit
        Their unit.
    direction
        +1 when more is more resilient, -1 when less is.
    weight
        Its weight in the factor.
    goalposts
        Values that score 0 and 100; the 5th and 95th percentile of the values when not given.
    source
        Who published the values.

    Raises
    ------
    UsageError
        When a place or the factor is not known, the code is taken, or nothing differs between the goalposts.

    Examples
    --------
    >>> own = ra.with_indicator(table, code="clubs", label="Clubs", dimension="leren", year=2025)  # doctest: +SKIP
    >>> ra.profile("Herentals", data=own, sections=["factor_details"])  # doctest: +SKIP
    """
    dataset, found = load_dataset(), figures(values).values
    posts = goalposts or (float(found.quantile(_LOWER)), float(found.quantile(_UPPER)))
    faults = _faults(dataset.framework, code, dimension, direction, posts)
    if faults:
        raise UsageError("\n".join(faults))
    said = dict.fromkeys(dataset.project.settings.languages, label)
    indicator = Indicator(
        id=code, label=said, dimension=dimension, strand=STRAND, aspect="social", unit=unit, direction=direction,
        weight=weight, source=SOURCE, derive={"take": code}, goalposts=posts, goalposts_year=year, rationale=said,
    )  # fmt: skip
    framework = replace(dataset.framework, indicators={**dataset.framework.indicators, code: indicator})
    own = _rows(found, indicator, year)
    table = _added(dataset.tables.indicators, own)
    observed = _added(dataset.tables.observations, own.assign(variable=code, source=SOURCE))
    tables = replace(dataset.tables, indicators=table, observations=observed, scores=score(table, framework))
    catalogue = {**dataset.catalogue, SOURCE: _source(source or label, label, year, list(said))}
    return replace(dataset, framework=framework, catalogue=catalogue, tables=tables, kept={})


def _faults(framework: Framework, code: str, dimension: str, direction: int, posts: tuple[float, float]) -> list[str]:
    faults = [f"the code {code} is taken: choose another"] * (code in {**framework.indicators, **framework.context})
    if dimension not in framework.dimensions:
        faults.append(unknown("factor", dimension, framework.dimensions))
    if direction not in (1, -1):
        faults.append(f"direction is {direction}: give 1 or -1")
    if not posts[0] < posts[1]:
        faults.append(f"the goalposts are {posts[0]:g} and {posts[1]:g}: the first must be below the second")
    return faults


def _rows(values: pd.Series, indicator: Indicator, year: int) -> pd.DataFrame:
    own = pd.DataFrame({"nis_code": values.index, "value": values.to_numpy()})
    own["missing_reason"] = pd.Series("not_in_source", own.index).where(own["value"].isna())
    return own.assign(year=year, indicator=indicator.id, strand=indicator.strand, unit=indicator.unit)


def _added(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, rows.reindex(columns=table.columns).astype(table.dtypes.to_dict())], ignore_index=True)


def _source(publisher: str, label: str, year: int, languages: list[str]) -> Source:
    said: dict[str, Any] = dict.fromkeys(languages, label)
    return Source(
        name=SOURCE, file="", format="", publisher=publisher, page="", citation=publisher, accessed=str(year),
        title=said, licence=dict.fromkeys(languages, "–"), vintage=dict.fromkeys(languages, str(year)), purpose=said,
    )  # fmt: skip


KEY = ["nis_code", "code", "strand"]


def what_if(
    framework: Framework | None = None, *, indicators: pd.DataFrame | None = None, region: str | None = None,
    **changes: Any,
) -> pd.DataFrame:  # fmt: skip
    """Score again with other choices and compare.

    Parameters
    ----------
    framework
        The changed framework; or give `changes`.
    indicators
        Schema ``indicators``, to score other values; those of the project when not given.
    region
        Only the places of a group, or those separated by commas; all when not given.
    **changes
        As in `Framework.with_`: ``weights``, ``directions``, ``goalposts``, ``normalise``, ``aggregate``,
        ``min_coverage``.

    Returns
    -------
    pandas.DataFrame
        One row per place, factor and strand: ``nis_code``, ``name``, ``code``, ``strand``, ``before``, ``before_low``,
        ``before_high``, ``after``, ``after_low``, ``after_high`` (scores 0-100 with their 95 % intervals), ``moved``
        (after less before) and ``beyond_margin`` (whether the new score lies outside the old interval; missing where
        there is none). The largest moves first.

    Raises
    ------
    UsageError
        When nothing is changed, or a change names something that is not there.

    Examples
    --------
    >>> ra.what_if(weights={"org_trust_municipality": 3}, region="neteland")  # doctest: +SKIP
    """
    dataset = load_dataset()
    if framework is None and indicators is None and not changes:
        raise UsageError("nothing is changed: give weights, directions, goalposts, normalise, aggregate or a framework")
    changed = (framework or dataset.framework).with_(**changes)
    table = dataset.tables.indicators if indicators is None else indicators
    after = _factors(score(table, changed), "after")
    moved = _factors(dataset.tables.scores, "before").join(after, how="outer").reset_index()
    moved = moved.assign(moved=moved["after"] - moved["before"], name=moved["nis_code"].map(dataset.names))
    outside = (moved["after"] < moved["before_low"]) | (moved["after"] > moved["before_high"])
    known = moved[["after", "before_low"]].notna().all(axis=1)
    moved["beyond_margin"] = outside.astype("boolean").mask(~known)
    if region is not None:
        moved = moved[moved["nis_code"].isin(members_of(region))]
    return moved.sort_values("moved", key=abs, ascending=False, kind="stable", ignore_index=True)[_COLUMNS]


_COLUMNS = [
    "nis_code", "name", "code", "strand", "before", "before_low", "before_high", "after", "after_low", "after_high",
    "moved", "beyond_margin",
]  # fmt: skip


def _factors(scores: pd.DataFrame, when: str) -> pd.DataFrame:
    rows = scores[scores["level"] == "dimension"].set_index(KEY)[["score", "low", "high"]]
    return rows.set_axis([when, f"{when}_low", f"{when}_high"], axis="columns")
