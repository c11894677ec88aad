"""The papers of every number: where it comes from, how it is made, what to keep in mind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resilience_analysis.data.catalogue import Source
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.profiles.dataset import Dataset


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
