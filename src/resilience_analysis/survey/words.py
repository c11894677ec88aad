"""The words around the self-assessment, in every language, from ``texts.yml`` beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.survey.instrument import LANGUAGES

WORDS_FILE = Path(__file__).with_name("texts.yml")


@cache
def _words() -> dict[str, str]:
    content = read_yaml(WORDS_FILE)
    flat: dict[str, str] = {}
    problems = []
    waiting = [("", content)]
    while waiting:
        key, node = waiting.pop()
        if set(node) == set(LANGUAGES):
            flat |= {f"{key}.{lang}": str(node[lang]) for lang in LANGUAGES}
        elif set(node) & set(LANGUAGES):
            problems.append(
                Problem(f"{WORDS_FILE.name}, {key}", f"languages {sorted(node)}", f"Write it in {', '.join(LANGUAGES)}")
            )
        else:
            waiting += [(f"{key}.{name}".lstrip("."), child) for name, child in node.items()]
    if problems:
        raise InputError(WORDS_FILE.name, problems)
    return flat


def words(key: str, lang: str) -> str:
    """Return a text.

    Parameters
    ----------
    key
        Where it stands, such as ``page.intro``.
    lang
        One of `LANGUAGES`.

    Raises
    ------
    KeyError
        When there is no such text.
    """
    return _words()[f"{key}.{lang}"]
