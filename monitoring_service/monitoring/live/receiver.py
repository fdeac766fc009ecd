"""The subscription of one live process to the pushes, over Channels' layer.

After an interruption the layer connects again by itself and does not report it, although pushes
were lost in between. Three means detect the interruption: Redis's client calls a function on each
connection, a heartbeat that the process sends to its group every second must come back, and it
cannot be sent while nothing listens at the address of Redis.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import redis
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from redis.asyncio import Connection
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from monitoring.live.pushes import GROUP, LAYER, Heartbeat, Push, decode, send
from service_kit.process.background import start_task

logger = logging.getLogger(__name__)

#: Seconds between heartbeats.
HEARTBEAT_SECONDS = 1

#: Seconds without a heartbeat after which the connection counts as dead. The layer itself notices a
#: connection that was closed, not one whose other end vanished.
SILENCE_SECONDS = 20

#: Seconds that subscribing may take, and between attempts.
SUBSCRIBE_SECONDS = 5
RETRY_SECONDS = 1

#: Seconds between the layer's own attempts to connect again.
RECONNECT_SECONDS = 0.25


class PushReceiver:
    """Hand each push that arrives to `on_push`, and report interruptions.

    `receiving` is set while pushes arrive. `on_interruption` is called at once when they no longer
    do, or when some may have been lost.

    Requires: calls from the event loop that made it.
    """

    def __init__(
        self, on_push: Callable[[Push], None], on_interruption: Callable[[], None]
    ) -> None:
        """Prepare; `run` subscribes."""
        self.receiving = asyncio.Event()
        self._on_push = on_push
        self._on_interruption = on_interruption
        self._interrupted = False
        self._warned = False
        self._sent = 0
        self._received = 0
        self._received_at = 0.0
        #: A heartbeat sent before the latest interruption does not prove that it has ended.
        self._first_counted = 0
        self._layer = RedisPubSubChannelLayer(**self._layer_options())

    async def run(self) -> None:
        """Keep this process subscribed until the task is cancelled."""
        while True:
            try:
                await self._stay_subscribed()
            except (redis.RedisError, OSError) as error:
                self._warn(error)
                self._interrupt()
                await asyncio.sleep(RETRY_SECONDS)

    async def _stay_subscribed(self) -> None:
        """Subscribe and receive. Raises OSError or RedisError when no heartbeat comes back."""
        task: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(SUBSCRIBE_SECONDS):
                channel = await self._layer.new_channel()
                await self._layer.group_add(GROUP, channel)
            task = start_task("pushes", self._receive(channel))
            await self._send_heartbeats(channel)
        finally:
            if task is not None:
                task.cancel()
            # An error here would take the place of a cancellation, and `run` would never end.
            # A Redis that is unavailable shows at the next subscription.
            with contextlib.suppress(redis.RedisError, OSError):
                await self._layer.flush()

    async def _send_heartbeats(self, channel: str) -> None:
        self._received, self._received_at = self._sent, time.monotonic()
        while True:
            self._sent += 1
            try:
                await send(Heartbeat(channel, self._sent))
            except (redis.ConnectionError, OSError) as error:
                self._warn(error)
                self._interrupt()
            except redis.RedisError as error:
                # A busy Redis may take longer than the client waits: silence decides.
                self._warn(error)
            await asyncio.sleep(HEARTBEAT_SECONDS)
            silence = time.monotonic() - self._received_at
            # More than one: a process that was suspended has not yet read what waits for it.
            if silence > SILENCE_SECONDS and self._sent > self._received + 1:
                raise TimeoutError(f"no heartbeat came back for {silence:.0f} s")

    async def _receive(self, channel: str) -> None:
        # Not `self._layer.receive`: when it is cancelled it unsubscribes, waits for Redis as long
        # as Redis is unavailable, and logs a traceback when it is cancelled again.
        messages = self._layer.channels[channel]
        while True:
            try:
                push = decode(self._layer.deserialize(await messages.get()))
                if not isinstance(push, Heartbeat):
                    self._on_push(push)
                elif push.channel == channel and push.number >= self._first_counted:
                    self._take_heartbeat(push.number)
            except Exception:
                # A push of another version, or a bug, must not end the updates of all sockets.
                logger.exception("a malformed push was skipped")

    def _take_heartbeat(self, number: int) -> None:
        self._received, self._received_at = number, time.monotonic()
        self.receiving.set()
        if self._warned or self._interrupted:
            logger.info("Redis is available again, sockets receive updates")
        self._warned = self._interrupted = False

    async def _report_connection(self, connection: Connection) -> None:
        """Note that the layer connected: pushes since the end of the last connection are lost."""
        await connection.on_connect()
        self._interrupt()

    def _interrupt(self) -> None:
        """Note that pushes may be lost until a heartbeat that is sent from now on comes back."""
        self._first_counted = self._sent + 1
        if self.receiving.is_set():
            self._interrupted = True
            self.receiving.clear()
            self._on_interruption()

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            logger.warning("Redis is unavailable, sockets receive no updates: %s", error)
        self._warned = True

    def _layer_options(self) -> dict[str, Any]:
        """Return the options of the layer in the settings, for a layer that only receives."""
        layers: dict[str, Any] = settings.CHANNEL_LAYERS
        options: dict[str, Any] = deepcopy(layers[LAYER]["CONFIG"])
        for host in options["hosts"]:
            host["redis_connect_func"] = self._report_connection
            # Without end: each attempt that failed would be logged with its traceback.
            host["retry"] = Retry(ConstantBackoff(RECONNECT_SECONDS), -1)
        return options
