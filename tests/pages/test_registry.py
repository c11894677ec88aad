"""A section is a folder: all that there are can be shown, have words in every language, and belong to a report."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.pages.reading import Page as Read

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE, Project
from resilience_analysis.foundation.texts import languages, load_texts
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages import sections
from resilience_analysis.pages.page import EVERYTHING, PageSection, page_section, section_names
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.render import Html, Views
from resilience_analysis.pages.subject import region_subject, subject, village_subject
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.kinds import KINDS, named

FOLDER = Path(sections.__path__[0])


def test_every_section_belongs_to_a_report_and_every_report_has_sections_that_exist() -> None:
    used = {name for kind in KINDS.values() for name in named(kind.page).sections}
    assert used == set(section_names())


@pytest.mark.parametrize("name", section_names())
def test_a_section_has_its_words_beside_it_in_every_language(name: str) -> None:
    section = page_section(name)
    for language in languages():
        words = FOLDER / name / f"{language}.yml"
        assert words.is_file()
        assert load_texts(language).words.get(f"{name}.title") or not section.listed


@pytest.mark.parametrize("language", languages())
def test_the_contents_lead_to_every_section_that_is_listed(example_dataset: Dataset, language: str) -> None:
    pages = (
        ProfilePage(subject(example_dataset, "13011", language=language)),
        RegionPage(region_subject(example_dataset, "neteland", language=language)),
        VillagePage(village_subject(example_dataset, "13011C", language=language)),
    )
    for page in pages:
        listed = [page_section(name) for name in page.sections if page_section(name).listed]
        shown = Read(page.show().standalone())
        links = [link for link in Read(page.head().standalone()).targets() if link in {s.anchor for s in listed}]
        assert links == [section.anchor for section in listed]
        assert set(Read(page.head().standalone()).targets()) <= set(shown.ids())


def test_a_section_that_does_not_say_what_it_rests_on_rests_on_everything() -> None:
    assert PageSection(lambda _: Views([]), "new").rests_on == {EVERYTHING}


def test_a_folder_and_its_name_in_a_report_are_all_that_a_new_section_takes(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "weather"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from resilience_analysis.pages.page import PageSection\n"
        "from resilience_analysis.pages.render import Html, Views\n"
        "SECTION = PageSection(lambda about: Views([Html(f'<p>{about.place}</p>', about.place)]), 'weather')\n"
    )
    monkeypatch.setattr(sections, "__path__", [*sections.__path__, str(tmp_path)])
    section_names.cache_clear()
    try:
        monkeypatch.setattr(ProfilePage, "sections", ("weather",))
        page = ProfilePage(subject(dataset, "13011"))
        assert "weather" in section_names()
        assert page.weather().views == [Html("<p>Herentals</p>", "Herentals")]
        with pytest.raises(KeyError, match=r"weather\.title"):
            page.show()
    finally:
        section_names.cache_clear()


def test_an_unknown_section_is_refused_with_the_nearest(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match="did you mean 'housing'"):
        page_section("housng")
    with pytest.raises(AttributeError, match="did you mean 'housing'"):
        _ = ProfilePage(subject(dataset, "13011")).housng
    assert {"housing", "show"} <= set(dir(ProfilePage(subject(dataset, "13011"))))


def test_a_page_loads_nothing_heavy_when_its_bases_are_kept_and_is_as_if_they_were_drawn_anew(root: Path) -> None:
    data = load_dataset(Project(root))
    ProfilePage(subject(data, "13011")).prepare()
    drawn_anew = ProfilePage(subject(replace(data, kept={}), "13011")).show().standalone()
    heavy = (
        "statsmodels", "sklearn", "seaborn", "mapclassify", "scipy", "papermill", "nbconvert", "matplotlib", "IPython",
    )  # fmt: skip
    code = (
        "import hashlib, sys, resilience_analysis as ra; page = ra.profile('13011')._repr_html_();"
        f"print(sorted(set({heavy!r}) & set(sys.modules)), hashlib.sha256(page.encode()).hexdigest())"
    )
    environment = {**os.environ, ROOT_VARIABLE: str(root), EXAMPLE_VARIABLE: "0"}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout.split() == ["[]", hashlib.sha256(drawn_anew.encode()).hexdigest()]
