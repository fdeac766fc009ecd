"""At the end of all tests, no log of any process holds a secret that was used."""

from __future__ import annotations

import socket

import httpx
import pytest

from service_kit.testing.waiting import wait_until

from ...support.installation import Installation, World
from ...support.secrets_used import USED, leaks, logs, remember


def ask_with_secrets_in_odd_places(installation: Installation, world: World) -> list[str]:
    """Send tokens where they do not belong; return the requested paths."""
    token = world.admin.token
    remember("a-secret-of-a-query")
    paths = [
        "/ws/monitoring/",
        "/api/monitoring/devices/",
        "/api/devices/nothing/",
        "/api/auth/nothing/",
        "/assets/",
        "/assets/nothing.js",
        "/energy",
        "/admin/auth/",
    ]
    for path in paths:
        for query in (token, "a-secret-of-a-query"):
            httpx.get(f"{installation.url}{path}?token={query}")
    with socket.create_connection(("127.0.0.1", installation.port), timeout=10) as connection:
        connection.sendall(
            f"GET /ws/monitoring/?token={token} HTTP/1.1\r\nHost: 127.0.0.1:{installation.port}\r\n"
            f"Origin: {installation.url}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        assert b" 101 " in connection.recv(4_096)
    bad = {"username": "nobody", "password": "a-wrong-password-of-somebody"}
    assert httpx.post(f"{installation.url}/api/auth/login/", json=bad).status_code == 401
    return paths


@pytest.mark.last
def test_no_log_holds_a_secret_that_the_tests_used(installation: Installation, world: World):
    world.client("secretive")
    paths = ask_with_secrets_in_odd_places(installation, world)
    wait_until(lambda: paths[-1] in logs(installation)["traefik.log"])

    assert len(USED) >= 5
    assert not leaks(installation)
