"""The closing of a profile: context, what is not known, sources and method."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from resilience_analysis.drawing.inline import range_bar
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.pages.factors import bar_label, trend
from resilience_analysis.pages.render import html, plain_table
from resilience_analysis.pages.show import Section
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.metadata import card, used_sources


def context(subject: Subject) -> Section:
    """Show what a municipality faces: figures that are never scored, with their course."""
    t = subject.texts
    rows = [_context_row(subject, code) for code in subject.atlas.framework.context]
    shown = subject.context[["year", "value", "group_median", "all_median"]].reset_index()
    view = html("context.html.j2", t, text=plain_table(shown, digits=1), subject=subject, rows=rows)
    return Section([view])


def _context_row(subject: Subject, code: str) -> dict[str, Any]:
    t, entry = subject.texts, subject.atlas.framework.context[code]
    row = {str(name): value for name, value in subject.context.loc[code].items()}
    known = pd.notna(row["value"])
    return {
        "code": code,
        "label": t.pick(entry.label),
        "caveat": t.pick(entry.caveat) if entry.caveat else "",
        "year": row["year"],
        "known": known,
        "value": subject.write(code, row["value"]),
        "reason": "" if known else t(f"reason.{row['missing_reason']}"),
        "group": subject.write(code, row["group_median"]),
        "all": subject.write(code, row["all_median"]),
        "bar": range_bar(row, label=bar_label(subject, code, row)),
        "trend": trend(subject, code),
    }


def unknown(subject: Subject) -> Section:
    """Show every missing value with its reason, and the coverage that it leaves."""
    t, gaps = subject.texts, subject.gaps
    counted = subject.indicators[[_counts(subject, str(code)) for code in subject.indicators.index]]
    have = int(counted["value"].notna().sum())
    share = t.value(100 * have / len(counted), "%")
    coverage = t("unknown.coverage", all=len(counted), place=subject.place, have=have, share=share)
    own = [_gap_row(subject, row) for row in gaps[~gaps["wanted"]].to_dict("records")]
    wanted = [_gap_row(subject, row) for row in gaps[gaps["wanted"]].to_dict("records")]
    text = f"{coverage}\n{plain_table(gaps[['code', 'strand', 'missing_reason']])}"
    view = html("unknown.html.j2", t, text=text, subject=subject, coverage=coverage, own=own, wanted=wanted)
    return Section([view])


def _counts(subject: Subject, code: str) -> bool:
    """Whether an indicator counts in the coverage: not what is kept in-house, nor the coverage itself."""
    entry = subject.atlas.framework.indicators[code]
    return entry.strand in {"residents", "register"} and entry.source != "derived"


def _gap_row(subject: Subject, row: dict[Any, Any]) -> dict[str, str]:
    t, framework = subject.texts, subject.atlas.framework
    candidate = framework.candidates.get(row["code"])
    dimension = row["dimension"]
    return {
        "factor": subject.dimensions[dimension] if dimension else t("strand.context"),
        "strand": t(f"strand.{row['strand']}"),
        "label": subject.label(row["code"]),
        "reason": t(f"reason.{row['missing_reason']}"),
        "source": str(t.pick(candidate.would_come_from)) if candidate else "",
    }


def sources(subject: Subject) -> Section:
    """Show where everything comes from, how it is made, and a metadata card per indicator: the same in every report."""
    return subject.atlas.keep(("sources", subject.texts.language), lambda: _sources(subject))


def _sources(subject: Subject) -> Section:
    t, framework = subject.texts, subject.atlas.framework
    cards = [written_card(subject, code) for code in (*framework.indicators, *framework.context)]
    low, high = framework.scoring.goalpost_percentiles
    method = [
        t(
            "sources.method_lines.goalposts",
            low=f"{low:g}",
            high=f"{high:g}",
            frozen=_day(t, framework.goalposts_frozen),
        ),
        t("sources.method_lines.aggregate", coverage=t.value(100 * framework.scoring.min_coverage, "%")),
        t("sources.method_lines.margin"),
        t("sources.method_lines.merged"),
    ]
    papers = used_sources(subject.atlas)
    text = "\n".join([*method, *(f"{source.publisher}: {t.pick(source.title)}" for source in papers)])
    view = html(
        "sources.html.j2", t, text=text, subject=subject, cards=cards, method=method, papers=papers,
        literature=framework.literature,
    )  # fmt: skip
    return Section([view])


def _day(t: Texts, written: str) -> str:
    return t.date(dt.date.fromisoformat(written)) if written else t("missing_mark")


def written_card(subject: Subject, code: str) -> dict[str, Any]:
    """Return the metadata card of an indicator, written out: label and a list of (heading, text)."""
    t = subject.texts
    facts = card(subject.atlas, code)
    entry, source = facts["entry"], facts["source"]
    lines = [
        ("definition", t("sources.survey_definition", item=facts["item"]) if facts["item"] else ""),
        *_scored_lines(subject, entry, asked=bool(facts["item"])),
        ("unit", t("sources.count") if entry.unit == "count" else entry.unit),
        ("source", _source_line(subject, entry.source, source)),
        ("year", str(facts["year"])),
        ("level", t("sources.level_municipality")),
        ("n", t.number(facts["n"])),
        ("caveat", t.pick(entry.caveat) if entry.caveat else ""),
    ]
    shown = [(t(f"sources.card.{name}"), words) for name, words in lines if words]
    return {"code": code, "label": t.pick(entry.label), "lines": shown}


def _scored_lines(subject: Subject, entry: Indicator | Context, *, asked: bool) -> list[tuple[str, str]]:
    if isinstance(entry, Context):
        return []
    t, framework = subject.texts, subject.atlas.framework
    denominator = t.pick(entry.denominator) if entry.denominator else ""
    low, high = (t.number(post, 2 if abs(post) < 10 else 0) for post in entry.goalposts)  # noqa: PLR2004
    frozen = t("sources.theory") if entry.goalposts_year is None else str(entry.goalposts_year)
    return [
        ("why", t.pick(entry.rationale)),
        ("numerator", t.pick(entry.numerator) if entry.numerator else ""),
        ("denominator", t("sources.survey_denominator") if asked else denominator),
        ("direction", t("sources.higher" if entry.direction > 0 else "sources.lower")),
        ("goalposts", f"{t('span', low=low, high=high)} ({frozen})"),
        ("literature", "; ".join(framework.literature[name] for name in entry.literature)),
    ]


def _source_line(subject: Subject, name: str, source: Any) -> str:
    t = subject.texts
    if source is None:
        return t(f"sources.own.{name}")
    return f"{source.publisher}, {t.pick(source.title)}, {t.pick(source.vintage)} ({t.pick(source.licence)})"
