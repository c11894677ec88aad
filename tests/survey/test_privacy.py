import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.privacy import identifies, pseudonym_id, random_ids, read_key, redact

KEY = bytes(range(32))


def test_random_numbers_differ_and_say_nothing():
    numbers = random_ids(1000)
    assert len(set(numbers)) == 1000
    assert {len(number) for number in numbers} == {16}


@pytest.mark.parametrize(
    "value",
    ["mail jan@olen.be!", "10.0.0.1", "2026-03-01 09:30:00", "+32 470 12 34 56", "85.07.30-033.61", "fe80:0:0:1::1"],
)
def test_what_identifies_is_taken_out(value):
    assert identifies(value)
    assert "[hidden]" in redact(value)
    assert not any(part in redact(value) for part in ("jan@", "10.0.0", "09:30", "470", "033", "fe80"))


@pytest.mark.parametrize("value", ["Herentals", "13011", "akkoord", "3", "5 - neutraal"])
def test_what_identifies_nobody_is_kept(value):
    assert redact(value) == value


def test_long_values_are_cut_off():
    assert len(redact("a b " * 100)) == 80


@given(st.text(max_size=3000))
def test_redacting_is_short_and_quick(value):
    assert len(redact(value)) <= 80


def test_pseudonym_gives_the_same_number_under_one_key_only():
    assert pseudonym_id("Ab 12", KEY) == pseudonym_id("ab12 ".replace("12", " 12"), KEY)
    assert pseudonym_id("ab 12", KEY) != pseudonym_id("ab 12", KEY[::-1])
    assert pseudonym_id("ab 12", KEY) != pseudonym_id("ab 13", KEY)


def test_key_is_made_once_and_kept_private(tmp_path):
    path = tmp_path / "private" / "pseudonym.key"
    key = read_key(path)
    assert read_key(path) == key
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "no key", "abcd", "é"])
def test_file_without_a_key_is_refused(tmp_path, content):
    path = tmp_path / "pseudonym.key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="holds no key of 32 bytes"):
        read_key(path)
