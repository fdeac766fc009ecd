"""One connection to the broker, from the first packet to the last."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from pika import BasicProperties, URLParameters, exceptions, spec
from pika.adapters.select_connection import IOLoop, SelectConnection

from device_simulator.readings import Message

logger = logging.getLogger(__name__)

#: Seconds after which a session counts as useful, even if it had nothing to send.
LASTED = 30.0

_PERSISTENT = 2
# Answers of the broker that waiting does not change: wrong login, no such virtual host, no
# permission, the queue exists with other arguments.
_LASTING_REPLY_CODES = (402, 403, 404, 406, 530)


T = TypeVar("T")

#: Attempts to make the socket pair that pika's loop wakes itself with.
SOCKET_PAIR_ATTEMPTS = 3


def with_own_socket_pair(create: Callable[[], T]) -> T:
    """Return the pika connection or event loop that `create` makes; raises what `create` raises.

    pika connects a TCP socket to itself, to wake its loop. Linux rejects that sometimes while
    thousands of connections were closed a moment ago; the publisher's thread would end with it, and
    nothing would be sent any more. The next attempt takes new port numbers.
    """
    for _ in range(SOCKET_PAIR_ATTEMPTS - 1):
        try:
            return create()
        except ConnectionRefusedError:
            continue
    return create()


class Supply(Protocol):
    """The publisher as a session uses it: a source of messages, and the receiver of results."""

    queue: str
    window: int
    confirm_timeout: float

    def take(self, most: int) -> list[Message]:
        """Return the next messages to send, at most `most`."""

    def on_confirmed(self, messages: Sequence[Message]) -> None:
        """Count messages that the broker confirmed."""

    def on_ready(self) -> None:
        """Note that the session can send."""


class Session:
    """One connection. Everything but `call` runs in the publisher's thread."""

    def __init__(self, supply: Supply, parameters: URLParameters) -> None:
        """Begin to connect; `run` continues."""
        self.in_flight: dict[int, Message] = {}
        """Unconfirmed messages by delivery tag, in the order of sending."""
        self.starved = False
        """Whether the session is ready and has nothing to send: the next message has to wake it."""
        self.reason = "connection lost"
        self.lasting = False
        self._supply = supply
        self._blocked = False
        self._ready_at: float | None = None
        self._confirmed_any = False
        self._next_tag = 1
        self._last_progress = time.monotonic()
        self._channel: Any = None
        self._given_up = False
        self._failure: Exception | None = None
        self._loop = with_own_socket_pair(IOLoop)
        self._connection = SelectConnection(
            parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_closed,
            on_close_callback=self._on_closed,
            custom_ioloop=self._loop,
        )

    def call(self, function: Callable[[], None]) -> None:
        """Run a function in the thread.

        Requires: the lock that keeps the session alive.
        """
        self._loop.add_callback_threadsafe(function)

    def run(self) -> None:
        """Serve the connection until it ends; `reason` and `in_flight` hold the result.

        Raises an exception of the supply.
        """
        try:
            self._loop.start()
        except Exception as error:
            # Any exception of pika ends here: without this thread nothing would be sent again, and
            # every caller would wait without end.
            self.reason = str(error) or type(error).__name__
            logger.debug("the connection failed", exc_info=True)
        if self._failure is not None:
            raise self._failure

    def dispose(self) -> None:
        """Close the sockets, because days without a broker make thousands of sessions."""
        self._loop.close()

    def close(self) -> None:
        """Begin to close the connection."""
        if not (self._connection.is_closing or self._connection.is_closed):
            if self._connection.is_open:
                self._connection.close()
            else:
                self._loop.stop()  # still connecting: there is no connection to close

    def was_useful(self) -> bool:
        """Return whether to try again soon: this session had messages confirmed, or lasted."""
        lasted = self._ready_at is not None and time.monotonic() - self._ready_at > LASTED
        return self._confirmed_any or lasted

    def pump(self) -> None:
        """Send waiting messages, as far as the window allows."""
        if self._ready_at is None or self._given_up or self._blocked:
            return
        room = self._supply.window - len(self.in_flight)
        if room <= 0:
            return
        taken = self._supply.take(room)
        if not self.in_flight:
            self._last_progress = time.monotonic()
        for message in taken:
            # In flight first: if publishing raises, the message is still sent again.
            self.in_flight[self._next_tag] = message
            self._next_tag += 1
            self._channel.basic_publish(
                exchange="",
                routing_key=self._supply.queue,
                body=message.body,
                properties=BasicProperties(
                    content_type="application/json",
                    delivery_mode=_PERSISTENT,
                    message_id=message.message_id,
                    timestamp=int(time.time()),
                ),
                mandatory=True,
            )

    # --- opening ----------------------------------------------------------------------------------

    def _on_open(self, connection: Any) -> None:
        connection.add_on_connection_blocked_callback(self._on_blocked)
        connection.add_on_connection_unblocked_callback(self._on_unblocked)
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_channel_closed)
        channel.add_on_return_callback(self._on_returned)
        # No declaration: the platform declares, a meter may not. A missing queue returns messages.
        channel.confirm_delivery(self._on_confirmation, callback=self._on_ready)

    def _on_ready(self, _frame: Any) -> None:
        self._ready_at = self._last_progress = time.monotonic()
        self._supply.on_ready()
        self._watch()
        self.pump()

    # --- answers of the broker --------------------------------------------------------------------

    def _on_confirmation(self, frame: Any) -> None:
        if self._given_up:
            return
        method = frame.method
        if isinstance(method, spec.Basic.Nack):
            self._give_up("the broker rejected a message")
            return
        confirmed = self._settle(method.delivery_tag, method.multiple)
        self._last_progress = time.monotonic()
        self._confirmed_any = True
        try:
            self._supply.on_confirmed(confirmed)
        except Exception as error:
            # pika takes an exception for a lost connection: all would be sent again, without end.
            self._failure = error
            self._loop.stop()
            return
        self.pump()

    def _settle(self, tag: int, multiple: bool) -> Sequence[Message]:
        if not multiple:
            return [self.in_flight.pop(tag)] if tag in self.in_flight else []
        tags = []
        for each in self.in_flight:  # in order of sending, so it ends early
            if each > tag:
                break
            tags.append(each)
        return [self.in_flight.pop(each) for each in tags]

    def _on_returned(self, _channel: Any, _method: Any, _properties: Any, _body: bytes) -> None:
        # The broker confirms a message that it returned, right after: give up before that arrives.
        self._give_up(f"the queue {self._supply.queue} was not there")

    def _on_blocked(self, _connection: Any, _frame: Any) -> None:
        self._blocked = True
        logger.warning("the broker is short of memory or disk and takes nothing; waiting")

    def _on_unblocked(self, _connection: Any, _frame: Any) -> None:
        self._blocked = False
        self._last_progress = time.monotonic()
        logger.warning("the broker takes messages again")
        self.pump()

    # --- ending -----------------------------------------------------------------------------------

    def _watch(self) -> None:
        silence = time.monotonic() - self._last_progress
        if self.in_flight and not self._blocked and silence > self._supply.confirm_timeout:
            self._give_up("the broker confirmed nothing in time")
            return
        self._loop.call_later(min(1.0, self._supply.confirm_timeout / 4), self._watch)

    def _give_up(self, reason: str) -> None:
        if not self._given_up:
            self._given_up = True
            self.reason = reason
            self.close()

    def _on_channel_closed(self, _channel: Any, error: Exception) -> None:
        if isinstance(error, exceptions.ChannelClosedByBroker):
            self.lasting = error.reply_code in _LASTING_REPLY_CODES
            self._give_up(error.reply_text)

    def _on_closed(self, _connection: Any, error: Exception | str) -> None:
        if not self._given_up:
            self.lasting = _is_lasting(error)
            self.reason = _plain(error)
        self._loop.stop()


def _is_lasting(error: Exception | str) -> bool:
    # pika wraps a rejected login in an error that a connection cut at that moment also raises; only
    # the first contains the broker's own answer.
    text = str(error)
    return "ConnectionClosedByBroker" in text and any(
        f"({code})" in text for code in _LASTING_REPLY_CODES
    )


def _plain(error: Exception | str) -> str:
    """Return the innermost cause of pika's nested errors, in a few words."""
    if isinstance(error, exceptions.ConnectionClosed):
        return str(error.reply_text)
    while isinstance(error, Exception) and error.args:
        inner = getattr(error.args[0], "exception", error.args[0])
        if not isinstance(inner, Exception):
            break
        error = inner
    return str(error) or type(error).__name__
