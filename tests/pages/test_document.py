"""The document around a report: its language, title, structure, and that it needs nothing from anywhere."""

from __future__ import annotations

import itertools
import re

import pytest
from bs4 import BeautifulSoup
from tests.pages.documents import document
from tests.pages.reading import Page, mistakes

from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.subject import region_subject, subject
from resilience_analysis.profiles.dataset import Dataset

LARGEST = 295_000  # bytes: 300 kilobytes, with room for what comes


@pytest.fixture(scope="module", params=["nl", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def html(example_dataset: Dataset, language: str) -> str:
    page = ProfilePage(subject(example_dataset, "13011", language=language))
    return document(page.show(), title="Veerkrachtprofiel Herentals", language=language)


def test_the_document_names_its_language_and_title(html: str, language: str) -> None:
    page = Page(html)
    assert page.named("html")[0]["lang"] == language
    assert "<title>Veerkrachtprofiel Herentals</title>" in html


def test_nothing_is_asked_from_anywhere(html: str) -> None:
    page = Page(html)
    loaded = [str(a.get("src", "")) for _, a in page.tags] + [str(a.get("href", "")) for a in page.named("link")]
    assert all(address == "" or address.startswith("data:") for address in loaded)
    assert not page.named("script")
    assert set(re.findall(r"url\((.)", html)) <= {"#"}
    assert "@import" not in html


def test_there_is_one_first_heading_and_no_level_is_skipped(html: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(html).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_figure_has_a_caption_and_every_image_a_text(html: str) -> None:
    page = Page(html)
    assert len(page.named("figure")) == len(page.named("figcaption"))
    # first or last of what it belongs to, as HTML and PDF/UA want it
    assert len(re.findall(r"</figcaption>\s*</figure>", html)) == len(page.named("figure"))
    pictures = [image for image in page.named("svg") if image.get("class") == "picture"]
    assert len(pictures) == 6
    assert all(image["role"] == "img" and len(str(image["aria-label"])) > 40 for image in pictures)


def test_every_landmark_that_is_there_more_than_once_has_a_name(html: str) -> None:
    document = BeautifulSoup(html, "html.parser")
    regions = document.select("nav, aside, form, [role=region], [role=navigation], [role=complementary]")
    named = [region.get("aria-label") or region.get("aria-labelledby") for region in regions]
    assert len(named) > 5
    assert all(named)
    assert [len(document.find_all(name)) for name in ("main", "nav")] == [1, 1]


def test_pictures_and_marks_stay_seen_where_colours_are_forced(html: str) -> None:
    style = re.sub(r"\s", "", html)
    forced = style[style.index("@media(forced-colors:active)") :]
    assert "figureimg,figuresvg,.cell,.mapsvg{forced-color-adjust:none" in forced


def test_all_tags_are_closed_in_order(html: str) -> None:
    assert Page(html).torn == []


def test_the_whole_document_reads_without_a_wrong_word(html: str, language: str) -> None:
    assert mistakes(Page(html).text, language) == []


def test_the_code_of_the_notebook_is_hidden(html: str) -> None:
    assert "page.show()" not in html


def test_the_download_is_named(html: str) -> None:
    links = {str(a.get("href")): a for a in Page(html).named("a")}
    assert "download" in links["figures.csv"]


@pytest.mark.parametrize("code", ["13011", "13040", "23106", "24134", "24135"])
def test_the_largest_profiles_weigh_less_than_300_kilobytes(example_dataset: Dataset, code: str) -> None:
    """French is the longest; the heaviest are a page with everything, and those of regions with many around them."""
    page = ProfilePage(subject(example_dataset, code, language="fr"))
    assert 200_000 < len(document(page.show(), title=code, language="fr").encode()) <= LARGEST


def test_a_regional_report_weighs_at_most_300_kilobytes(example_dataset: Dataset) -> None:
    for name in ("neteland", "kempen"):
        page = RegionPage(region_subject(example_dataset, name))
        assert len(document(page.show(), title=name, language="nl").encode()) <= LARGEST
