"""The devices as ingest needs them, kept in memory and never staler than the batch in hand.

Every batch holds a shared lock and compares one number; whoever changes a device in a way that
matters to its hours holds the lock alone and raises the number. So a batch is summed entirely
before such a change or entirely after it, without a look at each device's row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from monitoring import clock

#: Key of the advisory lock between batches (shared) and changes of devices (alone).
LOCK_KEY = 0x4D455445

#: Devices kept in memory, some 300 bytes each.
MAX_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device's key and what its hours depend on."""

    key: int
    tz: ZoneInfo
    deleted: bool
    cumulative: bool


def lock_devices_shared() -> int:
    """Keep devices as they are until the transaction ends; the present epoch."""
    with connection.cursor() as cursor:
        # Two statements: the second sees what was committed while the first waited.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK_KEY])
        cursor.execute("SELECT epoch FROM device_epoch")
        (epoch,) = cursor.fetchone()
    return int(epoch)


def lock_devices_alone() -> None:
    """Wait for batches in work to end and keep new ones out until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])


def raise_epoch() -> None:
    """Have every ingest process forget what it knows of devices. Needs `lock_devices_alone`."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE device_epoch SET epoch = epoch + 1")


class Directory:
    """Devices by id for one ingest process; used inside the batch's transaction."""

    def __init__(self) -> None:
        self._epoch = 0
        self._kept: dict[UUID, KnownDevice] = {}
        self._pending: dict[UUID, KnownDevice] = {}

    def resolve(self, device_ids: Iterable[UUID]) -> dict[UUID, KnownDevice]:
        """Every device asked for; one never heard of gets an unclaimed row."""
        epoch = lock_devices_shared()
        if epoch != self._epoch or len(self._kept) > MAX_KEPT:
            self._kept, self._epoch = {}, epoch
        # What a rolled-back transaction had inserted must not be remembered.
        self._pending = {}
        wanted = set(device_ids)
        missing = wanted - self._kept.keys()
        if missing:
            self._pending = self._load(missing)
            unknown = sorted(missing - self._pending.keys())
            if unknown:
                self._insert_unclaimed(unknown)
                self._pending |= self._load(unknown)
        known = self._kept | self._pending if missing else self._kept
        return {device_id: known[device_id] for device_id in wanted}

    def commit(self) -> None:
        """The transaction holds: remember what it found and inserted."""
        self._kept |= self._pending
        self._pending = {}

    def _load(self, device_ids: Iterable[UUID]) -> dict[UUID, KnownDevice]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT device_id, key, timezone, deleted, reading_kind FROM device "
                "WHERE device_id = ANY(%s::uuid[])",
                [[str(device_id) for device_id in device_ids]],
            )
            return {
                device_id: KnownDevice(key, clock.zone(timezone), deleted, kind == "cumulative")
                for device_id, key, timezone, deleted, kind in cursor.fetchall()
            }

    def _insert_unclaimed(self, device_ids: list[UUID]) -> None:
        """Sorted, so that two processes meeting the same new devices do not deadlock."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO device (device_id, registered, deleted, version, name, description,
                    device_type, status, timezone, interval_seconds, reading_kind, first_seen_at)
                SELECT device_id, false, false, 0, '', '', '', '', %s, 600, 'interval', now()
                FROM unnest(%s::uuid[]) AS device_id
                ON CONFLICT (device_id) DO NOTHING
                """,
                [settings.DEVICE_TIME_ZONE, [str(device_id) for device_id in device_ids]],
            )
