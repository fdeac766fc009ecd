"""A consumer that takes messages in batches and acknowledges what has been committed.

One thread talks to the broker (and so answers heartbeats whatever the database does), others
process the batches; while they work the next batch gathers. Batches therefore grow with the load by
themselves.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from energy_contracts.errors import Reason
from energy_contracts.names import DEAD_LETTER_EXCHANGE, DETAIL_HEADER, REASON_HEADER
from service_kit import tracing
from service_kit.backoff import backoff_seconds
from service_kit.broker.connection import (
    BROKER_UNAVAILABLE,
    BrokerUnavailable,
    Connection,
    ExchangeMissing,
    Topology,
    connect,
    is_misconfiguration,
)
from service_kit.broker.deliveries import Deliveries, DeliveryConnection
from service_kit.broker.publisher import ConfirmingPublisher, Message
from service_kit.counters import (
    BATCH_MESSAGES,
    BATCH_SECONDS,
    BROKER_INTERRUPTIONS,
    CONSUMING,
    DEAD_LETTERED,
    UNACKNOWLEDGED,
)
from service_kit.database import Stopped
from service_kit.signals import StopFlag

logger = logging.getLogger(__name__)

#: Bytes received that wait for their batch. A prefetch counts messages, of 100 bytes or a megabyte;
#: memory needs a bound in bytes.
MAX_WAITING_BYTES = 16 << 20

#: Seconds a message may wait for company before its batch is processed.
LINGER_SECONDS = 0.02

#: Seconds between two declarations of the topology on a connection that works.
RENEW_SECONDS = 5.0


@dataclass(frozen=True)
class Rejected:
    """A message, or a part of one, for the dead letters: code for programs, text for people."""

    body: bytes
    reason: str
    detail: str


class BatchConsumer:
    """Feeds `process` with batches of message bodies until `stop` is set.

    `process` runs in a thread of its own (in `parallel` of them, if that many full batches have
    gathered), commits, and returns what it refused; the refused are confirmed in the dead-letter
    queue before the batch is acknowledged. It may raise Stopped to leave the batch to the next
    consumer. It must be harmless to call twice with the same bodies: a crash between commit and
    acknowledgement delivers them again.

    A batch has at most `max_batch` messages, and no further one once it has `max_batch_bytes`.
    """

    def __init__(
        self,
        url: str,
        name: str,
        topology: Topology,
        process: Callable[[list[bytes]], list[Rejected]],
        stop: StopFlag,
        *,
        prefetch: int,
        max_batch: int,
        max_batch_bytes: int = 1 << 20,
        parallel: int = 1,
    ) -> None:
        self._url = url
        self._name = name
        self._topology = topology
        #: Readings may come by any exchange, events by ours alone.
        self._exchange = None if topology.exchange is None else topology.exchange.encode()
        self._process = process
        self._stop = stop
        self._prefetch = prefetch
        self._max_batch = max_batch
        self._max_batch_bytes = max_batch_bytes
        self._parallel = parallel
        #: Messages taken from the queue and not acknowledged yet; any thread may read it.
        self.unacknowledged = 0
        UNACKNOWLEDGED.labels(topology.queue).set_function(lambda: self.unacknowledged)
        self._dead_letters = ConfirmingPublisher(url, f"{name}-dead-letters")
        self._executor = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="process")

    def run(self) -> None:
        """Consume until told to stop.

        Raises for a wrong configuration, and what `process` raises.
        """
        waits = backoff_seconds()
        logged = False
        consuming = CONSUMING.labels(self._topology.queue)
        while not self._stop.is_set():
            consuming.set(0)
            begun = False
            try:
                with connect(self._url, self._name, DeliveryConnection) as connection:
                    session = _Session(self, connection)
                    session.begin()
                    logger.info("consuming %s", self._topology.queue)
                    consuming.set(1)
                    waits, logged, begun = backoff_seconds(), False, True
                    session.run()
            except BROKER_UNAVAILABLE as error:
                if is_misconfiguration(error) and not begun:
                    raise
                if begun:
                    BROKER_INTERRUPTIONS.labels(self._name, "connection_lost").inc()
                if not logged:
                    words = error or type(error).__name__
                    logger.warning("broker is unavailable, waiting: %s", words)
                    logged = True
                consuming.set(0)
                self._stop.wait(next(waits))
        consuming.set(0)
        self._executor.shutdown()
        self._dead_letters.close()

    def refuse(self, refused: list[Rejected]) -> list[Rejected]:
        """Publish to the dead letters; return those that were not confirmed.

        Raises: BrokerUnavailable.
        """
        letters = [
            Message(
                exchange=DEAD_LETTER_EXCHANGE,
                routing_key=self._topology.dead_letter_queue,
                body=one.body,
                # The same refused body has the same id, so that a repetition shows.
                message_id=f"{uuid5(NAMESPACE_OID, one.reason + one.body.hex())}-{position}",
                headers={REASON_HEADER: one.reason, DETAIL_HEADER: one.detail[:500]},
            )
            for position, one in enumerate(refused)
        ]
        try:
            unconfirmed = self._dead_letters.publish(letters)
        except ExchangeMissing:
            unconfirmed = set(range(len(letters)))
        for position, (one, letter) in enumerate(zip(refused, letters, strict=True)):
            if position in unconfirmed:
                continue
            logger.warning(
                "dead-lettered reason=%s detail=%s",
                one.reason,
                one.detail,
                extra={"message_id": letter.message_id},
            )
            DEAD_LETTERED.labels(self._topology.queue, one.reason).inc()
        return [refused[position] for position in sorted(unconfirmed)]

    def counted(self, bodies: list[bytes], foreign: list[bytes]) -> list[Rejected]:
        """Have a batch processed, and count it once it is committed; the foreign are refused.

        Whoever may publish anything may publish to any queue through the default exchange: with a
        meter's password one could write an event that makes a client an administrator. Only
        services may publish to our exchanges.
        """
        began = time.perf_counter()
        refused = self._process(bodies) if bodies else []
        detail = f"did not come by the exchange {self._topology.exchange!r}"
        refused += [Rejected(body, Reason.FOREIGN, detail) for body in foreign]
        BATCH_SECONDS.labels(self._topology.queue).observe(time.perf_counter() - began)
        BATCH_MESSAGES.labels(self._topology.queue).observe(len(bodies))
        return refused


class _Session:
    """One connection's life: what was received on it, what is being processed."""

    def __init__(self, consumer: BatchConsumer, connection: Connection) -> None:
        self._consumer = consumer
        self._connection = connection
        self._channel: BlockingChannel = connection.channel()
        self._received: deque[tuple[int, bytes, bytes]] = deque()
        self._received_bytes = 0
        #: Delivery tags of a channel are consecutive: their difference counts messages.
        self._received_tag = self._acknowledged_tag = 0
        self._oldest_at = 0.0
        #: The batches being processed with their last delivery tags, in the order of their tags.
        self._processing: deque[tuple[Future[list[Rejected]], int]] = deque()
        self._gave_up = False
        self._cancelled = False
        self._must_read = False
        self._tag = ""
        self._renew_at = time.monotonic() + RENEW_SECONDS

    def begin(self) -> None:
        """Declare what is missing and start to receive. Raises one of BROKER_UNAVAILABLE."""
        consumer = self._consumer
        consumer._topology.declare(self._channel)
        self._channel.basic_qos(prefetch_count=consumer._prefetch)
        self._channel.add_on_cancel_callback(self._on_cancelled)
        implementation: DeliveryConnection = self._connection._impl
        implementation.receive_much()
        implementation.on_deliveries = self._on_deliveries
        # Of events alone: of readings a batch is traced.
        implementation.with_traceparent = tracing.is_on() and consumer._exchange is not None
        # The deliveries never come this way; pika wants to know of a consumer all the same.
        self._tag = self._channel.basic_consume(consumer._topology.queue, lambda *_: None)

    def run(self) -> None:
        """Work until the process is to stop or the broker cancels the consumer."""
        consumer = self._consumer
        try:
            while not (consumer._stop.is_set() or self._cancelled):
                self._step()
                self._renew_topology()
            if self._cancelled:
                self._make_queue_again()
                self._drain()
            else:
                with self._unbraked():
                    self._channel.basic_cancel(self._tag)
                self._finish()
        finally:
            # A batch cut off from its broker still commits or gives up before a new session
            # starts: the same messages must not be in work twice.
            for processing, _ in self._processing:
                processing.exception()
            # The broker gave them back to the queue.
            consumer.unacknowledged = 0
            # The broker's farewell comes behind all that it has sent: unread, closing would wait
            # for it until the connection counts as dead.
            self._must_read = True
            self._brake()

    def _on_cancelled(self, _frame: object) -> None:
        self._cancelled = True

    def _make_queue_again(self) -> None:
        """Declare the queue before what is in hand is stored.

        Until it exists the broker drops what is sent to it.
        """
        consumer = self._consumer
        CONSUMING.labels(consumer._topology.queue).set(0)
        BROKER_INTERRUPTIONS.labels(consumer._name, "cancelled").inc()
        logger.warning(
            "the broker cancelled the consumer of %s: the queue was deleted or moved; declaring it "
            "again, %s received messages are still stored",
            consumer._topology.queue,
            len(self._received),
        )
        self._declare()

    def _declare(self) -> None:
        """Declare the topology, on a channel of its own: a failure closes the channel."""
        topology = self._consumer._topology
        try:
            with self._unbraked(), self._connection.channel() as channel:
                topology.declare(channel)
        except ChannelClosedByBroker as error:
            logger.error("%s cannot be declared: %s", topology.queue, error)

    def _drain(self) -> None:
        """Process all that was received: a deleted queue delivers nothing a second time."""
        while (self._received or self._processing) and not self._gave_up:
            self._step()

    def _renew_topology(self) -> None:
        """Declare again, now and then, what is deleted without a word to its consumers.

        Those are the exchange, the bindings, and the queue of dead letters.
        """
        if time.monotonic() < self._renew_at or self._received:
            return
        self._renew_at = time.monotonic() + RENEW_SECONDS
        self._declare()

    @contextmanager
    def _unbraked(self) -> Iterator[None]:
        """Read the socket while a question to the broker waits for its answer."""
        self._must_read = True
        self._brake()
        try:
            yield
        finally:
            self._must_read = False
        self._brake()

    def _on_deliveries(self, deliveries: Deliveries) -> None:
        if not self._received:
            self._oldest_at = time.monotonic()
            self._wake()
        self._received.extend(deliveries)
        self._received_bytes += sum(len(body) for _, _, body in deliveries)
        self._received_tag = deliveries[-1][0]
        self._count_unacknowledged()
        self._brake()

    def _count_unacknowledged(self) -> None:
        self._consumer.unacknowledged = self._received_tag - self._acknowledged_tag

    def _brake(self) -> None:
        implementation: DeliveryConnection = self._connection._impl
        implementation.brake(self._received_bytes > MAX_WAITING_BYTES and not self._must_read)

    def _step(self) -> None:
        if self._batch_is_due():
            self._start_batch()
        lingers = self._received and not self._processing
        self._connection.process_data_events(time_limit=LINGER_SECONDS if lingers else 1)
        self._acknowledge_done()

    def _batch_is_due(self) -> bool:
        """A second batch is started beside one in work only when it is full."""
        if not self._received or len(self._processing) >= self._consumer._parallel:
            return False
        if len(self._received) >= self._consumer._max_batch:
            return True
        if self._received_bytes >= self._consumer._max_batch_bytes:
            return True
        return not self._processing and time.monotonic() - self._oldest_at >= LINGER_SECONDS

    def _start_batch(self) -> None:
        consumer = self._consumer
        batch: list[bytes] = []
        foreign: list[bytes] = []
        size = tag = 0
        while (
            self._received and len(batch) < consumer._max_batch and size < consumer._max_batch_bytes
        ):
            tag, exchange, body = self._received.popleft()
            known = consumer._exchange in (None, exchange)
            (batch if known else foreign).append(body)
            size += len(body)
        self._received_bytes -= size
        self._oldest_at = time.monotonic()
        processing = consumer._executor.submit(consumer.counted, batch, foreign)
        self._processing.append((processing, tag))
        processing.add_done_callback(self._wake)
        self._brake()

    def _wake(self, _done: object = None) -> None:
        # When the connection is gone its loop is too: nobody to wake.
        with suppress(*BROKER_UNAVAILABLE):
            self._connection.add_callback_threadsafe(lambda: None)

    def _acknowledge_done(self) -> None:
        while self._processing and self._processing[0][0].done():
            processing, tag = self._processing.popleft()
            try:
                refused = processing.result()
            except Stopped:
                # An acknowledgement counts for all before it: from here on there is none.
                self._gave_up = True
            except BROKER_UNAVAILABLE as error:
                # Not the broker's: retried as an outage it would be retried endlessly.
                raise RuntimeError("a batch could not be processed") from error
            if self._gave_up:
                continue
            if refused:
                self._refuse(refused)
            self._channel.basic_ack(tag, multiple=True)
            self._acknowledged_tag = tag
            self._count_unacknowledged()

    def _refuse(self, refused: list[Rejected]) -> None:
        """Have the refused confirmed among the dead letters. Raises BrokerUnavailable.

        Their queue may have been deleted: then it is declared again, and they are sent once more.
        """
        unconfirmed = self._consumer.refuse(refused)
        if unconfirmed:
            self._declare()
            unconfirmed = self._consumer.refuse(unconfirmed)
        if unconfirmed:
            raise BrokerUnavailable(f"{len(unconfirmed)} dead letters were not confirmed")

    def _finish(self) -> None:
        """Acknowledge the batches in hand; what was only received goes back to the queue."""
        while self._processing:
            self._connection.process_data_events(time_limit=0.2)
            self._acknowledge_done()
