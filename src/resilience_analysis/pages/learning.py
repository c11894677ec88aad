"""Where to go from here: whom to learn from, and what to ask next."""

from __future__ import annotations

from typing import Any

import pandas as pd

from resilience_analysis.pages.render import html, plain_table
from resilience_analysis.pages.show import Section
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.learning import learn_from
from resilience_analysis.profiles.next_steps import read_next_steps, states


def learn(subject: Subject) -> Section:
    """Show, per factor on which the municipality stands low in its group, whom it could visit."""
    t, found = subject.texts, learn_from(subject.atlas, subject.nis_code, subject.group)
    factors = [
        {
            "label": subject.dimensions[str(dimension)],
            "strand": t(f"strand.{strand}"),
            "score": subject.score(rows["score"].iloc[0]),
            "examples": [_example(subject, row) for row in rows.to_dict("records")],
        }
        for (dimension, strand), rows in found.groupby(["dimension", "strand"], sort=False)
    ]
    shown = found[["dimension", "nis_code", "score", "other_score", "low", "high", "distance"]]
    text = plain_table(shown, digits=2) if len(found) else t("learn.nobody", group=subject.group_name)
    return Section([html("learn.html.j2", t, text=text, subject=subject, factors=factors)])


def _example(subject: Subject, row: dict[Any, Any]) -> dict[str, str]:
    t = subject.texts
    difference = t("span", low=t.number(row["low"]), high=t.number(row["high"]))
    return {
        "name": str(subject.atlas.names[row["nis_code"]]),
        "score": subject.score(row["other_score"]),
        "difference": f"{t.number(row['difference'], sign=True)} ({difference})",
        "alike": t.number(row["distance"], 1) if pd.notna(row["distance"]) else t("missing_mark"),
    }


def next_steps(subject: Subject) -> Section:
    """Show the questions that follow from the figures, the deck's questions, and what the province offers."""
    t, atlas = subject.texts, subject.atlas
    steps = atlas.keep("next steps", lambda: read_next_steps(atlas.framework))
    found = states(subject.factors)
    questions = [
        {
            "label": label,
            "code": code,
            "state": t(f"next.{found[code]}"),
            "question": t.pick(steps.questions[code][found[code]]),
        }
        for code, label in subject.dimensions.items()
    ]
    offers = [(t.pick(offer.name), t.pick(offer.text)) for offer in steps.support]
    quoted: Any = steps.testimonials.get(subject.nis_code)
    testimonial = {"who": quoted["who"], "text": t.pick(quoted["text"])} if quoted else None
    view = html(
        "next.html.j2", t, text="\n".join(f"- {q['label']} ({q['state']}): {q['question']}" for q in questions),
        questions=questions, offers=offers, testimonial=testimonial, village_questions=village_questions(subject),
    )  # fmt: skip
    return Section([view])


def village_questions(subject: Subject) -> list[str]:
    """Return the deck's three questions "In jouw dorp?!"."""
    language = subject.texts.language
    return [item.texts[language] for item in subject.atlas.instrument.discussion.items]
