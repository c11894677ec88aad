"""Who can learn from whom in a region."""

from __future__ import annotations

from typing import Any

import pandas as pd

from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.pages.region_tables import MOST_ROWS, cut, table_codes
from resilience_analysis.pages.render import html, plain_table
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views
from resilience_analysis.profiles.learning import MOST, comparable, comparisons
from resilience_analysis.profiles.region import alphabetical, learning_matrix, nearest_to_learn_from

MOST_COLUMNS = 7  # municipalities that fit beside each other on a page


def learning_pairs(subject: Subject) -> Views:
    """Show who can learn from whom."""
    t, codes, learners = subject.texts, list(subject.region.codes), table_codes(subject)
    many, square = len(codes) > MOST_ROWS, len(codes) <= MOST_COLUMNS
    pairs = _pairs(subject, learners)
    known = len(comparable(subject.data, codes)) > 1
    nothing = t("learning.nobody_region" if known else "learning.unknown_region", region=subject.region_name)
    chance = chance_note(subject, codes, subject.region_name)
    text = f"{plain_table(pairs)}\n{chance}" if len(pairs) else nothing
    view = html(
        "learning/matrix.html.j2", t, text=text, subject=subject, names=_names(subject), pairs=len(pairs),
        square=square, nothing=nothing, chance=chance, cut=cut(subject, len(learners)),
        nearest=t("learning.region_nearest", most=MOST) if many else "",
        lines=_matrix(subject, pairs) if square else _learners(subject, pairs),
    )  # fmt: skip
    return Views([view])


def _pairs(subject: Subject, learners: list[str]) -> pd.DataFrame:
    """Return who can learn from whom: all pairs, or of many municipalities the first with whom they could visit."""
    if len(subject.region.codes) <= MOST_ROWS:
        return learning_matrix(subject.data, subject.region)
    return nearest_to_learn_from(subject.data, subject.region, learners)


def chance_note(subject: Subject, codes: list[str], group: str) -> str:
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
        {"name": name, "cells": [None if code == other else cells.get((code, other), []) for other in _codes(subject)]}
        for code, name in zip(_codes(subject), _names(subject), strict=True)
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
    names = dict(zip(_codes(subject), _names(subject), strict=True))  # in the order of the names
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


def _codes(subject: Subject) -> list[str]:
    return alphabetical(subject.data, list(subject.region.codes))


def _names(subject: Subject) -> list[str]:
    return [str(subject.data.names[code]) for code in _codes(subject)]
