"""The figures of every place as a page without a server needs them: written, in classes, with their margins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from resilience_analysis.drawing.maps import Classes, classify
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.indicators.scores import node
from resilience_analysis.profiles.dataset import Dataset

MISSING, SUPPRESSED = "x", "s"
"""Class of a place without a value, and of one whose value is hidden."""
SCORE = "0-100"
_WRITTEN = 6  # significant digits of what is embedded to sort by


@dataclass(frozen=True)
class Measure:
    """One indicator or score of every place.

    Attributes
    ----------
    code
        Code of the indicator, or ``dimension.strand``.
    label
        Its wording.
    group
        What it is listed under: a dimension, or the word for context or scores.
    unit
        Its unit; ``0-100`` for scores.
    about
        Source line, with the year.
    table
        One row per place, indexed by its code: ``value``, ``low``, ``high`` (NaN where there is none), ``written``
        (the value with its unit and margin, or why there is none) and ``place_class`` (a digit from 0 for the lowest,
        `MISSING` or `SUPPRESSED`).
    bounds
        What each class holds, in words.
    """

    code: str
    label: str
    group: str
    unit: str
    about: str
    table: pd.DataFrame
    bounds: list[str]

    def embedded(self) -> dict[str, object]:
        """Return it as the script of the page reads it."""
        values = {name: _numbers(self.table[name]) for name in ("value", "low", "high")}
        return {
            "code": self.code, "label": self.label, "unit": self.unit, "about": self.about, "bounds": self.bounds,
            "written": self.table["written"].tolist(), "classes": "".join(self.table["place_class"]), **values,
        }  # fmt: skip


def _numbers(values: pd.Series) -> list[float | None]:
    if values.isna().all():
        return []
    return [None if pd.isna(value) else float(f"{value:.{_WRITTEN}g}") for value in values]


def measures(dataset: Dataset, texts: Texts) -> list[Measure]:
    """Return what can be shown of every place: the scores of dimensions first, then indicators, then context.

    What no place has a value of is left out.
    """
    framework = dataset.framework
    entries: dict[str, Indicator | Context] = {**framework.indicators, **framework.context}
    indicators = [_indicator(dataset, texts, code) for code in entries if dataset.is_known(code)]
    scores = dataset.scores["score"].notna().any()
    pairs = [(str(code), str(strand)) for code, strand in scores[scores].index]
    order = list(framework.dimensions)
    known = sorted((pair for pair in pairs if pair[0] in order), key=lambda pair: order.index(pair[0]))
    return [*(_score(dataset, texts, *pair) for pair in known), *indicators]


def _indicator(dataset: Dataset, texts: Texts, code: str) -> Measure:
    framework = dataset.framework
    scored = framework.indicators.get(code)
    entry: Indicator | Context = scored or framework.context[code]
    source = dataset.catalogue.get(entry.source)
    label = str(texts.pick(entry.label))
    said = {"source": source.publisher if source else entry.source, "year": dataset.years[code]}
    table = _columns({name: dataset.column(name)[code] for name in ("value", "low", "high", "missing_reason")})
    return _measure(
        texts, table, code=code, label=label, unit=entry.unit, decimals=entry.decimals,
        group=_dimension(dataset, texts, scored) if scored else texts("site.context"),
        about=texts("site.source", label=label, **said),
    )  # fmt: skip


def _dimension(dataset: Dataset, texts: Texts, indicator: Indicator) -> str:
    return str(texts.pick(dataset.framework.dimensions[indicator.dimension].short))


def _score(dataset: Dataset, texts: Texts, dimension: str, strand: str) -> Measure:
    short = texts.pick(dataset.framework.dimensions[dimension].short)
    label = f"{short}, {texts(f'strand.{strand}').lower()}"
    found = {name: dataset.scores[name][dimension, strand] for name in ("score", "low", "high", "missing_reason")}
    return _measure(
        texts, _columns({"value": found.pop("score"), **found}), code=node(dimension, strand), label=label, unit=SCORE,
        decimals=0, group=texts("site.scores"), about=texts("site.source_score", label=label),
    )  # fmt: skip


def _columns(found: dict[str, pd.Series]) -> pd.DataFrame:
    table = pd.DataFrame(found)
    return table.astype({"value": float, "low": float, "high": float})


def _measure(
    texts: Texts, table: pd.DataFrame, *, code: str, label: str, unit: str, decimals: int | None, group: str,
    about: str,
) -> Measure:  # fmt: skip
    classes = classify(table["value"])
    write = partial(texts.number) if unit == SCORE else partial(texts.value, unit=unit, decimals=decimals)
    ends = [(write(low), write(high)) for low, high in classes.bounds]
    shown = table[["value", "low", "high"]].assign(
        written=[_written(texts, row, write) for row in table.itertuples()],
        place_class=[_place_class(row, classes) for row in table.itertuples()],
    )
    bounds = [low if low == high else texts("span", low=low, high=high) for low, high in ends]
    return Measure(code, label, group, unit, about, shown, bounds)


def _place_class(row: Any, classes: Classes) -> str:
    if is_missing(row.value):
        return SUPPRESSED if row.missing_reason == "suppressed" else MISSING
    return str(classes.number(row.value))


def _written(texts: Texts, row: Any, write: Callable[[float], str]) -> str:
    if is_missing(row.value):
        return texts("reason_short.unknown" if is_missing(row.missing_reason) else f"reason_short.{row.missing_reason}")
    if is_missing(row.low) or is_missing(row.high):
        return write(row.value)
    return f"{write(row.value)} ({texts('span', low=write(row.low), high=write(row.high))})"
