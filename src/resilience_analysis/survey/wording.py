"""Comparing texts the way people mean them: case, accents, spaces and punctuation do not matter."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata

_TAGS = re.compile(r"<[^<>]{1,200}>")
_APART = re.compile(r"[^0-9a-z]+")
FINGERPRINT_LENGTH = 12


def fold(text: str) -> str:
    """Fold a text to lower-case letters and digits with single spaces between words.

    Markup, HTML entities, accents, punctuation and non-breaking spaces are taken out; a text without any letter
    or digit stays what it is, stripped, so that ``-`` is still something.
    """
    plain = _TAGS.sub(" ", html.unescape(text)) if "<" in text or "&" in text else text
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _APART.sub(" ", plain.casefold()).strip() or plain.strip()


def words(text: str) -> frozenset[str]:
    """Return the folded words of a text."""
    return frozenset(fold(text).split())


def fingerprint(text: str) -> str:
    """Return twelve hexadecimal digits that change when the folded wording changes."""
    return hashlib.sha256(fold(text).encode()).hexdigest()[:FINGERPRINT_LENGTH]
