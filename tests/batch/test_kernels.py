"""A kernel of our own is talked to where nobody else can come in between."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from resilience_analysis.batch.provisioner import kernel_settings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="this system has no sockets in folders")


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
