"""From the workers to the open sockets, by way of Redis.

A push is a hint that may be lost: who missed one reads the hours again. So nothing here ever
delays or fails the work that was committed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import redis
from asgiref.sync import async_to_sync
from channels.layers import BaseChannelLayer, get_channel_layer
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from energy_contracts.units import kwh_from_milliwh
from monitoring.ingest import ChangedHour

logger = logging.getLogger(__name__)

#: Sorted set of the device ids that some socket listens to; the score is when that ends (Unix
#: time), so that a live process which dies leaves nothing behind for long.
LISTENED_KEY = "live:devices"
LISTENED_SECONDS = 90

#: At most two pushes a second and device: more than an eye can follow, less than a browser minds.
PUSH_INTERVAL_SECONDS = 0.5


def channel_layer() -> BaseChannelLayer:
    """The layer that the settings configure."""
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured("CHANNEL_LAYERS has no default")
    return layer


def user_group(user_id: UUID) -> str:
    """Sockets of one user."""
    return f"user.{user_id}"


def device_group(device_id: UUID | str) -> str:
    """Sockets that listen to one device."""
    return f"device.{device_id}"


def iso(instant: datetime) -> str:
    """RFC 3339 in UTC, as everywhere in the API."""
    return instant.isoformat().replace("+00:00", "Z")


def access_changed(group: str) -> None:
    """Have the group's sockets check anew, after commit, what they may see."""

    def send() -> None:
        try:
            async_to_sync(channel_layer().group_send)(group, {"type": "access.changed"})
        except (redis.RedisError, OSError) as error:
            # Sockets look again at each refresh of their registration, within half a minute.
            logger.warning("open sockets were not told of a change: %s", error)

    transaction.on_commit(send, robust=True)


class HourPusher:
    """Pushes changed hours from a thread of its own; the latest state of each hour wins."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[UUID, datetime], ChangedHour] = {}
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._told = False
        self._redis = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2
        )
        threading.Thread(target=self._run, name="push", daemon=True).start()

    def push(self, hours: Iterable[ChangedHour]) -> None:
        """Take over the hours of a committed batch; returns at once."""
        with self._lock:
            self._waiting.update(((hour.device_id, hour.start), hour) for hour in hours)
        self._changed.set()

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        while True:
            self._changed.wait()
            self._changed.clear()
            with self._lock:
                hours, self._waiting = self._waiting, {}
            try:
                listened = self._listened()
                wanted = [hour for hour in hours.values() if str(hour.device_id) in listened]
                loop.run_until_complete(self._send(wanted))
                self._told = False
            except (redis.RedisError, OSError) as error:
                if not self._told:
                    logger.warning("hours are not pushed, Redis is away: %s", error)
                    self._told = True
            time.sleep(PUSH_INTERVAL_SECONDS)

    def _listened(self) -> set[str]:
        found: list[bytes] = self._redis.zrangebyscore(LISTENED_KEY, time.time(), "+inf")  # type: ignore[assignment]
        return {member.decode() for member in found}

    async def _send(self, hours: list[ChangedHour]) -> None:
        layer = channel_layer()
        for hour in hours:
            await layer.group_send(
                device_group(hour.device_id),
                {"type": "hourly.updated", "frame": hourly_updated_frame(hour)},
            )


def hourly_updated_frame(hour: ChangedHour) -> dict[str, Any]:
    """The frame a listening socket sends on."""
    return {
        "type": "hourly_updated",
        "device_id": str(hour.device_id),
        "start": iso(hour.start),
        "total_consumption": kwh_from_milliwh(hour.energy_milliwh),
        "measurement_count": hour.reading_count,
        "last_reading_at": iso(hour.last_reading_at),
    }
