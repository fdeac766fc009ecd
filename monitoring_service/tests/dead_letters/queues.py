"""The queues of readings and of their dead letters, for the tests of several subjects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from energy_contracts.names import READINGS_QUEUE, dead_letter_queue
from monitoring.dead_letters import services, views
from service_kit.broker import BatchConsumer, Topology, peek
from service_kit.broker.connection import connect
from service_kit.process.signals import StopFlag

from ..conftest import at

DEAD = dead_letter_queue(READINGS_QUEUE)
TOPOLOGY = Topology(READINGS_QUEUE, DEAD)


@pytest.fixture
def consumer() -> Iterator[BatchConsumer]:
    """Return a consumer like that of ingest; its queues are empty before and after the test."""
    batch_consumer = BatchConsumer(
        settings.METERS_RABBITMQ_URL,
        "test",
        TOPOLOGY,
        lambda deliveries: [],
        StopFlag(),
        prefetch=1,
        max_batch=1,
        dead_letters_url=settings.RABBITMQ_URL,
    )
    empty()
    yield batch_consumer
    empty()
    batch_consumer.dead_letters.close()


def empty() -> None:
    """Declare the queues of readings and dead letters, and purge them."""
    for url in (settings.METERS_RABBITMQ_URL, settings.RABBITMQ_URL):
        with connect(url, "test") as connection:
            channel = connection.channel()
            TOPOLOGY.declare(channel)
            for queue in (READINGS_QUEUE, DEAD):
                channel.queue_purge(queue)


def message(device_id, minutes: int, kwh: object) -> dict:
    return {"device_id": str(device_id), "timestamp": at(minutes), "measurement_value": kwh}


def waiting() -> list[bytes]:
    """Return the bodies in the queue of readings."""
    return [queued.body for queued in peek(settings.METERS_RABBITMQ_URL, READINGS_QUEUE, 100)]


@pytest.fixture
def no_answer_waits(monkeypatch) -> None:
    """Let no answer wait for its replay or discard: a test does that work itself."""
    monkeypatch.setattr(views, "WAIT_SECONDS", 0)


def replay_everything() -> None:
    """Do all replays that are requested."""
    while services.replay_next_slice() is not None:
        pass
