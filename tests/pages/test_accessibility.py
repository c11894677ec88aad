"""Every kind of page in a real browser: WCAG 2.1 AA by axe, by keyboard, at 320 pixels and at 200 % zoom."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pypdf
import pytest
from tests.datasets import MERGED
from tests.pages.documents import DAY, document

from resilience_analysis.drawing.classes import classify
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.subject import region_subject, subject, village_subject
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.index import Entry, index_page
from resilience_analysis.reports.site import site_page

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
LANGUAGES = ("nl", "en")
MOST_PAGES = 14  # of A4, of a printed profile


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


@pytest.mark.parametrize("about", [("13029", "nl"), ("13011", "fr"), ("11002", "nl"), ("73028", "nl"), (MERGED, "nl")])
def test_a_profile_prints_on_fourteen_pages_and_its_first_page_stands_alone(
    browser: Any, dataset: Dataset, example_dataset: Dataset, tmp_path: Path, about: tuple[str, str]
) -> None:
    code, language = about
    data = example_dataset if code in {"13029", "13011"} else dataset
    path = tmp_path / "profile.html"
    made = ProfilePage(subject(data, code, language=language)).show()
    path.write_text(document(made, title="profile", language=language), encoding="utf-8")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    printed = pypdf.PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True)))
    tab.close()
    assert len(printed.pages) <= MOST_PAGES
    words = [" ".join(page.extract_text().split()) for page in printed.pages[:2]]
    t = load_texts(language)
    for part in ("summary.telling", "summary.unknown"):
        assert " ".join(t(part).split()) in words[0]
    following = (t("key_messages.title"), t("reading_guide.title"))
    assert words[1].startswith(("2 / ", *(" ".join(title.split()) for title in following)))


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
        path = folder / f"site.{language}.html"
        links = {"13011": f"profile.{language}.html"}
        path.write_text(site_page(dataset, texts, links=links, others={}), encoding="utf-8")
        written[path.stem] = path
    return written


KINDS = ("profile", "full", "merged", "region", "village", "index", "site")
NAMES = [f"{name}.{lang}" for name in KINDS for lang in LANGUAGES]


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


_SCROLLED = """[...document.querySelectorAll('.scroll, figure')].filter(e => e.scrollWidth > e.clientWidth + 1)
    .map(e => getComputedStyle(e).backgroundImage.includes('gradient') && e.tabIndex === 0)"""
_CUT_OFF = """[...document.querySelectorAll('svg')].flatMap(map => [...map.querySelectorAll('text')].filter(name => {
    const [own, all] = [name.getBoundingClientRect(), map.getBoundingClientRect()];
    return own.left < all.left - 1 || own.right > all.right + 1;}).map(name => name.textContent))"""


@pytest.mark.parametrize("name", ["full.nl", "merged.en", "region.en"])
def test_on_a_phone_what_is_wider_shows_that_it_scrolls_also_by_keyboard_and_no_name_is_cut_off(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(pages[name].as_uri())
    scrolled, cut = page.evaluate(_SCROLLED), page.evaluate(_CUT_OFF)
    page.close()
    assert scrolled
    assert all(scrolled)
    assert cut == []


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


@pytest.fixture
def site(browser: Any, pages: dict[str, Path]) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(pages["site.nl"].as_uri())
    yield page
    page.close()


def test_the_page_of_all_places_holds_flanders_in_three_megabytes(pages: dict[str, Path]) -> None:
    assert max(pages[f"site.{language}"].stat().st_size for language in LANGUAGES) < 3_000_000


def test_a_map_of_another_figure_shows_its_classes_values_and_source(site: Any, dataset: Dataset) -> None:
    code = "ctx_density"
    site.select_option("#measure", code)
    value = load_texts("nl").value(dataset.values.at["13011", code], "/km²")
    area = site.locator("[data-code='13011'].place")
    area.hover()
    assert site.locator("#value").inner_text() == f"Herentals: {value}".replace("\u00a0", " ")
    number = classify(dataset.values[code]).number(float(dataset.values.at["13011", code]))
    assert area.get_attribute("class") == f"place k{number}"
    assert site.locator("#about").inner_text().startswith("Inwoners per km²")
    assert site.locator("#all thead th").nth(1).inner_text().startswith("Inwoners per km²")


def test_arrows_go_over_the_map_and_enter_puts_a_place_beside_the_others(site: Any) -> None:
    site.locator("[data-code='13011'].place").focus()
    assert site.locator("#map [tabindex='0']").count() == 1
    seen = set()
    for arrow in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowLeft"):
        site.keyboard.press(arrow)
        seen.add(site.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert len(seen) == 4
    name = site.locator("#value").inner_text().split(":")[0]
    site.keyboard.press("Enter")
    assert site.locator("#side-by-side thead th").all_inner_texts()[-1] == name


def test_places_side_by_side_have_their_scores_of_every_factor_and_strand(site: Any, dataset: Dataset) -> None:
    site.select_option("#place-1", "13044")
    scores = dataset.scores["score"]
    known = [pair for pair in scores.columns[scores.notna().any()] if pair[0] in dataset.framework.dimensions]
    cells = site.locator("#side-by-side tbody tr").evaluate_all("rows => rows.map(row => row.cells[1].textContent)")
    assert len(cells) == len(known) + 1
    first = load_texts("nl").number(scores.at["13044", ("informatie", "residents")])
    assert cells[0].split(" ")[0] == first


def test_the_table_of_all_places_is_sorted_by_a_heading_with_gaps_last(site: Any, dataset: Dataset) -> None:
    heading = site.locator("#all thead th").nth(1)
    for direction in ("ascending", "descending"):
        heading.locator("button").click()
        assert heading.get_attribute("aria-sort") == direction
        codes = site.locator("#all tbody tr").evaluate_all("rows => rows.map(row => row.dataset.code)")
        shown = dataset.values.loc[codes, dataset.framework.mapped[0]]
        known = shown.dropna()
        assert shown.iloc[: len(known)].notna().all()
        assert known.is_monotonic_increasing if direction == "ascending" else known.is_monotonic_decreasing


def test_the_search_narrows_the_table_and_what_is_saved(site: Any) -> None:
    site.fill("#name", "herent")
    assert site.locator("#found").inner_text() == "3 gevonden"
    assert site.locator("#map .found").count() == 3
    with site.expect_download() as waiting:
        site.click("#save")
    saved = Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(";")[0].strip('"').split(" ")[0] for line in saved] == [
        "Plaats",
        "Herent",
        "Herentals",
        "Herenthout",
    ]


def test_all_figures_are_downloaded_as_they_are_in_the_tables(site: Any, dataset: Dataset) -> None:
    with site.expect_download() as waiting:
        site.click("#everything")
    saved = pd.read_csv(waiting.value.path(), dtype={"code": str}, index_col="code")
    assert set(saved.index) == set(dataset.names.index)
    own = dataset.values.loc[saved.index, "ctx_density"]
    pd.testing.assert_series_equal(saved["ctx_density"], own, check_names=False, rtol=1e-5)


def test_without_javascript_the_page_of_all_places_shows_a_map_and_the_table(
    browser: Any, pages: dict[str, Path], dataset: Dataset
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["site.nl"].as_uri())
    assert page.locator("#all tbody tr:visible").count() == len(dataset.names)
    assert page.locator("#map path.place title").count() == len(dataset.names)
    assert page.locator("select:visible, input:visible, button:visible").count() == 0
    assert page.locator("#all a").get_attribute("href") == "profile.nl.html"
    context.close()
