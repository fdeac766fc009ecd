"""The ledger as administrators read it: balanced counts, and the messages that ingest holds."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pika
import pytest
import redis
from django.conf import settings

from energy_contracts.names import READINGS_QUEUE
from monitoring.ingest.pipeline import store_messages
from monitoring.ledger import unacknowledged
from service_kit.broker import BatchConsumer, Delivery, Rejected
from service_kit.broker.connection import connect
from service_kit.process.signals import StopFlag
from service_kit.testing.waiting import wait_until

from ..dead_letters.queues import DEAD, TOPOLOGY, consumer, message

__all__ = ["consumer"]

pytestmark = pytest.mark.django_db

URL = "/api/monitoring/ingestion/"


def store(cache, *messages: object):
    return store_messages([json.dumps(body).encode() for body in messages], cache)


def test_the_ledger_balances_in_total_and_in_every_minute(api, admin, meter, cache, consumer):
    store(
        cache,
        message(meter, 0, 0.1),
        message(meter, 0, 0.1),
        message(meter, 0, 0.2),
        "nonsense",
    )
    store(cache, message(uuid4(), 0, 0.1))

    ledger = api(admin).get(URL).json()

    expected = {"received": 5, "stored": 2, "corrected": 0, "duplicates": 1, "rejected": 2}
    assert ledger["totals"] == expected
    assert ledger["rejected_by_reason"] == {"conflict": 1, "wrong_shape": 1}
    assert len(ledger["per_minute"]) == 60
    summed = {name: sum(minute[name] for minute in ledger["per_minute"]) for name in expected}
    assert summed == expected
    outcomes = ("stored", "corrected", "duplicates", "rejected")
    for minute in ledger["per_minute"]:
        assert minute["received"] == sum(minute[outcome] for outcome in outcomes)
    assert ledger["queues"] == {READINGS_QUEUE: 0, DEAD: 0}
    assert ledger["oldest_unprocessed_seconds"] == 0
    assert ledger["unclaimed_devices"] == 1


def test_the_ledger_is_shown_while_the_broker_is_unavailable(api, admin, settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"amqp://u:p@127.0.0.1:{unused.getsockname()[1]}/"
        settings.RABBITMQ_URL = settings.METERS_RABBITMQ_URL = url

        answer = api(admin).get(URL)
        letters = api(admin).get(f"{URL}dead-letters/")

    assert answer.status_code == 200
    assert answer.json()["queues"] is None
    assert answer.json()["oldest_unprocessed_seconds"] is None
    assert letters.status_code == 503
    assert letters.json()["code"] == "unavailable"


@pytest.fixture
def reports() -> Iterator[None]:
    """Remove the reports of ingest processes before and after the test."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(unacknowledged._KEY)
    yield
    client.delete(unacknowledged._KEY)


def test_messages_that_ingest_holds_are_the_sum_of_the_reports_of_its_processes(
    api, admin, consumer, reports
):
    assert api(admin).get(URL).json()["unacknowledged_messages"] is None

    unacknowledged._write("one:8000", "")
    unacknowledged._write("other:3", "")
    unacknowledged._write("one:7000", "one:8000")

    ledger = api(admin).get(URL).json()
    assert ledger["unacknowledged_messages"] == 7003
    assert ledger["queues"][READINGS_QUEUE] == 0
    assert ledger["oldest_unprocessed_seconds"] is None


def test_the_last_report_of_a_dead_ingest_process_is_not_counted(
    api, admin, consumer, reports, monkeypatch
):
    monkeypatch.setattr(unacknowledged, "EXPIRY_SECONDS", -1)
    unacknowledged._write("dead:8000", "")
    monkeypatch.undo()
    unacknowledged._write("alive:0", "")

    ledger = api(admin).get(URL).json()

    assert ledger["unacknowledged_messages"] == 0
    assert ledger["oldest_unprocessed_seconds"] == 0


def publish(*timestamps: int | None) -> None:
    """Publish a message to the queue of readings for each Unix time."""
    with connect(settings.METERS_RABBITMQ_URL, "test") as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for timestamp in timestamps:
            properties = pika.BasicProperties(timestamp=timestamp)
            channel.basic_publish("", READINGS_QUEUE, b"{}", properties)


@pytest.mark.parametrize(("sent_seconds_ago", "at_least"), [(100, 100), (-50, 0), (None, None)])
def test_the_age_of_the_oldest_message_is_that_of_the_first_one_that_ingest_holds(
    sent_seconds_ago, at_least, api, admin, consumer, reports
):
    sent_at = None if sent_seconds_ago is None else int(time.time()) - sent_seconds_ago
    publish(sent_at, int(time.time()))
    stop, release = StopFlag(heartbeat=False), threading.Event()

    def process(deliveries: list[Delivery]) -> list[Rejected]:
        release.wait(30)
        return []

    holding = BatchConsumer(
        settings.METERS_RABBITMQ_URL, "test", TOPOLOGY, process, stop, prefetch=2, max_batch=1
    )
    thread = threading.Thread(target=holding.run)
    thread.start()
    try:
        wait_until(lambda: holding.unacknowledged == 2)
        unacknowledged._write(unacknowledged._member("one", holding), "")
        ledger = api(admin).get(URL).json()
    finally:
        stop.set()
        release.set()
        thread.join(30)

    assert ledger["queues"][READINGS_QUEUE] == 0
    assert ledger["unacknowledged_messages"] == 2
    if at_least is None:
        assert ledger["oldest_unprocessed_seconds"] is None
    else:
        assert ledger["oldest_unprocessed_seconds"] >= at_least
    assert (holding.unacknowledged, holding.oldest_timestamp) == (0, None)


def test_the_age_of_the_oldest_message_is_that_of_all_processes(api, admin, consumer, reports):
    now = int(time.time())
    for member in (f"new:{now - 5}:3", f"stuck:{now - 500}:3", "older-release:3", "idle::0"):
        unacknowledged._write(member, "")

    ledger = api(admin).get(URL).json()

    assert ledger["unacknowledged_messages"] == 9
    assert 500 <= ledger["oldest_unprocessed_seconds"] < 560


def test_the_age_of_messages_that_no_process_takes_is_unknown(api, admin, consumer, reports):
    publish(int(time.time()) - 100)

    ledger = api(admin).get(URL).json()

    assert ledger["queues"][READINGS_QUEUE] == 1
    assert ledger["oldest_unprocessed_seconds"] is None


def test_unregistered_devices_are_listed_with_their_readings(api, admin, cache):
    device_id = uuid4()
    sent = [(0, 0.1), (15, 0.2), (30, 0.3), (70, 0.1), (85, 0.217)]
    store(cache, *[message(device_id, minute, kwh) for minute, kwh in sent])

    (device,) = api(admin).get(f"{URL}unclaimed/").json()["results"]

    assert device["device_id"] == str(device_id)
    assert device["readings"] == 5
    assert device["last_reading_at"] == "2026-03-10T13:25:00Z"
    assert device["last_reading_value"] == 0.217
    assert device["interval_seconds"] == 900
    assert device["first_seen_at"].endswith("Z")


def test_an_unregistered_device_with_one_reading_has_no_interval(api, admin, cache):
    store(cache, message(uuid4(), 0, 0.1))

    (device,) = api(admin).get(f"{URL}unclaimed/").json()["results"]

    assert device["interval_seconds"] is None
    assert device["last_reading_value"] == 0.1


@pytest.mark.parametrize("path", ["", "unclaimed/", "dead-letters/", "dead-letters/discards/"])
def test_routes_of_ingestion_are_for_administrators_alone(path, api, alice):
    assert api(alice).get(URL + path).status_code == 403
    assert api().get(URL + path).status_code == 401
    for work in ("replay", "discards"):
        answer = api(alice).post(f"{URL}dead-letters/{work}/", {"all": True}, format="json")
        assert answer.status_code == 403
