"""Every kind of page in a real browser: WCAG 2.1 AA by axe, by keyboard, at 320 pixels and at 200 % zoom."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.datasets import MERGED
from tests.pages.documents import DAY, document

from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.subject import region_subject, subject, village_subject
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.index_page import Entry, index_page

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
LANGUAGES = ("nl", "en")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        if "browser" in os.environ.get("RESILIENCE_REQUIRE", ""):
            pytest.fail("chromium is required here and is not installed: make browser")
        pytest.skip("no chromium here: make browser")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(dataset: Dataset, example_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    written = {}
    for language in LANGUAGES:
        texts = load_texts(language)
        made = {
            "profile": ProfilePage(subject(dataset, "13011", language=language)),
            "full": ProfilePage(subject(example_dataset, "13029", language=language)),
            "merged": ProfilePage(subject(dataset, MERGED, language=language)),
            "region": RegionPage(region_subject(example_dataset, "neteland", language=language)),
            "village": VillagePage(village_subject(example_dataset, "13011C", language=language)),
        }
        for name, page in made.items():
            path = folder / f"{name}.{language}.html"
            path.write_text(document(page.show(), title=name, language=language), encoding="utf-8")
            written[path.stem] = path
        entries = [Entry("Herentals", "profile", "13011", {"html": f"profile.{language}.html", "csv": "x.csv"}),
                   Entry("Olen", "profile", "13029", {"html": f"full.{language}.html"}),
                   Entry("Neteland", "region", "neteland", {"html": f"region.{language}.html"})]  # fmt: skip
        path = folder / f"index.{language}.html"
        path.write_text(
            index_page(entries, dataset.boundaries, texts, made=DAY, headings={"profile": "A", "region": "B"}),
            encoding="utf-8",
        )
        written[path.stem] = path
    return written


NAMES = [f"{name}.{lang}" for name in ("profile", "full", "merged", "region", "village", "index") for lang in LANGUAGES]


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_to_mend(browser: Any, pages: dict[str, Path], name: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(pages[name].as_uri())
    found = axe.run(page, options=RULES).response["violations"]
    page.close()
    told = [(v["id"], v["help"], [node["html"][:160] for node in v["nodes"][:3]]) for v in found]
    assert told == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_asked_from_the_network(browser: Any, pages: dict[str, Path], name: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[name].as_uri())
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_of_320_pixels_scrolls_in_one_direction_only(browser: Any, pages: dict[str, Path], name: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 700})
    page.goto(pages[name].as_uri())
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width <= 320


def test_text_at_200_percent_stays_within_the_window(browser: Any, pages: dict[str, Path]) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(pages["full.nl"].as_uri())
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width <= 1280


def test_the_keyboard_reaches_every_link_and_the_first_skips_to_the_content(
    browser: Any, pages: dict[str, Path]
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(pages["profile.nl"].as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.getAttribute('href')"))
    page.close()
    assert {"#key", "#factors", "#sources", "#factor-informatie"} <= seen


def test_a_municipality_on_the_map_of_the_index_opens_its_profile_by_keyboard(
    browser: Any, pages: dict[str, Path]
) -> None:
    page = browser.new_page()
    page.goto(pages["index.nl"].as_uri())
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == "Herentals":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/profile.nl.html")
    assert page.locator("h1").inner_text() == "Herentals"
    page.close()


def test_the_list_of_the_index_narrows_while_typing(browser: Any, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["index.nl"].as_uri())
    page.fill("#name", "herent")
    assert page.locator("#profiles li:visible").count() == 1
    assert page.locator("#found").inner_text() == "1 gevonden"
    page.fill("#name", "NETEL")
    assert page.locator(".list li:visible").all_inner_texts() == ["Neteland"]
    page.close()


def test_without_javascript_the_index_lists_everything(browser: Any, pages: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["index.nl"].as_uri())
    assert page.locator("#profiles li:visible").count() == 2
    assert not page.locator("#search").is_visible()
    context.close()


def test_the_data_behind_a_figure_are_one_click_away_without_javascript(browser: Any, pages: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["profile.nl"].as_uri())
    details = page.locator("details.data").first
    assert not details.locator("table").is_visible()
    details.locator("summary").click()
    assert details.locator("table").is_visible()
    context.close()
