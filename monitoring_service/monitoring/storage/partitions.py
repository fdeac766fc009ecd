"""The monthly partitions of the table `reading`: their names, which are needed, how one is made.

A partition holds the readings of one UTC month. Readings of a month without one wait in the
partition `reading_default`. The table `reading_month` remembers when each partition was made, and
when its month was closed and reindexed (retention.py, reindex.py).
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from monitoring.calendar.months import next_month
from monitoring.storage.epoch import lock_devices_exclusive

_NEEDED = """
SELECT date_trunc('month', %(moment)s, 'UTC') + ahead * interval '1 month'
FROM generate_series(0, 2) AS ahead
UNION SELECT DISTINCT date_trunc('month', started_at, 'UTC') FROM reading_default
EXCEPT SELECT month FROM reading_month WHERE closed_at IS NOT NULL
ORDER BY 1
"""

_NOTE_MADE = """
INSERT INTO reading_month (month, made_at)
SELECT to_timestamp(substring(c.relname FROM 9), 'YYYY_MM'), %s
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'reading'::regclass AND c.relname ~ '^reading_[0-9]{4}_[0-9]{2}$'
ON CONFLICT DO NOTHING
"""


def partition_name(month: datetime) -> str:
    """Return the name of the partition of a month."""
    return f"reading_{month:%Y_%m}"


def partition_months(moment: datetime) -> list[datetime]:
    """Return the months, by their first instants in UTC, that need a partition.

    They are the month of `moment`, the next two, and those of readings in the default partition.
    Closed months get none again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEEDED, {"moment": moment})
        return [month for (month,) in cursor.fetchall()]


def partition_ensure(month: datetime) -> bool:
    """Make the partition of the month that begins at `month` (UTC); return False if it exists.

    Readings of that month in the default partition move into it.
    """
    name = partition_name(month)
    bounds = {"begin": month, "end": next_month(month)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() != (None,):
            return False
        # Ingest waits for this transaction. If a long read of the table blocks it, it must give up
        # and be tried again in the next round.
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


def partitions_note(moment: datetime) -> None:
    """Record `moment` as the time at which the partitions new since the last call were made."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_MADE, [moment])
