"""Key sentences: a few facts about a municipality, each taken from one row of its profile.

A sentence is a kind (the text files have its wording) with the blanks to fill in. None is about a missing or suppressed
value, and a difference is only called one when the 95 % interval leaves out what it is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.indicators.framework import Framework
from resilience_analysis.profiles.rows import Facts

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
        """Where in the profile the row is."""
        start = self.kind.partition("_")[0]
        return f"{start}-{self.code}" if start in {"factor", "gap"} else f"row-{self.code}"


def key_sentences(
    factors: Sequence[Facts],
    indicators: Mapping[str, Facts],
    context: Mapping[str, Facts],
    framework: Framework,
    *,
    roles: Sequence[Facts] = (),
) -> list[Sentence]:
    """Choose three to five sentences, the most telling first.

    Parameters
    ----------
    factors
        From `factor_facts`.
    indicators, context
        From `indicator_facts`.
    framework
        Says which way an indicator counts.
    roles
        Rows of `role_rows`; empty where no one was asked.
    """
    found = (*_factor_sentences(factors), *_gap_sentences(roles))
    chosen = [*found, *_indicator_sentences(indicators, framework)][: MOST - 1]
    for sentence in _context_sentences(context):
        if len(chosen) >= LEAST and any(s.kind == "context" for s in chosen):
            break
        chosen.append(sentence)
    return chosen


def _factor_sentences(factors: Sequence[Facts]) -> Iterator[Sentence]:
    sampled = [row for row in factors if not is_missing(row["score"]) and not is_missing(row["low"])]
    for kind, clear in (
        ("above", [row for row in sampled if row["low"] > row["all_median"]]),
        ("below", [row for row in sampled if row["high"] < row["all_median"]]),
    ):
        if clear:
            row = max(clear, key=lambda row: abs(row["score"] - row["all_median"]))
            yield Sentence(f"factor_{kind}", str(row["dimension"]), str(row["strand"]), row)


def _gap_sentences(roles: Sequence[Facts]) -> Iterator[Sentence]:
    """Tell the largest clear difference between what officials and residents answered to the same statements."""
    clear = [row for row in roles if row["clear"]]
    if clear:
        row = max(clear, key=lambda row: abs(row["gap"]))
        yield Sentence("gap_higher" if row["gap"] > 0 else "gap_lower", str(row["code"]), "self", row)


def _indicator_sentences(indicators: Mapping[str, Facts], framework: Framework) -> Iterator[Sentence]:
    known = {
        code: row
        for code, row in indicators.items()
        if code in framework.indicators
        and not is_missing(row["value"])
        and not is_missing(row["all_median"])
        and (is_missing(row["low"]) or row["low"] < row["high"])
    }
    for kind, differs in (("above", _lies_above), ("below", _lies_below)):
        clear = [code for code, row in known.items() if differs(row)]
        # figures that say how sure they are come before figures that do not
        sampled = [code for code in clear if not is_missing(known[code]["low"])]
        if clear:
            code = max(sampled or clear, key=lambda code: _distance(known[code], framework.indicators[code].goalposts))
            yield Sentence(f"indicator_{kind}", code, framework.indicators[code].strand, known[code])


def _lies_above(row: Facts) -> bool:
    lowest = row["value"] if is_missing(row["low"]) else row["low"]
    return bool(lowest > row["all_q3"])


def _lies_below(row: Facts) -> bool:
    highest = row["value"] if is_missing(row["high"]) else row["high"]
    return bool(highest < row["all_q1"])


def _distance(row: Facts, posts: tuple[float, float]) -> float:
    """Return how far a value lies from the median, as a share of what lies between the goalposts."""
    width = posts[1] - posts[0]
    return abs(row["value"] - row["all_median"]) / width if width else 0.0


def _context_sentences(context: Mapping[str, Facts]) -> Iterator[Sentence]:
    for code in [*_CONTEXT_ORDER, *sorted(set(context) - set(_CONTEXT_ORDER))]:
        if code in context and not is_missing(context[code]["value"]):
            yield Sentence("context", code, "context", context[code])
