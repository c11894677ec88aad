"""The explorer in Voila, as a reader of a page meets it: every control, both languages, keyboard, and no network."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from resilience_analysis.explorer import page_command
from resilience_analysis.explorer.controls import AGGREGATE, NORMALISE
from resilience_analysis.notebook import load_dataset

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
FIRST, SECOND = "inf_decisions", "org_trust_municipality"
START = f"region=neteland&indicators={FIRST},{SECOND}"
LANGUAGES = ("nl", "en")
WORDS = {
    "nl": {"region": "Regio", "moved": "Wat verschuift", "weights": "Gewichten", "download": "Download de tabel (CSV)"},
    "en": {"region": "Region", "moved": "What moves", "weights": "Weights", "download": "Download the table (CSV)"},
}
pytestmark = [pytest.mark.trial, pytest.mark.browser]
sync_api = pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command, added = page_command(ROOT / "notebooks")
    options = [f"--port={port}", "--no-browser", "--Voila.ip=127.0.0.1"]
    server = subprocess.Popen([*command, *options], env={**os.environ, **added}, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/"
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{url}voila/static/", timeout=2)
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.5)
        yield url
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


def opened(browser: Any, address: str) -> Any:
    page = browser.new_page(viewport={"width": 1300, "height": 1400})
    page.set_default_timeout(PATIENCE * 1000)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(address)
    page.wait_for_selector("canvas, svg.marks")
    return page


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def page(browser: Any, address: str, language: str) -> Iterator[Any]:
    shown = opened(browser, f"{address}?{START}&language={language}")
    yield shown
    shown.close()


def code(page: Any) -> str:
    return str(page.locator("pre").first.inner_text())


def shared(page: Any) -> str:
    return str(page.locator("pre").nth(1).inner_text())


def wait_for_code(page: Any, holds: str) -> None:
    page.wait_for_function("part => document.querySelector('pre').innerText.includes(part)", arg=holds)


def wait_for_rows(page: Any, count: int) -> None:
    what = "count => document.querySelector('table.dataframe').querySelectorAll('tbody tr').length == count"
    page.wait_for_function(what, arg=count)


def control(page: Any, place: int) -> Any:
    """Return a list to choose from: region, comparator, indicators, normalise, aggregate."""
    return page.locator("select").nth(place)


def tables(page: Any) -> Any:
    """Return the tables of the explorer: values and, where something moves, what moves."""
    return page.locator(".jupyter-widgets table.dataframe")


def unfold(page: Any, place: int) -> None:
    """Show one of the parts: weights, goalposts, methods; by keyboard, as a reader without a mouse does."""
    page.locator(".widget-toggle-button").nth(place).focus()
    page.keyboard.press("Enter")


def test_the_page_asks_nothing_of_the_network(page, address):
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in page.asked if not url.startswith(own)] == []


def test_the_page_speaks_the_language_of_its_address(page, language):
    text = page.inner_text("body")
    assert [word for word in WORDS[language].values() if word not in text] == []


def test_the_table_follows_the_region(page):
    wait_for_rows(page, 6)
    control(page, 0).select_option(index=1)
    page.wait_for_function("document.querySelector('table.dataframe').innerText.includes('Turnhout')")
    control(page, 0).select_option(index=0)
    page.wait_for_function("!document.querySelector('table.dataframe').innerText.includes('Turnhout')")


def test_the_last_row_is_the_median_of_the_comparator_that_is_chosen(page):
    last = tables(page).first.locator("tbody tr").last
    before = last.inner_text()
    control(page, 1).select_option(index=0)
    page.wait_for_function(
        """before => {
        const rows = document.querySelector('table.dataframe').querySelectorAll('tbody tr');
        return rows[rows.length - 1].innerText != before
    }""",
        arg=before,
    )
    assert last.inner_text().split("\t")[1:] != before.split("\t")[1:]


def test_clicking_a_place_on_the_map_selects_it_in_the_table(page):
    chart = page.locator("canvas, svg.marks").first.bounding_box()
    for step in range(6):  # somewhere in the left upper quarter is a place
        page.mouse.click(chart["x"] + 120 + 25 * step, chart["y"] + 150)
        try:
            page.wait_for_function(
                "document.querySelector('table.dataframe').querySelectorAll('tbody tr').length == 2", timeout=15_000
            )
        except sync_api.TimeoutError:
            continue
        break
    row = tables(page).first.locator("tbody tr").first.inner_text()
    assert re.search(r"Grobbendonk|Herentals|Herenthout|Olen|Vorselaar", row)
    page.mouse.dblclick(chart["x"] + chart["width"] - 5, chart["y"] + 5)
    wait_for_rows(page, 6)


def test_a_place_is_chosen_by_its_name_and_taken_away_by_keyboard(page):
    field = page.locator(".jupyter-widget-taginput")
    field.fill("Mol")
    field.press("Enter")
    wait_for_rows(page, 2)
    assert tables(page).first.locator("tbody tr").first.inner_text().startswith("Mol")
    field.press("Backspace")
    wait_for_rows(page, 6)


def test_the_search_lists_indicators_with_what_was_typed_and_keeps_what_is_chosen(page, language):
    listed = control(page, 2).locator("option")
    whole = listed.count()
    part = {"nl": "vertrouwen", "en": "trust"}[language]
    search = page.get_by_placeholder(re.compile({"nl": "deel van een naam", "en": "part of a name"}[language]))
    search.fill(part)
    page.wait_for_function("whole => document.querySelectorAll('select')[2].options.length < whole", arg=whole)
    chosen = control(page, 2).locator("option:checked").count()
    assert chosen == 2
    assert sum(part in text.lower() for text in listed.all_inner_texts()) >= listed.count() - chosen
    search.fill("")
    page.wait_for_function("whole => document.querySelectorAll('select')[2].options.length == whole", arg=whole)
    page.wait_for_function("document.querySelectorAll('select')[2].selectedOptions.length == 2")


def test_choosing_another_indicator_adds_a_column(page):
    columns = tables(page).first.locator("thead th")
    before = columns.count()
    options = control(page, 2).locator("option")
    chosen = page.evaluate("[...document.querySelectorAll('select')[2].selectedOptions].map(o => o.index)")
    other = next(place for place in range(options.count()) if place not in chosen)
    control(page, 2).select_option(index=sorted([*chosen, other]))
    page.wait_for_function(
        "n => document.querySelector('table.dataframe').querySelectorAll('thead th').length == n", arg=before + 1
    )
    control(page, 2).select_option(index=chosen)
    page.wait_for_function(
        "n => document.querySelector('table.dataframe').querySelectorAll('thead th').length == n", arg=before
    )


def test_a_weight_moved_by_keyboard_says_what_moves_beside_its_margin(page, language):
    assert tables(page).count() == 1  # nothing is changed yet, so there is no table of what moves
    unfold(page, 0)
    handle = page.locator(".noUi-handle:visible").first
    handle.focus()
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    wait_for_code(page, "weights=")
    page.wait_for_function("document.querySelectorAll('.jupyter-widgets table.dataframe').length == 2")
    heads = tables(page).nth(1).locator("thead").inner_text()
    assert {"nl": "marge voor", "en": "margin before"}[language] in heads
    factor = load_dataset().framework.dimensions[load_dataset().framework.indicators[FIRST].dimension]
    rows = tables(page).nth(1).locator("tbody tr").all_inner_texts()
    assert rows
    assert all(str(factor.short[language]) in row for row in rows)


def test_goalposts_of_every_chosen_indicator_can_be_moved(page):
    unfold(page, 1)
    handles = page.locator(".noUi-handle:visible")
    page.wait_for_function(
        "[...document.querySelectorAll('.noUi-handle')].filter(part => part.checkVisibility()).length == 4"
    )  # two ends for two indicators
    handles.nth(2).focus()
    page.keyboard.press("ArrowDown")
    wait_for_code(page, "goalposts=")


def test_methods_and_coverage_are_in_the_code(page):
    unfold(page, 2)
    for place, name, known in ((3, "normalise", NORMALISE), (4, "aggregate", AGGREGATE)):
        control(page, place).select_option(index=len(known) - 1)
        wait_for_code(page, f"{name}={known[-1]!r}")
        control(page, place).select_option(index=0)
        page.wait_for_function("part => !document.querySelector('pre').innerText.includes(part)", arg=f"{name}=")
    page.locator(".noUi-handle:visible").first.focus()
    page.keyboard.press("ArrowDown")
    wait_for_code(page, "min_coverage=")


def test_the_code_runs_and_gives_the_table_that_is_shown(page):
    names: dict[str, Any] = {}
    exec(code(page), names)
    shown = [row.split("\t") for row in tables(page).first.locator("tbody tr").all_inner_texts()]
    assert names["table"].columns[:5].tolist() == [row[0] for row in shown[:5]]
    assert [float(row[1]) for row in shown[:5]] == pytest.approx(names["table"].iloc[0, :5].tolist(), rel=1e-3)
    assert {"before_low", "before_high", "moved", "beyond_margin"} <= set(names["moved"].columns)


def test_the_download_is_the_table(page, language):
    with page.expect_download() as waiting:
        page.get_by_text(WORDS[language]["download"]).click()
    read = pd.read_csv(waiting.value.path(), index_col=0)
    shown = tables(page).first.locator("tbody tr")
    assert read.index.tolist() == [row.split("\t")[0] for row in shown.all_inner_texts()]


def test_an_address_brings_the_same_choices_back(browser, address, page):
    again = opened(browser, address + shared(page))
    assert code(again) == code(page)
    assert shared(again) == shared(page)
    again.close()


def test_every_control_can_be_reached_by_keyboard(page):
    reached = set()
    page.locator("select").first.focus()
    for _ in range(60):
        reached.add(page.evaluate("document.activeElement.tagName + '.' + document.activeElement.className"))
        page.keyboard.press("Tab")
    assert sum(name.startswith("SELECT") for name in reached) >= 1
    assert any("noUi-handle" in name for name in reached)
    assert any("jupyter-widget-taginput" in name for name in reached)
    assert any("widget-toggle-button" in name for name in reached)
    assert any(name.startswith("A.") for name in reached)
