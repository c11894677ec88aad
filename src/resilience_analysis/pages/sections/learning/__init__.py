"""Whom to learn from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.pages.base_maps import MOST_ROWS, cut, table_codes
from resilience_analysis.pages.page import GROUP, OWN, REGION, PageSection
from resilience_analysis.pages.render import Views, html, plain_table, section_views
from resilience_analysis.pages.sections.next_steps import ask, contact_lines
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.learning import MOST, comparable, comparisons, learn_from, where_they_differ
from resilience_analysis.profiles.region import learning_matrix, nearest_to_learn_from


def learning(subject: Subject) -> Views:
    """Show whom a municipality can learn from, or in a region who can learn from whom."""
    return _learn(subject) if subject.nis_code else _learning_pairs(subject)


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
    codes = sorted({subject.nis_code, *subject.group.codes})
    chance, nothing = _chance_note(subject, codes, subject.group_name), ""
    shown = found[["dimension", "nis_code", "score", "other_score", "low", "high", "distance"]]
    text = f"{plain_table(shown, digits=2)}\n{chance}"
    if found.empty:
        known = subject.nis_code in comparable(subject.data, codes)
        words = {"group": subject.group_name} if known else {"place": subject.place}
        text = nothing = t("learning.nobody" if known else "learning.unknown", **words)
    return section_views("learning", subject, text=text, factors=factors, nothing=nothing, chance=chance)


def _example(subject: Subject, row: dict[Any, Any]) -> dict[str, str]:
    t = subject.texts
    difference = t("span", low=t.number(row["low"]), high=t.number(row["high"]))
    differing = where_they_differ(subject.data, subject.nis_code, row["nis_code"], row["dimension"], row["strand"])
    return {
        "name": str(subject.data.names[row["nis_code"]]),
        "indicators": "; ".join(_beside(subject, code, row["nis_code"]) for code in differing),
        "contacts": "; ".join(contact["name"] for contact in contact_lines(subject, of=row["nis_code"])),
        "score": subject.score(row["other_score"]),
        "difference": f"{t.number(row['difference'], sign=True)} ({difference})",
        "alike": t.number(row["distance"], 1) if pd.notna(row["distance"]) else t("missing_mark"),
    }


def _beside(subject: Subject, code: str, other: str) -> str:
    """Write an indicator with its value there and here."""
    theirs, own = (subject.write(code, subject.data.value(place, code)) for place in (other, subject.nis_code))
    return subject.texts("learning.beside", indicator=subject.label(code), theirs=theirs, own=own)


def _prepare(subject: Subject) -> None:
    if subject.nis_code:
        learn_from(subject.data, subject.nis_code, subject.group)
    else:
        comparisons(subject.data, sorted(subject.group.codes))


MOST_COLUMNS = 7  # municipalities that fit beside each other on a page


def _learning_pairs(subject: Subject) -> Views:
    """Show who can learn from whom: all pairs, or of many municipalities the first with whom they could visit."""
    t, data, region = subject.texts, subject.data, subject.region
    codes, learners = list(region.codes), table_codes(subject)
    many, square = len(codes) > MOST_ROWS, len(codes) <= MOST_COLUMNS
    pairs = nearest_to_learn_from(data, region, learners) if many else learning_matrix(data, region)
    known = len(comparable(data, codes)) > 1
    nothing = t("learning.nobody_region" if known else "learning.unknown_region", region=subject.region_name)
    chance = _chance_note(subject, codes, subject.region_name)
    view = html(
        "learning/matrix.html.j2", t, text=f"{plain_table(pairs)}\n{chance}" if len(pairs) else nothing,
        subject=subject, pairs=len(pairs), names=list(subject.members.values()), square=square, nothing=nothing,
        chance=chance, cut=cut(subject, len(learners)),
        nearest=t("learning.region_nearest", most=MOST) if many else "",
        lines=_matrix(subject, pairs) if square else _learners(subject, pairs),
    )  # fmt: skip
    return Views([view])


def _chance_note(subject: Subject, codes: list[str], group: str) -> str:
    """Say how many comparisons were made in a group, how many differ clearly, and how many of those may be chance."""
    t, made = subject.texts, comparisons(subject.data, codes)
    numbers = {"made": t.number(made.made), "clear": t.number(made.clear), "false": t.number(made.expected_false, 1)}
    return t("learning.chance", group=group, share=t.value(100 * made.rate, "%"), **numbers)


def _matrix(subject: Subject, pairs: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a line per municipality with a cell per other: the factors to learn about, None for itself."""
    cells = {
        (str(learner), str(other)): _factors_of(subject, group)
        for (learner, other), group in pairs.groupby(["nis_code", "other"])
    }
    return [
        {"name": name, "cells": [None if code == other else cells.get((code, other), []) for other in subject.members]}
        for code, name in subject.members.items()
    ]


def _factors_of(subject: Subject, group: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the factors in their order, each with the sides it is seen from."""
    t, found = subject.texts, set(zip(group["dimension"], group["strand"], strict=True))
    named = {
        label: [t(f"strand.{strand}").lower() for strand in STRANDS if (code, strand) in found]
        for code, label in subject.dimensions.items()
    }
    return [(label, t.enumerate(strands)) for label, strands in named.items() if strands]


def _learners(subject: Subject, pairs: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a line per municipality and factor with the names to learn from, for regions with many."""
    names = subject.members
    places = {code: place for place, code in enumerate(names)}
    found = {
        key: sorted(set(group["other"]), key=places.__getitem__)
        for key, group in pairs.groupby(["nis_code", "dimension"])
    }
    return [
        {"name": names[code], "factor": label, "others": [names[other] for other in others]}
        for code in names
        for dimension, label in subject.dimensions.items()
        if (others := found.get((code, dimension)))
    ]


SECTION = PageSection(learning, "learn", rests_on=frozenset({OWN, REGION, GROUP}), prepare=_prepare)
