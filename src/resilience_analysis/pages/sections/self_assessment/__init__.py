"""The self-assessment: who answered, what they said, and how officials and residents differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from resilience_analysis.drawing.inline import gap_bar, likert_bar, likert_key
from resilience_analysis.pages.page import GROUP, OWN, PageSection
from resilience_analysis.pages.render import Views, plain_table, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.rows import change_rows
from resilience_analysis.survey.instrument import Item

POSITIONS = (1, 2, 3, 4)
SUPPRESSED, INDICATIVE = "suppressed", "indicative"
HIDDEN = ("too_few", "would_disclose")


def self_assessment(subject: Subject) -> Views:
    """Show what people in the organisation say of it, statement by statement, and role beside role."""
    t, rows, instrument = subject.texts, subject.estimates, subject.data.instrument
    wave = None if rows.empty else str(rows["wave"].iloc[-1])
    current = rows[rows["wave"] == wave]
    by_code = current.set_index("code").to_dict("index") if wave else {}
    blocks = [
        {"label": subject.dimensions[section.id], "rows": [statement(subject, item, by_code) for item in section.items]}
        for section in instrument.dimensions
    ]
    anchors = [(one.value, one.texts[t.language], likert_key(one.value)) for one in instrument.scale.anchors]
    shown = current[["code", "n", "status", "share_agree", "mean_score"]] if wave else current[["code"]]
    return section_views(
        "self_assessment", subject, text=plain_table(shown) if wave else t("self_assessment.none", place=subject.place),
        wave=wave, blocks=blocks, gaps=[_gap_row(subject, row) for row in subject.roles], changes=_changes(subject),
        who=_who(subject, current), anchors=anchors, synthetic=subject.is_invented("self_assessment"),
        hidden=bool(wave) and bool((current["status"] == SUPPRESSED).all()),
        few=bool((current["hidden_because"] == HIDDEN[0]).any()),  # rather than that another group would show
    )  # fmt: skip


def _who(subject: Subject, current: pd.DataFrame) -> dict[str, Any]:
    """Return the number of respondents, and of backgrounds among them, as far as they may be shown."""
    people = current[current["level"] == "respondents"]
    if people.empty or pd.isna(people["n"].iloc[0]):
        return {"n": None, "backgrounds": None}
    own = subject.data.estimates_of(subject.nis_code)
    same = own[own["wave"] == people["wave"].iloc[0]]
    groups = same.loc[same["level"] == "respondents", "group"]
    named = groups[groups.str.startswith("background:") & ~groups.str.endswith(":not_given")]
    indicative = people["status"].iloc[0] == INDICATIVE
    return {"n": int(people["n"].iloc[0]), "backgrounds": len(named), "indicative": indicative}


def statement(subject: Subject, item: Item, by_code: dict[Any, Any]) -> dict[str, Any]:
    """Return one statement with its answers written out, or why they are not shown."""
    t, row, words = subject.texts, by_code.get(item.id), item.texts[subject.texts.language]
    if row is None or row["status"] == SUPPRESSED or pd.isna(row["share_agree"]):
        return {"words": words, "known": False, "reason": t(f"reason.{_why_hidden(row)}")}
    shares = [row[f"share_{position}"] for position in POSITIONS]
    agree, low, high = (t.value(row[f"share_agree{end}"], "%") for end in ("", "_low", "_high"))
    label = t("self_assessment.bar_alt", shares=", ".join(t.value(share, "%") for share in shares), agree=agree)
    return {
        "words": words, "known": True, "n": t.number(row["n"]), "indicative": row["status"] == INDICATIVE,
        "bar": likert_bar(shares, label=label), "agree": agree, "margin": t("span", low=low, high=high),
        "net": t.number(row["net_agreement"], sign=True),
    }  # fmt: skip


def _why_hidden(row: Mapping[Any, Any] | None) -> str:
    """Return the reason why answers are not shown: nobody was asked, too few answered, or another group would show."""
    if row is None:
        return "not_collected"
    because = row.get("hidden_because")
    return str(because) if because in HIDDEN else "suppressed"


def _span(subject: Subject, row: Mapping[Any, Any]) -> str:
    return subject.texts("span", **{end: subject.number(row[end], sign=True) for end in ("low", "high")})


def _gap_row(subject: Subject, row: dict[Any, Any]) -> dict[str, Any]:
    """Return what people in two roles answered to the same statements about a factor."""
    meaning = "same" if not row["clear"] else ("higher" if row["gap"] > 0 else "lower")
    words = subject.texts(f"self_assessment.gap_{meaning}")
    bar = gap_bar(row["gap"], row["low"], row["high"], label=words)
    return {**row, "margin": _span(subject, row), "bar": bar, "words": words}


def _changes(subject: Subject) -> list[dict[str, Any]]:
    """Return how the factors changed since the wave before, where the wording is the same, beside the group."""
    rows = change_rows(subject.data, subject.nis_code, subject.group)
    return [{**row, "margin": "" if pd.isna(row["low"]) else _span(subject, row)} for row in rows]


SECTION = PageSection(
    self_assessment, "self", rests_on=frozenset({OWN, GROUP}), prepare=_changes,
    present=lambda subject: bool(subject.data.instrument.dimensions),
)  # fmt: skip
