"""The self-assessment: who answered, what they said, and how officials and residents differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from resilience_analysis.drawing.inline import gap_bar, likert_bar, likert_key
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.page import GROUP, OWN, PageSection
from resilience_analysis.pages.render import Views, plain_table, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.rows import change_rows

POSITIONS = (1, 2, 3, 4)
SUPPRESSED, INDICATIVE = "suppressed", "indicative"
HIDDEN = ("too_few", "would_disclose")


def self_assessment(subject: Subject) -> Views:
    """Show what people in the organisation say of it, statement by statement, and role beside role."""
    t, rows = subject.texts, subject.estimates
    wave = None if rows.empty else str(rows["wave"].iloc[-1])
    current = rows[rows["wave"] == wave]
    blocks = [_block(subject, dimension.id, current) for dimension in subject.data.instrument.dimensions]
    gaps = [_gap_row(subject, row) for row in subject.roles]
    shown = current[["code", "n", "status", "share_agree", "mean_score"]] if wave else current[["code"]]
    text = plain_table(shown) if wave else t("self_assessment.none", place=subject.place)
    return section_views(
        "self_assessment", subject, text=text,
        wave=wave, blocks=blocks, gaps=gaps, changes=_changes(subject),
        who=_who(subject, current),
        anchors=_anchors(subject), synthetic=subject.is_invented("self_assessment"),
        hidden=bool(wave) and bool((current["status"] == SUPPRESSED).all()),
        few=bool((current["hidden_because"] == HIDDEN[0]).any()),  # rather than that another group would show
    )  # fmt: skip


def _anchors(subject: Subject) -> list[tuple[int, str, str]]:
    scale = subject.data.instrument.scale
    return [(one.value, one.texts[subject.texts.language], likert_key(one.value)) for one in scale.anchors]


def _who(subject: Subject, current: pd.DataFrame) -> dict[str, Any]:
    """Return the number of respondents, and of backgrounds among them, as far as they may be shown."""
    people = current[current["level"] == "respondents"]
    if people.empty or pd.isna(people["n"].iloc[0]):
        return {"n": None, "backgrounds": None}
    table = subject.data.tables.estimates
    same = table[(table["nis_code"] == subject.nis_code) & (table["wave"] == people["wave"].iloc[0])]
    groups = same[(same["level"] == "respondents") & same["group"].str.startswith("background:")]
    named = groups[~groups["group"].str.endswith(":not_given")]
    return {
        "n": int(people["n"].iloc[0]),
        "backgrounds": len(named),
        "indicative": people["status"].iloc[0] == INDICATIVE,
    }


def _block(subject: Subject, dimension: str, current: pd.DataFrame) -> dict[str, Any]:
    section = next(entry for entry in subject.data.instrument.dimensions if entry.id == dimension)
    by_code = {} if current.empty else current.set_index("code").to_dict("index")
    rows = [statement(subject, item.id, item.texts[subject.texts.language], by_code) for item in section.items]
    return {"label": subject.dimensions[dimension], "rows": rows}


def statement(subject: Subject, code: str, words: str, by_code: dict[Any, Any]) -> dict[str, Any]:
    """Return one statement with its answers written out, or why they are not shown."""
    t, row = subject.texts, by_code.get(code)
    if row is None or row["status"] == SUPPRESSED or pd.isna(row["share_agree"]):
        return {"words": words, "known": False, "reason": t(f"reason.{why_hidden(row)}")}
    shares = [row[f"share_{position}"] for position in POSITIONS]
    agree = t.value(row["share_agree"], "%")
    low, high = t.value(row["share_agree_low"], "%"), t.value(row["share_agree_high"], "%")
    label = t("self_assessment.bar_alt", shares=", ".join(t.value(share, "%") for share in shares), agree=agree)
    return {
        "words": words,
        "known": True,
        "n": t.number(row["n"]),
        "indicative": row["status"] == INDICATIVE,
        "bar": likert_bar(shares, label=label),
        "agree": agree,
        "margin": t("span", low=low, high=high),
        "net": t.number(row["net_agreement"], sign=True),
    }


def why_hidden(row: Mapping[Any, Any] | None) -> str:
    """Return the reason why answers are not shown: nobody was asked, too few answered, or another group would show."""
    if row is None:
        return "not_collected"
    because = row.get("hidden_because")
    return str(because) if because in HIDDEN else "suppressed"


def _gap_row(subject: Subject, row: dict[Any, Any]) -> dict[str, Any]:
    """Return what people in two roles answered to the same statements about a factor."""
    t = subject.texts
    meaning = "same" if not row["clear"] else ("higher" if row["gap"] > 0 else "lower")
    words = t(f"self_assessment.gap_{meaning}")
    return {
        "anchor": f"gap-{row['code']}",
        "label": subject.dimensions[row["code"]],
        "own": subject.score(row["score"]),
        "other": subject.score(row["other_score"]),
        "gap": t.number(row["gap"], sign=True),
        "margin": t("span", low=t.number(row["low"], sign=True), high=t.number(row["high"], sign=True)),
        "bar": gap_bar(row["gap"], row["low"], row["high"], label=words),
        "words": words,
    }


def _changes(subject: Subject) -> list[dict[str, Any]]:
    """Return how the factors changed since the wave before, where the wording is the same, beside the group."""
    t = subject.texts
    return [
        {
            "label": subject.dimensions[row["code"]],
            "change": t.number(row["change"], sign=True),
            "margin": t("span", low=t.number(row["low"], sign=True), high=t.number(row["high"], sign=True))
            if pd.notna(row["low"])
            else "",
            "group": subject.number(row["group_median"], sign=True),
            "beside": not is_missing(row["group_median"]),
            "method": t(f"self_assessment.{row['method']}"),
            "waves": t("span", low=row["earlier"], high=row["later"]),
        }
        for row in change_rows(subject.data, subject.nis_code, subject.group)
    ]


SECTION = PageSection(
    self_assessment, "self", rests_on=frozenset({OWN, GROUP}), prepare=_changes,
    present=lambda subject: bool(subject.data.instrument.dimensions),
)  # fmt: skip
