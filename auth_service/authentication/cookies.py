"""The cookie in which a browser keeps its refresh token.

Over TLS its name begins with `__Host-`: browsers take it from this host alone, so that no page of a
neighbouring one can plant a session of its own here. They demand the path / for that. Without TLS
there is no such promise, and the cookie keeps to the paths that read it.
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
    """The refresh token that the browser sent."""
    value: str | None = request.COOKIES.get(_name_and_path(request)[0])
    return value


def refresh_cookie_set(response: Response, request: Request, refresh: str) -> None:
    """Have the browser keep it, out of reach of scripts and of other sites' pages."""
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
    """Have the browser forget it."""
    name, path = _name_and_path(request)
    response.delete_cookie(name, path=path, samesite="Strict")
