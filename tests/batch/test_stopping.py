"""Ctrl-C is put off, never lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from resilience_analysis.batch.processes import STOPPING, undisturbed

# another thread could receive the signal, and what is done while Python forks would swallow what is raised there
FORKING = """\
import os, signal, threading, time
from resilience_analysis.batch.processes import undisturbed

def press():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.1)

signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
os.register_at_fork(before=press)
try:
    with undisturbed():
        if os.fork() == 0:
            os._exit(0)
        print("forked")
    print("lost")
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
def test_ctrl_c_while_forking_beside_other_threads_stops_after_it():
    done = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["forked", "stopped"]


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_comes_at_the_end_of_the_block_and_once(number):
    heard = []
    before = signal.signal(number, lambda *_: heard.append("stop"))
    try:
        with undisturbed():
            signal.raise_signal(number)
            signal.raise_signal(number)
            assert heard == []
        assert heard == ["stop"]
        signal.raise_signal(number)
        assert heard == ["stop", "stop"]
    finally:
        signal.signal(number, before)


def test_what_fails_in_the_block_fails_with_the_handlers_as_they_were():
    before = [signal.getsignal(number) for number in STOPPING]
    with pytest.raises(ZeroDivisionError), undisturbed():
        _ = 1 / 0
    assert [signal.getsignal(number) for number in STOPPING] == before


def test_a_thread_that_python_raises_nothing_in_is_left_alone():
    ran = []

    def work():
        with undisturbed():
            ran.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == [before]


PRESSED = """\
import os, signal, sys

class Press:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Press())
from resilience_analysis.cli import main
main()
"""


@pytest.mark.parametrize("module", ["resilience_analysis.cli.main", "typer", "resilience_analysis.reports.kinds"])
def test_ctrl_c_while_the_command_line_is_imported_ends_it_without_a_word(module):
    done = subprocess.run([sys.executable, "-c", PRESSED, module], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_next_to_nothing_is_imported_before_ctrl_c_is_heeded():
    # what Python shows of Ctrl-C until then is a traceback of its own
    code = "import sys; before = set(sys.modules); import resilience_analysis.cli; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"__future__", "resilience_analysis", "resilience_analysis.cli"}
