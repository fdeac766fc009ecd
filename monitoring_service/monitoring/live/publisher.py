"""From the workers to the open sockets, by way of Redis.

A push is a hint that may be lost: who missed one reads the hours again. So nothing here ever
delays or fails the work that was committed. Every live process hears one channel and finds its own
sockets; nothing is kept in Redis for each of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, Generic, TypeVar
from uuid import UUID

import redis
from django.conf import settings
from django.db import Error, connection, transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from energy_contracts.units import kwh_from_milliwh
from monitoring.alerts.services import ChangedAlert
from monitoring.api import exact_json
from monitoring.api.instants import iso
from monitoring.devices.visibility import AlertRecipients, alert_recipients
from monitoring.ingest.results import ChangedHour
from service_kit.background import start_thread

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

#: What every live process hears: `{"hours": [frame…]}`, `{"alerts": [{frame, user_ids}…]}` or
#: `{"access": group}`.
PUSH_CHANNEL = "live:push"

#: Sorted set of the device ids that some socket listens to; the score is when that ends (Unix
#: time), so that a live process which dies leaves nothing behind for long.
LISTENED_KEY = "live:devices"
LISTENED_SECONDS = 90

#: At most two pushes a second and device: more than an eye can follow, less than a browser minds.
PUSH_INTERVAL_SECONDS = 0.5

#: Seconds between attempts while Redis or the database is unavailable.
RETRY_SECONDS = 1

#: Changed hours, and alerts, that wait for Redis. Beyond that they are dropped: whenever Redis was
#: unavailable to the live processes, their sockets connect and read again.
MAX_WAITING = 50_000

#: Frames in one message to the live processes, which handle other work between two messages.
FRAMES_A_MESSAGE = 500


class Paced(Generic[Item]):
    """The latest item of each (device, detail), handed out at most twice a second a device.

    A device that has been quiet goes out at once. Not for several threads.
    """

    def __init__(self) -> None:
        self._waiting: dict[Any, dict[Any, Item]] = {}
        self._not_before: dict[Any, float] = {}

    def put(self, device: object, detail: object, item: Item) -> None:
        """Take an item; it replaces the one of the same detail that still waits."""
        self._waiting.setdefault(device, {})[detail] = item

    def due(self) -> list[Item]:
        """The items whose devices may be pushed now."""
        now = time.monotonic()
        self._not_before = {one: then for one, then in self._not_before.items() if then > now}
        ready = [device for device in self._waiting if device not in self._not_before]
        for device in ready:
            self._not_before[device] = now + PUSH_INTERVAL_SECONDS
        return [item for device in ready for item in self._waiting.pop(device).values()]

    def seconds_left(self) -> float | None:
        """Until the next item is due; None while none waits."""
        if not self._waiting:
            return None
        earliest = min(self._not_before.get(device, 0.0) for device in self._waiting)
        return max(0.0, earliest - time.monotonic())


def user_group(user_id: UUID) -> str:
    """Sockets of one user."""
    return f"user.{user_id}"


def device_group(device_id: UUID | str) -> str:
    """Sockets that listen to one device."""
    return f"device.{device_id}"


@cache
def _redis() -> redis.Redis:
    """One client a process; it is safe between threads."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=2,
        # A kept connection is dead after a restart of Redis, and the first command on it fails.
        retry=Retry(NoBackoff(), 1),
    )


def access_changed(group: str) -> None:
    """Have the group's sockets check anew, after commit, what they may see."""

    def send() -> None:
        try:
            _redis().publish(PUSH_CHANNEL, exact_json.encode({"access": group}))
        except (redis.RedisError, OSError) as error:
            # Sockets are checked again at each renewal of their registration, within half a minute.
            logger.warning("open sockets were not told of a change: %s", error)

    transaction.on_commit(send, robust=True)


def changes_push(hours: Sequence[ChangedHour], alerts: Sequence[ChangedAlert]) -> None:
    """Push what a request changed, after its commit."""

    def send() -> None:
        _pusher().push(hours)
        _pusher().push_alerts(alerts)

    transaction.on_commit(send, robust=True)


@cache
def _pusher() -> HourPusher:
    return HourPusher()


class HourPusher:
    """Pushes changed hours and alerts from a thread of its own; the latest state of each wins."""

    def __init__(self) -> None:
        self._hours: dict[tuple[UUID, datetime], ChangedHour] = {}
        self._alerts: dict[int, ChangedAlert] = {}
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._paced: Paced[ChangedHour] = Paced()
        #: Devices that some socket listened to when the last batch was pushed: what the next large
        #: batch tells of.
        self.listened: frozenset[UUID] = frozenset()
        self._warned = False
        self._malformed: frozenset[bytes] = frozenset()
        start_thread("push", self._run)

    def push(self, hours: Iterable[ChangedHour]) -> None:
        """Take over the hours of a committed batch; returns at once."""
        with self._lock:
            self._hours.update(((hour.device_id, hour.start), hour) for hour in hours)
        self._changed.set()

    def push_alerts(self, alerts: Iterable[ChangedAlert]) -> None:
        """Take over the alerts of a committed batch; returns at once."""
        with self._lock:
            self._alerts.update((alert.alert_id, alert) for alert in alerts)
        self._changed.set()

    def _run(self) -> None:
        while True:
            self._changed.wait(self._paced.seconds_left())
            self._changed.clear()
            try:
                self._send_hours()
                self._send_alerts()
                self._warned = False
            except (redis.RedisError, OSError, Error) as error:
                if not self._warned:
                    logger.warning("open sockets are not told of new hours: %s", error)
                self._warned = True
                self._drop_when_too_many()
                time.sleep(RETRY_SECONDS)
                self._changed.set()

    def _send_hours(self) -> None:
        # Asked before anything is taken, so that a failure loses nothing.
        self.listened = self._listened()
        with self._lock:
            hours, self._hours = self._hours, {}
        for hour in hours.values():
            if hour.device_id in self.listened:
                self._paced.put(hour.device_id, hour.start, hour)
        due = self._paced.due()
        try:
            for part in _parts(due):
                self._publish({"hours": [hourly_updated_frame(hour) for hour in part]})
        except (redis.RedisError, OSError):
            for hour in due:
                self._paced.put(hour.device_id, hour.start, hour)
            raise

    def _send_alerts(self) -> None:
        if not self._alerts:
            return
        anybody_hears = self._anybody_hears()
        with self._lock:
            alerts, self._alerts = self._alerts, {}
        try:
            for some in _parts(alerts.values()) if anybody_hears else ():
                self._publish({"alerts": _alert_pushes(some)})
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

    def _publish(self, push: dict[str, Any]) -> None:
        _redis().publish(PUSH_CHANNEL, exact_json.encode(push))

    def _listened(self) -> frozenset[UUID]:
        members: list[bytes] = _redis().zrangebyscore(LISTENED_KEY, time.time(), "+inf")  # type: ignore[assignment]
        listened, malformed = set(), set()
        for member in members:
            try:
                listened.add(UUID(member.decode()))
            except ValueError:
                malformed.add(member)
        if malformed - self._malformed:
            logger.error("%s holds what is no device id, skipped: %r", LISTENED_KEY, malformed)
        self._malformed = frozenset(malformed)
        return frozenset(listened)

    def _anybody_hears(self) -> bool:
        ((_, processes),) = _redis().pubsub_numsub(PUSH_CHANNEL)
        return bool(processes)


def _parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while part := list(islice(rest, FRAMES_A_MESSAGE)):
        yield part


def _alert_pushes(alerts: list[ChangedAlert]) -> list[dict[str, Any]]:
    """Frames beside the clients who may see the device; live processes add administrators."""
    try:
        audience = alert_recipients({alert.device_id for alert in alerts})
    finally:
        # Alerts are rare: a connection kept for this thread would idle for days.
        connection.close()
    return [
        {
            "frame": alert_frame(alert, audience[alert.device_id]),
            "user_ids": [str(user_id) for user_id in audience[alert.device_id].user_ids],
        }
        for alert in alerts
        # Who is not registered is shown to nobody.
        if alert.device_id in audience
    ]


def hourly_updated_frame(hour: ChangedHour) -> dict[str, Any]:
    """The frame a listening socket sends on."""
    at, value = hour.last_reading_at, hour.last_reading_milliwh
    return {
        "type": "hourly_updated",
        "device_id": str(hour.device_id),
        "start": iso(hour.start),
        # An hour that lost its last reading is unknown, not 0.
        "total_consumption": kwh_from_milliwh(hour.energy_milliwh) if hour.reading_count else None,
        "measurement_count": hour.reading_count,
        "covers_hours": hour.covers_hours,
        "last_reading_at": None if at is None else iso(at),
        "last_reading_value": None if value is None else kwh_from_milliwh(value),
    }


def alert_frame(alert: ChangedAlert, device: AlertRecipients) -> dict[str, Any]:
    """The frame of an alert; energies in kWh."""
    return {
        "type": "alert",
        "id": alert.alert_id,
        "device_id": str(alert.device_id),
        "device_name": device.name,
        "timezone": device.timezone,
        "start": iso(alert.start),
        "limit": kwh_from_milliwh(alert.limit_milliwh),
        "total_consumption": kwh_from_milliwh(alert.energy_milliwh),
        "withdrawn": alert.withdrawn,
    }
