"""Words in headings that no one tool owns, from ``headings.yml`` beside this module."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.survey.submissions import plain_heading
from resilience_analysis.survey.wording import fold

WORDS_FILE = Path(__file__).with_name("headings.yml")


@dataclass(frozen=True)
class HeadingWords:
    """Words in headings, folded; those of `numbering` as `plain_heading` returns them.

    Attributes
    ----------
    counts
        Headings of the parts of a tally; ``beside`` are columns of numbers that are not positions.
    numbering
        Headings that number the responses.
    additions
        What may follow a question, such as *optional*.
    identifying
        Words of headings that identify a person.
    """

    counts: dict[str, frozenset[str]]
    numbering: frozenset[str]
    additions: frozenset[str]
    identifying: frozenset[str]


@cache
def heading_words() -> HeadingWords:
    """Read ``headings.yml``."""
    content = read_yaml(WORDS_FILE)
    return HeadingWords(
        counts={part: _folded(words) for part, words in content["counts"].items()},
        numbering=frozenset(map(plain_heading, content["technical"])),
        additions=_folded(content["additions"]),
        identifying=_folded(content["identifying"]),
    )


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in words)
