"""A consumer that takes messages in batches and acknowledges what has been committed.

Two threads: this one talks to the broker (and so answers heartbeats whatever the database does),
the other processes one batch at a time; while it works the next batch gathers. Batches therefore
grow with the load by themselves.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection

from energy_contracts.names import DETAIL_HEADER, REASON_HEADER
from service_kit.backoff import backoff_seconds
from service_kit.broker.connection import (
    BROKER_AWAY,
    BrokerAway,
    Topology,
    connect,
    is_misconfiguration,
)
from service_kit.broker.publisher import ConfirmingPublisher, Message
from service_kit.database import Stopped
from service_kit.signals import StopFlag

logger = logging.getLogger(__name__)

#: Bytes of one batch: a message may hold a thousand readings, and a transaction of a million rows
#: would hold its locks, and its memory, for a minute.
MAX_BATCH_BYTES = 1 << 20

#: Seconds a message may wait for company before its batch is processed.
LINGER_SECONDS = 0.02


@dataclass(frozen=True)
class Refused:
    """A message, or a part of one, for the dead letters: code for programs, text for people."""

    body: bytes
    reason: str
    detail: str


class BatchConsumer:
    """Feeds `process` with batches of message bodies until `stop` is set.

    `process` runs in a thread of its own, commits, and returns what it refused; the refused are
    confirmed in the dead-letter queue before the batch is acknowledged. It may raise Stopped to
    leave the batch to the next consumer. It must be harmless to call twice with the same bodies:
    a crash between commit and acknowledgement delivers them again.
    """

    def __init__(
        self,
        url: str,
        name: str,
        topology: Topology,
        process: Callable[[list[bytes]], list[Refused]],
        stop: StopFlag,
        *,
        prefetch: int,
        max_batch: int,
    ) -> None:
        self._url = url
        self._name = name
        self._topology = topology
        self._process = process
        self._stop = stop
        self._prefetch = prefetch
        self._max_batch = max_batch
        self._dead_letters = ConfirmingPublisher(url, f"{name}-dead-letters")
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="process")

    def run(self) -> None:
        """Consume until told to stop. Raises only for a wrong configuration."""
        waits = backoff_seconds()
        told = False
        while not self._stop.is_set():
            try:
                with connect(self._url, self._name) as connection:
                    logger.info("consuming %s", self._topology.queue)
                    waits, told = backoff_seconds(), False
                    _Session(self, connection).run()
            except (*BROKER_AWAY, BrokerAway) as error:
                if is_misconfiguration(error):
                    raise
                if not told:
                    logger.warning("broker is away, waiting: %s", error or type(error).__name__)
                    told = True
                self._stop.wait(next(waits))
        self._executor.shutdown()
        self._dead_letters.close()

    def refuse(self, refused: list[Refused]) -> None:
        """Have the refused confirmed in the dead-letter queue. Raises BrokerAway."""
        unconfirmed = self._dead_letters.publish(
            [
                Message(
                    exchange="",
                    routing_key=self._topology.dead_letter_queue,
                    body=one.body,
                    # The same refused body has the same id, so that a repetition shows.
                    message_id=f"{uuid5(NAMESPACE_OID, one.reason + one.body.hex())}-{position}",
                    headers={REASON_HEADER: one.reason, DETAIL_HEADER: one.detail[:500]},
                )
                for position, one in enumerate(refused)
            ]
        )
        if unconfirmed:
            raise BrokerAway(f"{len(unconfirmed)} dead letters were not confirmed")
        for one in refused:
            logger.warning("dead-lettered reason=%s detail=%s", one.reason, one.detail)


class _Session:
    """One connection's life: what was received on it, what is being processed."""

    def __init__(self, consumer: BatchConsumer, connection: BlockingConnection) -> None:
        self._consumer = consumer
        self._connection = connection
        self._channel: BlockingChannel = connection.channel()
        self._received: deque[tuple[int, bytes]] = deque()
        self._oldest_at = 0.0
        self._processing: Future[list[Refused]] | None = None
        self._processing_tag = 0

    def run(self) -> None:
        consumer = self._consumer
        consumer._topology.declare(self._channel)
        self._channel.basic_qos(prefetch_count=consumer._prefetch)
        tag = self._channel.basic_consume(consumer._topology.queue, self._on_message)
        try:
            while not consumer._stop.is_set():
                self._step()
            self._channel.basic_cancel(tag)
            self._finish()
        finally:
            # A batch cut off from its broker still commits or gives up before a new session
            # starts: two batches must not be in work at once.
            if self._processing is not None:
                self._processing.exception()

    def _on_message(self, _channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        if not self._received:
            self._oldest_at = time.monotonic()
        self._received.append((method.delivery_tag, body))

    def _step(self) -> None:
        if self._processing is None and self._received:
            waited = time.monotonic() - self._oldest_at
            if waited >= LINGER_SECONDS or len(self._received) >= self._consumer._max_batch:
                self._start_batch()
        if self._processing is None and self._received:
            self._connection.process_data_events(time_limit=LINGER_SECONDS)
        else:
            self._connection.process_data_events(time_limit=1)
        self._acknowledge_if_done()

    def _start_batch(self) -> None:
        batch, size = [self._received.popleft()], 0
        while self._received and len(batch) < self._consumer._max_batch and size < MAX_BATCH_BYTES:
            batch.append(self._received.popleft())
            size += len(batch[-1][1])
        self._processing_tag = batch[-1][0]
        self._processing = self._consumer._executor.submit(
            self._consumer._process, [body for _, body in batch]
        )
        self._processing.add_done_callback(self._wake)

    def _wake(self, _future: object) -> None:
        # When the connection is gone its loop is too: nobody to wake.
        with suppress(*BROKER_AWAY):
            self._connection.add_callback_threadsafe(lambda: None)

    def _acknowledge_if_done(self) -> None:
        processing = self._processing
        if processing is None or not processing.done():
            return
        self._processing = None
        try:
            refused = processing.result()
        except Stopped:
            return
        if refused:
            self._consumer.refuse(refused)
        self._channel.basic_ack(self._processing_tag, multiple=True)

    def _finish(self) -> None:
        """Acknowledge the batch in hand; what was only received goes back to the queue."""
        while self._processing is not None:
            self._connection.process_data_events(time_limit=0.2)
            self._acknowledge_if_done()
