"""Key sentences: a few facts about a municipality, each taken from one row of its profile.

A sentence is a kind (the text files have its wording) with the blanks to fill in. None is about a missing or suppressed
value, and a difference is only called one when the 95 % interval leaves out what it is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from resilience_analysis.indicators.framework import Framework

LEAST, MOST = 3, 5
_CONTEXT_ORDER = ("ctx_households_growth", "ctx_age_65_plus", "ctx_jobseekers", "ctx_population", "ctx_density")


@dataclass(frozen=True)
class Sentence:
    """One key sentence.

    Attributes
    ----------
    kind
        Which wording: ``factor_above``, ``factor_below``, ``gap_higher``, ``gap_lower``, ``indicator_above``,
        ``indicator_below`` or ``context``.
    code
        Dimension or indicator that it is about.
    strand
        Strand of the row; ``context`` for context.
    row
        The row it comes from (``value`` or ``score``, ``all_median``, ``all_n``, ``share_below`` ...).
    """

    kind: str
    code: str
    strand: str
    row: Mapping[str, Any]

    @property
    def anchor(self) -> str:
        """Where in the profile the row stands."""
        start = self.kind.partition("_")[0]
        return f"{start}-{self.code}" if start in {"factor", "gap"} else f"row-{self.code}"


def key_sentences(
    factors: pd.DataFrame,
    indicators: pd.DataFrame,
    context: pd.DataFrame,
    framework: Framework,
    *,
    roles: pd.DataFrame | None = None,
) -> list[Sentence]:
    """Choose three to five sentences, the most telling first.

    Parameters
    ----------
    factors
        From `factor_rows`.
    indicators, context
        From `indicator_rows` and `context_rows`.
    framework
        Says which way an indicator counts.
    roles
        From `role_rows`; None where nobody was asked.
    """
    gaps = () if roles is None else _gap_sentences(roles)
    chosen = [*_factor_sentences(factors), *gaps, *_indicator_sentences(indicators, framework)][: MOST - 1]
    for sentence in _context_sentences(context):
        if len(chosen) >= LEAST and any(s.kind == "context" for s in chosen):
            break
        chosen.append(sentence)
    return chosen


def _factor_sentences(factors: pd.DataFrame) -> Iterator[Sentence]:
    sampled = factors[factors["score"].notna() & factors["low"].notna()]
    for kind, clear in (
        ("above", sampled["low"] > sampled["all_median"]),
        ("below", sampled["high"] < sampled["all_median"]),
    ):
        rows = sampled[clear]
        if not rows.empty:
            place = int((rows["score"] - rows["all_median"]).abs().argmax())
            row = rows.iloc[place]
            yield Sentence(f"factor_{kind}", str(row["dimension"]), str(row["strand"]), _blanks(row))


def _gap_sentences(roles: pd.DataFrame) -> Iterator[Sentence]:
    """Tell the largest clear difference between what officials and residents answered to the same statements."""
    rows = roles[roles["clear"].astype(bool)]
    if not rows.empty:
        row = rows.iloc[int(rows["gap"].abs().argmax())]
        yield Sentence("gap_higher" if row["gap"] > 0 else "gap_lower", str(row["code"]), "self", _blanks(row))


def _indicator_sentences(indicators: pd.DataFrame, framework: Framework) -> Iterator[Sentence]:
    known = indicators[indicators["value"].notna() & indicators["all_median"].notna()]
    known = known[known["low"].isna() | known["low"].lt(known["high"])]
    posts = pd.Series({code: framework.indicators[str(code)].goalposts for code in known.index}, dtype=object)
    width = posts.map(lambda post: post[1] - post[0]).astype(float)
    distance = ((known["value"] - known["all_median"]) / width).fillna(0.0)
    lower = known["low"].fillna(known["value"])
    upper = known["high"].fillna(known["value"])
    clear = {"above": lower > known["all_q3"], "below": upper < known["all_q1"]}
    for kind, differs in clear.items():
        # figures that say how sure they are come before figures that do not
        sampled = differs & known["low"].notna()
        candidates = sampled if sampled.any() else differs
        if candidates.any():
            code = str(distance[candidates].abs().idxmax())
            strand = framework.indicators[code].strand
            yield Sentence(f"indicator_{kind}", code, strand, _blanks(known.loc[code]))


def _context_sentences(context: pd.DataFrame) -> Iterator[Sentence]:
    for code in [*_CONTEXT_ORDER, *context.index.difference(list(_CONTEXT_ORDER))]:
        if code in context.index and pd.notna(context["value"][code]):
            yield Sentence("context", str(code), "context", _blanks(context.loc[code]))


def _blanks(row: Any) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}
