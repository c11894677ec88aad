"""Where everything comes from, how it is made, and a card per indicator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from resilience_analysis.data.catalogue import Source
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.pages.page import PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.dataset import Dataset


def sources(subject: Subject) -> Views:
    """Show where everything comes from, how it is made, and a metadata card per indicator: the same in every report."""
    return subject.data.keep(("sources", subject.texts.language), lambda: _sources(subject))


def _sources(subject: Subject) -> Views:
    t, framework, frozen = subject.texts, subject.data.framework, subject.data.framework.goalposts_frozen
    day = t.date(dt.date.fromisoformat(frozen)) if frozen else t("missing_mark")
    low, high = (f"{percentile:g}" for percentile in framework.scoring.goalpost_percentiles)
    method = [
        t("sources.method_lines.goalposts", low=low, high=high, frozen=day),
        t("sources.method_lines.aggregate", coverage=t.value(100 * framework.scoring.min_coverage, "%")),
        t("sources.method_lines.margin"),
    ]
    merged = sorted({str(day)[:4] for day in subject.data.tables.mergers["valid_from"]})
    if merged:
        method.append(t("sources.method_lines.merged", years=t.enumerate(merged)))
    used = used_sources(subject.data)
    text = "\n".join([*method, *(f"{t.pick(source.publisher)}: {t.pick(source.title)}" for source in used)])
    return section_views(
        "sources", subject, text=text, method=method, used=used, listed={source.name for source in used},
        cards=[_written_card(subject, code) for code in framework.entries],
        literature=sorted(framework.literature.values()), source=t("sources.card.source"),
    )  # fmt: skip


def _written_card(subject: Subject, code: str) -> dict[str, Any]:
    """Return the metadata card of an indicator, written out: label and a list of (heading, text)."""
    t, facts = subject.texts, card(subject.data, code)
    entry, source, item = facts["entry"], facts["source"], facts["item"]
    asked = t.pick(source.asked) if source and source.asked else t("sources.asked")
    lines = [
        ("definition", t("sources.survey_definition", item=item, asked=asked) if item else ""),
        *_scored_lines(subject, entry, asked=bool(item)),
        ("unit", t("sources.count") if entry.unit == "count" else entry.unit),
        ("source", _source_line(subject, entry.source, source)),
        ("year", t("sources.year_and_n", year=facts["year"], n=t.number(facts["n"]))),
        ("caveat", t.pick(entry.caveat) if entry.caveat else ""),
    ]
    shown = [(t(f"sources.card.{name}"), words) for name, words in lines if words]
    return {"code": code, "label": t.pick(entry.label), "lines": shown, "source": source.name if source else ""}


def _scored_lines(subject: Subject, entry: Indicator | Context, *, asked: bool) -> list[tuple[str, str]]:
    if isinstance(entry, Context):
        return []
    t, literature = subject.texts, subject.data.framework.literature
    # as many digits as a score takes to be worked out again
    low, high = (t.number(post, _digits(post)) for post in entry.goalposts)
    frozen = t("sources.theory") if entry.goalposts_year is None else str(entry.goalposts_year)
    return [
        ("why", t.pick(entry.rationale)),
        ("numerator", t.pick(entry.numerator) if entry.numerator else ""),
        ("denominator", t.pick(entry.denominator) if entry.denominator and not asked else ""),
        ("direction", t("sources.higher" if entry.direction > 0 else "sources.lower")),
        ("goalposts", f"{t('span', low=low, high=high)} ({frozen})"),
        ("literature", t("listed").join(_short(literature[name]) for name in entry.literature)),
    ]


def _digits(value: float, most: int = 6) -> int:
    """Return how many decimals a number is written with in the definitions."""
    return next((digits for digits in range(most) if round(value, digits) == value), most)


def _source_line(subject: Subject, name: str, source: Any) -> str:
    t = subject.texts
    if source is None:
        return t(f"sources.own.{name}")
    title, vintage = t.pick(source.title), t.pick(source.vintage)
    return title if title.endswith(vintage) else f"{title}, {vintage}"


def _short(reference: str) -> str:
    """Return author and year of a reference, which is listed in full above the cards."""
    before, year, _ = reference.partition(")")
    return before + year


def card(dataset: Dataset, code: str) -> Mapping[str, Any]:
    """Return the metadata card of one indicator.

    Returns
    -------
    dict
        ``entry`` (the `Indicator` or `Context`), ``source`` (the `Source`, or None for what we derive ourselves or
        ask people), ``year``, ``n`` (municipalities with a value) and ``item`` (wording of the survey item, or None).
    """
    entry = dataset.framework.entries[code]
    table = dataset.tables.survey_items
    items: dict[str, str] = dataset.keep("items", lambda: dict(zip(table["item"], table["label_nl"], strict=True)))
    return {
        "entry": entry, "source": dataset.catalogue.get(entry.source), "year": dataset.years[code],
        "n": int(dataset.values[code].notna().sum()), "item": items.get(str(entry.derive.get("take"))),
    }  # fmt: skip


def used_sources(dataset: Dataset) -> list[Source]:
    """Return the sources that a profile draws on, in the order of ``sources.yml``."""
    used = {entry.source for entry in dataset.framework.entries.values()}
    backbone = {"municipalities", "mergers", "boundaries"}
    return [source for source in dataset.catalogue.values() if source.name in used or source.format in backbone]


SECTION = PageSection(sources, "sources", rests_on=frozenset(), prepare=sources)
