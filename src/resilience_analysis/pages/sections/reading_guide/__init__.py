"""How to read a profile."""

from __future__ import annotations

from resilience_analysis.data.catalogue import Sampling
from resilience_analysis.pages.page import PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject


def _show(subject: Subject) -> Views:
    t, framework, strands = subject.texts, subject.data.framework, subject.data.strands
    sides = t.enumerate(t(f"reading_guide.sides.{strand}") for strand in strands)
    lines = [
        t.pick(framework.definition),
        t("reading_guide.two" if len(strands) > 1 else "reading_guide.two_alone", sides=sides),
        t("reading_guide.three", share=t.value(framework.scoring.goalpost_percentiles[0], "%")),
        *([t("reading_guide.four")] if subject.data.has_margins else []),
        *_error_lines(subject),
        t("reading_guide.five"),
    ]
    return section_views("reading_guide", subject, text="\n".join(f"- {line}" for line in lines), lines=lines)


def _error_lines(subject: Subject) -> list[str]:
    """Return for every survey what is assumed: how many people answered, and how their answers err together."""
    t, framework, lines = subject.texts, subject.data.framework, []
    used = {entry.source for entry in framework.indicators.values()}
    for source in (source for source in subject.data.catalogue.values() if source.name in used):
        if source.sampling is None:
            continue
        title = t.pick(source.title)
        if source.sampling.steps:
            blanks = {"source": title, "answers": _answers(subject, source.sampling)}
            lines.append(t("reading_guide.answers", why=t.pick(source.sampling.why), **blanks))
        assumed = framework.correlation(source.name)
        blanks = {"source": title, "correlation": t.number(assumed.value, 2)}
        lines.append(t("reading_guide.correlation", why=t.pick(assumed.why), **blanks))
    return lines


def _answers(subject: Subject, sampling: Sampling) -> str:
    t, numbers = subject.texts, sorted({n for _, n in sampling.steps})
    if len(numbers) == 1:
        return t.number(numbers[0])
    return t("span", low=t.number(numbers[0]), high=t.number(numbers[-1]))


SECTION = PageSection(_show, "read", rests_on=frozenset())
