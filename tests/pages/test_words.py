"""What is said of regions, villages and counts, read in the words of every municipality and language."""

from __future__ import annotations

import re

import pytest
from tests.pages.reading import Page

from resilience_analysis.foundation.texts import Texts, load_texts
from resilience_analysis.pages.sections.context import context
from resilience_analysis.pages.sections.factor_details import factor
from resilience_analysis.pages.sections.factors import factors
from resilience_analysis.pages.sections.housing import map_words
from resilience_analysis.pages.sections.maps import indicator_maps, region_map
from resilience_analysis.pages.subject import Subject, region_subject, subject, village_subject
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.profiles.dataset import Dataset

LANGUAGES = ("nl", "en", "fr")
ARTICLES = {
    "nl": ("de ", "het "),
    "en": ("the ", "its "),
    "fr": ("la ", "le ", "les ", "sa ", "l\u2019"),
}
ONE = {
    "nl": re.compile(r"(?<![\d,.])1 \w+(?:en|s)\b"),
    "en": re.compile(r"(?<![\d,.])1 (?!is\b)\w+s\b"),
    "fr": re.compile(r"(?<![\d,.])1 (?!(?:des|dans|fois)\b)\w+s\b"),
}
"""One, and a word that has the ending of a plural."""
COUNTS = ("n", "count", "municipalities", "backgrounds", "agreed", "held", "days", "clear")
"""Blanks that take a number of things, which may be 1."""


@pytest.fixture(scope="module", params=LANGUAGES)
def everybody(dataset: Dataset, request: pytest.FixtureRequest) -> list[Subject]:
    return [subject(dataset, code, language=request.param) for code in dataset.everywhere]


def test_a_region_is_named_with_its_article_and_never_by_the_municipality_itself(everybody: list[Subject]) -> None:
    assert len(everybody) == 285
    for about in everybody:
        name = about.region_name
        assert name[0].isupper() or name.startswith(ARTICLES[about.texts.language]), name
        assert about.place not in name, (about.place, name)


def test_a_sentence_about_a_region_names_a_municipality_once(everybody: list[Subject]) -> None:
    words = everybody[0].texts.words
    keys = [key for key, text in words.items() if "{region}" in text]
    assert len(keys) > 15
    for about in everybody:
        for key in keys:
            blanks = dict.fromkeys(re.findall(r"\{(\w+)", words[key]), "…")
            text = about.texts(key, **blanks | {"region": about.region_name, "place": "PLACE"})
            assert about.place not in text, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_group_that_stands_fits_in_a_sentence(dataset: Dataset, language: str) -> None:
    for name, group in dataset.geography.groups.items():
        if not group.relative:
            said = region_subject(dataset, name, language=language).region_name
            assert said[0].isupper() or said.startswith(ARTICLES[language]), said


def test_the_map_of_housing_says_nothing_of_projects_where_there_are_none(everybody: list[Subject]) -> None:
    t = everybody[0].texts
    project = {"nl": "woonproject", "en": "housing project", "fr": "projet"}[t.language]
    for about in everybody:
        for text in map_words(about, 0):
            assert about.region_name in text
            assert project not in text
        caption, alt = map_words(about, 1)
        assert f"1 {project}" in caption
        assert f"{project}s" not in alt


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_village_that_is_the_municipality_is_named_once(dataset: Dataset, language: str) -> None:
    whole, counts = [], dataset.villages["nis_code"].value_counts()
    for code in sorted(dataset.villages["village_code"]):
        about = village_subject(dataset, code, language=language)
        heading, name, place = VillagePage(about).heading(), about.village_name, about.place
        if name == place and counts[about.nis_code] == 1:
            whole.append(name)
            assert heading.tagline.count(name) == heading.text.count(name) == 1, heading
        else:
            assert heading.tagline.count(name) + heading.tagline.count(place) in {2, 4}  # 4: of the same name
            assert {"nl": "gemeente", "en": "municipality", "fr": "commune"}[language] in heading.tagline
    assert whole == ["Herenthout", "Olen", "Vorselaar"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_of_anything_is_written_in_the_singular(language: str) -> None:
    t = load_texts(language)
    faults = {key: said for key, text in t.words.items() for said in _in_the_plural(t, text)}
    assert faults == {}


def _in_the_plural(t: Texts, text: str) -> list[str]:
    """Return what a text says of one with a word in the plural."""
    found = []
    for name in COUNTS:
        filled = t.grammar.fill(text, dict.fromkeys(re.findall(r"\{(\w+)", text), "…") | {name: 1})
        found += [filled] if ONE[t.language].search(filled) else []
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_columns_and_marks_that_are_explained_are_there(dataset: Dataset, language: str) -> None:
    for code in ("13011", "11002", "73028", "44087"):
        about = subject(dataset, code, language=language)
        alt = next(view for view in factors(about) if hasattr(view, "alt")).alt
        for strand in {row["strand"] for row in about.factors}:
            assert about.texts(f"strand.{strand}").lower() in alt
        for dimension in about.dimensions:
            shown = factor(about, dimension).html
            said = " ".join(about.texts("factor_details.range_own").split()) in Page(shown).text
            assert said == ("<circle" in shown), (code, dimension)


@pytest.mark.parametrize("language", LANGUAGES)
def test_shocks_are_named_in_order_with_their_figures_or_without(dataset: Dataset, language: str) -> None:
    about, framework = subject(dataset, "13011", language=language), dataset.framework
    text = Page(context(about).standalone()).text
    names = [about.texts("context.shock", shock=name[language]) for name in framework.shocks.values()]
    ends = [text.index(" ".join(name.split())) for name in names]
    assert ends == sorted(ends)
    for shock, start, end in zip(framework.shocks, ends, [*ends[1:], len(text)], strict=True):
        own = [about.label(code) for code, entry in framework.context.items() if entry.shock == shock]
        assert all(label in text[start:end] for label in own)
        assert (about.texts("context.no_figure") in text[start:end]) == (not own) == (shock == "heat")


def test_a_map_of_many_names_keeps_its_width_and_can_be_scrolled_with_keys(dataset: Dataset) -> None:
    for code, many in {"13025": True, "13011": False}.items():
        assert ('crowded half" tabindex="0"' in region_map(subject(dataset, code)).html) == many


def test_hatching_is_explained_where_it_is_drawn(dataset: Dataset) -> None:
    for code in ("13011", "73028", "23106"):
        about = subject(dataset, code)
        gaps = dataset.values.loc[list(about.region.codes), list(dataset.framework.mapped)].isna().any(axis=None)
        assert (about.texts("maps.hatched") in indicator_maps(about).caption) == gaps
