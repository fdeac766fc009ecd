"""Requests that race for a session's one token do not sign the user out."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from service_kit.testing.waiting import wait_until

from ..support.installation import Installation, World

REFRESH = "/api/auth/refresh/"
COOKIE = "ems_refresh"

#: Exchanges in a row, each asked for by all tabs at once.
ROUNDS = 5


@pytest.fixture
def cookie(installation: Installation, world: World) -> str:
    """The refresh token of a browser that has just signed in."""
    client, _ = world.client("races")
    login = {"username": client.username, "password": client.password}
    answer = httpx.post(f"{installation.url}/api/auth/login/", json=login)
    assert answer.status_code == 200, answer.text
    return answer.cookies[COOKIE]


def refresh(installation: Installation, token: str) -> httpx.Response:
    return httpx.post(f"{installation.url}{REFRESH}", cookies={COOKIE: token}, timeout=30)


@pytest.mark.parametrize("apart_ms", [0, 5, 20])
def test_six_refreshes_at_once_get_the_same_successor(
    apart_ms, installation: Installation, cookie: str
):
    def ask(number: int) -> httpx.Response:
        # The gap is the fault; nothing is waited for.
        time.sleep(number * apart_ms / 1_000)
        return refresh(installation, cookie)

    with ThreadPoolExecutor(6) as tabs:
        for _ in range(ROUNDS):
            answers = list(tabs.map(ask, range(6)))
            assert [answer.status_code for answer in answers] == [200] * 6
            (successor,) = {answer.cookies[COOKIE] for answer in answers}
            assert successor != cookie
            cookie = successor


def test_a_lost_answer_to_a_refresh_keeps_the_session(installation: Installation, cookie: str):
    """The connection ends before the answer; the browser sends the same cookie again."""
    before = rotations(installation)
    request = (
        f"POST {REFRESH} HTTP/1.1\r\nHost: 127.0.0.1:{installation.port}\r\n"
        f"Cookie: {COOKIE}={cookie}\r\nContent-Length: 0\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", installation.port)) as connection:
        connection.sendall(request.encode())
        wait_until(lambda: rotations(installation) != before, problem="it was never exchanged")

    answer = refresh(installation, cookie)

    assert answer.status_code == 200
    assert refresh(installation, answer.cookies[COOKIE]).status_code == 200


def rotations(installation: Installation) -> list[tuple[object, ...]]:
    """Return the time at which each session's token was exchanged last."""
    return installation.query(
        "auth_service", "SELECT id, rotated_at FROM refresh_family ORDER BY 1"
    )
