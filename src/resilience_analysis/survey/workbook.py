"""An export as sheets of text: delimited text, a workbook, a ZIP with one of them, an SPSS file, or from a server.

Servers are asked through their public interface. KoboToolbox: ``/api/v2/assets/FORM/data/`` gives JSON, page by page.
ODK Central: ``/v1/projects/N/forms/FORM/submissions.csv``. LimeSurvey: RemoteControl 2, JSON-RPC at
``/index.php/admin/remotecontrol``. The token comes from the environment, travels over https only, and is in no message.
"""

from __future__ import annotations

import base64
import binascii
import csv
import http.client
import io
import json
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.errors import InputError, UsageError, refusal, unknown
from resilience_analysis.foundation.tables import read_content, unpack
from resilience_analysis.foundation.tables import read_sheets as sheets_of_bytes
from resilience_analysis.foundation.workbooks import MAX_CELLS, Sheet

TOKEN_VARIABLE = "RESILIENCE_SURVEY_TOKEN"  # noqa: S105 - the name of a variable
PATIENCE = 60.0
MAX_BYTES = 500_000_000
MOST_PAGES = 10_000
_LOCAL = ("localhost", "127.0.0.1", "::1")
_REFUSED = {401: "refuses the token", 403: "refuses the token", 404: "has no such form, or does not show it"}
__all__ = ["FileFormat", "RemoteForm", "Sheet", "fetch_submissions", "read_workbook"]

_SPSS_MAGIC = (b"$FL2", b"$FL3")
_SPSS_SUFFIX = ".sav"
_PROBED_BYTES = 4_000
_DELIMITERS = (";", "\t", ",")
_ENCODING_OF_ZEROS = {  # which of four bytes are zero in most letters of Europe
    "x0x0": "utf-16-le",
    "0x0x": "utf-16-be",
    "x000": "utf-32-le",
    "000x": "utf-32-be",
}


@dataclass(frozen=True)
class FileFormat:
    """How a file is written, where that cannot be seen in it."""

    delimiter: str = ""  # what is between the cells of a CSV
    encoding: str = ""  # its character set
    sheet: str = ""  # the sheet of a workbook, or the file of a ZIP, that is meant


def read_workbook(path: Path, file: FileFormat | None = None, *, with_hidden: bool = False) -> list[Sheet]:
    r"""Read a file as sheets of text: one for delimited text, one per sheet of a workbook, all its rows equally long.

    Parameters
    ----------
    path
        The file; what it is follows from its content, not from its name.
    with_hidden
        Whether hidden sheets are returned too, after the others.

    Raises
    ------
    InputError
        When the file is empty, another kind of file, damaged, or too large.
    UsageError
        When the sheet or encoding is not known.

    Examples
    --------
    >>> file = Path(tempfile.mkdtemp()) / "export.csv"
    >>> _ = file.write_text("INF1;INF2\n4;weet niet\n")
    >>> read_workbook(file)[0].rows
    [['INF1', 'INF2'], ['4', 'weet niet']]
    """
    file = file or FileFormat()
    content = read_content(path)
    inner = unpack(content, path.name, file.sheet or _SPSS_SUFFIX)
    sheets = _sheets(inner or content, path, file)
    if file.sheet and not inner:
        return [_named(sheets, file.sheet)]
    shown = [sheet for sheet in sheets if not sheet.hidden]
    if not shown:
        raise refusal(path.name, "holds no table", "Check that the export is not empty")
    return sorted(sheets, key=lambda sheet: sheet.hidden) if with_hidden else shown


def _sheets(content: bytes, path: Path, file: FileFormat) -> list[Sheet]:
    if content.startswith(_SPSS_MAGIC):
        sheets = [_read_spss(content, path)]
    else:
        text = _in_utf8(content, file.encoding, path.name)
        sheets = sheets_of_bytes(text, path.name, delimiter=file.delimiter or None)
    return [_even(_split(sheet)) for sheet in sheets if sheet.rows]


def _in_utf8(content: bytes, encoding: str, name: str) -> bytes:
    """Return text of another encoding as UTF-8; nothing changes where no encoding is named."""
    if not encoding:
        _refuse_unmarked(content, name)
        return content
    try:
        return content.decode(encoding).encode()
    except LookupError:
        raise UsageError(f"--encoding {encoding} is not known; write utf-8, cp1252, utf-16 or another name") from None
    except UnicodeDecodeError:
        raise UsageError(f"--encoding {encoding}: the file is not written in it") from None


def _refuse_unmarked(content: bytes, name: str) -> None:
    """Refuse text in which every second byte, or three of four, is zero: UTF-16 or UTF-32, which nothing marks."""
    head = content[:_PROBED_BYTES]
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise refusal(name, "is UTF-32", "Say --encoding utf-32, or save it as CSV UTF-8")
    if head.startswith((b"PK", b"\xff\xfe", b"\xfe\xff", *_SPSS_MAGIC)):
        return
    zeros = "".join("0" if head[place::4].count(0) * 8 > len(head) else "x" for place in range(4))
    if zeros in _ENCODING_OF_ZEROS:
        encoding = _ENCODING_OF_ZEROS[zeros]
        remedy = f"Say --encoding {encoding}, or save it as CSV UTF-8"
        raise refusal(name, f"is {encoding.upper()} and does not say so", remedy)


def _split(sheet: Sheet) -> Sheet:
    """Split the rows of a sheet with a single column in which each cell is a line of delimited text."""
    lines = [row[0] for row in sheet.rows]
    if len(lines) < 2 or any(len(row) > 1 and any(row[1:]) for row in sheet.rows):  # noqa: PLR2004 - a heading alone
        return sheet
    for mark in _DELIMITERS:
        if lines[0].count(mark) and not any("\n" in line for line in lines):
            rows = list(csv.reader(lines, delimiter=mark))
            if len(rows) == len(lines) and len({len(row) for row in rows}) == 1:
                return replace(sheet, rows=rows)
    return sheet


def _even(sheet: Sheet) -> Sheet:
    """Make all rows of a sheet equally long."""
    width = max(map(len, sheet.rows))
    if all(len(row) == width for row in sheet.rows):
        return sheet
    return replace(sheet, rows=[row + [""] * (width - len(row)) for row in sheet.rows])


def _named(sheets: list[Sheet], name: str) -> Sheet:
    found = [sheet for sheet in sheets if sheet.name.casefold() == name.casefold()]
    if found:
        return replace(found[0], hidden=False)
    raise UsageError(f"--sheet: {unknown('sheet', name, [sheet.name for sheet in sheets])}")


def _read_spss(content: bytes, path: Path) -> Sheet:
    """Return the sheet: a heading is the name of a variable and its label, a cell its label where it has one."""
    try:
        import pyreadstat  # noqa: PLC0415 - an extra
    except ImportError:
        remedy = "Install the package with its extra `spss`, or export it again as CSV or XLSX"
        raise UsageError(f"{path.name} is an SPSS file. {remedy}") from None
    try:
        with tempfile.TemporaryDirectory() as folder:  # its owner's only; the reader wants a file
            file = Path(folder) / "answers.sav"
            file.write_bytes(content)
            _, about = pyreadstat.read_sav(str(file), metadataonly=True)
            if (about.number_rows or 0) * (about.number_columns or 0) > MAX_CELLS:
                raise refusal(path.name, f"has more than {MAX_CELLS:,} cells", "Split it")
            table, about = pyreadstat.read_sav(str(file), apply_value_formats=True)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OSError) as error:
        what = f"is a damaged SPSS file ({type(error).__name__})"
        raise refusal(path.name, what, "Export it again as CSV or XLSX") from None
    labels = about.column_names_to_labels
    headings = [f"{name}. {labels[name]}" if labels.get(name) else name for name in about.column_names]
    texts = table.astype(object).where(table.notna(), "").map(_plain)
    rows = [headings, *texts.to_numpy().tolist()]
    return Sheet(path.stem, rows, list(range(1, len(rows) + 1)))


def _plain(value: object) -> str:
    """Return a value as text: a whole number without its decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass(frozen=True)
class RemoteForm:
    """A form on a server."""

    url: str  # address of the server, such as `https://eu.kobotoolbox.org`
    # its id: of the asset in KoboToolbox, of the survey in LimeSurvey, of project and form (`3/form`) in ODK
    name: str
    token: str  # what opens it: a token; for LimeSurvey `user:password`

    def refusal(self, what: str) -> InputError:
        """Return an error that names the server and what it does."""
        host = urllib.parse.urlsplit(self.url).hostname or self.url
        return refusal(host, what, "Look at --url, --form and the token")

    def address(self, path: str) -> str:
        """Return the address of a path on the server; `UsageError` where the token would travel in the open."""
        parts = urllib.parse.urlsplit(self.url)
        if not parts.hostname or (parts.scheme != "https" and parts.hostname not in _LOCAL):
            raise UsageError(f"--url {self.url}: an address begins with https://")
        return f"{self.url.rstrip('/')}{path}"


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follow no redirection: it would hand the token to another server."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def fetch_submissions(server: str, form: RemoteForm) -> bytes:
    """Return the submissions to a form as CSV, from a server of one of the kinds in `SERVERS`.

    `UsageError` when the kind is not known, the token is missing or the address is not https; `InputError` when the
    server cannot be reached, refuses, or gives something else.

    Examples
    --------
    >>> try:
    ...     fetch_submissions("odk", RemoteForm("https://odk.example", "3/form", token=""))
    ... except UsageError as refused:
    ...     str(refused)
    'set RESILIENCE_SURVEY_TOKEN to the token of the server (for LimeSurvey: user:password)'
    """
    if server not in SERVERS:
        raise UsageError(unknown("server", server, SERVERS))
    if not form.token:
        raise UsageError(f"set {TOKEN_VARIABLE} to the token of the server (for LimeSurvey: user:password)")
    _, submissions = SERVERS[server]
    return submissions(form)


def _ask(form: RemoteForm, address: str, *, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
    request = urllib.request.Request(address, data=body, headers=dict(headers))  # noqa: S310 - https, checked above
    try:
        with urllib.request.build_opener(_StayHere).open(request, timeout=PATIENCE) as answer:
            content: bytes = answer.read(MAX_BYTES + 1)
            missing = answer.length or 0  # what was announced and did not come: a read of so many bytes does not say so
    except urllib.error.HTTPError as error:
        error.close()
        raise form.refusal(_REFUSED.get(error.code, f"answers with status {error.code}")) from None
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise form.refusal(f"cannot be reached ({type(error).__name__})") from None
    except http.client.HTTPException as error:
        raise form.refusal(f"gives a broken answer ({type(error).__name__})") from None
    if len(content) > MAX_BYTES:
        raise form.refusal(f"gives more than {MAX_BYTES:,} bytes")
    if missing:
        raise form.refusal(f"breaks off {missing:,} bytes before the end")
    return content


def _json(form: RemoteForm, content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        raise form.refusal("does not answer with JSON") from None


def _from_kobotoolbox(form: RemoteForm) -> bytes:
    address = form.address(f"/api/v2/assets/{urllib.parse.quote(form.name, safe='')}/data/?format=json")
    home = urllib.parse.urlsplit(form.url)
    found: list[dict[str, Any]] = []
    asked: set[str] = set()
    while address:
        if address in asked or len(asked) == MOST_PAGES:
            raise form.refusal("gives pages without end")
        asked.add(address)
        page = _page(form, address)
        found += page["results"]
        address = str(page.get("next") or "")
        following = urllib.parse.urlsplit(address)
        if address and (following.scheme, following.netloc) != (home.scheme, home.netloc):
            raise form.refusal("sends us to another server")
    count = page.get("count")
    if isinstance(count, int) and count > len(found):
        raise form.refusal(f"gives {len(found)} of its {count} submissions")
    if not found:
        raise form.refusal("has no submissions to this form")
    return _as_csv(found)


def _page(form: RemoteForm, address: str) -> dict[str, Any]:
    page = _json(form, _ask(form, address, headers={"Authorization": f"Token {form.token}"}))
    entries = page.get("results") if isinstance(page, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise form.refusal("does not answer with submissions")
    return dict(page)


def _as_csv(entries: list[dict[str, Any]]) -> bytes:
    """Lay submissions out as KoboToolbox exports them."""
    rows = [{name: _flat(value) for name, value in entry.items()} for entry in entries]
    headings = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, headings, restval="", delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("uid", ""))  # a validation status
    return "" if value is None or isinstance(value, list) else str(value)


def _from_odk(form: RemoteForm) -> bytes:
    project, _, name = form.name.partition("/")
    if not project.isdecimal() or not name:
        raise UsageError(f"--form {form.name}: give the number of the project and the form, such as 3/zelfbevraging")
    path = f"/v1/projects/{project}/forms/{urllib.parse.quote(name, safe='')}/submissions.csv"
    query = "?attachments=false&groupPaths=true"
    content = _ask(form, form.address(path + query), headers={"Authorization": f"Bearer {form.token}"})
    if content.lstrip()[:1] in {b"", b"<", b"{"}:
        raise form.refusal("does not answer with a CSV")
    return content


def _from_limesurvey(form: RemoteForm) -> bytes:
    user, _, password = form.token.partition(":")
    if not form.name.isdecimal() or not password:
        raise UsageError(f"LimeSurvey needs --form NUMBER, and {TOKEN_VARIABLE} as user:password")
    key = _call(form, "get_session_key", user, password)
    try:
        exported = _call(form, "export_responses", key, int(form.name), "csv", None, "all", "code", "short")
    finally:
        _call(form, "release_session_key", key)
    try:
        return base64.b64decode(exported, validate=True)
    except (binascii.Error, ValueError):
        raise form.refusal("does not answer with responses") from None


def _call(form: RemoteForm, method: str, *arguments: object) -> str:
    """Call one method of RemoteControl 2; what is not a text is how it refuses."""
    body = json.dumps({"method": method, "params": arguments, "id": 1}).encode()
    address = form.address("/index.php/admin/remotecontrol")
    answer = _json(form, _ask(form, address, headers={"Content-Type": "application/json"}, body=body))
    result = answer.get("result") if isinstance(answer, dict) else None
    if isinstance(result, str):
        return result
    raise form.refusal(f"refuses {method}")


SERVERS: dict[str, tuple[str, Callable[[RemoteForm], bytes]]] = {  # with the survey tool whose exports each gives
    "kobo": ("kobotoolbox", _from_kobotoolbox),
    "limesurvey": ("limesurvey", _from_limesurvey),
    "odk": ("kobotoolbox", _from_odk),
}
