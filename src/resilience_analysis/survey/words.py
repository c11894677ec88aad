"""The words around the self-assessment, in every language with text files, such as ``nl.yml`` here."""

from __future__ import annotations

from resilience_analysis.foundation.texts import load_texts

PART = "survey"


def words(key: str, lang: str) -> str:
    """Return a text.

    Parameters
    ----------
    key
        Which one, such as ``page.intro``.
    lang
        A language that has text files.

    Raises
    ------
    KeyError
        When the text is not known.
    UsageError
        When the language is not known.
    """
    return load_texts(lang)(f"{PART}.{key}")
