"""Admission of websockets by path, origin and number.

A socket is admitted before its user is known, so nothing in this module reads a frame.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings

from service_kit.api.errors import PROBLEM_JSON, problem
from service_kit.http.client_address import address_behind_proxies, network_of

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[..., Awaitable[None]]

PATHS = ("/ws/monitoring", "/ws/monitoring/")

#: Sockets in all; with more, the open ones would be slow.
MAX_SOCKETS = 10_000

#: Sockets that have not authenticated; each of them has five seconds to do so.
MAX_UNAUTHENTICATED = 1_000

#: Sockets of one client address, which may be a whole company behind one router.
MAX_OF_ONE_ADDRESS = 500

#: Key of the socket's scope that holds the function to call after authentication.
AUTHENTICATED = "ems.authenticated"


class Admission:
    """Accept or reject the websockets of one process.

    Requires: calls from one event loop.
    """

    def __init__(self, application: Application) -> None:
        """Admit sockets to the application."""
        self._application = application
        self._by_address: Counter[str] = Counter()
        self._unauthenticated: set[object] = set()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve the socket, or answer with a problem document."""
        if scope["path"] not in PATHS:
            await _reject(send, 404, "not_found", f"The websocket is at {PATHS[-1]}.")
            return
        origin = _header(scope, b"origin")
        # Compared as text: an origin that cannot be parsed is not one of ours.
        if origin not in settings.PUBLIC_ORIGINS:
            expected = ", ".join(settings.PUBLIC_ORIGINS)
            detail = f"The origin {origin[:200]!r} may not open a socket, only: {expected}."
            await _reject(send, 403, "origin_not_allowed", detail)
            return
        address = _address(scope)
        reason = self._reason_to_reject(address)
        if reason is not None:
            await _reject(send, 503, "too_many_sockets", reason)
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
                # The addresses of an attacker would fill the memory.
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
    """Return the application without the bodies of requests.

    No route reads a body, and Django would first store it, however large, in a temporary file.
    """

    async def serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body_sent = False

        async def receive_nothing() -> dict[str, Any]:
            nonlocal body_sent
            if not body_sent:
                body_sent = True
                return {"type": "http.request", "body": b"", "more_body": False}
            while True:
                event = await receive()
                if event["type"] == "http.disconnect":
                    return event

        await application(scope, receive_nothing, send)

    return serve


def _address(scope: dict[str, Any]) -> str:
    peer, _ = scope.get("client") or ("", 0)
    return network_of(address_behind_proxies(_header(scope, b"x-forwarded-for"), peer))


def _header(scope: dict[str, Any], name: bytes) -> str:
    """Return all values of a header, joined by commas; "" without the header."""
    values = [value for header, value in scope["headers"] if header == name]
    return b",".join(values).decode("latin-1")


async def _reject(send: Send, status: int, code: str, detail: str) -> None:
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"cache-control", b"no-store")]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"5"))
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    body = json.dumps(problem(status, code=code, detail=detail)).encode()
    await send({"type": "websocket.http.response.body", "body": body})
