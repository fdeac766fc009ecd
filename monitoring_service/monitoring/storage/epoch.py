"""The lock and the epoch that keep batches of readings and changes of devices apart.

A batch holds the lock shared; a change of a device, of a month's storage, or of a stored reading
outside of a batch holds it alone and raises the epoch, so that every ingest process reads its
devices again before its next batch.
"""

from __future__ import annotations

from django.db import connection

#: Key of the advisory lock between batches (shared) and changes of devices (exclusive).
LOCK_KEY = 0x4D455445


def lock_devices_shared() -> int:
    """Keep devices unchanged until the transaction ends; return the current epoch.

    Requires: a transaction.
    """
    with connection.cursor() as cursor:
        # Two statements: the second one must see what was committed while the first one waited.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK_KEY])
        cursor.execute("SELECT epoch FROM device_epoch")
        (epoch,) = cursor.fetchone()
    return int(epoch)


def lock_devices_exclusive() -> None:
    """Wait until running batches end, and let no new one begin until the transaction ends.

    Requires: a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])


def raise_epoch() -> None:
    """Make every ingest process read its devices again.

    Requires: `lock_devices_exclusive`.
    """
    with connection.cursor() as cursor:
        cursor.execute("UPDATE device_epoch SET epoch = epoch + 1")
