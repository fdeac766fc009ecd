"""The lock and the number that keep a batch and a change of devices apart."""

from __future__ import annotations

from django.db import connection

#: Key of the advisory lock between batches (shared) and changes of devices (alone).
LOCK_KEY = 0x4D455445


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
