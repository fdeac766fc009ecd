"""The open sockets of one live process, seen together.

What they listen to is registered, what they may see is checked, and what Redis says is heard once
for all of them: five thousand sockets cost a few queries each half minute, not ten thousand.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar, Protocol
from uuid import UUID

import redis.asyncio
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from monitoring.api import exact_json
from monitoring.devices.visibility import AccessSnapshot, access_snapshot
from monitoring.live.metrics import PUSHES, SOCKETS
from monitoring.live.publisher import LISTENED_KEY, LISTENED_SECONDS, PUSH_CHANNEL, Paced
from service_kit.background import start_task

logger = logging.getLogger(__name__)

#: Seconds between renewals of the registration, and re-checks of what the users may see.
RENEW_SECONDS = 30

#: Seconds that a subscription waits for its registration, and between attempts after that.
REGISTER_SECONDS = 2
REGISTER_AGAIN_SECONDS = 1

#: Seconds between signs of life from Redis; two missed mean that the connection is dead.
REDIS_QUIET_SECONDS = 10

#: Sockets checked by one query.
CHECKED_AT_ONCE = 1_000

CLOSE_RESTARTED = 1012


class Listener(Protocol):
    """A socket whose user is known. None of its methods waits for the other end."""

    user_id: UUID
    sees_every_device: bool
    device_ids: set[UUID]
    alerts: bool

    def offer(self, detail: object, text: str) -> None:
        """Send a frame soon; it replaces one of the same detail that still waits."""

    def end_soon(self, code: int) -> None:
        """Close."""

    def review(self, found: AccessSnapshot) -> None:
        """Drop what the user may no longer see."""


class Audience:
    """Who listens to what. Made by the first socket of an event loop, used in that loop alone."""

    _present: ClassVar[Audience | None] = None

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._listeners: set[Listener] = set()
        self._by_device: defaultdict[str, set[Listener]] = defaultdict(set)
        self._by_user: defaultdict[str, set[Listener]] = defaultdict(set)
        self._paced: Paced[dict[str, Any]] = Paced()
        self._pushed = asyncio.Event()
        self._doubted: set[Listener] = set()
        self._doubt = asyncio.Event()
        #: Their devices are not registered, so what ingest pushes meanwhile is lost to them.
        self._unregistered: set[Listener] = set()
        self._hearing = asyncio.Event()
        self._interrupted = False
        self._redis = redis.asyncio.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=2,
            socket_timeout=5,
            # A kept connection is dead after a restart of Redis, and the first command on it fails.
            retry=Retry(NoBackoff(), 1),
        )
        self._tasks = [
            start_task("pushes", self._hear()),
            start_task("access checks", self._keep()),
            start_task("hand-out", self._hand_out()),
        ]

    @classmethod
    def here(cls) -> Audience:
        """The audience of this process's event loop."""
        if cls._present is None or cls._present._loop is not asyncio.get_running_loop():
            cls._present = cls()
        return cls._present

    def join(self, listener: Listener) -> None:
        """The listener's user is known from now on."""
        self._listeners.add(listener)
        SOCKETS.set(len(self._listeners))
        self._by_user[str(listener.user_id)].add(listener)

    def leave(self, listener: Listener) -> None:
        """Nothing is sent to the listener any more."""
        self._listeners.discard(listener)
        SOCKETS.set(len(self._listeners))
        self._doubted.discard(listener)
        self._unregistered.discard(listener)
        _remove(self._by_user, str(listener.user_id), listener)
        for device_id in listener.device_ids:
            _remove(self._by_device, str(device_id), listener)

    async def listen(self, listener: Listener, device_ids: set[UUID]) -> None:
        """Have the listener hear these devices and no others.

        What is pushed from now on arrives. While Redis is unavailable nothing is pushed; a listener
        that was registered late is closed, so that it connects and reads again.
        """
        added = self.assign(listener, device_ids)
        try:
            async with asyncio.timeout(REGISTER_SECONDS):
                await self._hearing.wait()
                await self._register(added)
        except (redis.RedisError, OSError):
            if listener in self._listeners:
                self._unregistered.add(listener)
                self._doubt.set()

    def assign(self, listener: Listener, device_ids: set[UUID]) -> set[UUID]:
        """As `listen`, without waiting for Redis; the devices that the listener did not hear."""
        for device_id in listener.device_ids - device_ids:
            _remove(self._by_device, str(device_id), listener)
        added = device_ids - listener.device_ids
        listener.device_ids = device_ids
        # One that has left meanwhile would be kept here for ever.
        for device_id in added if listener in self._listeners else ():
            self._by_device[str(device_id)].add(listener)
        return added

    async def _register(self, device_ids: Iterable[UUID]) -> None:
        """Tell ingest which devices somebody listens to."""
        until = time.time() + LISTENED_SECONDS
        scores = {str(device_id): until for device_id in device_ids}
        if scores:
            await self._redis.zadd(LISTENED_KEY, scores)

    # What Redis says.

    async def _hear(self) -> None:
        """Hear the pushes for ever; after an interruption everybody connects and reads anew."""
        try:
            while True:
                try:
                    await self._hear_until_lost()
                except (redis.RedisError, OSError) as error:
                    if not self._interrupted:
                        logger.warning("Redis is away, sockets hear nothing: %s", error)
                    self._interrupted = True
                    self._hearing.clear()
                    await asyncio.sleep(1)
        finally:
            await self._redis.aclose()

    async def _hear_until_lost(self) -> None:
        async with self._redis.pubsub() as pushes:
            await pushes.subscribe(PUSH_CHANNEL)
            asked = False
            while True:
                message = await pushes.get_message(timeout=REDIS_QUIET_SECONDS)
                if message is None:
                    if asked:
                        raise TimeoutError(f"silent for {2 * REDIS_QUIET_SECONDS} s")
                    await pushes.ping()
                    asked = True
                    continue
                asked = False
                if message["type"] == "subscribe":
                    self._heard_again()
                elif message["type"] == "message":
                    self._take_or_skip(message["data"])

    def _heard_again(self) -> None:
        if self._hearing.is_set():
            # The client connected again by itself; what was pushed in between is lost.
            self._interrupted = True
        self._hearing.set()
        if self._interrupted:
            self._interrupted = False
            logger.info("Redis is back")
            for listener in list(self._listeners):
                listener.end_soon(CLOSE_RESTARTED)

    def _take_or_skip(self, data: bytes) -> None:
        try:
            self._take(exact_json.decode(data))
        except Exception:
            # A push of another version, or a bug, must not end the updates of all sockets.
            logger.exception("a malformed push was skipped: %.200r", data)

    def _take(self, push: dict[str, Any]) -> None:
        for frame in push.get("hours", ()):
            if frame["device_id"] in self._by_device:
                self._paced.put(frame["device_id"], frame["start"], frame)
        self._pushed.set()
        for alert in push.get("alerts", ()):
            self._alert(alert["frame"], alert["user_ids"])
        if "access" in push:
            kind, _, name = push["access"].partition(".")
            found = self._by_user if kind == "user" else self._by_device
            self._doubted |= found.get(name, set())
            self._doubt.set()

    def _alert(self, frame: dict[str, Any], user_ids: list[str]) -> None:
        """To whoever listens to the device, and to whoever asked for all alerts of theirs."""
        listeners = set(self._by_device.get(frame["device_id"], ()))
        for user_id in user_ids:
            listeners |= {one for one in self._by_user.get(user_id, ()) if one.alerts}
        listeners |= {one for one in self._listeners if one.alerts and one.sees_every_device}
        text = exact_json.encode(frame).decode()
        for listener in listeners:
            listener.offer(("alert", frame["id"]), text)
        PUSHES.labels("alert").inc(len(listeners))

    async def _hand_out(self) -> None:
        """At most twice a second a device, however many processes push."""
        while True:
            try:
                async with asyncio.timeout(self._paced.seconds_left()):
                    await self._pushed.wait()
            except TimeoutError:
                pass
            self._pushed.clear()
            for frame in self._paced.due():
                text = exact_json.encode(frame).decode()
                listeners = list(self._by_device.get(frame["device_id"], ()))
                for listener in listeners:
                    listener.offer((frame["device_id"], frame["start"]), text)
                PUSHES.labels("hour").inc(len(listeners))

    # What the users may see.

    async def _keep(self) -> None:
        """Check the doubted at once, and everybody at each renewal."""
        renew_at = time.monotonic() + RENEW_SECONDS
        told = False
        while True:
            seconds = max(0.0, renew_at - time.monotonic())
            if self._unregistered:
                seconds = min(seconds, REGISTER_AGAIN_SECONDS)
            try:
                async with asyncio.timeout(seconds):
                    await self._doubt.wait()
            except TimeoutError:
                pass
            self._doubt.clear()
            doubted, self._doubted = self._doubted, set()
            renewal = time.monotonic() >= renew_at
            if renewal:
                renew_at = time.monotonic() + RENEW_SECONDS
                doubted = set(self._listeners)
            try:
                # First what the database says: it may answer while Redis does not.
                await self._check(list(doubted))
                await self._register_late()
                if renewal:
                    await self._register(UUID(device_id) for device_id in list(self._by_device))
                told = False
            except (redis.RedisError, OSError, Error) as error:
                # Nobody is sent away because we cannot look; the next renewal looks again.
                if not told:
                    logger.warning("what sockets may see was not checked: %s", error)
                told = True

    async def _register_late(self) -> None:
        """Register what was not, as soon as pushes are heard; those listeners read again."""
        late = set(self._unregistered)
        if late and self._hearing.is_set():
            devices = {device_id for listener in late for device_id in listener.device_ids}
            await self._register(devices)
            self._unregistered -= late
            for listener in late & self._listeners:
                listener.end_soon(CLOSE_RESTARTED)

    async def _check(self, listeners: list[Listener]) -> None:
        for begin in range(0, len(listeners), CHECKED_AT_ONCE):
            some = listeners[begin : begin + CHECKED_AT_ONCE]
            users = {listener.user_id for listener in some}
            asked = {listener: listener.device_ids for listener in some}
            devices = {device_id for device_ids in asked.values() for device_id in device_ids}
            found = await database_sync_to_async(access_snapshot)(users, devices)
            for listener in some:
                if listener.device_ids is asked[listener]:
                    listener.review(found)
                elif listener in self._listeners:
                    # It subscribed meanwhile: to devices that were not asked about, and would all
                    # be taken from it.
                    self._doubted.add(listener)
                    self._doubt.set()


def _remove(index: defaultdict[str, set[Listener]], name: str, listener: Listener) -> None:
    index[name].discard(listener)
    if not index[name]:
        del index[name]
