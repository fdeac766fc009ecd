"""The only module of the services that imports OpenTelemetry; loaded when tracing is on."""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http import trace_exporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

logger = logging.getLogger(__name__)

#: Seconds in which a batch of spans must be with the collector, its repetitions included, unless
#: OTEL_EXPORTER_OTLP_TIMEOUT says otherwise: the end of a process waits as long for a dead one.
EXPORT_SECONDS = "3"

_w3c = TraceContextTextMapPropagator()


class Tracer:
    """Makes the spans of one process and sends them in batches, from a thread of its own."""

    def __init__(self, service: str) -> None:
        """Start the thread that sends."""
        os.environ.setdefault("OTEL_EXPORTER_OTLP_TIMEOUT", EXPORT_SECONDS)
        self._exporter = AnnouncingExporter()
        resource = Resource.create({SERVICE_NAME: service})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("service_kit")
        atexit.register(self._leave)

    def _leave(self) -> None:
        self._exporter.leave()
        self._provider.shutdown()

    @contextmanager
    def span(
        self, name: str, kind: str, parent: str | None, attributes: Mapping[str, str | int]
    ) -> Iterator[Span]:
        """Return a span that is current inside its block; an error is recorded by its class."""
        with self._tracer.start_as_current_span(
            name,
            _context(parent),
            SpanKind[kind],
            attributes,
            # An error's text may quote anything: a unique key, with the name that is taken.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                self.fail(span, type(error).__name__)
                raise

    @contextmanager
    def spans(
        self, descriptions: Sequence[tuple[str, str | None, Mapping[str, str | int]]]
    ) -> Iterator[list[str | None]]:
        """Make spans (name, parent, attributes) of messages that are sent inside the block.

        Yields their traceparents, None for a span without a parent.
        """
        started = [
            None
            if parent is None
            else self._tracer.start_span(name, _context(parent), SpanKind.PRODUCER, attributes)
            for name, parent, attributes in descriptions
        ]
        made = [span for span in started if span is not None]
        try:
            yield [None if span is None else _traceparent(span) for span in started]
        except Exception as error:
            for span in made:
                self.fail(span, type(error).__name__)
            raise
        finally:
            for span in made:
                span.end()

    def fail(self, span: Span, error_type: str) -> None:
        """Mark a span as failed."""
        span.set_attribute("error.type", error_type)
        span.set_status(Status(StatusCode.ERROR))

    def traceparent(self) -> str | None:
        """Return the current span's `traceparent`; None outside a span or if it is not sampled."""
        return _traceparent(trace.get_current_span())


def _context(parent: str | None) -> Context | None:
    return None if parent is None else _w3c.extract({"traceparent": parent}, Context())


def _traceparent(span: Span) -> str | None:
    if not span.get_span_context().trace_flags.sampled:
        return None
    carrier: dict[str, str] = {}
    _w3c.inject(carrier, trace.set_span_in_context(span))
    return carrier["traceparent"]


class AnnouncingExporter(SpanExporter):
    """Sends spans by OTLP over HTTP; logs once that the collector fails, and once that it is back.

    The library would log every attempt, several times a second. Spans that are not accepted within
    EXPORT_SECONDS are dropped, so that an unavailable collector costs no memory.
    """

    def __init__(self) -> None:
        """Silence the library in the log."""
        self._library = _LibraryMessages()
        logging.getLogger(trace_exporter.__name__).addFilter(self._library)
        # "Queue full", every twenty seconds while the collector is unavailable.
        logging.getLogger("opentelemetry.sdk._shared_internal").setLevel(logging.ERROR)
        self._exporter = trace_exporter.OTLPSpanExporter()
        self._failing = self._leaving = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans; return whether the collector accepted them."""
        if self._failing and self._leaving:
            return SpanExportResult.FAILURE
        self._library.first = None
        result = self._exporter.export(spans)
        failed = result is not SpanExportResult.SUCCESS
        if failed and not self._failing:
            logger.warning("traces are not taken, they are dropped: %s", self._library.first)
        elif self._failing and not failed:
            logger.info("traces are taken again")
        self._failing = failed
        return result

    def leave(self) -> None:
        """Stop waiting for a collector that did not answer the last time."""
        self._leaving = True
        if self._failing:
            self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def shutdown(self) -> None:
        """Close the connection."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]


class _LibraryMessages(logging.Filter):
    """Keeps the library's messages out of the log, and stores the first of them."""

    first: str | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        self.first = self.first or record.getMessage()
        return False
