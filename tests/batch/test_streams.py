import contextlib
import io
import subprocess
import sys
from functools import partial

import pytest

from resilience_analysis.batch.direct import Descriptor, Meter, OutputLimitError, Stream
from resilience_analysis.batch.processes import Server


def below_python(folder) -> list[tuple[str, str]]:
    """Print by every way there is; give what was sent, in order; in a fork."""
    sent: list[tuple[str, str]] = []
    log = io.StringIO()
    stream = Stream(
        "stdout",
        lambda name, text: sent.append((name, text)),
        meter=Meter(None),
        below=Descriptor(1, folder / "stdout"),
        log=log,
    )
    stream.write("one ")
    stream.write("two\n")
    stream.flush()
    subprocess.run([sys.executable, "-c", "print('a process')"], check=True, stdout=1)
    stream.write("three\n")
    stream.flush()
    stream.flush()
    sent.append(("log", log.getvalue()))
    return sent


def test_what_is_printed_is_sent_when_flushed_and_logged_at_once(tmp_path):
    with contextlib.closing(Server(path=sys.path)) as server:
        sent = server.call(partial(below_python, tmp_path))
    assert sent == [
        ("stdout", "one two\n"),
        ("stdout", "three\na process\n"),
        ("log", "one two\nthree\na process\n"),
    ]


class Nothing:
    number = 1

    def read(self) -> bytes:
        return b""


def stream(limit=None, log=None):
    return Stream("stderr", lambda *_: None, meter=Meter(limit), below=Nothing(), log=log or io.StringIO())  # type: ignore[arg-type]


def test_a_stream_takes_text_alone_as_a_file_does():
    with pytest.raises(TypeError, match="must be str, not <class 'bytes'>"):
        stream().write(b"bytes")
    assert stream().writable()
    assert stream().fileno() == 1


def test_the_character_too_many_is_refused():
    limited = stream(limit=5)
    assert limited.write("12345") == 5
    with pytest.raises(OutputLimitError, match="more than 5 characters"):
        limited.write("6")


def test_a_log_that_cannot_be_written_does_not_stop_a_notebook():
    closed = io.StringIO()
    closed.close()
    assert stream(log=closed).write("text") == 4
