"""The explorer in Voila, as a reader of a page meets it: it draws, follows, and asks nothing of the network."""

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

import pytest

from resilience_analysis.explorer import page_command

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180
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
def page(address):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1300, "height": 1400})
        opened.asked = []
        opened.on("request", lambda request: opened.asked.append(request.url))
        opened.goto(address, timeout=PATIENCE * 1000)
        opened.wait_for_selector("canvas, svg.marks", timeout=PATIENCE * 1000)
        yield opened
        browser.close()


def test_the_page_asks_nothing_of_the_network(page, address):
    elsewhere = [
        url for url in page.asked if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
    ]
    assert elsewhere == []


def test_the_table_follows_the_region(page):
    assert "Vorselaar" in page.inner_text("body")
    region = page.locator("select").first
    region.select_option(index=1)
    page.wait_for_function("document.body.innerText.includes('Turnhout')", timeout=PATIENCE * 1000)
    region.select_option(index=0)
    page.wait_for_function("!document.body.innerText.includes('Turnhout')", timeout=PATIENCE * 1000)


def test_clicking_a_place_on_the_map_selects_it_in_the_table(page):
    rows = page.locator("table").first.locator("tbody tr")
    chart = page.locator("canvas, svg.marks").first.bounding_box()
    one = "document.querySelector('table').querySelectorAll('tbody tr').length == 2"  # the place and the median
    for step in range(6):  # somewhere in the left upper quarter is a place
        page.mouse.click(chart["x"] + 120 + 25 * step, chart["y"] + 150)
        try:
            page.wait_for_function(one, timeout=15_000)
        except sync_api.TimeoutError:
            continue
        break
    assert rows.count() == 2
    assert re.search(r"Grobbendonk|Herentals|Herenthout|Olen|Vorselaar", rows.first.inner_text())


def test_every_control_can_be_reached_by_keyboard(page):
    reached = set()
    page.locator("select").first.focus()
    for _ in range(40):
        reached.add(page.evaluate("document.activeElement.tagName + '.' + document.activeElement.className"))
        page.keyboard.press("Tab")
    assert any(name.startswith("SELECT") for name in reached)
    assert any(name.startswith("INPUT") for name in reached)
