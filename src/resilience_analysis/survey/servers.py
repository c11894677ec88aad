"""Submissions straight from a server, through its public interface.

KoboToolbox: ``/api/v2/assets/FORM/data/`` gives JSON, page by page. ODK Central:
``/v1/projects/N/forms/FORM/submissions.csv``. LimeSurvey: RemoteControl 2, JSON-RPC at
``/index.php/admin/remotecontrol``. The token comes from the environment, travels over https only, and is in no message.
"""

from __future__ import annotations

import base64
import binascii
import csv
import http.client
import io
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from resilience_analysis.foundation.errors import InputError, UsageError, refusal, unknown

TOKEN_VARIABLE = "RESILIENCE_SURVEY_TOKEN"  # noqa: S105 - the name of a variable
PATIENCE = 60.0
MAX_BYTES = 500_000_000
MOST_PAGES = 10_000
_LOCAL = ("localhost", "127.0.0.1", "::1")
_REFUSED = {401: "refuses the token", 403: "refuses the token", 404: "has no such form, or does not show it"}


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
