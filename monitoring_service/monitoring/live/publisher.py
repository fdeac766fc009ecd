"""Publish changes to the live processes, without delaying or failing the process that made them.

A push is a hint that may be lost: a socket that missed one is closed, and its client reads the
hours again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import TypeVar
from uuid import UUID

import redis
from django.conf import settings
from django.db import Error, connection, transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from monitoring.alerts.services import ChangedAlert
from monitoring.devices.visibility import alert_recipients
from monitoring.ingest.results import ChangedHour, ChangedPeriod
from monitoring.live.frames import alert_update, hour_updates
from monitoring.live.pushes import (
    SUBSCRIBED_KEY,
    AccessPush,
    AlertsPush,
    AlertUpdate,
    HoursPush,
    Push,
    send,
)
from monitoring.live.rate_limiter import RateLimiter
from service_kit.process.background import start_thread

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

Change = ChangedHour | ChangedPeriod

#: The begin of an hour, both ends of a period.
ChangeKey = tuple[int, datetime] | tuple[int, datetime, datetime]

#: Seconds between attempts while Redis or the database is unavailable.
RETRY_SECONDS = 1

#: Changed hours, alerts or users that wait for Redis. Beyond that they are dropped: when Redis was
#: unavailable to the live processes, too, their sockets connect and read again.
MAX_WAITING = 50_000

#: Updates in one push: a live process handles other work between two pushes.
UPDATES_PER_PUSH = 500


@cache
def publisher() -> LiveUpdatePublisher:
    """Return the publisher of this process."""
    return LiveUpdatePublisher()


def push_access_of_user(user_id: UUID) -> None:
    """Have the open sockets of the user checked again after the transaction commits."""
    transaction.on_commit(lambda: publisher().push_access(AccessPush(user_ids=[user_id])))


def push_access_of_device(device_id: UUID) -> None:
    """Have the open sockets that are subscribed to the device checked again after the commit."""
    transaction.on_commit(lambda: publisher().push_access(AccessPush(device_ids=[device_id])))


def push_changes(hours: Sequence[Change], alerts: Sequence[ChangedAlert]) -> None:
    """Push changed hours, periods and alerts after the transaction commits."""

    def push() -> None:
        publisher().push_hours(hours)
        publisher().push_alerts(alerts)

    transaction.on_commit(push, robust=True)


class LiveUpdatePublisher:
    """Publish changed hours, alerts and access from a separate thread; the latest state wins.

    The methods may be called from any thread and return at once.
    """

    def __init__(self) -> None:
        """Start the thread."""
        #: Devices that some socket was subscribed to at the last push: a large batch reports the
        #: changed hours of these alone.
        self.subscribed: frozenset[UUID] = frozenset()
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._hours: dict[ChangeKey, Change] = {}
        self._alerts: dict[int, ChangedAlert] = {}
        self._access: tuple[set[UUID], set[UUID]] = (set(), set())
        self._limiter: RateLimiter[Change] = RateLimiter()
        self._malformed: frozenset[bytes] = frozenset()
        start_thread("live updates", self._run)

    def push_hours(self, hours: Iterable[Change]) -> None:
        """Add the hours and periods that a committed batch changed."""
        with self._lock:
            self._hours.update((_key(hour), hour) for hour in hours)
        self._changed.set()

    def push_alerts(self, alerts: Iterable[ChangedAlert]) -> None:
        """Add the alerts that a committed batch changed."""
        with self._lock:
            self._alerts.update((alert.alert_id, alert) for alert in alerts)
        self._changed.set()

    def push_access(self, push: AccessPush) -> None:
        """Add users and devices whose access a committed transaction changed."""
        with self._lock:
            users, devices = self._access
            users.update(push.user_ids)
            devices.update(push.device_ids)
        self._changed.set()

    def _run(self) -> None:
        warned = False
        # One event loop for all pushes: the layer has a connection for each loop.
        with asyncio.Runner() as runner:
            self._runner = runner
            while True:
                self._changed.wait(self._limiter.seconds_left())
                self._changed.clear()
                try:
                    self._send_access()
                    self._send_hours()
                    self._send_alerts()
                    warned = False
                except (redis.RedisError, OSError, Error) as error:
                    if not warned:
                        logger.warning("open sockets receive no updates: %s", error)
                    warned = True
                    # A connection that the database closed fails until it is opened again.
                    connection.close()
                    self._drop_when_too_many()
                    time.sleep(RETRY_SECONDS)
                    self._changed.set()

    def _send_access(self) -> None:
        with self._lock:
            (users, devices), self._access = self._access, (set(), set())
        if not users and not devices:
            return
        push = AccessPush(list(users), list(devices))
        try:
            self._publish(push)
        except (redis.RedisError, OSError):
            self.push_access(push)
            raise

    def _send_hours(self) -> None:
        # Read before the hours are taken, so that a failure loses none.
        self.subscribed = self._read_subscribed()
        with self._lock:
            hours, self._hours = self._hours, {}
        for hour in hours.values():
            if hour.device_id in self.subscribed:
                self._limiter.put(hour.device_id, _key(hour), hour)
        due = self._limiter.take_due()
        try:
            for part in _parts(due):
                self._publish(HoursPush(hour_updates(part)))
        except (redis.RedisError, OSError, Error):
            for hour in due:
                self._limiter.put(hour.device_id, _key(hour), hour)
            raise

    def _send_alerts(self) -> None:
        with self._lock:
            alerts, self._alerts = self._alerts, {}
        try:
            for part in _parts(alerts.values()):
                self._publish(AlertsPush(_alert_updates(part)))
        except (redis.RedisError, OSError, Error):
            with self._lock:
                self._alerts = alerts | self._alerts
            raise

    def _drop_when_too_many(self) -> None:
        with self._lock:
            if len(self._hours) > MAX_WAITING:
                self._hours.clear()
            if len(self._alerts) > MAX_WAITING:
                self._alerts.clear()
            for ids in self._access:
                if len(ids) > MAX_WAITING:
                    ids.clear()

    def _publish(self, push: Push) -> None:
        self._runner.run(send(push))

    def _read_subscribed(self) -> frozenset[UUID]:
        members: list[bytes] = _redis().zrangebyscore(SUBSCRIBED_KEY, time.time(), "+inf")  # type: ignore[assignment]
        device_ids, malformed = set(), set()
        for member in members:
            try:
                device_ids.add(UUID(member.decode()))
            except ValueError:
                malformed.add(member)
        if malformed - self._malformed:
            logger.error("members of %s are no device ids, skipped: %r", SUBSCRIBED_KEY, malformed)
        self._malformed = frozenset(malformed)
        return frozenset(device_ids)


def _key(change: Change) -> ChangeKey:
    """Return channel and instants of a change; a later change of the same ones replaces it."""
    key = change.channel.key
    if isinstance(change, ChangedHour):
        return key, change.start
    return key, change.start, change.end


@cache
def _redis() -> redis.Redis:
    """Return the client of this process; it may be used from several threads."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=2,
        # A connection is dead after a restart of Redis, and the first command on it fails.
        retry=Retry(NoBackoff(), 1),
    )


def _parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while part := list(islice(rest, UPDATES_PER_PUSH)):
        yield part


def _alert_updates(alerts: list[ChangedAlert]) -> list[AlertUpdate]:
    """Return the updates of all alerts except those of unregistered and deleted devices."""
    try:
        devices = alert_recipients({alert.device_id for alert in alerts})
    finally:
        # Alerts are rare: a connection kept for this thread would idle for days.
        connection.close()
    return [
        alert_update(alert, devices[alert.device_id])
        for alert in alerts
        if alert.device_id in devices
    ]
