"""Where a request came from, as the gateway saw it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_current: ContextVar[str | None] = ContextVar("client_address", default=None)


def current_client_address() -> str | None:
    """The address of whoever sent the request being answered, None outside one."""
    return _current.get()


def client_network() -> str:
    """The present address; of IPv6 the part that one customer has, who could change the rest."""
    return network_of(_current.get())


def network_of(address: str | None) -> str:
    """Return the address, or of IPv6 the /64 that one customer has; "" for an unknown one."""
    if address is None or ":" not in address:
        return address or ""
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def client_address(request: HttpRequest) -> str | None:
    """The client's address behind the trusted proxies, see `address_behind_proxies`."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return address_behind_proxies(forwarded, request.META.get("REMOTE_ADDR", ""))


def address_behind_proxies(forwarded_for: str, peer: str) -> str | None:
    """The client's address behind exactly `settings.TRUSTED_PROXIES` proxies (default 1).

    Each proxy appends the address that it saw. Whatever stands further left was sent by the
    client, who may write there what they like.
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
    """Makes the address known to whatever the request causes, e.g. to the security log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _current.set(client_address(request))
        try:
            return self.get_response(request)
        finally:
            _current.reset(token)
