"""Spans without personal data, and traces that continue in another process."""

from __future__ import annotations

import atexit
import json
import logging
from collections.abc import Iterator
from logging.config import dictConfig
from uuid import uuid4

import environ
import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse

from energy_contracts.events import DeletedData, new_event
from energy_contracts.names import SYNC_EXCHANGE, dead_letter_queue
from service_kit import settings as kit
from service_kit.broker import BatchConsumer, ConfirmingPublisher, Delivery, Rejected, Topology
from service_kit.broker.connection import connect
from service_kit.observability import tracing
from service_kit.observability.tracing.middleware import TracingMiddleware
from service_kit.outbox.services import outbox_append, outbox_publish_batch
from service_kit.process.signals import StopFlag
from service_kit.sync.dispatch import handle_events
from service_kit.testing.collector import Collector


@pytest.fixture
def collector(monkeypatch) -> Iterator[Collector]:
    """Trace this process for one test; its spans are sent by `flush`."""
    with Collector() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.delenv("OTEL_SDK_DISABLED", raising=False)
        monkeypatch.setattr(tracing, "_tracer", None)
        assert tracing.start()
        yield receiver
        tracing._tracer._leave()
        atexit.unregister(tracing._tracer._leave)


def flush() -> None:
    assert tracing._tracer._provider.force_flush()


def test_a_span_of_a_request_names_its_route_and_statements_without_values(collector, rf, db):
    def view(request, name):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s", [name])
        return HttpResponse(status=201)

    middleware = TracingMiddleware(lambda request: view(request, "Alice's secret"))
    request = rf.post("/people/alice/?token=secret-token", HTTP_AUTHORIZATION="Bearer secret-token")
    request.resolver_match = type("Match", (), {"route": "people/<name>/"})

    middleware(request)
    flush()

    statement, whole = collector.spans()
    assert (whole.service, whole.name) == ("kit_service", "POST people/<name>/")
    assert whole.attributes == {
        "http.request.method": "POST",
        "http.route": "people/<name>/",
        "http.response.status_code": 201,
        "ems.request_id": "-",
    }
    assert (statement.parent_id, statement.name) == (whole.span_id, "SELECT")
    assert statement.attributes == {
        "db.system.name": "postgresql",
        "db.query.text": "SELECT %s",
    }
    assert not any(word in collector.bodies[0].lower() for word in (b"alice", b"secret"))


def test_a_client_cannot_join_its_request_to_a_trace(collector, rf):
    foreign = "4bf92f3577b34da6a3ce929d0e0e4736"
    request = rf.get("/", HTTP_TRACEPARENT=f"00-{foreign}-00f067aa0ba902b7-01")

    TracingMiddleware(lambda _: HttpResponse())(request)
    flush()

    (span,) = collector.spans()
    assert span.trace_id != foreign
    assert span.parent_id == ""


@pytest.mark.django_db(transaction=True)
def test_a_span_of_an_error_holds_its_class_and_not_its_text(collector, rf):
    event = new_event("user_deleted", version=1, source="kit", data=DeletedData(id=uuid4()))

    def view(_):
        with transaction.atomic():
            outbox_append([event, event])

    with pytest.raises(IntegrityError, match=str(event.event_id)):
        TracingMiddleware(view)(rf.post("/"))
    flush()

    insert, whole = [span for span in collector.spans() if "error.type" in span.attributes]
    assert insert.name == "INSERT"
    assert {insert.attributes["error.type"], whole.attributes["error.type"]} == {"IntegrityError"}
    assert insert.events == whole.events == 0
    assert str(event.event_id).encode() not in b"".join(collector.bodies)


@pytest.fixture
def topology() -> Iterator[Topology]:
    name = f"test-{uuid4().hex}"
    topology = Topology(name, dead_letter_queue(name), SYNC_EXCHANGE, ("#",))
    with connect(settings.RABBITMQ_URL, "test") as broker:
        topology.declare(broker.channel())
        yield topology
        channel = broker.channel()
        channel.queue_delete(topology.queue)
        channel.queue_delete(topology.dead_letter_queue)


@pytest.mark.django_db(transaction=True)
def test_a_request_and_the_publication_and_handling_of_its_event_are_one_trace(
    collector, rf, topology
):
    traced, other = (
        new_event("user_deleted", version=1, source="kit", data=DeletedData(id=uuid4()))
        for _ in range(2)
    )
    handled, stop = [], StopFlag()

    def view(_):
        with transaction.atomic():
            outbox_append([traced])
        return HttpResponse()

    def handler(event):
        handled.append((event.event_id, tracing.trace_id()))
        if len(handled) == 2:
            stop.set()

    def process(deliveries: list[Delivery]) -> list[Rejected]:
        return handle_events(deliveries, {"user_deleted": handler})

    TracingMiddleware(view)(rf.post("/"))
    with transaction.atomic():
        outbox_append([other])
    publisher = ConfirmingPublisher(settings.RABBITMQ_URL, "test")
    assert outbox_publish_batch(publisher) == 2
    publisher.close()
    BatchConsumer(
        settings.RABBITMQ_URL, "test", topology, process, stop, prefetch=9, max_batch=9
    ).run()
    flush()

    spans = {span.name: span for span in collector.spans() if span.name not in ("INSERT", "SELECT")}
    assert set(spans) == {"POST none", "publish user_deleted", "process user_deleted"}
    request, publication, handling = spans.values()
    assert (request.name, publication.parent_id) == ("POST none", request.span_id)
    assert handling.parent_id == publication.span_id
    assert {span.trace_id for span in spans.values()} == {request.trace_id}
    assert handling.attributes["messaging.message.id"] == str(traced.event_id)
    assert handled == [(traced.event_id, request.trace_id), (other.event_id, "-")]


@pytest.mark.parametrize("form", ["json", "line"])
def test_a_log_line_within_a_span_has_its_trace(collector, monkeypatch, capsys, form):
    root = logging.getLogger()
    before = root.handlers[:], root.level
    monkeypatch.setenv("LOG_FORMAT", form)
    dictConfig(kit.logging(environ.Env(), "kit_service"))
    try:
        with tracing.span("work", "CONSUMER", attributes={}):
            trace_id = tracing.trace_id()
            logging.getLogger("x").warning("within")
        logging.getLogger("x").warning("after")
    finally:
        root.handlers, root.level = before

    within, after = capsys.readouterr().err.splitlines()
    assert len(trace_id) == 32
    if form == "json":
        assert json.loads(within)["trace_id"] == trace_id
        assert "trace_id" not in json.loads(after)
    else:
        assert within.endswith(f"WARNING x [- {trace_id}] within")
        assert after.endswith("WARNING x [- -] after")


def test_a_span_that_is_not_sampled_has_no_id(collector, monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    monkeypatch.setattr(tracing, "_tracer", None)
    tracing.start()

    with tracing.span("work", "CONSUMER", attributes={}):
        assert tracing.traceparent() is None
        assert tracing.trace_id() == "-"
