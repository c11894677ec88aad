"""Every generated sentence of all 285 municipalities, read against the table it comes from."""

from __future__ import annotations

import re

import pytest
from tests.views.reading import mistakes

from resilience_analysis.profiles.atlas import Atlas
from resilience_analysis.profiles.sentences import LEAST, MOST, Sentence, key_sentences
from resilience_analysis.views.opening import sentence_text
from resilience_analysis.views.subject import Subject, subject

NUMBER = re.compile(r"[−]?\d[\d.,]*\d|[−]?\d")


@pytest.fixture(scope="module", params=["nl", "en"])
def everybody(atlas: Atlas, request: pytest.FixtureRequest) -> list[tuple[Subject, list[Sentence]]]:
    found = []
    for code in atlas.everywhere:
        about = subject(atlas, code, language=request.param)
        found.append((about, key_sentences(about.factors, about.indicators, about.context, atlas.framework)))
    return found


def _read(text: str, language: str) -> list[float]:
    plain = re.sub(r"<[^>]+>", "", text)
    groups, point = (".", ",") if language == "nl" else (",", ".")
    found = NUMBER.findall(plain)
    return [float(n.strip(".,").replace(groups, "").replace(point, ".").replace("−", "-")) for n in found]


def test_every_municipality_has_three_to_five_sentences(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    counts = {about.nis_code: len(sentences) for about, sentences in everybody}
    assert all(LEAST <= count <= MOST for count in counts.values()), counts


def test_no_sentence_has_a_wrong_word(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        for sentence in sentences:
            text = re.sub(r"<[^>]+>", "", sentence_text(about, sentence))
            assert mistakes(text, about.texts.language) == [], (about.place, text)


def test_the_value_in_a_sentence_is_the_value_in_the_table(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        for sentence in sentences:
            numbers = _read(sentence_text(about, sentence), about.texts.language)
            for name in ("score", "value"):
                if name in sentence.row:
                    value = float(sentence.row[name])
                    assert any(abs(number - value) <= max(0.5, 0.005 * abs(value)) for number in numbers), sentence


def test_a_sentence_that_says_higher_is_about_a_higher_value(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        for sentence in sentences:
            row = sentence.row
            key = "score" if sentence.kind.startswith("factor") else "value"
            text = sentence_text(about, sentence)
            if sentence.kind.endswith("above"):
                assert row[key] > row["all_median"]
                assert "hoger" in text or "higher" in text
            if sentence.kind.endswith("below"):
                assert row[key] < row["all_median"]
                assert "lager" in text or "lower" in text


def test_a_difference_is_called_one_only_outside_the_margin(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for _, sentences in everybody:
        for sentence in sentences:
            row = sentence.row
            if sentence.kind == "factor_above":
                assert row["low"] > row["all_median"]
            if sentence.kind == "factor_below":
                assert row["high"] < row["all_median"]


def test_the_number_of_others_below_is_counted_by_hand(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        for sentence in (s for s in sentences if s.kind == "indicator_above"):
            values = about.atlas.values[sentence.code].drop(about.nis_code).dropna()
            below = int((values < sentence.row["value"]).sum())
            assert f" {about.texts.number(below)} " in sentence_text(about, sentence)


def test_no_sentence_is_about_a_missing_value(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        reasons = about.atlas.column("missing_reason").loc[about.nis_code].dropna()
        assert not {sentence.code for sentence in sentences} & set(reasons.index)


def test_every_sentence_points_at_a_row_of_the_profile(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    framework = everybody[0][0].atlas.framework
    rows = {f"row-{code}" for code in (*framework.indicators, *framework.context)}
    rows |= {f"factor-{code}" for code in framework.dimensions}
    assert {sentence.anchor for _, sentences in everybody for sentence in sentences} <= rows
