"""The monthly partitions of the table `reading`: which are needed, and how one is made."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from monitoring.storage.epoch import lock_devices_exclusive

#: From the 28th of any month this leads into the next.
_FOUR_DAYS = timedelta(days=4)


def partition_ensure(month: datetime) -> bool:
    """Have a partition for the month that begins at `month` (UTC); False when it was there.

    Readings of that month that wait in the default partition move into it.
    """
    following = (month.replace(day=28) + _FOUR_DAYS).replace(day=1)
    name = f"reading_{month:%Y_%m}"
    bounds = {"begin": month, "end": following}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() != (None,):
            return False
        # Ingest waits meanwhile: somebody who reads the table for long makes us try again later.
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        lock_devices_exclusive()
        cursor.execute(f"CREATE TABLE {name} (LIKE reading INCLUDING ALL)")
        cursor.execute(
            "WITH moved AS (DELETE FROM reading_default "  # noqa: S608 - a name of digits
            "WHERE started_at >= %(begin)s AND started_at < %(end)s RETURNING *) "
            f"INSERT INTO {name} SELECT * FROM moved",
            bounds,
        )
        cursor.execute(
            f"ALTER TABLE reading ATTACH PARTITION {name} FOR VALUES FROM (%(begin)s) TO (%(end)s)",
            bounds,
        )
    return True


def partition_months(moment: datetime) -> list[datetime]:
    """Months (their first instants, UTC) that need a partition: this one, the next two, and those
    of readings waiting in the default partition. Closed months get none again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT date_trunc('month', %(moment)s, 'UTC') + ahead * interval '1 month'
            FROM generate_series(0, 2) AS ahead
            UNION SELECT DISTINCT date_trunc('month', started_at, 'UTC') FROM reading_default
            EXCEPT SELECT month FROM reading_month WHERE closed_at IS NOT NULL
            ORDER BY 1
            """,
            {"moment": moment},
        )
        return [month for (month,) in cursor.fetchall()]
