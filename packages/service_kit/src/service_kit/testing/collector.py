"""A collector for tests: it receives spans by OTLP over HTTP and stores them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class SentSpan:
    """A span as it arrived; ids in hexadecimal digits, `parent_id` "" for the first of a trace."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    events: int


class Collector:
    """Listens on 127.0.0.1 while it is entered; answers `status`, stores accepted bodies."""

    def __init__(self, port: int = 0) -> None:
        """Listen on a port, a free one by default."""
        self.status = 200
        #: The number of all requests, and the bodies of accepted ones.
        self.attempts = 0
        self.bodies: list[bytes] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start to answer."""
        Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, body: bytes) -> int:
        """Store a request's body; return the status of the answer."""
        assert path == "/v1/traces", path
        self.attempts += 1
        if self.status == 200:
            self.bodies.append(body)
        return self.status

    def spans(self, matches: Callable[[SentSpan], bool] = lambda _: True) -> list[SentSpan]:
        """Return the received spans that match."""
        return [span for body in list(self.bodies) for span in _spans(body) if matches(span)]


def _spans(body: bytes) -> list[SentSpan]:
    return [
        SentSpan(
            service=_attributes(resource.resource.attributes)["service.name"],
            name=span.name,
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_id=span.parent_span_id.hex(),
            attributes=_attributes(span.attributes),
            events=len(span.events),
        )
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def _handler(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(collector.take(self.path, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler
