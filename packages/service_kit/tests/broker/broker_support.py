"""Fixtures and helpers of the broker's tests: own queues, a publisher, a consumer in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.conf import settings
from prometheus_client import REGISTRY

from energy_contracts.names import dead_letter_queue
from service_kit.broker import (
    BatchConsumer,
    ConfirmingPublisher,
    FastSource,
    Message,
    PikaSource,
    Rejected,
    Topology,
    queue_depths,
)
from service_kit.broker.connection import connect
from service_kit.process.signals import StopFlag
from service_kit.testing.deliveries import on_bodies


@pytest.fixture(autouse=True)
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have consumers take deliveries by the fast path, or by that of `both_sources`."""
    chosen = getattr(request, "param", FastSource)
    monkeypatch.setitem(BatchConsumer.__init__.__kwdefaults__, "source", chosen)


#: Run a test of a consumer with the fast path and with pika's own.
both_sources = pytest.mark.parametrize("source", [FastSource, PikaSource], indirect=True)


@pytest.fixture
def queue() -> Iterator[str]:
    name = f"test-{uuid4().hex}"
    yield name
    with connect(settings.RABBITMQ_URL, "test") as connection:
        channel = connection.channel()
        channel.queue_delete(name)
        channel.queue_delete(dead_letter_queue(name))


@pytest.fixture
def publisher() -> Iterator[ConfirmingPublisher]:
    publisher = ConfirmingPublisher(settings.RABBITMQ_URL, "test-publisher")
    yield publisher
    publisher.close()


def declare(queue: str) -> Topology:
    topology = Topology(queue, dead_letter_queue(queue))
    with connect(settings.RABBITMQ_URL, "test") as connection:
        topology.declare(connection.channel())
    return topology


def messages(queue: str, bodies: list[bytes]) -> list[Message]:
    return [Message("", queue, body, uuid4().hex) for body in bodies]


class Running:
    """A consumer in a thread, stopped at the end of the block."""

    def __init__(
        self, topology: Topology, process: Callable[[list[bytes]], list[Rejected]], **options: int
    ) -> None:
        self.stop = StopFlag()
        sizes = {"prefetch": 20, "max_batch": 10, **options}
        self.consumer = BatchConsumer(
            settings.RABBITMQ_URL, "test", topology, on_bodies(process), self.stop, **sizes
        )
        self.thread = threading.Thread(target=self.consumer.run)

    def __enter__(self) -> Running:
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


def delete(queue: str) -> None:
    with connect(settings.RABBITMQ_URL, "test") as connection:
        connection.channel().queue_delete(queue)


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def depth(queue: str) -> int | None:
    return queue_depths(settings.RABBITMQ_URL, [queue])[queue]
