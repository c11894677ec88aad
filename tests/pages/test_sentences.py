"""Every generated sentence of all 285 municipalities, read against the table it comes from."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from numbers import Real

import numpy as np
import pandas as pd
import pytest
from tests.datasets import FIVE
from tests.pages.reading import mistakes

from resilience_analysis.pages.base_maps import class_labels
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.sections.key_messages import said, sentence_text
from resilience_analysis.pages.subject import Subject, subject
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.key_messages import LEAST, MOST, Sentence

NUMBER = re.compile(r"[−]?\d[\d.,]*\d|[−]?\d")


@pytest.fixture(scope="module", params=["nl", "en"])
def everybody(dataset: Dataset, request: pytest.FixtureRequest) -> list[tuple[Subject, list[Sentence]]]:
    found = []
    for code in dataset.everywhere:
        about = subject(
            dataset, code, group="neteland", language=request.param
        )  # whom it is compared with plays no part
        found.append((about, about.sentences))
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
        for sentence in (s for s in sentences if s.kind in {"indicator_above", "context_above"}):
            values = about.data.values[sentence.code].drop(about.nis_code).dropna()
            below = int((values < sentence.row["value"]).sum())
            assert f" {about.texts.number(below)} " in sentence_text(about, sentence)


def test_no_sentence_counts_all_others_among_all_others(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        for sentence in sentences:
            assert not re.search(r"\b(\d+) (?:van de|of the) \1\b", sentence_text(about, sentence)), about.place


def test_no_sentence_is_about_a_missing_value(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        reasons = about.data.column("missing_reason").loc[about.nis_code].dropna()
        assert not {sentence.code for sentence in sentences} & set(reasons.index)


def test_every_sentence_points_at_a_row_of_the_profile(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    framework = everybody[0][0].data.framework
    rows = {f"row-{code}" for code in (*framework.indicators, *framework.context)}
    rows |= {f"{kind}-{code}" for code in framework.dimensions for kind in ("factor", "gap")}
    assert {sentence.anchor for _, sentences in everybody for sentence in sentences} <= rows


def test_every_number_in_a_sentence_is_one_of_its_row(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        for sentence in sentences:
            text = sentence_text(about, sentence)
            if not sentence.kind.startswith("factor"):
                text = text.replace(about.label(sentence.code), "")
            known = [float(value) for value in sentence.row.values() if isinstance(value, Real) and pd.notna(value)]
            others = known_count(sentence)
            for number in _read(text, about.texts.language):
                near = any(abs(number - value) <= max(0.51, 0.005 * abs(value)) for value in known)
                assert near or number in {100.0, *others}, (about.place, number, text)


def known_count(sentence: Sentence) -> set[float]:
    """Return how many others have a figure, and how many of them lie below and above."""
    if not sentence.kind.startswith(("indicator", "context_")):
        return set()
    others = int(sentence.row["all_n"]) - 1
    return {float(others), *(float(round(sentence.row[f"share_{side}"] * others)) for side in ("below", "above"))}


def test_the_number_of_others_above_is_counted_by_hand(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        for sentence in (s for s in sentences if s.kind in {"indicator_below", "context_below"}):
            values = about.data.values[sentence.code].drop(about.nis_code).dropna()
            above = int((values > sentence.row["value"]).sum())
            assert f" {about.texts.number(above)} " in sentence_text(about, sentence), sentence_text(about, sentence)


def far_apart(dataset: Dataset) -> Dataset:
    """Return the dataset with officials 30 points above what they said and residents 30 below, margins as they were."""
    rows = dataset.tables.estimates.copy()
    own, other = (f"role:{role}" for role in dataset.framework.compared_roles)
    for column in ("mean_score", "mean_score_low", "mean_score_high"):
        rows[column] += 30.0 * (rows["group"] == own) - 30.0 * (rows["group"] == other)
    return replace(dataset, tables=replace(dataset.tables, estimates=rows), kept={})


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_gap_between_officials_and_residents_is_told_with_both_scores_and_a_target(
    example_dataset: Dataset, language: str
) -> None:
    told = []
    data = far_apart(example_dataset)
    for code in FIVE:
        about = subject(data, code, language=language)
        differs = any(row["clear"] for row in about.roles)
        page = ProfilePage(about)
        found = [sentence for sentence in about.sentences if sentence.kind.startswith("gap")]
        for sentence in found:
            row, text = sentence.row, sentence_text(about, sentence)
            assert _read(text, language) == [round(row["score"]), 100.0, round(row["other_score"])]
            assert row["low"] > 0 if sentence.kind == "gap_higher" else row["high"] < 0
            assert mistakes(re.sub(r"<[^>]+>", "", text), language) == []
            assert f'id="{sentence.anchor}"' in page.self_assessment().standalone()
        assert len(found) == differs  # one sentence wherever two roles that may be shown differ clearly
        told += found
    assert told  # elsewhere too few officials or residents answered to show them apart


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_classes_of_a_legend_join_up_and_are_told_apart_with_their_unit(dataset: Dataset, language: str) -> None:
    about = subject(dataset, "13011", language=language)
    for code in (*dataset.framework.mapped, "div_households", "ctx_income_median", "sch_project_associations"):
        labels = class_labels(about, code)
        ends = [re.findall(r"[\d.,]+", label.replace("\u202f", " ")) for label in labels]
        assert all(low == before[1] for before, (low, _) in pairwise(ends)), labels
        assert len(set(labels)) == len(labels)
        assert len({low for low, _ in ends[1:]}) == len(ends) - 1
        assert ("%" in labels[0]) == (about.entry(code).unit == "%")


def with_values(about: Subject, code: str, values: list[float]) -> Subject:
    """Return a subject in whose data an indicator has these values, over and over, in all municipalities."""
    data = replace(about.data, kept={})
    column = pd.Series(np.resize(values, len(data.values)), index=data.values.index)
    data.__dict__["values"] = data.values.assign(**{code: column})
    return replace(about, data=data)


def test_limits_of_classes_above_a_thousand_have_no_decimals(dataset: Dataset) -> None:
    about = subject(dataset, "13011", language="fr")
    labels = class_labels(with_values(about, "ctx_density", [1_220_828.0, 3e6, 4e6, 5e6, 1_458_588.0]), "ctx_density")
    assert not any("," in label for label in labels)


def test_a_lowest_class_of_one_value_is_written_as_that_value(dataset: Dataset) -> None:
    about = with_values(subject(dataset, "13011", language="en"), "ctx_density", [0.5, 0.5, 0.5, 3.0, 4.0])
    assert class_labels(about, "ctx_density") == ["0.5/km²", "0.5 to 3.0", "3.0 to 4.0"]


def test_the_first_sentence_is_not_the_same_on_most_pages(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    first = pd.Series([sentences[0].code for _, sentences in everybody]).value_counts(normalize=True)
    three = pd.Series([" ".join(s.code for s in sentences[:3]) for _, sentences in everybody])
    assert first.max() < 0.2
    assert three.nunique() > 0.9 * len(three)


def test_sentences_come_in_the_order_of_how_telling_they_are(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for _, sentences in everybody:
        sizes = [sentence.telling for sentence in sentences]
        assert sizes == sorted(sizes, reverse=True)
        about = [sentence.subject for sentence in sentences if sentence.strand != "context"]
        assert len(about) == len(set(about))


def test_it_says_who_can_act_only_as_the_framework_does(everybody: list[tuple[Subject, list[Sentence]]]) -> None:
    for about, sentences in everybody:
        for sentence, line in zip(sentences, said(about, sentences), strict=True):
            entry = about.data.framework.indicators.get(sentence.code)
            label = about.texts.pick(about.data.framework.actors[entry.actor].label) if entry and entry.actor else ""
            assert label in line["actor"]
            assert bool(label) == bool(line["actor"])
