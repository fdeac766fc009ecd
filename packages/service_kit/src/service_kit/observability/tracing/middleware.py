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
    """Begins a new trace with each request: a client's traceparent could join any other trace.

    Django omits this middleware while tracing is off. It is made with the application, and so in a
    worker of the web server, after the fork.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the next layer."""
        self.get_response = get_response
        if not tracing.start():
            raise MiddlewareNotUsed

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        # The supervisor asks for these every few seconds.
        if request.path.startswith("/health/"):
            return self.get_response(request)
        method = method_of(request)
        attributes = {"http.request.method": method, "ems.request_id": current_request_id()}
        with (
            tracing.span(method, "SERVER", attributes=attributes) as span,
            connection.execute_wrapper(_statement),
        ):
            # Django logs a line about the request after its span has ended.
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
    # A statement that is composed by `psycopg2.sql` may hold values.
    text = sql.strip() if isinstance(sql, str) else "composed"
    attributes = {"db.system.name": "postgresql", "db.query.text": text[:STATEMENT_CHARACTERS]}
    verb, *_ = text.split(maxsplit=1) or ["none"]
    with tracing.span(verb, "CLIENT", attributes=attributes):
        return execute(sql, params, many, context)
