"""Which websockets are accepted: their path, their origin, and how many there may be.

All of this is decided before anybody knows whose a socket is, so nothing here reads a frame.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings

from service_kit.client_address import address_behind_proxies, network_of
from service_kit.errors import PROBLEM_JSON, problem

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[..., Awaitable[None]]

PATHS = ("/ws/monitoring", "/ws/monitoring/")

#: Sockets in all; beyond that those that are open would suffer.
MAX_SOCKETS = 10_000

#: Sockets that have not authenticated; each of them has five seconds to do so.
MAX_UNAUTHENTICATED = 1_000

#: Sockets of one client address, which may be a whole company behind one router.
MAX_OF_ONE_ADDRESS = 500

#: Under this name a socket finds in its scope what it calls when it has authenticated.
AUTHENTICATED = "ems.authenticated"


class Admission:
    """Accepts the websockets of one process, for one event loop."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._by_address: Counter[str] = Counter()
        self._unauthenticated: set[object] = set()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] not in PATHS:
            await _reject(send, 404, "not_found", f"The websocket is at {PATHS[-1]}.")
            return
        origin = _header(scope, b"origin")
        # Compared as it is: whatever cannot be parsed is not one of ours.
        if origin not in settings.PUBLIC_ORIGINS:
            expected = ", ".join(settings.PUBLIC_ORIGINS)
            detail = f"The origin {origin[:200]!r} may not open a socket, only: {expected}."
            await _reject(send, 403, "origin_not_allowed", detail)
            return
        address = _address(scope)
        full = self._reason_to_reject(address)
        if full is not None:
            await _reject(send, 503, "too_many_sockets", full)
            return
        await self._serve(address, scope, receive, send)

    async def _serve(
        self, address: str, scope: dict[str, Any], receive: Receive, send: Send
    ) -> None:
        socket = object()
        self._by_address[address] += 1
        self._unauthenticated.add(socket)
        authenticated = {AUTHENTICATED: lambda: self._unauthenticated.discard(socket)}
        try:
            await self._application(scope | authenticated, receive, send)
        finally:
            self._unauthenticated.discard(socket)
            self._by_address[address] -= 1
            if not self._by_address[address]:
                # The addresses of an attacker would be kept for ever.
                del self._by_address[address]

    def _reason_to_reject(self, address: str) -> str | None:
        if self._by_address[address] >= MAX_OF_ONE_ADDRESS:
            return f"This address has {MAX_OF_ONE_ADDRESS} sockets already; close some of them."
        if len(self._unauthenticated) >= MAX_UNAUTHENTICATED:
            return "Too many sockets have not authenticated yet; try again in some seconds."
        if self._by_address.total() >= MAX_SOCKETS:
            return f"There are {MAX_SOCKETS} sockets already; try again later."
        return None


def without_bodies(application: Application) -> Application:
    """Return the application with every request's body left out.

    Nothing here takes one, and Django would first store it, however large, in a temporary file.
    """

    async def serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        given = False

        async def nothing() -> dict[str, Any]:
            nonlocal given
            if not given:
                given = True
                return {"type": "http.request", "body": b"", "more_body": False}
            while True:
                event = await receive()
                if event["type"] == "http.disconnect":
                    return event

        await application(scope, nothing, send)

    return serve


def _address(scope: dict[str, Any]) -> str:
    peer, _ = scope.get("client") or ("", 0)
    return network_of(address_behind_proxies(_header(scope, b"x-forwarded-for"), peer))


def _header(scope: dict[str, Any], wanted: bytes) -> str:
    """All values of a header, as one; "" without it."""
    values = [value for name, value in scope["headers"] if name == wanted]
    return b",".join(values).decode("latin-1")


async def _reject(send: Send, status: int, code: str, detail: str) -> None:
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"cache-control", b"no-store")]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"5"))
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    body = json.dumps(problem(status, code=code, detail=detail)).encode()
    await send({"type": "websocket.http.response.body", "body": body})
