"""The address of a request's client, as the gateway saw it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_current: ContextVar[str | None] = ContextVar("client_address", default=None)


def current_client_address() -> str | None:
    """Return the address of the client of the current request, None outside one."""
    return _current.get()


def client_network() -> str:
    """Return the client's network: for IPv6 the /64, because a client controls the other bits."""
    return network_of(_current.get())


def network_of(address: str | None) -> str:
    """Return the address, or for IPv6 the /64 that one customer has; "" for an unknown address."""
    if address is None or ":" not in address:
        return address or ""
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address behind the trusted proxies, by `address_behind_proxies`."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return address_behind_proxies(forwarded, request.META.get("REMOTE_ADDR", ""))


def address_behind_proxies(forwarded_for: str, peer: str) -> str | None:
    """Return the client's address behind exactly `settings.TRUSTED_PROXIES` proxies (default 1).

    Each proxy appends the address that it saw. Addresses further left were sent by the client,
    who can write anything there.
    """
    trusted: int = settings.TRUSTED_PROXIES
    seen = [part.strip() for part in forwarded_for.split(",")]
    seen = [part for part in seen if part]
    claimed = seen[-trusted] if 0 < trusted <= len(seen) else peer
    try:
        return str(ipaddress.ip_address(claimed))
    except ValueError:
        return None


class ClientAddressMiddleware:
    """Stores the address for the time of the request, e.g. for the security log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        token = _current.set(client_address(request))
        try:
            return self.get_response(request)
        finally:
            _current.reset(token)
