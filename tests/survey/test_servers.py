"""Submissions from a server: a local one that speaks the public interfaces of the three tools."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.survey import servers
from resilience_analysis.survey.servers import RemoteForm, fetch_submissions

ODK = "SubmissionDate,overjou-gemeente,overjou-rol,informatie-INF1,meta-instanceID,KEY,ReviewState\n" + "".join(
    f"2026-10-01T10:00:00Z,13029,inwoner,{n + 1},uuid:{n},uuid:{n},{'rejected' if n == 3 else ''}\n" for n in range(4)
)
LIME = 'id,submitdate,lastpage,startlanguage,gemeente,rol,"informatie[INF1]"\n1,2026-10-01 10:00:00,3,nl,13029,inw,4\n'
STATUS = {"uid": "validation_status_not_approved", "label": "Not Approved"}


def submission(number, status):
    own = {"_id": number, "_uuid": f"u{number}", "_submission_time": "2026-10-01T10:00:00", "_attachments": []}
    return {
        "overjou/gemeente": "13029",
        "informatie/INF1": "3",
        **own,
        "_validation_status": status,
        "_geolocation": [None],
    }


BROKEN = {
    "cutoff": b"SubmissionDate,KEY,INF1\n2026,cut",
    "html": b"<html>log in</html>",
    "odd": b'{"count": 1, "results": ["x"]}',
    "fewer": b'{"count": 5, "next": null, "results": [{"_id": 1}]}',
    "nobody": b'{"count": 0, "next": null, "results": []}',
}

ODD_RESPONSES = {
    501: {"id": 1, "result": "***", "error": None},
    502: b"<html>maintenance</html>",
    503: {"id": 1, "result": {"status": "No Data, survey table does not exist."}, "error": None},
    504: [],
}


class Tools(BaseHTTPRequestHandler):
    """The three interfaces, as their documentation describes them."""

    def log_message(self, *_arguments):
        pass

    def answer(self, content, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content if isinstance(content, bytes) else json.dumps(content).encode())

    def do_GET(self):
        here = f"http://{self.headers['Host']}"
        token = self.headers.get("Authorization")
        bad = next((answer for name, answer in BROKEN.items() if f"/{name}" in self.path), None)
        if self.path.startswith("/away"):
            self.answer(b"", 302, Location="http://example.org/")
        elif bad is not None:
            self.answer(bad, **{"Content-Length": str(len(bad) + 100)} if b"cut" in bad else {})
        elif "/unending" in self.path:
            self.answer({"count": 1, "next": f"{here}{self.path}", "results": [submission(1, {})]})
        elif "/garbage" in self.path:
            self.wfile.write(b"not http\r\n\r\n")
        elif "/busy" in self.path:
            self.answer(b"", 503)
        elif "/asleep" in self.path:
            time.sleep(0.5)
        elif self.path.startswith("/api/v2/assets/aForm/data/") and token == "Token secret":
            page = "page=2" in self.path
            following = None if page else f"{here}/api/v2/assets/aForm/data/?format=json&page=2"
            entries = [submission(3, STATUS)] if page else [submission(1, {}), submission(2, {})]
            self.answer({"count": 3, "next": following, "results": entries})
        elif self.path.startswith("/api/v2/assets/elsewhere/"):
            self.answer({"next": "https://example.org/data", "results": []})
        elif self.path == "/v1/projects/3/forms/our%20form/submissions.csv?attachments=false&groupPaths=true":
            self.answer(ODK.encode() if token == "Bearer secret" else b"", 200 if token == "Bearer secret" else 401)
        else:
            self.answer(b"", 404)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        method, given = asked["method"], asked["params"]
        results = {
            "get_session_key": "key" if given == ["me", "secret"] else {"status": "Invalid user name or password"},
            "export_responses": base64.b64encode(LIME.encode()).decode()
            if given[1:3] == [123, "csv"]
            else {"status": "-"},
            "release_session_key": "OK",
        }
        self.server.called.append(method)
        if method == "export_responses" and given[1] in ODD_RESPONSES:
            self.answer(ODD_RESPONSES[given[1]])
            return
        self.answer({"id": 1, "result": results[method], "error": None})


@pytest.fixture(scope="module")
def server():
    running = ThreadingHTTPServer(("127.0.0.1", 0), Tools)
    running.called = []
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def tokened(call, monkeypatch):
    def run_with(token):
        monkeypatch.setenv("RESILIENCE_SURVEY_TOKEN", token)
        return call

    return run_with


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(servers, "PATIENCE", 0.2)


@pytest.fixture
def url(server):
    return f"http://127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("options", "token", "people"),
    [
        (["kobo", "--form", "aForm"], "secret", 2),
        (["odk", "--form", "3/our form"], "secret", 3),
        (["limesurvey", "--form", "123"], "me:secret", 1),
    ],
)
def test_submissions_are_imported_and_no_export_is_left(tokened, url, options, token, people):
    code, said = tokened(token)("fetch", *options, "--url", url, "--wave", "2026")
    assert code == 0, said
    assert "secret" not in said
    found = list(Path("data/private").rglob("*"))
    (answers,) = [path for path in found if path.name == "answers.csv"]
    assert pd.read_csv(answers, dtype=str)["respondent"].nunique() == people
    assert {path.name for path in found if path.is_file()} == {"answers.csv", "problems.csv", "import.json"}


def test_session_of_limesurvey_is_closed_even_where_it_fails(server, url):
    server.called.clear()
    with pytest.raises(InputError, match="refuses export_responses"):
        fetch_submissions("limesurvey", RemoteForm(url, "999", "me:secret"))
    assert server.called == ["get_session_key", "export_responses", "release_session_key"]


@pytest.mark.parametrize(
    ("kind", "form", "token", "words"),
    [
        ("kobo", "aForm", "wrong", "has no such form"),
        ("odk", "3/our form", "wrong", "refuses the token"),
        ("limesurvey", "123", "me:wrong", "refuses get_session_key"),
        ("limesurvey", "501", "me:secret", "does not answer with responses"),
        ("limesurvey", "502", "me:secret", "does not answer with JSON"),
        ("limesurvey", "503", "me:secret", "refuses export_responses"),
        ("limesurvey", "504", "me:secret", "refuses export_responses"),
        ("kobo", "busy", "secret", "answers with status 503"),
        ("kobo", "elsewhere", "secret", "sends us to another server"),
    ],
)
def test_refusals_name_the_server_and_never_the_token(url, kind, form, token, words):
    with pytest.raises(InputError, match=words) as raised:
        fetch_submissions(kind, RemoteForm(url, form, token))
    assert "127.0.0.1" in str(raised.value)
    assert "wrong" not in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "form", "words"),
    [
        ("odk", "3/cutoff", "breaks off 100 bytes before the end"),
        ("odk", "3/html", "does not answer with a CSV"),
        ("kobo", "html", "does not answer with JSON"),
        ("kobo", "odd", "does not answer with submissions"),
        ("kobo", "fewer", "gives 1 of its 5 submissions"),
        ("kobo", "nobody", "has no submissions"),
        ("kobo", "unending", "gives pages without end"),
        ("kobo", "garbage", "gives a broken answer"),
        ("odk", "3/asleep", "cannot be reached"),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_broken_answer_is_named_and_nothing_is_written(tokened, url, kind, form, words):
    code, said = tokened("secret")("fetch", kind, "--form", form, "--url", url, "--wave", "2026")
    assert code == 1
    assert words in said
    assert "secret" not in said
    assert not [path for path in Path("data/private").rglob("*") if path.is_file()]


def test_redirection_is_not_followed(url):
    with pytest.raises(InputError, match="status 302"):
        fetch_submissions("odk", RemoteForm(f"{url}/away", "3/x", "secret"))


@pytest.mark.parametrize(
    ("kind", "form", "words"),
    [
        ("zebra", RemoteForm("https://x", "1", "t"), "unknown server 'zebra'"),
        ("kobo", RemoteForm("https://x", "1", ""), "set RESILIENCE_SURVEY_TOKEN"),
        ("kobo", RemoteForm("http://example.org", "1", "t"), "begins with https"),
        ("odk", RemoteForm("https://x", "form", "t"), "number of the project"),
        ("limesurvey", RemoteForm("https://x", "a", "t"), "user:password"),
    ],
)
def test_wrong_use_is_said_before_anything_is_asked(kind, form, words):
    with pytest.raises(UsageError, match=words):
        fetch_submissions(kind, form)


def test_server_that_is_not_there_says_so():
    with pytest.raises(InputError, match="cannot be reached"):
        fetch_submissions("kobo", RemoteForm("http://127.0.0.1:9", "1", "t"))
