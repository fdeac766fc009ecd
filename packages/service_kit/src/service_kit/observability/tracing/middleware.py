"""A span around each request, and one around each of its statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from service_kit.http.request_id import current_request_id
from service_kit.observability import tracing
from service_kit.observability.metrics import method_of, route_of

#: Characters of a statement that are kept: enough to know it by; an INSERT of many rows has a
#: placeholder for each value.
STATEMENT_CHARACTERS = 2_000


class TracingMiddleware:
    """Begins a trace of our own with each request: a client's traceparent could join any other.

    Django leaves it out where nobody wants traces. Made with the application, so in a worker of
    the web server and after its fork.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the next layer."""
        self.get_response = get_response
        if not tracing.start():
            raise MiddlewareNotUsed

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Asked every few seconds by whoever watches over the process.
        """Answer a request."""
        if request.path.startswith("/health/"):
            return self.get_response(request)
        method = method_of(request)
        attributes = {"http.request.method": method, "ems.request_id": current_request_id()}
        with (
            tracing.span(method, "SERVER", attributes=attributes) as span,
            connection.execute_wrapper(_statement),
        ):
            # For what Django logs about the request when its span has ended.
            request.trace_id = tracing.trace_id()  # type: ignore[attr-defined]
            response = self.get_response(request)
            if span is not None:
                route = route_of(request)
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", response.status_code)
                if response.status_code >= 500:
                    tracing.fail(span, str(response.status_code))
            return response


def _statement(
    execute: Callable[..., Any], sql: object, params: object, many: bool, context: dict[str, Any]
) -> Any:
    # A statement that is composed rather than written may have values in it.
    text = sql.strip() if isinstance(sql, str) else "composed"
    attributes = {"db.system.name": "postgresql", "db.query.text": text[:STATEMENT_CHARACTERS]}
    verb, *_ = text.split(maxsplit=1) or ["none"]
    with tracing.span(verb, "CLIENT", attributes=attributes):
        return execute(sql, params, many, context)
