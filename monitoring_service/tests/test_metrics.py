"""The metrics of the service agree with its tables, and a scrape takes nothing from the broker."""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

import pika
import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from energy_contracts.names import READINGS_QUEUE
from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import store_messages
from service_kit.broker.connection import connect
from service_kit.observability import metrics
from service_kit.outbox.models import OutboxEvent

from .dead_letters.queues import consumer

__all__ = ["consumer"]


def scraped() -> dict[str, float]:
    """Return the value of each sample by its name and the values of its labels."""
    # Prometheus scrapes by this host name, which no browser uses.
    answer = Client().get("/metrics", HTTP_HOST="monitoring-web:8002")
    assert answer.status_code == 200
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_readings_are_counted_by_their_outcome(db):
    reading = b'{"timestamp": "2026-11-22T10:40:00Z", "device_id": "%s", "measurement_value": 1}'
    body = reading % str(uuid4()).encode()
    store_messages([body, body, b"nonsense"], DeviceCache())

    samples = scraped()

    outcomes = ("stored", "corrected", "duplicates", "rejected")
    assert [samples[f"ems_readings_total {outcome}"] for outcome in outcomes] == [1, 0, 1, 1]
    assert samples["ems_readings_rejected_total not_json"] == 1
    assert samples["ems_unclaimed_devices"] == 1


def test_the_oldest_event_of_the_outbox_is_reported_with_its_age(db):
    assert scraped()["ems_outbox_oldest_seconds"] == 0
    OutboxEvent.objects.create(event_id=uuid4(), event_type="x", body="{}")
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(hours=1))

    samples = scraped()

    assert samples["ems_outbox_events"] == 1
    assert 3_590 <= samples["ems_outbox_oldest_seconds"] <= 3_700


def test_requests_are_timed_by_route_and_not_by_paths_or_methods_that_clients_invent(db):
    for path in ("/health/live", f"/nowhere/{uuid4()}", f"/nowhere/{uuid4()}"):
        Client().get(path)
    Client().generic("INVENTED", "/health/live")

    names = [name for name in scraped() if name.startswith("ems_request_seconds_count ")]

    assert "ems_request_seconds_count GET health/live 200" in names
    assert len([name for name in names if " GET none " in name]) == 1
    assert not [name for name in names if "nowhere" in name or "INVENTED" in name]


class CountingProxy(socketserver.ThreadingTCPServer):
    """A server that forwards connections to the broker and counts them."""

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), ForwardingHandler)
        broker = urlsplit(url)
        self.broker = (broker.hostname, broker.port)
        netloc = f"{broker.username}:{broker.password}@127.0.0.1:{self.server_address[1]}"
        self.url = broker._replace(netloc=netloc).geturl()
        self.connections = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=[0.05])
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class ForwardingHandler(socketserver.BaseRequestHandler):
    server: CountingProxy

    def handle(self) -> None:
        self.server.connections += 1
        with socket.create_connection(self.server.broker) as upstream:
            answers = threading.Thread(target=_forward, args=[upstream, self.request])
            answers.start()
            _forward(self.request, upstream)
            answers.join()


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_a_scrape_opens_one_connection_to_a_virtual_host_and_takes_no_message(
    db, consumer, settings
):
    meters, platform = settings.METERS_RABBITMQ_URL, settings.RABBITMQ_URL
    with connect(meters, "test") as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        properties = pika.BasicProperties(timestamp=1_000)
        channel.basic_publish("", READINGS_QUEUE, b"{}", properties)

    with CountingProxy(meters) as of_meters, CountingProxy(platform) as of_platform:
        settings.METERS_RABBITMQ_URL, settings.RABBITMQ_URL = of_meters.url, of_platform.url
        samples = scraped()

    assert samples[f"ems_queue_messages {READINGS_QUEUE}"] == 1
    assert (of_meters.connections, of_platform.connections) == (1, 1)
    with connect(meters, "test") as connection:
        method, _, _ = connection.channel().basic_get(READINGS_QUEUE)
    assert not method.redelivered


def test_metrics_omit_queue_depths_when_the_broker_is_down(db, settings, caplog):
    url = f"amqp://nobody:{uuid4()}@127.0.0.1:1/"
    settings.RABBITMQ_URL = settings.METERS_RABBITMQ_URL = url

    with caplog.at_level(logging.INFO):
        samples = scraped()

    assert "ems_outbox_events" in samples
    assert not [name for name in samples if name.startswith(("ems_queue_messages", "ems_oldest"))]
    assert "without the broker" in caplog.text


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:1x", "203.0.113.1:1"])
def test_a_worker_with_a_wrong_address_for_metrics_logs_it_and_continues(
    monkeypatch, caplog, address
):
    monkeypatch.setenv("METRICS_BIND", address)

    metrics.serve()

    assert "METRICS_BIND" in caplog.text
