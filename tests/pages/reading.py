"""Read a report as a strict reader does: the text a person sees, and the structure a machine sees."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "rect", "circle", "path", "link", "input", "hr"}


class Page(HTMLParser):
    """The tags, attributes and visible text of a piece of HTML.

    Attributes
    ----------
    tags
        Every start tag with its attributes, in order.
    text
        What is visible, with tags taken out.
    torn
        Tags that were closed in the wrong order or not at all.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.torn: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.torn += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.torn.append(tag)

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]

    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.tags if "id" in attributes]

    def targets(self) -> list[str]:
        """Return what links within the page point at."""
        links = [str(attributes.get("href", "")) for attributes in self.named("a")]
        return [link[1:] for link in links if link.startswith("#")]


MISTAKES = (
    (re.compile(r"\b(nan|NaN|None|null|undefined|inf)\b"), "a value that is none"),
    (re.compile(r"\(\s*\)"), "empty brackets"),
    (re.compile(r"\{[a-z_]*\}"), "a blank that was not filled in"),
    (re.compile(r"--|−−|\+−|−\+"), "two signs"),
    (re.compile(r"−0(?:[,.]0+)?(?![0-9,.])"), "minus zero"),
)
DECIMAL_POINT = re.compile(r"\d\.\d(?!\d\d\b)")
DUTCH_EXCEPTIONS = re.compile(
    r"CC BY 4\.0|v1\.0|versie 1\.0|\b\d+\.\d+\.\d+\b|\b\d{1,2}\.\d{1,2}\b(?= \()|resilience-analysis \d\.\d\.\d"
)


def mistakes(text: str, language: str) -> list[str]:
    """Return what should never stand in a sentence for people, with its surroundings."""
    found = [
        f"{what}: ...{text[max(match.start() - 40, 0) : match.end() + 40]}..."
        for pattern, what in MISTAKES
        for match in pattern.finditer(text)
    ]
    if language == "nl":
        plain = DUTCH_EXCEPTIONS.sub("", text)
        found += [
            f"a decimal point: ...{plain[max(match.start() - 40, 0) : match.end() + 40]}..."
            for match in DECIMAL_POINT.finditer(plain)
        ]
    return found
