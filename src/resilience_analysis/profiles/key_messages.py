"""Key sentences: the most telling facts about a municipality, each taken from one row of its profile.

A sentence is a kind (the text files have its wording) with the blanks to fill in. None is about a missing or suppressed
value, and a difference is only called one when the 95 % interval leaves out what it is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.indicators.framework import Framework
from resilience_analysis.profiles.rows import Facts

LEAST, MOST = 3, 5
CONTEXT, COUNT = "context", "count"


@dataclass(frozen=True)
class Sentence:
    """One key sentence."""

    kind: str
    """Which wording: ``factor_above``, ``factor_below``, ``gap_higher``, ``gap_lower``, ``indicator_above``,
    ``indicator_below``, ``context_above``, ``context_below`` or ``context`` (no difference).
    """
    code: str  # dimension or indicator that it is about
    strand: str  # strand of the row; ``context`` for context
    row: Mapping[str, Any]
    """The row it comes from (``value`` or ``score``, ``all_median``, ``all_n``, ``share_below`` ...)."""
    subject: str = CONTEXT  # what no two sentences are about: a dimension, or context
    telling: float = field(default=0.0, compare=False)
    """How telling it is: see `telling`, times the weight of who can act on it."""

    @property
    def anchor(self) -> str:
        """Where in the profile the row is."""
        start = self.kind.partition("_")[0]
        return f"{start}-{self.code}" if start in {"factor", "gap"} else f"row-{self.code}"


def key_sentences(
    factors: Sequence[Facts], indicators: Mapping[str, Facts], context: Mapping[str, Facts], framework: Framework, *,
    roles: Sequence[Facts] = (),
) -> list[Sentence]:  # fmt: skip
    """Choose three to five sentences, the most telling first.

    From the rows of `factor_facts`, `indicator_facts` and `role_facts`; the framework says who can act on an indicator,
    and how much that weighs.

    Returns
    -------
    list of Sentence
        At most one about each dimension and one about the context, more about the context where there are fewer than
        three.
    """
    found = [
        *_factor_sentences(factors, framework),
        *_gap_sentences(roles),
        *_indicator_sentences(indicators, framework),
        *_context_sentences(context, framework),
    ]
    found = [sentence for sentence in found if sentence.kind == CONTEXT or sentence.telling > 0]
    found.sort(key=_order)
    first = {sentence.subject: sentence for sentence in reversed(found)}
    chosen = [sentence for sentence in found if first[sentence.subject] is sentence][:MOST]
    rest = [sentence for sentence in found if sentence.subject == CONTEXT and sentence not in chosen]
    return sorted(chosen + rest[: max(LEAST - len(chosen), 0)], key=_order)


def _order(sentence: Sentence) -> tuple[float, str]:
    return -sentence.telling, sentence.code


def telling(row: Mapping[str, Any], name: str = "value") -> float:
    """Return how telling a difference from the median is: its size against how sure it is and how others differ.

    The distance between a value and the median municipality, divided by the sum of the margin on that side (0 for a
    figure without sampling error) and the distance from the median to P95, or below it to P5. At 1, the value lies as
    far from the median as chance and the usual differences between municipalities together reach.
    """
    distance = row[name] - row["all_median"]
    end, usual = (row["low"], row["all_p95"]) if distance > 0 else (row["high"], row["all_p05"])
    margin = 0.0 if is_missing(end) else abs(row[name] - end)
    width = margin + abs(usual - row["all_median"])
    return float(abs(distance) / width) if width > 0 else 0.0


def _factor_sentences(factors: Sequence[Facts], framework: Framework) -> Iterator[Sentence]:
    for row in factors:
        if is_missing(row["score"]) or is_missing(row["low"]) or is_missing(row["all_median"]):
            continue
        side = "above" if row["low"] > row["all_median"] else "below" if row["high"] < row["all_median"] else ""
        dimension, strand = str(row["dimension"]), str(row["strand"])
        if side:
            reach = [framework.reach(entry.id) for entry in framework.of(dimension, strand)]
            weight = sum(reach) / len(reach) if reach else 1.0
            yield Sentence(f"factor_{side}", dimension, strand, row, dimension, weight * telling(row, "score"))


def _gap_sentences(roles: Sequence[Facts]) -> Iterator[Sentence]:
    """Tell of clear differences between what officials and residents answered to the same statements."""
    for row in (row for row in roles if row["clear"]):
        kind = "gap_higher" if row["gap"] > 0 else "gap_lower"
        size = abs(row["gap"]) / max(abs(row["high"] - row["low"]) / 2, 1.0)
        yield Sentence(kind, str(row["code"]), "self", row, f"gap-{row['code']}", size)


def _indicator_sentences(indicators: Mapping[str, Facts], framework: Framework) -> Iterator[Sentence]:
    for code, row in indicators.items():
        entry = framework.indicators.get(code)
        side = _side(row) if entry is not None else ""
        if entry is not None and side:
            size = framework.reach(code) * telling(row)
            yield Sentence(f"indicator_{side}", code, entry.strand, row, entry.dimension, size)


def _context_sentences(context: Mapping[str, Facts], framework: Framework) -> Iterator[Sentence]:
    for code, row in context.items():
        if is_missing(row["value"]):
            continue
        # of a count larger places have more, which tells nothing; nor is a difference told that weighs nothing
        counted = framework.context[code].unit == COUNT
        side = "" if counted or not framework.reach(code) else _side(row)
        size = framework.reach(code) * telling(row) if side else 0.0
        yield Sentence(f"context_{side}" if side else CONTEXT, code, CONTEXT, row, CONTEXT, size)


def _side(row: Mapping[str, Any]) -> str:
    """Return on which side of the middle half of all municipalities a value lies with its whole margin, if any."""
    if is_missing(row["value"]) or is_missing(row.get("all_median")):
        return ""
    lowest = row["value"] if is_missing(row["low"]) else row["low"]
    highest = row["value"] if is_missing(row["high"]) else row["high"]
    return "above" if lowest > row["all_q3"] else "below" if highest < row["all_q1"] else ""
