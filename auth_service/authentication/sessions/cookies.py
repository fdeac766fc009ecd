"""The cookie in which a browser keeps its refresh token.

Over TLS the cookie's name begins with `__Host-`: browsers accept such a cookie from this host
alone, so a page of a neighbouring host cannot set a session here. Browsers require the path / for
that name. Without TLS browsers offer no such protection, and the cookie is limited to the paths
that read it.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response

NAME = "ems_refresh"
HOST_NAME = f"__Host-{NAME}"


def _name_and_path(request: HttpRequest | Request) -> tuple[str, str]:
    return (HOST_NAME, "/") if request.is_secure() else (NAME, "/api/auth/")


def refresh_cookie(request: Request) -> str | None:
    """Return the refresh token that the browser sent, None without one."""
    value: str | None = request.COOKIES.get(_name_and_path(request)[0])
    return value


def refresh_cookie_set(response: Response, request: Request, refresh: str) -> None:
    """Set the cookie, which neither scripts nor pages of other sites can read or send."""
    name, path = _name_and_path(request)
    response.set_cookie(
        name,
        refresh,
        max_age=settings.REFRESH_IDLE,
        path=path,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )


def refresh_cookie_clear(response: Response, request: Request) -> None:
    """Delete the cookie in the browser."""
    name, path = _name_and_path(request)
    response.delete_cookie(name, path=path, samesite="Strict")
