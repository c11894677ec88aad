"""The figures behind a report as one tidy table, for further work, and where every number comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from resilience_analysis.data.catalogue import Source
from resilience_analysis.foundation.definitions import in_language
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.profiles.comparator import Comparator
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.rows import Facts, FactTable, factor_facts, indicator_facts

COLUMNS = {
    "nis_code": "string",
    "municipality": "string",
    "level": "string",
    "code": "string",
    "label": "string",
    "factor": "string",
    "strand": "string",
    "aspect": "string",
    "unit": "string",
    "direction": "integer",
    "year": "integer",
    "n": "number",
    "value": "number",
    "low": "number",
    "high": "number",
    "missing_reason": "string",
    "score": "number",
    "score_low": "number",
    "score_high": "number",
    "coverage": "number",
    "group_median": "number",
    "everywhere_q1": "number",
    "everywhere_median": "number",
    "everywhere_q3": "number",
    "everywhere_n": "integer",
    "source": "string",
    "licence": "string",
}
"""Every column of the table with its type, as Frictionless names it."""

_SPREAD = {f"everywhere_{name}": f"all_{name}" for name in ("q1", "median", "q3", "n")}
_WHOLE = ("direction", "year", "everywhere_n")


def figures(dataset: Dataset, codes: list[str], group: Comparator, *, language: str) -> pd.DataFrame:
    """Return all figures that reports about some municipalities show.

    Parameters
    ----------
    dataset
        The shared ground.
    codes
        NIS codes.
    group
        The comparator whose median is given.
    language
        Language of the labels and licences.

    Returns
    -------
    pandas.DataFrame
        One row per municipality and indicator, context indicator or factor and strand (``level``), columns as in
        `COLUMNS`; full precision, missing values with their reason.
    """
    facts, scores = prepare_figures(dataset, language)
    rows = [
        {"nis_code": code, "municipality": str(dataset.names[code]), **row}
        for code in codes
        for row in (*_indicators(dataset, code, group, facts, scores), *_factors(dataset, code, group, language))
    ]
    table = pd.DataFrame({name: [row.get(_SPREAD.get(name, name)) for row in rows] for name in COLUMNS})
    return table.astype(dict.fromkeys(_WHOLE, "Int64"))


def prepare_figures(dataset: Dataset, language: str) -> tuple[Mapping[str, Facts], FactTable]:
    """Return what is the same for all municipalities of every indicator, and the scores of all, worked out once."""
    facts = dataset.keep(("entry facts", language), lambda: _entry_facts(dataset, language))
    return facts, dataset.keep("scores of indicators", lambda: _indicator_scores(dataset))


def _indicators(
    dataset: Dataset, nis_code: str, group: Comparator, facts: Mapping[str, Facts], scores: FactTable
) -> Iterator[Facts]:
    own = dict(scores.of(nis_code))
    for code, row in indicator_facts(dataset, nis_code, group).items():
        yield {"code": code, **row, **facts[code], **own.get(code, {})}


def _indicator_scores(dataset: Dataset) -> FactTable:
    """Return the scores of every indicator that has one."""
    strands = {code: entry.strand for code, entry in dataset.framework.indicators.items()}
    scored = [key for key in strands.items() if key in dataset.scores["score"].columns]
    names = {"score": "score", "low": "score_low", "high": "score_high"}
    columns = {given: dataset.scores[name][scored].to_numpy(dtype=float) for name, given in names.items()}
    places = {str(code): row for row, code in enumerate(dataset.municipalities.index)}
    return FactTable([code for code, _ in scored], places, columns, [{} for _ in scored])


def _entry_facts(dataset: Dataset, language: str) -> dict[str, Facts]:
    """Return what is the same for all municipalities of every indicator and context indicator."""
    entries: dict[str, Indicator | Context] = {**dataset.framework.indicators, **dataset.framework.context}
    return {code: _facts(dataset, entry, language) for code, entry in entries.items()}


def _facts(dataset: Dataset, entry: Indicator | Context, language: str) -> Facts:
    source = dataset.catalogue.get(entry.source)
    facts: Facts = {
        "label": entry.label[language],
        "unit": entry.unit,
        "source": in_language(source.citation, language) if source else entry.source,
        "licence": source.licence[language] if source else "",
    }
    if isinstance(entry, Context):
        return {**facts, "level": "context", "strand": "context"}
    return {
        **facts,
        "level": "indicator",
        "factor": entry.dimension,
        "strand": entry.strand,
        "aspect": entry.aspect,
        "direction": entry.direction,
    }


def _factors(dataset: Dataset, nis_code: str, group: Comparator, language: str) -> Iterator[Facts]:
    for row in factor_facts(dataset, nis_code, group):
        dimension = row["dimension"]
        label = dataset.framework.dimensions[dimension].label[language]
        named = {"level": "factor", "code": dimension, "factor": dimension, "label": label, "unit": "0-100"}
        scores = {"score_low": row["low"], "score_high": row["high"], "low": None, "high": None}
        yield {**row, **scores, **named}


def card(dataset: Dataset, code: str) -> Mapping[str, Any]:
    """Return the metadata card of one indicator.

    Returns
    -------
    dict
        ``entry`` (the `Indicator` or `Context`), ``source`` (the `Source`, or None for what we derive ourselves or
        ask people), ``year``, ``n`` (municipalities with a value) and ``item`` (wording of the survey item, or None).
    """
    entry: Indicator | Context = dataset.framework.indicators.get(code) or dataset.framework.context[code]
    return {
        "entry": entry,
        "source": dataset.catalogue.get(entry.source),
        "year": dataset.years[code],
        "n": int(dataset.values[code].notna().sum()),
        "item": _item(dataset, entry),
    }


def _item(dataset: Dataset, entry: Indicator | Context) -> str | None:
    items = dataset.tables.survey_items.set_index("item")["label_nl"]
    return items.get(entry.derive.get("take"))


def used_sources(dataset: Dataset) -> list[Source]:
    """Return the sources that a profile draws on, in the order of ``sources.yml``."""
    used = {indicator.source for indicator in dataset.framework.indicators.values()}
    used |= {context.source for context in dataset.framework.context.values()}
    backbone = {"municipalities", "mergers", "boundaries"}
    return [source for source in dataset.catalogue.values() if source.name in used or source.format in backbone]
