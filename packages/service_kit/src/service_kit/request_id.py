"""A request's id: in its answer, in every log line it causes, in its problem document."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

_current: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """The id of the request being answered, "-" outside one."""
    return _current.get()


class RequestIdMiddleware:
    """Gives each request an id of our own: one sent by a client could forge log lines."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _current.set(uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = _current.get()
            # Answers carry personal figures: no cache between here and the reader may keep them.
            response.setdefault("Cache-Control", "no-store")
            return response
        finally:
            _current.reset(token)


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to log records."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current.get()
        return True
