"""An indicator of one's own, beside those of the project and only in memory: to see it scored and on a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from resilience_analysis.analysis.selection import figures
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
