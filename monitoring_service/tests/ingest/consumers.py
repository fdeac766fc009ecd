"""Real ingest processes on a real queue, which a test can kill at chosen failpoints."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from typing import Any, NamedTuple
from uuid import uuid4

import pika
from django.conf import settings
from django.db import connections

from energy_contracts.names import REASON_HEADER, dead_letter_queue
from monitoring.ingest import pipeline
from monitoring.ingest.results import IngestResult
from monitoring.management.commands import consume_measurements
from service_kit.broker import Delivery, Rejected, Topology
from service_kit.broker.connection import connect
from service_kit.process.signals import StopFlag

#: Seconds after which a queue that is not empty counts as stuck.
TOO_LONG = 30

_FORK = multiprocessing.get_context("fork")


class Crash(NamedTuple):
    """An end as by `kill -9`: at this failpoint of the process's n-th transaction."""

    place: str
    transaction: int


class Queue:
    """A queue of readings with its dead letters, for one test."""

    def __init__(self, channel: Any) -> None:
        name = f"test.{uuid4().hex}"
        self.topology = Topology(name, dead_letter_queue(name))
        self._channel = channel
        self.topology.declare(channel)
        channel.confirm_delivery()

    def publish(self, bodies: Sequence[bytes]) -> None:
        """Publish messages, persistent and confirmed, as meters should."""
        for body in bodies:
            self._channel.basic_publish(
                "", self.topology.queue, body, pika.BasicProperties(delivery_mode=2), mandatory=True
            )

    def state(self) -> tuple[int, int]:
        """Return (messages ready, consumers)."""
        method = self._channel.queue_declare(self.topology.queue, passive=True).method
        return method.message_count, method.consumer_count

    def ready_when_nobody_consumes(self) -> int:
        """Wait until the queue has no consumer, and return the number of messages ready.

        The queue removes a dead consumer and requeues its messages in one step.
        """
        end = time.monotonic() + TOO_LONG
        while True:
            ready, consumers = self.state()
            if consumers == 0:
                return ready
            assert time.monotonic() < end, "the broker does not notice that a consumer is dead"
            time.sleep(0.002)

    def take_dead_letters(self) -> Counter[str]:
        """Remove all dead letters; return their number by reason."""
        reasons: Counter[str] = Counter()
        while True:
            method, properties, _ = self._channel.basic_get(self.topology.dead_letter_queue, True)
            if method is None:
                return reasons
            reasons[properties.headers[REASON_HEADER]] += 1

    def delete(self) -> None:
        for name in (self.topology.queue, self.topology.dead_letter_queue):
            self._channel.queue_delete(name)


@contextmanager
def queue() -> Iterator[Queue]:
    """Make a queue, and delete it after the block."""
    with connect(settings.METERS_RABBITMQ_URL, "test") as connection:
        queue_of_test = Queue(connection.channel())
        try:
            yield queue_of_test
        finally:
            queue_of_test.delete()


class Consumers:
    """Pairs of processes that empty a queue; `committed` counts the readings of their batches."""

    def __init__(self, queue: Queue, batch: int) -> None:
        self._queue, self._batch = queue, batch
        self._committed: Synchronized[int] = _FORK.Value("q", 0)
        self._processed: Synchronized[int] = _FORK.Value("q", 0)

    @property
    def committed(self) -> int:
        return self._committed.value

    def empty_queue(self, crashes: list[Crash], meanwhile: Callable[[], None]) -> None:
        """Start two consumers, and two more as long as the queue is not empty.

        One consumer dies for each of `crashes`; `meanwhile` runs beside the first two.
        """
        left = list(crashes)
        while ready := self._queue.ready_when_nobody_consumes():
            goal = self._processed.value + ready
            # A child that shares a connection would close it for this process, too.
            connections.close_all()
            started = [
                _FORK.Process(target=self._consume, args=(left.pop() if left else None,))
                for _ in range(2)
            ]
            for process in started:
                process.start()
            try:
                meanwhile()
                meanwhile = _nothing
                self._await(goal, started)
                for process in started:
                    process.terminate()
                for process in started:
                    process.join(TOO_LONG)
                    # SIGTERM: the process was terminated before it began.
                    assert process.exitcode in (0, -signal.SIGKILL, -signal.SIGTERM)
            finally:
                for process in started:
                    process.kill()

    def _await(self, goal: int, started: list[Any]) -> None:
        end = time.monotonic() + TOO_LONG
        while self._processed.value < goal and any(process.is_alive() for process in started):
            assert time.monotonic() < end, "the queue was not emptied"
            time.sleep(0.002)

    def _consume(self, crash: Crash | None) -> None:
        """Run the command with small batches; count them, and die at the failpoint of `crash`."""
        transactions, readings = 0, 0
        process_batch, commit = consume_measurements.process_batch, consume_measurements.commit

        def failpoint(place: str) -> None:
            if place == "ingest-before-ack":
                with self._committed.get_lock():
                    self._committed.value += readings
            if crash == (place, transactions):
                os.kill(os.getpid(), signal.SIGKILL)

        def counting_commit(batch: pipeline.PreparedBatch, *rest: Any) -> IngestResult:
            nonlocal transactions, readings
            transactions += 1
            readings = len(batch.readings) + len(batch.rejected)
            return commit(batch, *rest)

        def counting_process(
            deliveries: list[Delivery], work: Any, stop: StopFlag, **options: Any
        ) -> list[Rejected]:
            rejected = process_batch(deliveries, work, stop, **options)
            with self._processed.get_lock():
                self._processed.value += len(deliveries)
            return rejected

        pipeline.failpoint = failpoint
        consume_measurements.commit = counting_commit
        consume_measurements.process_batch = counting_process
        # The queue of the test and its dead letters are in one virtual host.
        settings.RABBITMQ_URL = settings.METERS_RABBITMQ_URL
        consume_measurements.READINGS_QUEUE = self._queue.topology.queue
        consume_measurements.MAX_BATCH = self._batch
        pika.BlockingConnection.process_data_events = _impatient
        consume_measurements.Command().handle()
        # The copy of the test in this process must not run to its end.
        os._exit(0)


def _nothing() -> None:
    """Do nothing beside the consumers."""


_process_data_events = pika.BlockingConnection.process_data_events


def _impatient(connection: pika.BlockingConnection, time_limit: float) -> None:
    """Process events for 10 ms at most: else an idle consumer notices its end once a second."""
    _process_data_events(connection, min(time_limit, 0.01))
