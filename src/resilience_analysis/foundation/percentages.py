"""Which cells of a workbook are shown as percentages: 25 % is kept as 0.25, and only its format tells."""

from __future__ import annotations

import html
import re
import zipfile
from posixpath import join, normpath

Cells = dict[str, frozenset[tuple[int, int]]]
"""By name of a sheet, rows and columns from 0."""
_ATTRIBUTE = r"\b{name}=[\"']([^\"']*)[\"']"
_NAME, _SHEET_ID = (re.compile(_ATTRIBUTE.format(name=name)) for name in ("name", r"\w+:id"))
_ID, _TARGET = (re.compile(_ATTRIBUTE.format(name=name)) for name in ("Id", "Target"))
_FORMAT_ID, _CODE = (re.compile(_ATTRIBUTE.format(name=name)) for name in ("numFmtId", "formatCode"))
_SHEET, _RELATION = re.compile(r"<(?:\w+:)?sheet\s[^>]*>"), re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_FORMAT, _STYLE = re.compile(r"<(?:\w+:)?numFmt\s[^>]*>"), re.compile(r"<(?:\w+:)?xf\s[^>]*>")
_STYLES = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
_PLACE, _STYLED = re.compile(rb"\br=\"([A-Z]{1,3})(\d+)\""), re.compile(rb"\bs=\"(\d+)\"")
_LITERAL = re.compile(r"\"[^\"]*\"|\\.|_.")  # of a format: what is written as it stands
_PERCENT_FORMATS = {"9", "10"}  # 0% and 0.00%, of which a workbook does not say the code
_ODS_REPEATS = {part: re.compile(rb"number-" + part + rb"-repeated=\"(\d+)\"") for part in (b"rows", b"columns")}


def percent_cells(archive: zipfile.ZipFile) -> Cells:
    """Return the cells with a number that an XLSX or ODS shows with a percent sign."""
    parts = set(archive.namelist())
    if "content.xml" in parts:
        return _of_opendocument(archive.read("content.xml"))
    if not {"xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"} <= parts:
        return {}
    styles = _percent_styles(_text(archive, "xl/styles.xml"))
    sheets = _sheet_parts(archive) if styles else {}
    return {name: _styled(archive.read(part), styles) for name, part in sheets.items() if part in parts}


def _text(archive: zipfile.ZipFile, part: str) -> str:
    return archive.read(part).decode("utf-8", errors="replace")


def _found(pattern: re.Pattern[str], tag: str) -> str:
    found = pattern.search(tag)
    return html.unescape(found[1]) if found else ""


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    relations = _RELATION.findall(_text(archive, "xl/_rels/workbook.xml.rels"))
    targets = {_found(_ID, tag): normpath(join("/xl", _found(_TARGET, tag))).lstrip("/") for tag in relations}
    sheets = _SHEET.findall(_text(archive, "xl/workbook.xml"))
    return {_found(_NAME, tag): targets.get(_found(_SHEET_ID, tag), "") for tag in sheets}


def _percent_styles(xml: str) -> frozenset[bytes]:
    """Return the numbers of the styles whose format has a percent sign."""
    formats = {_found(_FORMAT_ID, tag) for tag in _FORMAT.findall(xml) if "%" in _LITERAL.sub("", _found(_CODE, tag))}
    own = _STYLES.search(xml)
    tags = _STYLE.findall(own[0]) if own else []
    wanted = formats | _PERCENT_FORMATS
    return frozenset(str(place).encode() for place, tag in enumerate(tags) if _found(_FORMAT_ID, tag) in wanted)


def _styled(xml: bytes, styles: frozenset[bytes]) -> frozenset[tuple[int, int]]:
    found = []
    for attributes in _CELL.findall(xml):
        style, place = _STYLED.search(attributes), _PLACE.search(attributes)
        if style and place and style[1] in styles:
            found.append((int(place[2]) - 1, _column(place[1])))
    return frozenset(found)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number - 1


def _of_opendocument(xml: bytes) -> Cells:
    tables = xml.split(b"<table:table ")[1:]
    named = {_found(_NAME, table.partition(b">")[0].decode("utf-8", errors="replace")): table for table in tables}
    return {name: frozenset(_percent_values(table)) for name, table in named.items() if b'"percentage"' in table}


def _percent_values(table: bytes) -> list[tuple[int, int]]:
    found, row = [], 0
    for part in table.split(b"<table:table-row")[1:]:
        head, _, cells = part.partition(b">")
        column = 0
        for cell in re.split(rb"<table:(?:covered-)?table-cell", cells)[1:]:
            tag = cell.partition(b">")[0]
            times = _repeats(b"columns", tag)
            if b'value-type="percentage"' in tag:
                found += [
                    (row + below, column + right) for below in range(_repeats(b"rows", head)) for right in range(times)
                ]
            column += times
        row += _repeats(b"rows", head)
    return found


def _repeats(part: bytes, tag: bytes) -> int:
    found = _ODS_REPEATS[part].search(tag)
    return int(found[1]) if found else 1
