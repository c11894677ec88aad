"""A kernel of our own is talked to where nobody else can come in between, and no answer of it is missed."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
import zmq.asyncio
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session
from tests.batch.lab import PATIENCE

from resilience_analysis.batch.processes import Server
from resilience_analysis.batch.provisioner import PatientChannel, Servers, kernel_settings
from resilience_analysis.batch.server import Request

pytestmark = pytest.mark.skipif(os.name != "posix", reason="this system has no sockets in folders")
AT_WORK = partial(subprocess.call, ["sleep", "60"], -1, None)  # what it is given would be read from


def test_a_kernel_answers_through_a_folder_that_only_its_owner_can_open() -> None:
    with kernel_settings() as settings:
        manager = KernelManager(config=settings)
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            folder = Path(manager.ip).parent
            assert manager.transport == "ipc"
            assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IRWXU
            assert any(path.is_socket() for path in folder.iterdir())
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    assert not folder.exists()


def test_two_kernels_never_share_a_folder() -> None:
    with kernel_settings() as one, kernel_settings() as other:
        assert one.KernelManager.ip != other.KernelManager.ip


@pytest.mark.parametrize("seconds", [None, 60])
def test_an_answer_that_comes_while_something_is_sent_is_not_missed(seconds: float | None) -> None:
    async def answer() -> str:
        context = zmq.asyncio.Context()
        plain = zmq.Context.shadow(context.underlying)
        with plain.socket(zmq.PAIR) as kernel, context.socket(zmq.PAIR) as ours:
            kernel.bind("inproc://kernel")
            ours.connect("inproc://kernel")
            session = Session(key=b"")
            channel = PatientChannel(ours, session)
            waiting = asyncio.ensure_future(channel.get_msg(timeout=seconds))
            await asyncio.sleep(0.1)
            session.send(kernel, "execute_reply", {})
            channel.send(session.msg("comm_msg", {}))
            zmq.Socket.shadow(ours.underlying).get(zmq.EVENTS)  # from now on pyzmq is not told of it
            message = await asyncio.wait_for(waiting, 30)
        context.term()
        return str(message["msg_type"])

    assert asyncio.run(answer()) == "execute_reply"


def test_a_prepared_process_that_is_retired_ends_with_the_last_of_its_forks() -> None:
    server = Server()
    fork = server.fork(Request(AT_WORK))
    server.retire()
    assert fork.alive(patience=0.3)
    fork.end()
    assert server._process.wait(PATIENCE) == 0
    server.close()


def test_a_changed_environment_ends_no_kernel_that_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers()
    try:
        before = servers.fork(Request(AT_WORK))
        monkeypatch.setenv("CHANGED", "1")
        after = servers.fork(Request(AT_WORK))
        assert before.alive(patience=0.3)
        assert after.alive()
        before.end()
        after.end()
    finally:
        servers.close()


FORKING = """\
import os, subprocess, time
from functools import partial
from resilience_analysis.batch.provisioner import _SERVERS
from resilience_analysis.batch.server import Request

_SERVERS.fork(Request(partial(subprocess.call, ["sleep", "60"], -1, None)))
child = os.fork()
if not child:
    time.sleep(60)
print(_SERVERS.server.pid, child, flush=True)
os._exit(0)
"""


def test_a_prepared_process_ends_with_its_own_program_and_not_with_one_that_this_has_forked() -> None:
    with subprocess.Popen([sys.executable, "-c", FORKING], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        server, child = map(int, program.stdout.readline().split())
        try:
            while runs(server):
                time.sleep(0.1)
            assert runs(child)
        finally:
            os.kill(child, signal.SIGKILL)


def runs(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
