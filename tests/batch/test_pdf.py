"""The PDF of every kind of report, read back: for screen readers, on paper, and with the words of its HTML."""

from __future__ import annotations

import io
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import pytest
from bs4 import BeautifulSoup
from tests.pages.documents import document

from resilience_analysis.batch.pdf import to_pdf
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.render import plain_pictures
from resilience_analysis.pages.subject import region_subject, subject, village_subject
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.profiles.dataset import Dataset

pypdf = pytest.importorskip("pypdf")

A4 = (595.3, 841.9)  # points
MARGIN = 42.5  # points: 15 mm
MERGED = "46030"  # Beveren-Kruibeke-Zwijndrecht, made in 2025
DOCUMENTS = ["full.nl", "bare.en", "merged.nl", "region.en", "village.nl"]


@dataclass
class Print:
    """A report as HTML and as PDF."""

    language: str
    html: BeautifulSoup
    pdf: Any

    @cached_property
    def pages(self) -> list[list[str]]:
        """The lines of every page."""
        return [[line.strip() for line in page.extract_text().splitlines() if line.strip()] for page in self.pdf.pages]

    @property
    def root(self) -> Any:
        return self.pdf.trailer["/Root"]

    def elements(self, kind: str) -> list[Any]:
        """The elements of the structure tree of one kind, such as ``/Table``."""
        return [element for element in _below(self.root["/StructTreeRoot"]) if element.get("/S") == kind]

    @cached_property
    def numbers(self) -> dict[int, int]:
        """The place of every page by the number of its object."""
        return {page.indirect_reference.idnum: place for place, page in enumerate(self.pdf.pages)}

    def pages_of(self, element: Any) -> set[int]:
        """The pages on which an element has content."""
        return {self.numbers[part.raw_get("/Pg").idnum] for part in _below(element) if "/Pg" in part}


def _below(element: Any) -> Iterator[Any]:
    if isinstance(element, pypdf.generic.DictionaryObject):
        yield element
        children = element.get("/K", [])
        for child in children if isinstance(children, list) else [children]:
            yield from _below(child.get_object())


def _is_shown(element: Any) -> bool:
    """Tell whether something on a page belongs to the element itself."""
    children = element.get("/K", [])
    return any(isinstance(child, int) for child in (children if isinstance(children, list) else [children]))


@pytest.fixture(scope="module")
def engine() -> None:
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        if "pdf" in os.environ.get("RESILIENCE_REQUIRE", ""):
            pytest.fail(f"the PDF engine is required here and does not load: make pdf ({error})")
        pytest.skip("no PDF engine here: make pdf")


@pytest.fixture(scope="module")
def printed(engine: None, dataset: Dataset, example_dataset: Dataset) -> Callable[[str], Print]:
    """Print a document by name, once; all loading from the network is cut off meanwhile."""
    makers: dict[str, Callable[[str], Any]] = {
        "full": lambda language: ProfilePage(subject(example_dataset, "13029", language=language)),
        "bare": lambda language: ProfilePage(subject(dataset, "13011", language=language)),
        "merged": lambda language: ProfilePage(subject(dataset, MERGED, language=language)),
        "region": lambda language: RegionPage(region_subject(example_dataset, "neteland", language=language)),
        "village": lambda language: VillagePage(village_subject(dataset, "13011C", language=language)),
    }

    @cache
    def print_one(name: str) -> Print:
        kind, language = name.split(".")
        html = document(makers[kind](language).show(), title=f"Report {kind}", language=language)
        return Print(
            language, BeautifulSoup(html, "html.parser"), pypdf.PdfReader(io.BytesIO(to_pdf(plain_pictures(html))))
        )

    return print_one


@pytest.fixture(params=DOCUMENTS, scope="module")
def report(request: pytest.FixtureRequest, printed: Callable[[str], Print]) -> Print:
    return printed(request.param)


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\u00ad]+", "", text)


def _headings(report: Print) -> list[tuple[int, str]]:
    found = report.html.find_all(re.compile("^h[1-6]$"))
    return [(int(heading.name[1]), " ".join(heading.get_text().split())) for heading in found]


def _outline(report: Print, entries: list[Any], depth: int = 1) -> Iterator[tuple[int, str, int]]:
    for entry in entries:
        if isinstance(entry, list):
            yield from _outline(report, entry, depth + 1)
        else:
            yield depth, entry.title, report.pdf.get_destination_page_number(entry)


@pytest.mark.pdf
def test_a_pdf_is_tagged_and_says_its_language_and_title(report: Print) -> None:
    assert report.root["/MarkInfo"]["/Marked"]
    assert report.root["/Lang"] == report.language
    assert report.root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert report.pdf.metadata.title == report.html.title.string
    assert len(report.elements("/H1")) == 1
    assert len(report.elements("/Table")) > 0


@pytest.mark.pdf
def test_a_pdf_claims_universal_access_only_where_its_structure_allows_it(report: Print) -> None:
    metadata = report.root.get("/Metadata")
    claims = metadata is not None and b"pdfuaid" in metadata.get_object().get_data()
    homes = {caption["/P"].get_object()["/S"] for caption in report.elements("/Caption")}
    named = all("/Alt" in figure for figure in report.elements("/Figure"))
    assert homes, "there are captions"
    assert not claims or (homes <= {"/Figure", "/Table", "/L"} and named)


@pytest.mark.pdf
def test_a_caption_in_a_pdf_is_the_first_or_last_of_what_it_belongs_to(report: Print) -> None:
    captions = report.elements("/Caption")
    families = [[child.get_object() for child in caption["/P"].get_object()["/K"]] for caption in captions]
    assert captions
    assert all(caption in (family[0], family[-1]) for caption, family in zip(captions, families, strict=True))


@pytest.mark.pdf
def test_items_of_lists_and_links_in_a_pdf_are_what_they_are(report: Print) -> None:
    items = report.elements("/LI")
    assert len(items) > 0
    assert {item["/P"].get_object()["/S"] for item in items} == {"/L"}
    links = report.elements("/Link")
    cards = {f"#{card['id']}" for card in report.html.select(".card")}  # on paper there are no cards and no contents
    listed = set(report.html.select(".contents a, .card a"))
    shown = [a for a in report.html.select("main a[href]") if a not in listed and a["href"] not in cards]
    assert len(links) >= len(shown)  # one for each line that a link takes
    annotations = [entry.get_object() for page in report.pdf.pages for entry in page.get("/Annots", [])]
    assert all(annotation.get("/Contents") for annotation in annotations if annotation["/Subtype"] == "/Link")


@pytest.mark.pdf
def test_every_picture_in_a_pdf_has_its_text(report: Print) -> None:
    figures = report.elements("/Figure")
    images = {image["alt"] for image in report.html.find_all("img")}
    pictures = {picture["aria-label"] for picture in report.html.select("svg.picture")}
    cells = {drawing.title.get_text() for drawing in report.html.select("svg.cell")}
    assert pictures
    assert images | pictures | cells <= {figure.get("/Alt") for figure in figures}
    assert all(figure.get("/Alt") for figure in figures)


@pytest.mark.pdf
def test_the_outline_of_a_pdf_holds_every_heading_in_order(report: Print) -> None:
    outline = list(_outline(report, report.pdf.outline))
    assert [(depth, title) for depth, title, _ in outline] == _headings(report)
    assert all(_squeezed(title) in _squeezed("".join(report.pages[page])) for _, title, page in outline)


@pytest.mark.pdf
def test_every_font_of_a_pdf_is_inside_it(report: Print) -> None:
    fonts = {name: font for page in report.pdf.pages for name, font in page["/Resources"]["/Font"].items()}
    described = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts.values()]
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font) for font in described)
    assert all("/ToUnicode" in font for font in fonts.values())


@pytest.mark.pdf
def test_every_page_is_a4_and_numbered(report: Print) -> None:
    count = len(report.pdf.pages)
    for number, (page, lines) in enumerate(zip(report.pdf.pages, report.pages, strict=True), start=1):
        assert [float(page.mediabox.width), float(page.mediabox.height)] == pytest.approx(A4, abs=0.2)
        assert lines[-1] == f"{number} / {count}"


@pytest.mark.pdf
def test_no_page_is_blank_or_ends_with_a_heading(report: Print) -> None:
    pictured = {page for figure in report.elements("/Figure") for page in report.pages_of(figure)}
    for place, lines in enumerate(report.pages):
        assert len(lines) > 1 or place in pictured
    # the structure has the order of reading, and a drawing is one thing in it, whatever words are in the drawing
    headings = [element for number in range(1, 7) for element in report.elements(f"/H{number}")]
    assert len(headings) == len(_headings(report))
    heading_of = {id(part): number for number, heading in enumerate(headings) for part in _below(heading)}
    shown = [element for element in _below(report.root["/StructTreeRoot"]) if _is_shown(element)]
    followed = set()
    for part, after in pairwise(shown):
        number = heading_of.get(id(part))
        if number is not None and number != heading_of.get(id(after)):
            assert report.pages_of(part) & report.pages_of(after)
            followed.add(number)
    assert len(followed) == len(headings)


@pytest.mark.pdf
def test_no_row_is_cut_by_the_end_of_a_page(report: Print) -> None:
    rows = report.elements("/TR")
    assert len(rows) > 5
    assert [row for row in rows if len(report.pages_of(row)) > 1] == []


@pytest.mark.pdf
def test_only_tables_that_fill_more_than_a_page_are_parted(report: Print) -> None:
    parted = [table for table in report.elements("/Table") if len(report.pages_of(table)) > 1]
    assert len(parted) <= len(report.html.select("table.long"))


@pytest.mark.pdf
def test_nothing_is_written_beyond_the_margins(report: Print) -> None:
    places: list[tuple[float, float]] = []

    def note(text: str, outer: list[float], inner: list[float], *_: Any) -> None:
        if text.strip():
            places.append((inner[4] * outer[0] + outer[4], inner[5] * outer[3] + outer[5]))

    for page in report.pdf.pages:
        page.extract_xform_text = lambda *_, **__: ""  # a drawing has coordinates of its own
        page.extract_text(visitor_text=note)
    assert len(places) > 10 * len(report.pdf.pages)
    outside = [place for place in places if not MARGIN - 1 <= place[0] <= A4[0] - MARGIN]
    assert outside == []


@pytest.mark.pdf
def test_a_pdf_says_what_its_html_says(report: Print) -> None:
    told = _squeezed("".join("".join(lines[:-1]) for lines in report.pages))
    html = copy(report.html)
    for hidden in html.select(".hidden, .to-row, .data"):
        hidden.decompose()
    sentences = [part.get_text() for part in html.select(".key li, .read li, .intro, .tagline, figcaption, h2")]
    assert len(sentences) > 5
    assert [sentence for sentence in sentences if _squeezed(sentence) not in told] == []


@pytest.mark.pdf
def test_every_key_sentence_leads_to_its_row_and_names_the_page(printed: Callable[[str], Print]) -> None:
    report = printed("bare.en")
    text = " ".join(report.pages[0])
    links = report.html.select(".first-page .key .to-row")
    assert len(re.findall(r"\(p\. \d+\)", text)) == len(links) >= 3


@pytest.mark.pdf
def test_printing_asks_nothing_of_the_network(engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("the PDF engine opened a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    assert to_pdf('<html lang="nl"><title>x</title><h1>x</h1>').startswith(b"%PDF")


@pytest.mark.pdf
@pytest.mark.parametrize(
    "content",
    ['<img src="https://example.org/a.png" alt="a">', '<link rel="stylesheet" href="http://example.org/a.css">'],
)
def test_a_document_that_would_load_something_is_refused(engine: None, content: str) -> None:
    with pytest.raises(ValueError, match=r"example\.org"):
        to_pdf(f'<html lang="nl"><title>x</title>{content}<h1>x</h1>')


@pytest.mark.pdf
def test_the_same_report_gives_the_same_pdf(engine: None, dataset: Dataset) -> None:
    page = VillagePage(village_subject(dataset, "13011C"))
    html = plain_pictures(document(page.show(), title="Morkhoven", language="nl"))
    assert to_pdf(html) == to_pdf(html)


def test_without_the_engine_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match="make pdf"):
        to_pdf("<h1>x</h1>")
