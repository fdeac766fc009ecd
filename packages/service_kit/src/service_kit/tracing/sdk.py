"""The only module that imports OpenTelemetry; `service_kit.tracing` loads it when it is wanted."""

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
        """A span that is the current one within; an error is noted by its class."""
        with self._tracer.start_as_current_span(
            name,
            _context(parent),
            SpanKind[kind],
            attributes,
            # An error's text may quote anything: a unique key, with the name that is taken.
            record_exception=False,
            set_status_on_exception=False,
        ) as found:
            try:
                yield found
            except Exception as error:
                self.fail(found, type(error).__name__)
                raise

    @contextmanager
    def spans(
        self, wanted: Sequence[tuple[str, str | None, Mapping[str, str | int]]]
    ) -> Iterator[list[str | None]]:
        """Spans (name, parent, attributes) of messages that are sent within; their traceparents.

        None for one without a parent.
        """
        started = [
            None
            if parent is None
            else self._tracer.start_span(name, _context(parent), SpanKind.PRODUCER, attributes)
            for name, parent, attributes in wanted
        ]
        made = [one for one in started if one is not None]
        try:
            yield [None if one is None else _traceparent(one) for one in started]
        except Exception as error:
            for one in made:
                self.fail(one, type(error).__name__)
            raise
        finally:
            for one in made:
                one.end()

    def fail(self, span: Span, error_type: str) -> None:
        """Mark a span as that of something that went wrong."""
        span.set_attribute("error.type", error_type)
        span.set_status(Status(StatusCode.ERROR))

    def traceparent(self) -> str | None:
        """The current span's, None where there is none or it is not sampled."""
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
    """Sends spans by OTLP over HTTP; says once that they are not taken, and once that they are.

    The library would say it at every attempt, several times a second. What is not taken within
    EXPORT_SECONDS is dropped, so that a collector that is away costs no memory.
    """

    def __init__(self) -> None:
        self._library = _Words()
        logging.getLogger(trace_exporter.__name__).addFilter(self._library)
        # "Queue full", every twenty seconds while the collector is away.
        logging.getLogger("opentelemetry.sdk._shared_internal").setLevel(logging.ERROR)
        self._exporter = trace_exporter.OTLPSpanExporter()
        self._away = self._leaving = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self._away and self._leaving:
            return SpanExportResult.FAILURE
        self._library.first = None
        found = self._exporter.export(spans)
        away = found is not SpanExportResult.SUCCESS
        if away and not self._away:
            logger.warning("traces are not taken, they are dropped: %s", self._library.first)
        elif self._away and not away:
            logger.info("traces are taken again")
        self._away = away
        return found

    def leave(self) -> None:
        """From now on nobody waits again for a collector that did not answer the last time."""
        self._leaving = True
        if self._away:
            self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]


class _Words(logging.Filter):
    """Keeps what the library says out of the log, and the first of it for ours."""

    first: str | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        self.first = self.first or record.getMessage()
        return False
