"""The key messages of a municipality: three to five sentences, each linked to the row it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.page import GROUP, OWN, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.key_messages import Sentence

FIRST = 3  # sentences that the first page has
_SCORES = {"score": "score", "median": "all_median", "other_score": "other_score"}  # blanks of a sentence


def key_messages(subject: Subject) -> Views:
    """Show the sentences after those of the first page, each linked to the row it comes from; nothing without any."""
    sentences = said(subject, subject.sentences[FIRST:])
    if not sentences:
        return Views([])
    text = "\n".join(f"- {sentence['words']}" for sentence in sentences)
    return section_views("key_messages", subject, text=text, sentences=sentences)


def said(subject: Subject, sentences: Sequence[Sentence]) -> list[dict[str, str]]:
    """Return sentences in words, with where their row stands and who can act on it (empty where nobody is named)."""
    t, framework, found = subject.texts, subject.data.framework, []
    for sentence in sentences:
        actor = framework.indicators[sentence.code].actor if sentence.kind.startswith("indicator") else ""
        who = t("key_messages.actor", actor=t.pick(framework.actors[actor].label)) if actor else ""
        found.append({"anchor": sentence.anchor, "words": sentence_text(subject, sentence), "actor": who})
    return found


def sentence_text(subject: Subject, sentence: Sentence) -> str:
    """Write a key sentence in the subject's language, with its emphasis (``<strong>``)."""
    t, row = subject.texts, sentence.row
    scores = {name: subject.score(row[of]) for name, of in _SCORES.items() if of in row}
    if sentence.kind.startswith(("factor", "gap")):
        strand = t(f"key_messages.by_{sentence.strand}") if sentence.kind.startswith("factor") else ""
        named = {"factor": subject.dimensions[sentence.code], "place": subject.place, "strand": strand}
        return t(f"key_messages.{sentence.kind}", **named, **scores)
    others = int(row["all_n"]) - 1
    blanks = {
        "indicator": subject.label(sentence.code),
        "value": subject.write(sentence.code, row["value"]),
        "median": subject.write(sentence.code, row["all_median"]),
    }
    if sentence.kind == "context":
        return t("key_messages.context", year=int(row["year"]), **blanks)
    # a value above the others has them below it; who has the same value lies on neither side
    share = row["share_below" if sentence.kind.endswith("above") else "share_above"]
    count = 0 if is_missing(share) else round(share * others)
    words = "key_messages.of_all" if count == others else "key_messages.of_some"
    blanks["of"] = t(words, count=t.number(count), others=t.number(others))
    return t(f"key_messages.{sentence.kind}", year=int(row["year"]), **blanks)


SECTION = PageSection(
    key_messages, "key", rests_on=frozenset({OWN, GROUP}), present=lambda subject: len(subject.sentences) > FIRST
)  # fmt: skip
