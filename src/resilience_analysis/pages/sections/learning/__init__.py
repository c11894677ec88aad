"""Whom to learn from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from resilience_analysis.pages.registry import GROUP, OWN, REGION, PageSection
from resilience_analysis.pages.render import html, plain_table
from resilience_analysis.pages.sections.learning.matrix import chance_note, learning_pairs
from resilience_analysis.pages.sections.next_steps import ask, contact_lines
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views
from resilience_analysis.profiles.learning import comparable, comparisons, learn_from, where_they_differ


def learning(subject: Subject) -> Views:
    """Show whom a municipality can learn from, or in a region who can learn from whom."""
    return _learn(subject) if subject.nis_code else learning_pairs(subject)


def _learn(subject: Subject) -> Views:
    """Show, per factor on which the municipality is low in its group, whom it could visit."""
    t, found = subject.texts, learn_from(subject.data, subject.nis_code, subject.group)
    factors = [
        {
            "label": subject.dimensions[str(dimension)],
            "strand": t(f"strand.{strand}"),
            "score": subject.score(rows["score"].iloc[0]),
            "ask": ask(subject, str(dimension)),
            "examples": [_example(subject, row) for row in rows.to_dict("records")],
        }
        for (dimension, strand), rows in found.groupby(["dimension", "strand"], sort=False)
    ]
    shown = found[["dimension", "nis_code", "score", "other_score", "low", "high", "distance"]]
    codes = sorted({subject.nis_code, *subject.group.codes})
    nothing = "" if len(found) else _nothing(subject, codes)
    chance = chance_note(subject, codes, subject.group_name)
    text = f"{plain_table(shown, digits=2)}\n{chance}" if len(found) else nothing
    view = html(
        "learning/section.html.j2", t, text=text, subject=subject, factors=factors, nothing=nothing, chance=chance
    )
    return Views([view])


def _nothing(subject: Subject, codes: list[str]) -> str:
    if subject.nis_code in comparable(subject.data, codes):
        return subject.texts("learning.nobody", group=subject.group_name)
    return subject.texts("learning.unknown", place=subject.place)


def _example(subject: Subject, row: dict[Any, Any]) -> dict[str, str]:
    t = subject.texts
    difference = t("span", low=t.number(row["low"]), high=t.number(row["high"]))
    return {
        "name": str(subject.data.names[row["nis_code"]]),
        "indicators": "; ".join(_beside(subject, code, row["nis_code"]) for code in _differing(subject, row)),
        "contacts": "; ".join(contact["name"] for contact in contact_lines(subject, of=row["nis_code"])),
        "score": subject.score(row["other_score"]),
        "difference": f"{t.number(row['difference'], sign=True)} ({difference})",
        "alike": t.number(row["distance"], 1) if pd.notna(row["distance"]) else t("missing_mark"),
    }


def _differing(subject: Subject, row: dict[Any, Any]) -> list[str]:
    return where_they_differ(subject.data, subject.nis_code, row["nis_code"], row["dimension"], row["strand"])


def _beside(subject: Subject, code: str, other: str) -> str:
    """Write an indicator with its value there and here."""
    theirs, own = (subject.write(code, subject.data.value(place, code)) for place in (other, subject.nis_code))
    return subject.texts("learning.beside", indicator=subject.label(code), theirs=theirs, own=own)


def _prepare(subject: Subject) -> None:
    if subject.nis_code:
        learn_from(subject.data, subject.nis_code, subject.group)
    else:
        comparisons(subject.data, sorted(subject.group.codes))


SECTION = PageSection(learning, "learn", rests_on=frozenset({OWN, REGION, GROUP}), prepare=_prepare)
