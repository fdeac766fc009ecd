"""The publisher for callers: its waiting messages, its counts, and the loop that reconnects."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Sequence
from queue import SimpleQueue
from types import TracebackType

from pika import URLParameters

from device_simulator.publisher.session import Session
from device_simulator.readings import Message

logger = logging.getLogger(__name__)

#: The platform's queue of readings, reached through the default exchange.
QUEUE = "device_data_queue"

#: Messages that may be unconfirmed at once. Fewer leave the connection idle while the broker writes
#: to disk; more only increase the number sent twice after a loss.
WINDOW = 2_000

#: Messages that may wait for the window before `publish` makes its caller wait.
CAPACITY = 4_000

#: Seconds without one confirmation of unconfirmed messages, after which the connection is closed.
CONFIRM_TIMEOUT = 30.0

#: Seconds: the n-th try in a row comes after a random time up to FIRST x 2^n, never above MAX.
FIRST_BACKOFF = 1.0
MAX_BACKOFF = 30.0

#: Seconds that closing the connection may take; a broker that is short of memory never answers.
CLOSE_TIMEOUT = 1.0

#: Seconds between heartbeats; a silent broker is noticed after two.
HEARTBEAT = 30


class BrokerRejection(Exception):
    """The broker's answer that it will never accept messages from this sender."""


class Publisher:
    """A confirmed publisher for one thread of callers. Use as a context manager."""

    def __init__(
        self,
        url: str,
        *,
        queue: str = QUEUE,
        window: int = WINDOW,
        capacity: int = CAPACITY,
        confirm_timeout: float = CONFIRM_TIMEOUT,
        confirmed_messages: SimpleQueue[Message] | None = None,
    ) -> None:
        """Put each message into `confirmed_messages`, if given, once the broker confirmed it."""
        self.queue = queue
        self.window = window
        self.confirm_timeout = confirm_timeout
        self._capacity = capacity
        self._confirmed_messages = confirmed_messages
        self._parameters = URLParameters(url)
        self._parameters.heartbeat = HEARTBEAT
        self._parameters.connection_attempts = 1  # the loop below retries, with jitter
        self._parameters.socket_timeout = 10
        self._parameters.blocked_connection_timeout = None  # an alarm is waited for
        self._parameters.client_properties = {"connection_name": "device-simulator"}
        self._address = f"{self._parameters.host}:{self._parameters.port}"

        # Guards all below; notified when there is room, when all is confirmed, on a rejection.
        self._changed = threading.Condition()
        self._waiting: deque[Message] = deque()
        self._unconfirmed_readings = 0  # readings handed over and not yet confirmed or discarded
        self._confirmed = 0
        self._discarded = 0
        self._rejection: BrokerRejection | None = None
        self._session: Session | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._unavailable = False
        self._was_ready = False

    def __enter__(self) -> Publisher:
        """Start the thread that connects and sends."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection; see `close`."""
        self.close()

    # --- for the caller ---------------------------------------------------------------------------

    @property
    def confirmed(self) -> int:
        """Return the number of readings that the broker has confirmed."""
        return self._confirmed

    @property
    def unconfirmed(self) -> int:
        """Return the number of readings handed over and not confirmed yet."""
        return self._unconfirmed_readings

    @property
    def discarded(self) -> int:
        """Return the number of readings that `offer` discarded because too many waited."""
        return self._discarded

    def publish(self, message: Message, stop: threading.Event) -> bool:
        """Hand a message over, once there is room; return False if `stop` was set first.

        Raises BrokerRejection.
        """
        with self._changed:
            while len(self._waiting) >= self._capacity:
                self.raise_rejection()
                if stop.is_set():
                    return False
                self._changed.wait(0.2)  # bounded: signal handlers set `stop` without notifying
            self._append(message)
        return True

    def offer(self, message: Message) -> None:
        """Hand a message over without waiting; if too many wait, discard the oldest.

        Raises BrokerRejection.
        """
        with self._changed:
            if len(self._waiting) >= self._capacity:
                if not self._discarded:
                    logger.warning("too many readings wait; the oldest are discarded from now on")
                oldest = self._waiting.popleft()
                self._discarded += oldest.readings
                self._unconfirmed_readings -= oldest.readings
            self._append(message)

    def raise_rejection(self) -> None:
        """Raise BrokerRejection if the broker will never accept anything."""
        if self._rejection is not None:
            raise self._rejection

    def wait_confirmed(self, timeout: float | None, stop: threading.Event | None = None) -> bool:
        """Wait until all is confirmed; return False after `timeout` seconds or when `stop` is set.

        Raises BrokerRejection.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while self._unconfirmed_readings:
                self.raise_rejection()
                if stop is not None and stop.is_set():
                    return False
                if deadline is not None and time.monotonic() >= deadline:
                    return False
                self._changed.wait(0.1)
        return True

    def close(self) -> None:
        """End the connection without waiting for confirmations: see `wait_confirmed`."""
        with self._changed:
            self._closing.set()
            if self._session is not None:
                self._session.call(self._session.close)
        self._thread.join(CLOSE_TIMEOUT)

    # --- for the session, in the thread -----------------------------------------------------------

    def take(self, most: int) -> list[Message]:
        """Return the next messages to send, at most `most`."""
        with self._changed:
            taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
            if self._session is not None:
                # Under the lock: else a message handed over now would wake no session.
                self._session.starved = len(taken) < most
            if len(self._waiting) <= self._capacity // 2:
                self._changed.notify_all()
        return taken

    def on_confirmed(self, messages: Sequence[Message]) -> None:
        """Count messages that the broker confirmed."""
        readings = sum(message.readings for message in messages)
        if self._confirmed_messages is not None:
            for message in messages:
                self._confirmed_messages.put(message)
        with self._changed:
            self._confirmed += readings
            self._unconfirmed_readings -= readings
            if not self._unconfirmed_readings:
                self._changed.notify_all()
        self._log_available()

    def on_ready(self) -> None:
        """Note that a session can send."""
        self._was_ready = True
        if not self._unconfirmed_readings:
            self._log_available()

    # --- inside -----------------------------------------------------------------------------------

    def _append(self, message: Message) -> None:
        self.raise_rejection()
        self._waiting.append(message)
        self._unconfirmed_readings += message.readings
        if self._session is not None and self._session.starved:
            self._session.starved = False
            self._session.call(self._session.pump)

    def _run(self) -> None:
        try:
            self._keep_connecting()
        except Exception as error:
            # Without this thread nothing is sent again: callers must get an error, not wait.
            logger.exception("the publisher failed")
            self._reject(f"internal error: {error}")

    def _reject(self, reason: str) -> None:
        with self._changed:
            self._rejection = BrokerRejection(f"{self._address}: {reason}")
            self._changed.notify_all()

    def _keep_connecting(self) -> None:
        failures = 0
        while not self._closing.is_set():
            session = Session(self, self._parameters)
            with self._changed:
                self._session = session
                if self._closing.is_set():
                    session.call(session.close)
            session.run()
            with self._changed:
                self._session = None
                session.dispose()
                self._waiting.extendleft(reversed(session.in_flight.values()))
            if self._closing.is_set():
                return
            if session.lasting and not self._was_ready:
                self._reject(session.reason)
                return
            self._log_unavailable(session.reason)
            failures = 0 if session.was_useful() else failures + 1
            self._closing.wait(backoff(failures))

    def _log_unavailable(self, reason: str) -> None:
        if not self._unavailable:
            self._unavailable = True
            logger.warning(
                "waiting for the broker at %s (%s); %d readings are kept for it",
                self._address,
                reason,
                self._unconfirmed_readings,
            )

    def _log_available(self) -> None:
        if self._unavailable:
            self._unavailable = False
            logger.warning("the broker at %s is back", self._address)


def backoff(failures: int) -> float:
    """Return seconds to wait after failures in a row; full jitter, so that senders spread out."""
    ceiling = min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** min(failures, 10))
    return random.uniform(0, ceiling)
