"""The gate before the gateway, alone: no Traefik listens behind it."""

from __future__ import annotations

import contextlib
import errno
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ems_tool.development.ephemeral import free_port
from ems_tool.servers import gate
from service_kit.testing.waiting import wait_until

#: More connections than the gate may have open files.
OPEN_FILES, CONNECTIONS = 16, 32


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A gate with few files, before a gateway that never serves."""
    port = free_port()
    command = [sys.executable, gate.__file__, f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"]
    command += ["/bin/sleep", "600"]
    with open(tmp_path / "log", "wb") as log:
        gateway = subprocess.Popen(
            ["/bin/sh", "-c", f'ulimit -n {OPEN_FILES}; exec "$@"', "sh", *command], stderr=log
        )
    yield port
    gateway.kill()
    gateway.wait()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        # A full queue of connections that are not accepted times out: not the same as an end.
        probe.settimeout(5)
        return probe.connect_ex(("127.0.0.1", port)) != errno.ECONNREFUSED


def test_a_gate_whose_thread_fails_logs_the_traceback_and_ends(port: int, tmp_path: Path):
    wait_until(lambda: is_listening(port))

    with contextlib.ExitStack() as connections:
        for _ in range(CONNECTIONS):
            with contextlib.suppress(ConnectionError):
                connection = socket.create_connection(("127.0.0.1", port), timeout=5)
                connections.enter_context(connection)

        wait_until(lambda: not is_listening(port), problem="the gate does not end")
    log = (tmp_path / "log").read_text()
    assert "Traceback" in log
    assert "Too many open files" in log
