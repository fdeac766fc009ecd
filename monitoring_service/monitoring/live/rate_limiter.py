"""A limit on the live updates of one device."""

from __future__ import annotations

import time
from typing import Generic, TypeVar
from uuid import UUID

Item = TypeVar("Item")

#: Seconds between two updates of a device: people cannot follow more than two in a second, and a
#: browser draws so many without delay.
UPDATE_INTERVAL_SECONDS = 0.5


class RateLimiter(Generic[Item]):
    """Delay updates so that each device has at most two a second; the latest one of a key wins.

    The first update of a quiet device is due at once. Publisher and hub both limit: the publisher,
    so that a busy device costs Redis and the live processes two messages a second; the hub, because
    several publishers may send updates of the same device.

    Requires: calls from one thread.
    """

    def __init__(self) -> None:
        """Begin without updates."""
        self._waiting: dict[UUID, dict[object, Item]] = {}
        self._not_before: dict[UUID, float] = {}

    def put(self, device_id: UUID, key: object, item: Item) -> None:
        """Add an update; it replaces a waiting update of the same device and key."""
        self._waiting.setdefault(device_id, {})[key] = item

    def take_due(self) -> list[Item]:
        """Remove and return the updates that may be sent now."""
        now = time.monotonic()
        self._not_before = {
            device_id: instant for device_id, instant in self._not_before.items() if instant > now
        }
        due = [device_id for device_id in self._waiting if device_id not in self._not_before]
        for device_id in due:
            self._not_before[device_id] = now + UPDATE_INTERVAL_SECONDS
        return [item for device_id in due for item in self._waiting.pop(device_id).values()]

    def seconds_left(self) -> float | None:
        """Return the seconds until the next update is due, None while none waits."""
        if not self._waiting:
            return None
        earliest = min(self._not_before.get(device_id, 0.0) for device_id in self._waiting)
        return max(0.0, earliest - time.monotonic())
