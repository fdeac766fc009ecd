"""Traces by OpenTelemetry, for an operator who sets OTEL_EXPORTER_OTLP_ENDPOINT.

Only the module `sdk` beside this one imports OpenTelemetry, and only `start` loads it, when tracing
is on. The attributes of a span are an allow-list at its place: methods, routes, statements without
their values, counts, ids of events. Never a path, a query, an address, a name or an error's text,
which may hold personal data.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Literal

from django.conf import settings

from energy_contracts.names import SYNC_EXCHANGE

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from service_kit.observability.tracing.sdk import Tracer

_tracer: Tracer | None = None


def is_configured() -> bool:
    """Return whether the environment names a collector and does not disable the SDK."""
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")) and not disabled


def start() -> bool:
    """Trace from now on if tracing is configured; return whether this process traces.

    Requires: the process that works, after its fork: the thread that sends spans is not inherited.
    """
    global _tracer
    if _tracer is None and is_configured():
        from service_kit.observability.tracing.sdk import Tracer

        _tracer = Tracer(settings.SERVICE_NAME)
    return _tracer is not None


def is_on() -> bool:
    """Return whether this process traces."""
    return _tracer is not None


def span(
    name: str,
    kind: Literal["SERVER", "CLIENT", "CONSUMER"],
    *,
    parent: str | None = None,
    attributes: Mapping[str, str | int],
) -> AbstractContextManager[Span | None]:
    """Return a span around a block, in the current trace or in the trace of `parent`.

    None when this process does not trace. An error that passes is recorded by its class alone.
    """
    if _tracer is None:
        return nullcontext()
    return _tracer.span(name, kind, parent, attributes)


def fail(span: Span, error_type: str) -> None:
    """Mark a span as failed."""
    if _tracer is not None:
        _tracer.fail(span, error_type)


def received(
    event_type: str, event_id: object, parent: str | None
) -> AbstractContextManager[Span | None]:
    """Return a span around an event's handler, if the event's change was traced.

    Other events get none: a snapshot has a hundred thousand that belong to no request.
    """
    if _tracer is None or parent is None:
        return nullcontext()
    attributes = _message("process", event_id)
    return _tracer.span(f"process {event_type}", "CONSUMER", parent, attributes)


@contextmanager
def publishing(
    events: Sequence[tuple[str, object, str | None]],
) -> Iterator[list[str | None]]:
    """Make spans around the publication of events (type, id, traceparent).

    Yields their own traceparents; a process that does not trace yields those of the events.
    """
    if _tracer is None:
        yield [parent for *_, parent in events]
        return
    spans = [(f"publish {type_}", parent, _message("send", id_)) for type_, id_, parent in events]
    with _tracer.spans(spans) as parents:
        yield parents


def traceparent() -> str | None:
    """Return the current span's `traceparent`; None outside a span or if it is not sampled."""
    return None if _tracer is None else _tracer.traceparent()


def trace_id() -> str:
    """Return the id of the current trace, 32 hexadecimal digits; "-" without a traceparent."""
    current = traceparent()
    return "-" if current is None else current.split("-")[1]


class TraceIdFilter(logging.Filter):
    """Adds `trace_id` to log records."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the id to a record."""
        request = getattr(record, "request", None)
        record.trace_id = getattr(request, "trace_id", None) or trace_id()
        return True


def _message(operation: str, event_id: object) -> dict[str, str | int]:
    return {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": SYNC_EXCHANGE,
        "messaging.operation.type": operation,
        "messaging.message.id": str(event_id),
    }
