"""Comparing texts the way people mean them: case, accents, spaces and punctuation do not matter."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.texts import load_texts

_TAGS = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_ESCAPED = re.compile(r"_x00(?:0[0-9A-F]|1[0-9A-F]|A0)_", re.IGNORECASE)  # how a workbook writes a control character
# marks of order and direction, joiners, soft hyphens, variation selectors, and the box around an emoji digit
_INVISIBLE = {
    code: ""
    for codes in ((0xAD, 0x34F, 0x61C, 0x180E, 0x20E3, 0xFEFF), range(0x200B, 0x2010), range(0x202A, 0x202F),
                  range(0x2060, 0x2070), range(0xFE00, 0xFE10))
    for code in codes
}  # fmt: skip
_MINUS = {0x2212: "-"}
_MARKED = re.compile(r"[<&]|_x00", re.IGNORECASE)
_INNER_UNDERSCORE = re.compile(r"(?<=[^\s_])_(?=[^\s_])")
_APART = re.compile(r"[^0-9a-z]+")
FINGERPRINT_LENGTH = 12
WORDS_FILE = Path(__file__).with_name("headings.yml")
PART = "survey"
_LISTS = ("identifying", "summaries", "beside_summaries", "tests", "scales", "specify", "beside_names")


def clean(text: str) -> str:
    r"""Return a text as a reader sees it, on one line.

    Markup, HTML entities, the escapes of a workbook (``_x000D_``) and invisible characters are taken out, digits in
    another form (full width, circled, emoji) become plain ones, and any white space becomes one space.

    Examples
    --------
    >>> clean("\ufeff<b>2\ufe0f\u20e3</b>&nbsp;_x000D_\n")
    '2'
    """
    if text.isascii() and not _MARKED.search(text):
        return " ".join(text.split())
    plain = _TAGS.sub(" ", html.unescape(_ESCAPED.sub(" ", text)))
    return " ".join(unicodedata.normalize("NFKC", plain.translate(_INVISIBLE | _MINUS)).split())


def fold(text: str) -> str:
    """Fold a text to lower-case letters and digits with single spaces between words.

    Markup, HTML entities, accents, punctuation and non-breaking spaces are taken out; a text without any letter
    or digit stays what it is, stripped, so that ``-`` is still something.

    Examples
    --------
    >>> fold("<b>Één</b>&nbsp;stelling!")
    'een stelling'
    """
    plain = clean(text)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _APART.sub(" ", plain.casefold()).strip() or plain.strip()


def as_written(values: pd.Series) -> pd.Series:
    """Return values in one way of writing: small letters, single spaces, any dash a hyphen, ``1.0`` as ``1``.

    Examples
    --------
    >>> as_written(pd.Series([" Olen", "18 \u2013 34", "1.0"])).tolist()
    ['olen', '18-34', '1']
    """
    text = values.where(values.notna(), "").astype(str)
    plain = text.map(lambda value: " ".join(unicodedata.normalize("NFKC", value).casefold().split()))
    plain = plain.str.replace(r"(?<=\w)\s*[-\u2010-\u2015\u2212]\s*(?=\w)", "-", regex=True)
    return plain.str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)


def words_in(text: str) -> frozenset[str]:
    """Return the folded words of a text.

    Examples
    --------
    >>> sorted(words_in("Niet akkoord, niet"))
    ['akkoord', 'niet']
    """
    return frozenset(fold(text).split())


def fingerprint(text: str) -> str:
    """Return twelve hexadecimal digits that change when the folded wording changes.

    Examples
    --------
    >>> fingerprint("Een stelling.") == fingerprint("een  STELLING")
    True
    """
    return hashlib.sha256(fold(text).encode()).hexdigest()[:FINGERPRINT_LENGTH]


def plain_heading(text: str) -> str:
    """Return a heading in lower case with single spaces: ``_id`` and ``ID`` are marks of different tools.

    LimeSurvey writes underscores for spaces when asked to; one at an end is not a space.

    Examples
    --------
    >>> plain_heading("Response_ID"), plain_heading("_id")
    ('response id', '_id')
    """
    return " ".join(_INNER_UNDERSCORE.sub(" ", clean(text)).split()).casefold()


@dataclass(frozen=True)
class HeadingWords:
    """Words in headings, folded; those of `numbering` as `plain_heading` returns them."""

    # headings of the parts of a tally; `beside` are columns of numbers that are not positions
    counts: dict[str, frozenset[str]]
    numbering: frozenset[str]  # headings that number the responses
    additions: frozenset[str]  # what may follow a question, such as *optional*
    identifying: frozenset[str]  # words of headings that identify a person
    summaries: frozenset[str]  # how a row begins that adds up others
    beside_summaries: frozenset[str]  # what may follow such a word, such as *of the answers*
    tests: frozenset[str]  # cells that say that a row is a test
    scales: frozenset[str]  # words before the lowest and highest number of a scale
    specify: frozenset[str]  # first words of what follows a choice to be filled in, as in *other, please specify*
    beside_names: frozenset[str]  # words beside the name of a municipality, such as *city of*


@cache
def heading_words() -> HeadingWords:
    """Read ``headings.yml``.

    Examples
    --------
    >>> "optional" in heading_words().additions
    True
    """
    content = read_yaml(WORDS_FILE)
    return HeadingWords(
        counts={part: _folded(words) for part, words in content["counts"].items()},
        numbering=frozenset(map(plain_heading, content["technical"])),
        additions=_folded(content["additions"]),
        **{name: _folded(content[name]) for name in _LISTS},
    )


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in words)


def respondents(number: int) -> str:
    """Return so many respondents as the subject of a message.

    Examples
    --------
    >>> respondents(1), respondents(3)
    ('1 respondent has', '3 respondents have')
    """
    return "1 respondent has" if number == 1 else f"{number} respondents have"


def words(key: str, lang: str) -> str:
    """Return one of our texts, such as ``page.intro``; `KeyError` or `UsageError` where there is none in a language.

    Examples
    --------
    >>> words("synthetic.short", "en") != words("synthetic.short", "nl")
    True
    """
    return load_texts(lang)(f"{PART}.{key}")
