"""The first page of a profile, to print and put on the table: numbers, sentences, factors, gaps and whom to ask."""

from __future__ import annotations

from typing import Any

from resilience_analysis.drawing.inline import range_bar
from resilience_analysis.foundation.vocabulary import STRANDS, is_missing
from resilience_analysis.pages.page import GROUP, OWN, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.sections.key_messages import FIRST, said
from resilience_analysis.pages.sections.next_steps import contact_lines
from resilience_analysis.pages.sections.unknown import coverage
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.rows import Facts, standing

MOST_NUMBERS = 4


def _show(subject: Subject) -> Views:
    t, numbers, sentences = subject.texts, big_numbers(subject), said(subject, subject.sentences[:FIRST])
    scores = subject.data.scores["score"]
    scored = set(scores.columns[scores.notna().any()].get_level_values("strand"))
    strands = [strand for strand in STRANDS if strand in scored]  # of any municipality of the project
    facts = {(row["dimension"], row["strand"]): row for row in subject.factors}
    rows = [
        {"code": code, "label": label, "cells": [_cell(subject, facts[code, strand]) for strand in strands]}
        for code, label in subject.dimensions.items()
    ]
    text = "\n".join([*(f"{n['label']}: {n['value']}" for n in numbers), *(f"- {s['words']}" for s in sentences)])
    return section_views(
        "summary", subject, text=text, numbers=numbers, sentences=sentences, rows=rows,
        strands=[t(f"strand.{strand}") for strand in strands], gaps=_gaps(subject),
        contacts=contact_lines(subject), notes=_notes(subject),
    )  # fmt: skip


def big_numbers(subject: Subject) -> list[dict[str, str]]:
    """Return the big numbers: those that the framework names, else the first of the context; only what is known."""
    framework = subject.data.framework
    values = {code: subject.indicators[code]["value"] for code in framework.headline or tuple(framework.context)}
    known = [(code, value) for code, value in values.items() if not is_missing(value)]
    return [
        {"label": subject.label(code), "value": subject.write(code, value), "said": _beside(subject, code)}
        for code, value in known[:MOST_NUMBERS]
    ]


def _beside(subject: Subject, code: str) -> str:
    """Return the year of a big number and the median beside it, which says nothing of a count."""
    row = subject.indicators[code]
    if subject.entry(code).unit == "count" or is_missing(row["all_median"]):
        return str(row["year"])
    return subject.texts("summary.median", year=row["year"], value=subject.write(code, row["all_median"]))


def _cell(subject: Subject, row: Facts) -> dict[str, Any]:
    """Return a score with its bar and what it says in words, or why there is none."""
    t = subject.texts
    strand = t(f"strand.{row['strand']}")
    if not row["indicators"] or is_missing(row["score"]):
        words = f"reason_short.{row['missing_reason']}" if row["indicators"] else "table.no_indicator"
        return {"known": False, "words": t(words), "strand": strand}
    words, score = t(f"summary.{standing(row)}"), subject.score(row["score"])
    alone = {**row, "value": row["score"], "group_median": None}
    bar = range_bar(alone, label=f"{score}: {words}", bounds=(0, 100))
    return {"known": True, "score": score, "bar": bar, "words": words, "strand": strand}


def _notes(subject: Subject) -> list[str]:
    """Explain the marks that are drawn beside the scores: the margin only where one is."""
    names = ["factor_details.range_own", "summary.band", "summary.sides"]
    if any(not is_missing(row["low"]) for row in subject.factors):
        names[1:1] = ["factor_details.range_margin", "summary.clear"]
    return [subject.texts(name) for name in names]


def _gaps(subject: Subject) -> list[str]:
    """Return what is not known, in a few lines."""
    t, known = subject.texts, {row["strand"] for row in subject.factors if not is_missing(row["score"])}
    silent = [t(f"strand_long.{strand}") for strand in subject.data.strands if strand not in known]
    return [coverage(subject), *([t("summary.no_strand", list=t.enumerate(silent))] if silent else [])]


SECTION = PageSection(_show, "summary", rests_on=frozenset({OWN, GROUP}))
