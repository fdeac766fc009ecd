"""The id of a request, for its answer, its log lines and its problem document."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

_current: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """Return the id of the current request, "-" outside one."""
    return _current.get()


class RequestIdMiddleware:
    """Gives each request a new id: an id sent by a client could forge log lines."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        request_id = uuid4().hex
        token = _current.set(request_id)
        # Django logs a line about the request after the middleware has ended.
        request.request_id = request_id  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id
            # Answers carry personal figures: no cache between here and the reader may keep them.
            response.setdefault("Cache-Control", "no-store")
            return response
        finally:
            _current.reset(token)


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to log records."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the id to a record."""
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or _current.get()
        return True
