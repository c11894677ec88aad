"""What now: questions that follow from the figures by rule, never grades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from resilience_analysis.errors import Problem, raise_if_any, unknown
from resilience_analysis.framework import DEFINITIONS, Framework, Text
from resilience_analysis.storage import read_yaml

FILE_NAME = "next.yml"
STATES = ("below", "above", "unsure", "unknown")
STRAND = "residents"


@dataclass(frozen=True)
class Support:
    """Something the province offers."""

    name: Text
    text: Text


@dataclass(frozen=True)
class NextSteps:
    """What ``next.yml`` says: questions per dimension and state, offers, and testimonials per NIS code."""

    questions: Mapping[str, Mapping[str, Text]]
    support: tuple[Support, ...]
    testimonials: Mapping[str, Mapping[str, object]]


def read_next_steps(framework: Framework, folder: Path = DEFINITIONS) -> NextSteps:
    """Read ``next.yml`` and check it against the framework.

    Raises
    ------
    InputError
        When a dimension or state has no question, or an unknown one has.
    """
    content = read_yaml(folder / FILE_NAME)
    questions = content.get("questions") or {}
    problems = [
        Problem(f"{FILE_NAME}, {dimension}", f"no question for {state} in nl and en")
        for dimension in framework.dimensions
        for state in STATES
        if not {"nl", "en"} <= set((questions.get(dimension) or {}).get(state) or {})
    ]
    strangers = [code for code in questions if code not in framework.dimensions]
    problems += [Problem(FILE_NAME, unknown("dimension", code, framework.dimensions)) for code in strangers]
    raise_if_any(FILE_NAME, problems)
    support = tuple(Support(**entry) for entry in content.get("support") or ())
    return NextSteps(questions, support, content.get("testimonials") or {})


def states(factors: pd.DataFrame) -> Mapping[str, str]:
    """Give the state of every dimension after what residents say: one of `STATES`.

    Parameters
    ----------
    factors
        From `profiles.rows.factor_rows`.
    """
    rows = factors[factors["strand"] == STRAND].set_index("dimension")
    return {str(dimension): _state(row) for dimension, row in rows.iterrows()}


def _state(row: pd.Series) -> str:
    if pd.isna(row["score"]) or pd.isna(row["all_median"]):
        return "unknown"
    low = row["score"] if pd.isna(row["low"]) else row["low"]
    high = row["score"] if pd.isna(row["high"]) else row["high"]
    if high < row["all_median"]:
        return "below"
    return "above" if low > row["all_median"] else "unsure"
