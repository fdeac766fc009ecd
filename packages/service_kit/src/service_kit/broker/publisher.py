"""A message that `publish` does not return as unconfirmed is on the broker's disk.

An unconfirmed persistent message is lost when the broker is killed right after (measured: all of
2,000). Waiting for each confirm alone gives about 1,000 messages/s, so a batch is sent whole and
its confirms are gathered, on a connection whose own thread also answers heartbeats.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection
from pika.exceptions import ChannelClosedByBroker

from service_kit.broker.connection import (
    BrokerUnavailable,
    ExchangeMissing,
    is_misconfiguration,
    parameters,
    with_own_socket_pair,
)
from service_kit.process.backoff import backoff_seconds
from service_kit.process.counters import BROKER_INTERRUPTIONS
from service_kit.process.signals import StopFlag

logger = logging.getLogger(__name__)

#: Seconds to wait for a connection, and for the confirms of one batch: a blocked broker (disk
#: alarm) must become an error here, not a worker that hangs.
CONNECT_SECONDS = 15.0
CONFIRM_SECONDS = 20.0


@dataclass(frozen=True)
class Message:
    """A persistent JSON message; `message_id` must be unique within a batch."""

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    headers: dict[str, Any] = field(default_factory=dict)


class _Batch:
    """The indices of messages still without a confirm; only the connection's thread uses them."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self.by_tag: dict[int, int] = {}
        self.failed: set[int] = set()
        self.finished = threading.Event()

    def unconfirmed(self) -> set[int]:
        return self.failed | set(self.by_tag.values())


class ConfirmingPublisher:
    """Publishes batches, for one calling thread, on a connection of its own.

    It connects when first used, and again after a loss.
    """

    def __init__(self, url: str, name: str) -> None:
        """Connect at the first use; `name` appears in the broker's list of connections."""
        self._name = name
        self._parameters = parameters(url, name)
        self._connection: SelectConnection | None = None
        self._channel: Any = None
        self._opened = threading.Event()
        self._error: BaseException | None = None
        self._batch: _Batch | None = None
        self._next_tag = 1

    def publish(self, messages: Sequence[Message]) -> set[int]:
        """Return indices of the messages that were not confirmed or could not be routed.

        Raises: BrokerUnavailable without a connection, ExchangeMissing for an unknown exchange.
        """
        connection = self.connect()
        batch = _Batch(messages)
        try:
            connection.ioloop.add_callback_threadsafe(lambda: self._send(batch))
        except Exception as error:  # the loop ended between the check and the call
            self._drop()
            raise BrokerUnavailable(str(error)) from error
        if not batch.finished.wait(CONFIRM_SECONDS):
            logger.warning("no confirms within %s s, reconnecting", CONFIRM_SECONDS)
            self._drop()
        if isinstance(self._error, ChannelClosedByBroker) and self._error.reply_code == 404:
            raise ExchangeMissing(str(self._error))
        return batch.unconfirmed()

    def connect(self) -> SelectConnection:
        """Return the open connection.

        Raises: BrokerUnavailable, pika's own error for a wrong configuration.
        """
        if self._connection is not None and self._channel is not None and self._channel.is_open:
            return self._connection
        self._drop()
        self._opened, self._error, self._next_tag = threading.Event(), None, 1
        connection = with_own_socket_pair(
            lambda: SelectConnection(
                self._parameters,
                on_open_callback=self._on_open,
                on_open_error_callback=self._on_lost,
                on_close_callback=self._on_lost,
            )
        )
        self._connection = connection
        threading.Thread(target=self._run, args=[connection], name="publisher", daemon=True).start()
        self._opened.wait(CONNECT_SECONDS)
        if self._channel is None:
            error = self._failure()
            self._drop()
            if is_misconfiguration(error):
                raise error
            raise BrokerUnavailable(str(error) or type(error).__name__)
        return connection

    def _failure(self) -> BaseException:
        return self._error or TimeoutError(f"no answer within {CONNECT_SECONDS} s")

    def close(self) -> None:
        """Close the connection."""
        self._drop()

    def _drop(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is None:
            return

        def end() -> None:
            if connection.is_open:
                connection.close()
            else:
                connection.ioloop.stop()

        # The loop may have ended already.
        with suppress(Exception):
            connection.ioloop.add_callback_threadsafe(end)

    # From here on everything runs in the connection's thread.

    def _run(self, connection: SelectConnection) -> None:
        try:
            connection.ioloop.start()
        except Exception as error:
            # Without this the caller would wait for confirms that cannot come any more.
            logger.exception("the thread of %s failed, its connection is made again", self._name)
            self._fail(connection, error)
            if connection is self._connection:
                self._channel = None
        finally:
            # Its wake-up sockets would stay open after the connection is closed.
            connection.ioloop.close()

    def _on_open(self, connection: SelectConnection) -> None:
        connection.channel(on_open_callback=self._on_channel_open)

    def _on_channel_open(self, channel: Any) -> None:
        def ready(_frame: object) -> None:
            if channel.connection is self._connection:
                self._channel = channel
                self._opened.set()

        channel.add_on_return_callback(self._on_return)
        channel.add_on_close_callback(self._on_channel_lost)
        channel.confirm_delivery(self._on_confirm, callback=ready)

    def _on_channel_lost(self, channel: Any, error: BaseException) -> None:
        self._fail(channel.connection, error)
        if channel.connection.is_open:
            channel.connection.close()

    def _on_lost(self, connection: SelectConnection, error: BaseException) -> None:
        self._fail(connection, error)
        connection.ioloop.stop()

    def _fail(self, connection: SelectConnection, error: BaseException) -> None:
        """Release the waiting thread, unless the connection was replaced by a newer one."""
        if connection is not self._connection:
            return
        if self._channel is not None and self._error is None:
            BROKER_INTERRUPTIONS.labels(self._name, "connection_lost").inc()
        self._error = self._error or error
        self._opened.set()
        if self._batch is not None:
            self._batch.finished.set()

    def _send(self, batch: _Batch) -> None:
        self._batch = batch
        for index, message in enumerate(batch.messages):
            batch.by_tag[self._next_tag] = index
            self._next_tag += 1
            properties = pika.BasicProperties(
                content_type="application/json",
                delivery_mode=2,
                message_id=message.message_id,
                timestamp=int(time.time()),
                headers=message.headers or None,
            )
            self._channel.basic_publish(
                message.exchange, message.routing_key, message.body, properties, mandatory=True
            )
        if not batch.messages:
            batch.finished.set()

    def _on_confirm(self, frame: Any) -> None:
        batch, method = self._batch, frame.method
        if batch is None:
            return
        last = method.delivery_tag
        tags = [tag for tag in batch.by_tag if tag <= last] if method.multiple else [last]
        for tag in tags:
            index = batch.by_tag.pop(tag, None)
            if index is not None and isinstance(method, pika.spec.Basic.Nack):
                batch.failed.add(index)
        if not batch.by_tag:
            batch.finished.set()

    def _on_return(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        """Count an unroutable message as failed, although the broker confirms it."""
        batch = self._batch
        if batch is None:
            return
        logger.warning("no queue for %s: %s", method.routing_key, method.reply_text)
        for index, message in enumerate(batch.messages):
            if message.message_id == properties.message_id:
                batch.failed.add(index)


def wait_for_broker(publisher: ConfirmingPublisher, stop: StopFlag) -> None:
    """Return when the publisher is connected or the process is to stop; log an outage once."""
    for attempt, seconds in enumerate(backoff_seconds()):
        if stop.wait(seconds):
            return
        try:
            publisher.connect()
        except BrokerUnavailable as error:
            if attempt == 0:
                logger.warning("broker is unavailable, waiting: %s", error)
        else:
            if attempt:
                logger.info("broker is back")
            return
