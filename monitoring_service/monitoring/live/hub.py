"""The open sockets of one live process.

The hub registers the devices that sockets are subscribed to, checks which devices their users may
see, and hands each push to the sockets concerned. One check covers all sockets: five thousand
sockets cost a few queries each half minute, not ten thousand.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import ClassVar, Protocol
from uuid import UUID

import redis.asyncio
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from monitoring.devices.visibility import AccessSnapshot, access_snapshot
from monitoring.live.metrics import PUSHES, SOCKETS
from monitoring.live.pushes import (
    SUBSCRIBED_KEY,
    SUBSCRIBED_SECONDS,
    AccessPush,
    AlertsPush,
    AlertUpdate,
    HoursPush,
    HourUpdate,
    Push,
)
from monitoring.live.rate_limiter import RateLimiter
from monitoring.live.receiver import PushReceiver
from service_kit.process.background import start_task

logger = logging.getLogger(__name__)

#: Seconds between two registrations of all devices, and between two checks of all users' access.
RENEW_SECONDS = 30

#: Seconds that a subscription waits for the registration of its devices, and between attempts
#: after that.
REGISTER_SECONDS = 2
REGISTER_AGAIN_SECONDS = 1

#: Sockets whose access one query checks.
CHECKED_AT_ONCE = 1_000

CLOSE_RESTARTED = 1012


class Subscriber(Protocol):
    """An open socket of a known user. No method waits for the browser."""

    user_id: UUID
    sees_every_device: bool
    device_ids: set[UUID]
    #: Codes of the channels whose hours are sent.
    channels: frozenset[str]
    alerts: bool

    def send_soon(self, key: object, text: str) -> None:
        """Send a frame; it replaces a waiting frame of the same key."""

    def close_soon(self, code: int) -> None:
        """Close the socket."""

    def confirm_soon(self) -> None:
        """Tell the client that it receives all changes of its devices from now on."""

    def apply_access(self, access: AccessSnapshot) -> None:
        """Drop the devices that the user may no longer see."""


class Hub:
    """The subscribers of one event loop, by device and by user.

    Requires: calls from that event loop.
    """

    _of_process: ClassVar[Hub | None] = None

    def __init__(self) -> None:
        """Start the background tasks."""
        self._loop = asyncio.get_running_loop()
        self._subscribers: set[Subscriber] = set()
        self._by_device: defaultdict[UUID, set[Subscriber]] = defaultdict(set)
        self._by_user: defaultdict[UUID, set[Subscriber]] = defaultdict(set)
        self._limiter: RateLimiter[HourUpdate] = RateLimiter()
        self._updated = asyncio.Event()
        self._unchecked: set[Subscriber] = set()
        self._check_now = asyncio.Event()
        #: Subscribers whose devices are not registered: ingest publishes nothing for them.
        self._unregistered: set[Subscriber] = set()
        self._receiver = PushReceiver(self._take_push, self._close_all)
        self._redis = redis.asyncio.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=2,
            socket_timeout=5,
            # A connection is dead after a restart of Redis, and the first command on it fails.
            retry=Retry(NoBackoff(), 1),
        )
        self._tasks = [
            start_task("subscription", self._receiver.run()),
            start_task("access checks", self._keep_checked()),
            start_task("hour updates", self._send_updates()),
        ]

    @classmethod
    def current(cls) -> Hub:
        """Return the hub of the running event loop; the first call makes it."""
        if cls._of_process is None or cls._of_process._loop is not asyncio.get_running_loop():
            cls._of_process = cls()
        return cls._of_process

    def add(self, subscriber: Subscriber) -> None:
        """Add a socket whose user is known."""
        self._subscribers.add(subscriber)
        SOCKETS.set(len(self._subscribers))
        self._by_user[subscriber.user_id].add(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Remove a socket; nothing is sent to it any more."""
        self._subscribers.discard(subscriber)
        SOCKETS.set(len(self._subscribers))
        self._unchecked.discard(subscriber)
        self._unregistered.discard(subscriber)
        _remove(self._by_user, subscriber.user_id, subscriber)
        for device_id in subscriber.device_ids:
            _remove(self._by_device, device_id, subscriber)

    async def subscribe(self, subscriber: Subscriber, device_ids: set[UUID]) -> bool:
        """Subscribe to these devices and no others; return whether they are registered.

        Every change from then on reaches the subscriber. While Redis is unavailable nothing is
        pushed, and `confirm_soon` is called when the devices are registered.
        """
        added = self.assign(subscriber, device_ids)
        try:
            async with asyncio.timeout(REGISTER_SECONDS):
                await self._receiver.receiving.wait()
                await self._register(added)
        except (redis.RedisError, OSError):
            if subscriber in self._subscribers:
                self._unregistered.add(subscriber)
                self._check_now.set()
        return not self.is_waiting(subscriber)

    def is_waiting(self, subscriber: Subscriber) -> bool:
        """Return whether some devices of the subscriber are not registered yet."""
        return subscriber in self._unregistered

    def assign(self, subscriber: Subscriber, device_ids: set[UUID]) -> set[UUID]:
        """Subscribe without registering the devices; return those that are new."""
        for device_id in subscriber.device_ids - device_ids:
            _remove(self._by_device, device_id, subscriber)
        added = device_ids - subscriber.device_ids
        subscriber.device_ids = device_ids
        # A subscriber that was removed in the meantime would stay in the index, and in memory.
        for device_id in added if subscriber in self._subscribers else ():
            self._by_device[device_id].add(subscriber)
        return added

    async def _register(self, device_ids: Iterable[UUID]) -> None:
        """Have ingest publish changes of these devices."""
        until = time.time() + SUBSCRIBED_SECONDS
        scores = {str(device_id): until for device_id in device_ids}
        if scores:
            await self._redis.zadd(SUBSCRIBED_KEY, scores)

    # Pushes.

    def _take_push(self, push: Push) -> None:
        match push:
            case HoursPush(updates):
                for update in updates:
                    if update.device_id in self._by_device:
                        self._limiter.put(update.device_id, (update.channel, update.start), update)
                self._updated.set()
            case AlertsPush(updates):
                for alert in updates:
                    self._send_alert(alert)
            case AccessPush(user_ids, device_ids):
                for user_id in user_ids:
                    self._unchecked |= self._by_user.get(user_id, set())
                for device_id in device_ids:
                    self._unchecked |= self._by_device.get(device_id, set())
                self._check_now.set()

    def _close_all(self) -> None:
        """Close all sockets, so that no client believes to be up to date.

        Clients connect again, and read what they missed once their subscription is confirmed.
        """
        for subscriber in list(self._subscribers):
            subscriber.close_soon(CLOSE_RESTARTED)

    def _send_alert(self, alert: AlertUpdate) -> None:
        """Send an alert to the device's subscribers and to users who subscribed to all alerts."""
        subscribers = set(self._by_device.get(alert.device_id, ()))
        for user_id in alert.user_ids:
            subscribers |= {user for user in self._by_user.get(user_id, ()) if user.alerts}
        subscribers |= {
            admin for admin in self._subscribers if admin.alerts and admin.sees_every_device
        }
        for subscriber in subscribers:
            subscriber.send_soon(("alert", alert.alert_id), alert.frame)
        PUSHES.labels("alert").inc(len(subscribers))

    async def _send_updates(self) -> None:
        """Send the hour updates as the rate limiter lets them pass."""
        while True:
            try:
                async with asyncio.timeout(self._limiter.seconds_left()):
                    await self._updated.wait()
            except TimeoutError:
                pass
            self._updated.clear()
            for update in self._limiter.take_due():
                subscribers = [
                    subscriber
                    for subscriber in self._by_device.get(update.device_id, ())
                    if update.channel in subscriber.channels
                ]
                key = update.device_id, update.channel, update.start
                for subscriber in subscribers:
                    subscriber.send_soon(key, update.frame)
                PUSHES.labels("hour").inc(len(subscribers))

    # Access.

    async def _keep_checked(self) -> None:
        try:
            await self._check_and_register()
        finally:
            await self._redis.aclose()

    async def _check_and_register(self) -> None:
        """Check the access of subscribers when it may have changed, and of all at each renewal."""
        renew_at = time.monotonic() + RENEW_SECONDS
        warned = False
        while True:
            seconds = max(0.0, renew_at - time.monotonic())
            if self._unregistered:
                seconds = min(seconds, REGISTER_AGAIN_SECONDS)
            try:
                async with asyncio.timeout(seconds):
                    await self._check_now.wait()
            except TimeoutError:
                pass
            self._check_now.clear()
            unchecked, self._unchecked = self._unchecked, set()
            renewal = time.monotonic() >= renew_at
            if renewal:
                renew_at = time.monotonic() + RENEW_SECONDS
                unchecked = set(self._subscribers)
            try:
                # First the database's part: it may answer while Redis does not.
                await self._check(list(unchecked))
                await self._register_late()
                if renewal:
                    await self._register(list(self._by_device))
                warned = False
            except (redis.RedisError, OSError, Error) as error:
                # The sockets stay open; the next renewal checks them again.
                if not warned:
                    logger.warning("the access of open sockets was not checked: %s", error)
                warned = True

    async def _register_late(self) -> None:
        """Register the devices that wait until pushes arrive, and confirm their subscriptions."""
        late = set(self._unregistered)
        if late and self._receiver.receiving.is_set():
            await self._register(
                {device_id for subscriber in late for device_id in subscriber.device_ids}
            )
            self._unregistered -= late
            for subscriber in late & self._subscribers:
                subscriber.confirm_soon()

    async def _check(self, subscribers: list[Subscriber]) -> None:
        for begin in range(0, len(subscribers), CHECKED_AT_ONCE):
            part = subscribers[begin : begin + CHECKED_AT_ONCE]
            users = {subscriber.user_id for subscriber in part}
            checked = {subscriber: subscriber.device_ids for subscriber in part}
            devices = {device_id for device_ids in checked.values() for device_id in device_ids}
            access = await database_sync_to_async(access_snapshot)(users, devices)
            for subscriber in part:
                if subscriber.device_ids is checked[subscriber]:
                    subscriber.apply_access(access)
                elif subscriber in self._subscribers:
                    # It subscribed in the meantime to devices that this check does not cover:
                    # applied to them, the check would remove all of them.
                    self._unchecked.add(subscriber)
                    self._check_now.set()


def _remove(index: defaultdict[UUID, set[Subscriber]], name: UUID, subscriber: Subscriber) -> None:
    index[name].discard(subscriber)
    if not index[name]:
        del index[name]
