"""A language is one set of text files: French is complete, and a language that nobody has written yet takes no more."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.pages.reading import Page as Read
from tests.starter.regions import FOREIGN, write_region

from resilience_analysis import checks, notebook
from resilience_analysis.build import build
from resilience_analysis.foundation import project as project_module
from resilience_analysis.foundation import settings as wordings
from resilience_analysis.foundation import texts as texts_module
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.settings import read_definition
from resilience_analysis.foundation.texts import languages, load_texts
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.subject import region_subject, subject, village_subject
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.starter.making import new_project

BLANKS = re.compile(r"\{[^}]*\}|<[^>]*>")
NAMES = {"Vlaanderen Kiest", "Lokaal Energie- en Klimaatpact"}
FRENCH_FOREIGN = (*FOREIGN, "flamand", "flandre", "anvers", "six facteurs")


def strings(node: Any, language: str = "") -> Iterator[str]:
    """Return every text of a tree of words; of a definition, those in one language."""
    if isinstance(node, dict):
        for key, entry in node.items():
            if not language or key == language:
                yield from strings(entry)
            elif isinstance(entry, dict | list):
                yield from strings(entry, language)
    elif isinstance(node, list):
        for entry in node:
            if not language or isinstance(entry, dict | list):
                yield from strings(entry, language)
    elif isinstance(node, str) and not language:
        yield node


def pieces(texts: Iterator[str] | list[str]) -> set[str]:
    """Return what stands between the blanks of texts, where it is long enough to be of one language."""
    parts = (" ".join(part.split()).strip(" .,:;()") for text in texts for part in BLANKS.split(text))
    return {part for part in parts if len(part) >= 12 and " " in part}


def seen(page: Any) -> str:
    """Return what a page shows and what it tells those who cannot see it."""
    read = Read(page.show().standalone())
    told = [
        str(value) for _, attributes in read.tags for name, value in attributes.items() if name in {"alt", "aria-label"}
    ]
    return " ".join(" ".join([*read.words, *told]).split())


def words_elsewhere(language: str) -> set[str]:
    """Return the pieces of the texts of all other languages that this one does not have too."""
    other = {text for name in languages() if name != language for text in load_texts(name).words.values()}
    return pieces(list(other)) - pieces(list(load_texts(language).words.values()))


def test_a_french_page_of_a_new_project_has_no_word_of_another_language_or_region(tmp_path):
    data, areas = write_region(tmp_path / "brought", ["35238", "35239", "35240"], crs="EPSG:2154", middle=(-1.7, 48.1))
    new_project(tmp_path / "own", data, areas, year=2024, wanted=("nl", "en", "fr"), name="Bretagne")
    project = Project(tmp_path / "own")
    build(project)
    assert checks.all_problems(project) == []
    dataset = notebook.load_dataset(project)
    for page in (
        ProfilePage(subject(dataset, "35238", language="fr")),
        RegionPage(region_subject(dataset, "region", language="fr")),
    ):
        said = seen(page)
        assert "Comment lire ce profil" in said or "Côte à côte" in said
        assert [piece for piece in words_elsewhere("fr") if piece in said] == []
        assert [word for word in FRENCH_FOREIGN if word in said.casefold()] == []


def test_the_french_pages_of_this_project_have_no_word_of_another_language(example_dataset, real_project):
    files = [project_file for name, project_file in real_project.definition_files.items() if name != "goalposts.yml"]
    defined = [read_definition(path) for path in files]
    own = pieces([text for content in defined for text in strings(content, "fr")])
    other = {piece for name in ("nl", "en") for content in defined for piece in pieces(list(strings(content, name)))}
    for page in (
        ProfilePage(subject(example_dataset, "13011", language="fr")),
        RegionPage(region_subject(example_dataset, "neteland", language="fr")),
        VillagePage(village_subject(example_dataset, "13011C", language="fr")),
    ):
        said = re.sub(r"«[^»]*»", "", seen(page))  # a question as its publisher asked it
        assert [piece for piece in (words_elsewhere("fr") | (other - own)) - NAMES if piece in said] == []


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("Olen", "Quelle est la résilience d\u2019Olen\u202f?"),
        ("Herentals", "Quelle est la résilience de Herentals\u202f?"),
    ],
)
def test_a_name_is_joined_to_the_word_before_it_as_in_french(place, title):
    assert load_texts("fr")("profile.tagline", place=place).startswith(title)


def test_french_has_one_form_for_none_and_one_and_another_for_more():
    french = load_texts("fr")
    said = [french("factors.coverage", have=have, all=3) for have in (0, 1, 2)]
    assert said == ["0 indicateur sur 3", "1 indicateur sur 3", "2 indicateurs sur 3"]
    assert french.value(31585.4, "€") == "31\u202f585\u202f€"
    assert french.value(4.56, "%", decimals=1) == "4,6\u202f%"


def test_french_has_its_spaces_and_apostrophes(real_project):
    words = yaml.safe_load((real_project.definitions / "fr.yml").read_text(encoding="utf-8"))
    said = [text for key, text in load_texts("fr").words.items() if key not in {"starter.readme", "language.joins"}]
    wrong = re.compile(r"\S [:;?!»%](?!\S)|«[^\xa0]|[A-Za-z]'[A-Za-z]|[0-9] [0-9]{3}\b")
    assert [text for text in [*said, *strings(words)] if wrong.search(text)] == []


def invented(node: Any) -> Any:
    """Return words of a language that nobody has written: every e is another letter, blanks and markup stay."""
    if isinstance(node, dict):
        return {key: entry if key == "language" else invented(entry) for key, entry in node.items()}
    if isinstance(node, list):
        return [invented(entry) for entry in node]
    kept = BLANKS.findall(node) if isinstance(node, str) else []
    changed = [part.replace("e", "ø") for part in BLANKS.split(node)] if isinstance(node, str) else []
    return "".join(a + b for a, b in zip(changed, [*kept, ""], strict=True)) if changed else node


@pytest.fixture
def german(tmp_path, monkeypatch) -> Path:
    """The text files of the package with those of a further language beside them, and nothing else."""
    package = tmp_path / "package"
    for path in wordings.PACKAGE.rglob("*.yml"):
        if "starter/neteland" not in path.as_posix():
            copied = package / path.relative_to(wordings.PACKAGE)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copied)
    reasons = yaml.safe_load((package / texts_module.REASONS).read_text(encoding="utf-8"))
    shared = {
        group: {name: said[group]["en"] for name, said in reasons.items()} for group in ("reason", "reason_short")
    }
    for path in list(package.rglob("en.yml")):
        own = yaml.safe_load(path.read_text(encoding="utf-8"))
        words = invented(own | shared if path.parent.name == wordings.GENERAL else own)
        path.with_name("de.yml").write_text(yaml.safe_dump(words, allow_unicode=True), encoding="utf-8")
    monkeypatch.setattr(wordings, "PACKAGE", package)
    monkeypatch.setattr(texts_module, "WORDS", package)
    monkeypatch.setattr(project_module, "DEFAULTS", package / "starter" / "definitions")
    return package


def test_one_set_of_text_files_is_all_that_a_language_takes(german, tmp_path):
    data, areas = write_region(tmp_path / "brought", ["0310", "0312", "0321"], crs="EPSG:28992", middle=(5.1, 52.1))
    new_project(tmp_path / "own", data, areas, year=2024, wanted=("de",), name="Sachsen")
    project = Project(tmp_path / "own")
    build(project)
    assert checks.all_problems(project) == []
    page = ProfilePage(subject(notebook.load_dataset(project), "0310", language="de"))
    said = seen(page)
    assert "How to røad this profilø" in said
    assert [piece for piece in words_elsewhere("de") if "e" in piece and piece in said] == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("framework: {dimensions: {informatoin: {short: x}}}", "'informatoin' is not in the definition"),
        ("framework: {dimensions: {informatie: {short: [a]}, schaal: {literature: x}}}", "literature: has no wording"),
        ("[1]", "must be a mapping of files of definitions"),
    ],
)
def test_words_that_no_definition_asks_for_are_named(small_project, words, fault):
    (small_project.definitions / "fr.yml").write_text(words)
    with pytest.raises(InputError, match=re.escape(fault)):
        read_definition(small_project.definitions / "framework.yml")


def test_a_wording_that_a_definition_has_itself_is_not_said_twice(tmp_path):
    (tmp_path / "items.yml").write_text("list: [{id: a, nl: x, fr: y, also: [u]}, {id: b, nl: z, also: [v]}]")
    (tmp_path / "fr.yml").write_text("items: {list: {b: {wording: w, also: [v, t]}}}")
    assert read_definition(tmp_path / "items.yml")["list"][1] == {"id": "b", "nl": "z", "fr": "w", "also": ["v", "t"]}
    (tmp_path / "fr.yml").write_text("items: {list: {a: w}}")
    with pytest.raises(InputError, match="list, a: is worded in the definition too"):
        read_definition(tmp_path / "items.yml")
