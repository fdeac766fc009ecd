"""A change is one trace from its request to the other service, and the trace holds no secret."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from service_kit.testing.collector import Collector, SentSpan
from service_kit.testing.waiting import wait_until

from ...support.installation import Installation, World


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture
def traced(collector: Collector, tmp_path_factory) -> Iterator[Installation]:
    """A separate installation, because that of the other tests has no tracing."""
    port = int(os.environ["EMS_PORT"]) + 40
    with socket.create_server(("127.0.0.1", port)):
        pass
    installation = Installation(tmp_path_factory.mktemp("traced") / "home", port)
    installation.environment |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    installation.ems("up", "--detach", "--no-demo")
    yield installation
    installation.ems("reset", "--yes", check=False)


def test_an_assignment_is_one_trace_and_a_batch_of_readings_one_span(
    traced: Installation, collector: Collector
):
    world = World(traced)
    alice, alice_id = world.client("alice")
    device_id = world.device(name="alices-kitchen", serial_number="alices-serial")
    world.admin.get("/api/devices/", search="alices-kitchen")
    before = world.ledger()
    reading = {"timestamp": "2024-06-01T10:00:00Z", "device_id": device_id}
    traced.publish([{**reading, "measurement_value": 1}] * 2, b"nonsense")
    world.await_received(before, 3)

    world.assign(device_id, alice_id)

    def named(name: str, span_id: str | None = None) -> list[SentSpan]:
        return collector.spans(lambda span: span.name == name and span_id in (None, span.span_id))

    assigned = "POST api/devices/<uuid:device_id>/assignments/"
    (handling,) = wait_until(lambda: named("process device_assigned"))
    (publication,) = wait_until(lambda: named("publish device_assigned", handling.parent_id))
    (request,) = wait_until(lambda: named(assigned, publication.parent_id))
    assert {span.trace_id for span in (request, publication, handling)} == {request.trace_id}
    assert (request.parent_id, request.service) == ("", "device_service")
    assert (publication.service, handling.service) == ("device_service", "monitoring_service")
    assert request.attributes["http.response.status_code"] == 201

    wait_until(lambda: sum(received(span) for span in named("store readings")) == 3)
    batches = [span.attributes for span in named("store readings")]
    for outcome, count in (("stored", 1), ("duplicates", 1), ("rejected", 1)):
        assert sum(attributes[f"ems.readings.{outcome}"] for attributes in batches) == count

    # Nobody's: neither of those who ask nor of those who are spoken of.
    exported = b"".join(collector.bodies)
    admin = world.admin
    for word in (alice.username, alice.password, admin.username, admin.password, admin.token):
        assert word.encode() not in exported
    assert b"alices-" not in exported
    assert b"127.0.0.1" not in exported
    # Of those who watch over the processes, whole crowds of spans would come.
    assert not any("health" in span.name or "metrics" in span.name for span in collector.spans())


def received(batch: SentSpan) -> int:
    """Return the number of readings of a batch, whatever their outcome."""
    return sum(
        value for name, value in batch.attributes.items() if name.startswith("ems.readings.")
    )
