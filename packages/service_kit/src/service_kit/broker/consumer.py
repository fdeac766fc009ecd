"""A consumer that takes messages in batches and acknowledges them after their commit.

One thread talks to the broker, and so answers heartbeats whatever the database does. Other threads
process the batches, while messages for the next batch gather. So batches grow with the load.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from energy_contracts.errors import Reason
from service_kit.broker.connection import (
    BROKER_UNAVAILABLE,
    Connection,
    Topology,
    connect,
    is_misconfiguration,
)
from service_kit.broker.dead_letters import DeadLetterPublisher, Rejected
from service_kit.broker.delivery import Delivery
from service_kit.broker.session import Limits, Session
from service_kit.broker.sources import DeliverySource, FastSource
from service_kit.process.backoff import backoff_seconds
from service_kit.process.counters import (
    BATCH_MESSAGES,
    BATCH_SECONDS,
    BROKER_INTERRUPTIONS,
    CONSUMING,
    UNACKNOWLEDGED,
)
from service_kit.process.signals import StopFlag

logger = logging.getLogger(__name__)

#: Processes a batch and returns its rejected messages.
Process = Callable[[list[Delivery]], list[Rejected]]


class BatchConsumer:
    """Feeds `process` with batches of deliveries until `stop` is set.

    `process` runs in a thread of its own (in `parallel` of them, if that many full batches have
    gathered), commits, and returns the messages that it rejects; they are confirmed in the
    dead-letter queue before the batch is acknowledged. It may raise Stopped to leave the batch to
    the next consumer. It must be idempotent: a crash between commit and acknowledgement delivers
    the same messages again.

    A batch has at most `max_batch` messages, and no further one once it has `max_batch_bytes`.
    """

    def __init__(
        self,
        url: str,
        name: str,
        topology: Topology,
        process: Process,
        stop: StopFlag,
        *,
        prefetch: int,
        max_batch: int,
        max_batch_bytes: int = 1 << 20,
        parallel: int = 1,
        source: type[DeliverySource] = FastSource,
        dead_letters_url: str | None = None,
    ) -> None:
        """`name` is shown in the broker's list of connections.

        `dead_letters_url` names the virtual host of the dead letters, if that of `url` is another.
        """
        self._url = url
        self._name = name
        self._topology = topology
        self._process = process
        self._stop = stop
        self._limits = Limits(prefetch, max_batch, max_batch_bytes, parallel)
        self._source = source
        self._session: Session | None = None
        UNACKNOWLEDGED.labels(topology.queue).set_function(lambda: self.unacknowledged)
        self.dead_letters = DeadLetterPublisher(
            dead_letters_url or url, f"{name}-dead-letters", topology
        )
        self._executor = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="process")

    @property
    def unacknowledged(self) -> int:
        """Messages taken from the queue and not acknowledged yet; any thread may read it."""
        session = self._session
        return 0 if session is None else session.unacknowledged

    @property
    def oldest_timestamp(self) -> int | None:
        """Unix time that the sender set in the oldest unacknowledged message, None for none.

        Any thread may read it.
        """
        session = self._session
        return None if session is None else session.oldest_timestamp

    def run(self) -> None:
        """Consume until `stop` is set.

        Raises: pika's error for a wrong configuration, and every error of `process` but Stopped.
        """
        waits = backoff_seconds()
        logged = False
        consuming = CONSUMING.labels(self._topology.queue)
        while not self._stop.is_set():
            consuming.set(0)
            begun = False
            try:
                with connect(self._url, self._name, self._source.implementation) as connection:
                    self._session = session = self._new_session(connection)
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
                self._session = None
                self._stop.wait(next(waits))
            finally:
                # The broker requeues all messages that were not acknowledged.
                self._session = None
        consuming.set(0)
        self._executor.shutdown()
        self.dead_letters.close()

    def _new_session(self, connection: Connection) -> Session:
        return Session(
            self._name,
            connection,
            self._topology,
            self._limits,
            self._source,
            lambda batch: self._executor.submit(self._process_batch, batch),
            self.dead_letters.publish,
            self._stop,
        )

    def _process_batch(self, batch: list[Delivery]) -> list[Rejected]:
        """Process a batch, count it once it is committed, and reject foreign messages.

        A user who may publish at all may publish to any queue through the default exchange: with a
        meter's password one could write an event that makes a client an administrator. Only
        services may publish to our exchanges. Readings may come by any exchange.
        """
        began = time.perf_counter()
        exchange, foreign = self._topology.exchange, []
        if exchange is not None:
            foreign = [delivery for delivery in batch if delivery.exchange != exchange]
            batch = [delivery for delivery in batch if delivery.exchange == exchange]
        rejected = self._process(batch) if batch else []
        detail = f"did not come by the exchange {exchange!r}"
        rejected += [Rejected(delivery.body, Reason.FOREIGN, detail) for delivery in foreign]
        BATCH_SECONDS.labels(self._topology.queue).observe(time.perf_counter() - began)
        BATCH_MESSAGES.labels(self._topology.queue).observe(len(batch))
        return rejected
