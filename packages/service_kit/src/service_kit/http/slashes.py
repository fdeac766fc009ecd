"""Middleware that answers paths with and without their final slash."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve


class EitherSlashMiddleware:
    """Routes a path that fits no route with its final slash added or removed.

    Django's own way is a redirection, at which clients drop the body or turn a POST into a GET.
    Django's admin keeps it: its pages link to each other by relative paths.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        path = request.path_info
        # Two slashes at the end are a mistake of the client's, and no third form of each path.
        if not path.endswith("//") and _route(path) is None:
            other = _other_form(path)
            route = _route(other)
            if route is not None and "admin" not in route.app_names:
                request.path = _other_form(request.path)
                request.path_info = other
        return self.get_response(request)


def _other_form(path: str) -> str:
    return path[:-1] if path.endswith("/") else f"{path}/"


def _route(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None
