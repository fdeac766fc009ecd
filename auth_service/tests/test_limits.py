"""The processes of the service count the requests of an address together."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service_kit.testing.waiting import wait_until

LIMIT = 5


@pytest.fixture
def processes() -> Iterator[list[httpx.Client]]:
    """Two web processes as an installation has them, each reached directly."""
    running, clients = [], []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        argv = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
        running.append(
            subprocess.Popen(
                [*argv, "--no-control-socket", "config.wsgi"],
                cwd=Path(__file__).parents[1],
                env={**os.environ, "EMS_REQUESTS_PER_MINUTE": str(LIMIT)},
            )
        )
        clients.append(httpx.Client(base_url=f"http://127.0.0.1:{port}"))
    yield clients
    for client in clients:
        client.close()
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=20)


def serves(client: httpx.Client) -> bool:
    try:
        return client.get("/health/live").status_code == 200
    except httpx.TransportError:
        return False


def test_two_processes_share_the_request_limit_of_one_address(processes):
    for client in processes:
        wait_until(lambda client=client: serves(client), seconds=40)
    # An address that no other run of this test had within the minute.
    headers = {"X-Forwarded-For": f"2001:db8:{os.urandom(2).hex()}:{os.urandom(2).hex()}::1"}

    answers = [
        processes[n % 2].get("/api/auth/jwks.json", headers=headers) for n in range(2 * LIMIT)
    ]

    assert [answer.status_code for answer in answers] == [200] * LIMIT + [429] * LIMIT
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
