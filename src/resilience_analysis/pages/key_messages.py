"""The opening of a profile: head, key sentences, how to read it."""

from __future__ import annotations

from html import escape

import pandas as pd

from resilience_analysis.pages.registers import banner
from resilience_analysis.pages.render import html
from resilience_analysis.pages.show import Section
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.key_messages import Sentence, key_sentences

CONTENTS = (
    "key",
    "read",
    "factors",
    "self",
    "maps",
    "context",
    "housing",
    "process",
    "unknown",
    "learn",
    "next",
    "sources",
)


def head(subject: Subject) -> Section:
    """Show the name, what the profile is held against, and the table of contents."""
    t, atlas = subject.texts, subject.atlas
    known = atlas.values.notna().any()
    years = [year for code, year in atlas.years.items() if known[code]]
    group = t("document.group", group=subject.group_name, count=len(subject.group.codes), all=len(atlas.municipalities))
    title = t("document.title", place=subject.place)
    period = t("document.period", first=min(years), last=max(years))
    contents = [(name, t(f"section.{name}")) for name in CONTENTS]
    factors = list(subject.dimensions.items())
    view = html(
        "head.html.j2", t, text=f"{title}. {period} {group}",
        title=title, subject=subject, period=period, group=group, contents=contents, factors=factors,
        banner=banner(subject.texts, subject.atlas.tables.synthetic),
    )  # fmt: skip
    return Section([view])


def key(subject: Subject) -> Section:
    """Show three to five sentences, each linked to the row it comes from."""
    found = chosen_sentences(subject)
    sentences = [(sentence.anchor, sentence_text(subject, sentence)) for sentence in found]
    text = "\n".join(f"- {words}" for _, words in sentences)
    return Section([html("key.html.j2", subject.texts, text=text, sentences=sentences)])


def chosen_sentences(subject: Subject) -> list[Sentence]:
    """Choose the key sentences of a municipality."""
    rows = (subject.factors, subject.indicators, subject.context)
    return key_sentences(*rows, subject.atlas.framework, perception=subject.perception)


def sentence_text(subject: Subject, sentence: Sentence) -> str:
    """Write a key sentence in the subject's language, as HTML: with its emphasis, and names escaped."""
    t, row = subject.texts, sentence.row
    if sentence.kind.startswith("factor"):
        return t(
            f"key.{sentence.kind}",
            factor=subject.dimensions[sentence.code],
            place=escape(subject.place),
            strand=t(f"key.by_{sentence.strand}"),
            score=subject.score(row["score"]),
            median=subject.score(row["all_median"]),
        )
    if sentence.kind.startswith("gap"):
        return t(
            f"key.{sentence.kind}",
            factor=subject.dimensions[sentence.code],
            place=escape(subject.place),
            self_score=subject.score(row["self_score"]),
            score=subject.score(row["score"]),
        )
    others = int(row["all_n"]) - 1
    blanks = {
        "indicator": subject.label(sentence.code),
        "value": subject.write(sentence.code, row["value"]),
        "median": subject.write(sentence.code, row["all_median"]),
    }
    if sentence.kind == "context":
        return t("key.context", year=int(row["year"]), **blanks)
    # a value above the others has them below it; who has the same value lies on neither side
    share = row["share_below" if sentence.kind == "indicator_above" else "share_above"]
    count = 0 if pd.isna(share) else round(share * others)
    return t(f"key.{sentence.kind}", count=t.number(count), others=t.number(others), **blanks)


def read(subject: Subject) -> Section:
    """Show how to read the profile, in five lines."""
    t = subject.texts
    assumed = {source.assumed_n for source in subject.atlas.catalogue.values() if source.assumed_n}
    blanks = {"assumed_n": t.enumerate(t.number(n) for n in sorted(assumed))}
    lines = [t("read.one"), t("read.two"), t("read.three"), t("read.four", **blanks), t("read.five")]
    return Section([html("read.html.j2", t, text="\n".join(f"- {line}" for line in lines), lines=lines)])
