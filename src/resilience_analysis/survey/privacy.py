"""Keeping people out of tables: random respondent numbers, pseudonyms under a key, nothing that identifies.

And how groups of a release are called, and whether the weights of two releases tell people apart.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.wording import fold

LEAST_NAMED = 5  # what fewer than five wrote is not repeated
KEY_FILE = "pseudonym.key"
KEY_BYTES = 32
_ID_BYTES = 8
_LONGEST_VALUE = 80
_HIDDEN = "[hidden]"
_IDENTIFYING = re.compile(
    r"[^\s@]+@[^\s@]+"  # a mail address
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b"  # an IP address
    r"|\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}"  # an IPv6 address
    r"|\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*"  # a moment
    r"|\+?\d(?:[\s./-]?\d){7,}",  # a telephone or register number
    re.IGNORECASE,
)
_SHORT_NUMBER = re.compile(r"[+-]?\d{1,5}(?:[.,]\d)?")
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
RandomIds = Callable[[int], Sequence[str]]


@contextmanager
def owner_only(folder: Path) -> Iterator[None]:
    """Let what is written in the block be read by its owner only, and `folder` be entered by its owner only.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "private"
    >>> with owner_only(folder):
    ...     _ = (folder / "answers.csv").write_text("")
    >>> oct(folder.stat().st_mode & 0o777)
    '0o700'
    """
    before = os.umask(0o777 & ~PRIVATE_FOLDER)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)
        yield
    finally:
        os.umask(before)


def random_ids(count: int) -> list[str]:
    """Make so many random respondent numbers, which say nothing about who or when.

    Examples
    --------
    >>> [len(number) for number in random_ids(2)]
    [16, 16]
    """
    digits = secrets.token_hex(count * _ID_BYTES)  # asked of the system at once
    length = 2 * _ID_BYTES
    return [digits[start : start + length] for start in range(0, length * count, length)]


def redact(value: str) -> str:
    """Take mail and IP addresses, moments and long numbers out of a value, and cut it off where it is long.

    Examples
    --------
    >>> redact("mail jan@olen.be")
    'mail [hidden]'
    """
    clean = _IDENTIFYING.sub(_HIDDEN, value[: 2 * _LONGEST_VALUE])
    return clean if len(clean) <= _LONGEST_VALUE else clean[: _LONGEST_VALUE - 1] + "…"


def sayable(value: str) -> str:
    """Return a cell of answers as a message may say it: a number of at most five digits, of others only what it is.

    Examples
    --------
    >>> sayable("-99"), sayable("jan@olen.be"), sayable("0470123456")
    ("'-99'", 'a text', 'a long number')
    """
    plain = value.strip()
    if is_short_number(plain):
        return repr(plain)
    return "a long number" if plain.lstrip("+-").replace(".", "").isdecimal() else "a text"


def is_short_number(value: str) -> bool:
    """Return whether a value is a number too short to be that of a person.

    Examples
    --------
    >>> is_short_number("-99"), is_short_number("0470123456")
    (True, False)
    """
    return bool(_SHORT_NUMBER.fullmatch(value.strip()))


def identifies(value: str) -> bool:
    """Return whether a value holds something that identifies a person.

    Examples
    --------
    >>> identifies("jan@olen.be"), identifies("Olen")
    (True, False)
    """
    return bool(_IDENTIFYING.search(value))


def pseudonym_id(pseudonym: str, key: bytes) -> str:
    """Turn a code that respondents choose into a respondent number: the same in every wave, useless without the key.

    Keyed hashing (HMAC, RFC 2104, with SHA-256), cut to 64 bits.

    Examples
    --------
    >>> pseudonym_id("Merel 12", bytes(32)) == pseudonym_id("merel 12", bytes(32))
    True
    """
    return hmac.digest(key, fold(pseudonym).encode(), "sha256")[:_ID_BYTES].hex()


def read_key(path: Path) -> bytes:
    """Read the key of the pseudonyms; make it when there is none yet, readable by its owner only.

    Raises
    ------
    InputError
        When the file holds no key.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "pseudonym.key"
    >>> len(read_key(file)), read_key(file) == read_key(file)
    (32, True)
    """
    if not path.is_file():
        with owner_only(path.parent):
            path.touch(mode=PRIVATE_FILE)
            path.write_text(secrets.token_hex(KEY_BYTES) + "\n", encoding="ascii")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        what = f"holds no key of {KEY_BYTES} bytes"
        raise InputError(path.name, [Problem(path.name, what, "Take the key of the earlier wave, or remove the file")])
    return key
