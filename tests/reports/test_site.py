"""The command that writes the page of all places, as it is used."""

from __future__ import annotations

import re

from tests.small import CUT


def test_the_command_writes_a_page_in_each_language_that_leads_to_the_other(resilience, small_project):
    answer = resilience("site", "--lang", "nl,en")
    assert (answer.code, answer.err) == (0, "")
    first, second = (small_project.reports / name for name in ("site.html", "site.en.html"))
    assert answer.out.splitlines() == [f"Open {first}", f"Open {second}"]
    pages = [path.read_text(encoding="utf-8") for path in (first, second)]
    assert 'href="site.en.html"' in pages[0]
    assert 'href="site.html"' in pages[1]
    assert [set(re.findall(r'<tr data-code="(\d+)">', page)) for page in pages] == [set(CUT)] * 2


def test_a_language_that_is_not_there_is_refused_with_the_nearest(resilience, small_project):
    answer = resilience("site", "--lang", "ne")
    assert answer.code == 2
    assert "ne" in answer.err
    assert not (small_project.reports / "site.html").exists()
