"""Months that are over: their index is built anew, once, so that its pages are full.

While readings come interval after interval, each page of the index fills up with one device's
instants and is then split in halves, and nothing ever comes into the first half again: a reading
takes 98 bytes with its index. Built anew it takes 84, and little comes into a month that is over.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

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
    """Months that have been over for a day, or filled later a day ago, and were not packed yet."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [moment])
        return [month for (month,) in cursor.fetchall()]


def month_reindex(month: datetime) -> None:
    """Build the month's indexes anew while ingest writes and everybody reads.

    May be cut off at any moment and repeated. Not for a transaction. Raises OperationalError when
    somebody's transaction does not end for long.
    """
    with connection.cursor() as cursor:
        # A large month takes longer than any other statement may.
        cursor.execute("SET statement_timeout = 0")
        try:
            cursor.execute(_INDEXES, [f"reading_{month:%Y_%m}"])
            for name, is_valid in cursor.fetchall():
                # Invalid is what an attempt that was cut off left behind; every insert keeps it up.
                verb = "REINDEX INDEX CONCURRENTLY" if is_valid else "DROP INDEX CONCURRENTLY"
                cursor.execute(f"{verb} {name}")
            cursor.execute("UPDATE reading_month SET packed_at = now() WHERE month = %s", [month])
        finally:
            cursor.execute("RESET statement_timeout")
