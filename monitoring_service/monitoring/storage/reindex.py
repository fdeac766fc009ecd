"""Reindexing: the index of a month that is over is built again, once, so that its pages are full.

While readings arrive in the order of time, each page of the index fills up with the instants of one
device and is split in halves, and nothing is added to the first half any more: a reading takes
98 bytes with its index. After the reindex it takes 84, and few readings arrive for such a month.
The time of the reindex is in `reading_month.packed_at`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from monitoring.storage.partitions import partition_name

_DUE = """
SELECT month FROM reading_month
WHERE closed_at IS NULL AND packed_at IS NULL
    AND greatest(month + interval '1 month', made_at) + interval '1 day' <= %s
ORDER BY month
"""

_INDEXES = """
SELECT indexrelid::regclass::text, indisvalid FROM pg_index
WHERE indrelid = to_regclass(%s) ORDER BY indisvalid, indexrelid
"""


def months_to_reindex(moment: datetime) -> list[datetime]:
    """Return the ended months whose partition is a day old and was not reindexed yet."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [moment])
        return [month for (month,) in cursor.fetchall()]


def month_reindex(month: datetime) -> None:
    """Build the indexes of the month again while ingest writes and requests read.

    May be cut off at any moment and repeated. Raises OperationalError if a transaction of another
    process does not end.

    Requires: no transaction.
    """
    with connection.cursor() as cursor:
        # A large month takes longer than any other statement may.
        cursor.execute("SET statement_timeout = 0")
        try:
            cursor.execute(_INDEXES, [partition_name(month)])
            for name, is_valid in cursor.fetchall():
                # An attempt that was cut off leaves an invalid index, which every insert would
                # maintain in vain.
                verb = "REINDEX INDEX CONCURRENTLY" if is_valid else "DROP INDEX CONCURRENTLY"
                cursor.execute(f"{verb} {name}")
            cursor.execute("UPDATE reading_month SET packed_at = now() WHERE month = %s", [month])
        finally:
            cursor.execute("RESET statement_timeout")
