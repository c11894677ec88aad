"""Answers of the be.STAT API: JSON with a list of facts, numbers as text, totals among them without the dimension."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from resilience_analysis.data.recipe import Recipe, lacks
from resilience_analysis.foundation.errors import InputError, Problem, unknown


def read(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read the facts: a row each; facts that lack a dimension which the recipe names are totals and left out."""
    answer = json.loads(content.decode("utf-8-sig"))
    facts = answer.get("facts") if isinstance(answer, dict) else answer
    if not isinstance(facts, list) or not facts or not all(isinstance(fact, dict) for fact in facts):
        raise InputError(file, [Problem(file, "has no list of facts, as an answer of be.STAT has")])
    columns = list(dict.fromkeys(name for fact in facts for name in fact))
    lacks(file, [Problem(file, unknown("column", name, columns)) for name in recipe.named if name not in columns])
    whole = [fact for fact in facts if all(fact.get(name) not in (None, "") for name in recipe.named)]
    return pd.DataFrame([[_text(fact.get(name)) for name in columns] for fact in whole], columns=columns, dtype=object)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
