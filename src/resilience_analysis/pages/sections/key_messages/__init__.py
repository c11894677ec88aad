"""The key messages of a municipality: three to five sentences, each linked to the row it comes from."""

from __future__ import annotations

from html import escape

from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.registry import GROUP, OWN, PageSection
from resilience_analysis.pages.render import html
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views
from resilience_analysis.profiles.key_messages import Sentence, key_sentences


def key_messages(subject: Subject) -> Views:
    """Show three to five sentences, each linked to the row it comes from."""
    found = chosen_sentences(subject)
    sentences = [(sentence.anchor, sentence_text(subject, sentence)) for sentence in found]
    text = "\n".join(f"- {words}" for _, words in sentences)
    return Views([html("key_messages/section.html.j2", subject.texts, text=text, sentences=sentences)])


def chosen_sentences(subject: Subject) -> list[Sentence]:
    """Choose the key sentences of a municipality."""
    framework, indicators = subject.data.framework, subject.indicators
    context = {code: indicators[code] for code in framework.context}
    return key_sentences(subject.factors, indicators, context, framework, roles=subject.roles)


def sentence_text(subject: Subject, sentence: Sentence) -> str:
    """Write a key sentence in the subject's language, as HTML: with its emphasis, and names escaped."""
    t, row = subject.texts, sentence.row
    if sentence.kind.startswith("factor"):
        return t(
            f"key_messages.{sentence.kind}",
            factor=subject.dimensions[sentence.code],
            place=escape(subject.place),
            strand=t(f"key_messages.by_{sentence.strand}"),
            score=subject.score(row["score"]),
            median=subject.score(row["all_median"]),
        )
    if sentence.kind.startswith("gap"):
        return t(
            f"key_messages.{sentence.kind}",
            factor=subject.dimensions[sentence.code],
            place=escape(subject.place),
            score=subject.score(row["score"]),
            other_score=subject.score(row["other_score"]),
        )
    others = int(row["all_n"]) - 1
    blanks = {
        "indicator": subject.label(sentence.code),
        "value": subject.write(sentence.code, row["value"]),
        "median": subject.write(sentence.code, row["all_median"]),
    }
    if sentence.kind == "context":
        return t("key_messages.context", year=int(row["year"]), **blanks)
    # a value above the others has them below it; who has the same value lies on neither side
    share = row["share_below" if sentence.kind == "indicator_above" else "share_above"]
    count = 0 if is_missing(share) else round(share * others)
    return t(f"key_messages.{sentence.kind}", count=t.number(count), others=t.number(others), **blanks)


SECTION = PageSection(key_messages, "key", rests_on=frozenset({OWN, GROUP}))
