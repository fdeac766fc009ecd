"""How long raw readings are kept: month by month, and what closes with a month.

A month whose readings were dropped is closed: its hours stay as they are for ever. A reading that
came after that, late or sent again, could not be told from one that is counted already, so it is
refused instead of counted twice. A month is kept for the retention counted from its end or from the
day its partition was made, whichever is later: an old meter's history that is imported today is
not thrown away tonight.

The first register of a closed month's hours was counted from the last one before them. Where that
one lies in a month still open, nothing may come between them any more: the span is remembered as
counted, for as long as a month in it is open.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from monitoring.calendar import clock
from monitoring.storage.closed_months import closed_months
from monitoring.storage.epoch import lock_devices_exclusive, raise_epoch
from monitoring.storage.neighbours import Span, registers_around
from monitoring.storage.sql import array

_NOTE_MADE = """
INSERT INTO reading_month (month, made_at)
SELECT to_timestamp(substring(c.relname FROM 9), 'YYYY_MM'), %s
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'reading'::regclass AND c.relname ~ '^reading_[0-9]{4}_[0-9]{2}$'
ON CONFLICT DO NOTHING
"""

_DUE = """
SELECT month FROM reading_month
WHERE closed_at IS NULL
    AND greatest(month + interval '1 month', made_at) + %s * interval '1 month' <= %s
ORDER BY month
"""

# The cumulative devices with registers in the month's hours, and where those hours begin. Constant
# bounds let the planner open the partitions beside the month alone.
_WITH_REGISTERS = """
SELECT d.key, (extract(epoch FROM hours.begins_at) * 1000000)::bigint, d.max_power_kw IS NULL
FROM device d
CROSS JOIN LATERAL (
    SELECT date_trunc('hour', %(month)s::timestamptz, d.timezone) AS begins_at,
           date_trunc('hour', %(end)s::timestamptz - interval '1 microsecond', d.timezone)
               + interval '1 hour' AS ends_at
) AS hours
WHERE d.reading_kind = 'cumulative'
    AND EXISTS (
        SELECT FROM reading WHERE device_key = d.key
            AND started_at >= %(earliest)s AND started_at < %(latest)s
            AND started_at >= hours.begins_at AND started_at < hours.ends_at
    )
"""

_REMEMBER_COUNTED = """
INSERT INTO counted_span (device_key, begins_at, ends_at)
SELECT device_key, to_timestamp(begin_us / 1e6::float8), %s
FROM unnest(%s::integer[], %s::bigint[]) AS i (device_key, begin_us)
"""

_FORGET_COUNTED = """
DELETE FROM counted_span c USING unnest(%s::bigint[], %s::bigint[]) AS closed (begin_us, end_us)
WHERE c.begins_at >= to_timestamp(closed.begin_us / 1e6::float8)
    AND c.ends_at <= to_timestamp(closed.end_us / 1e6::float8)
"""

# The last register of each cumulative device is kept, in the default partition: the difference of
# the first one after the month is taken from it.
_KEEP_REGISTERS = """
CREATE TEMPORARY TABLE kept ON COMMIT DROP AS
SELECT r.* FROM device d
CROSS JOIN LATERAL (
    SELECT * FROM reading WHERE device_key = d.key
        AND started_at >= %(month)s AND started_at < %(end)s
    ORDER BY started_at DESC LIMIT 1
) AS r
WHERE d.reading_kind = 'cumulative'
"""

# Registers kept for closed months right before this one have done their duty.
_DROP_SUPERSEDED = """
DELETE FROM reading_default d USING kept
WHERE d.device_key = kept.device_key
    AND d.started_at >= %(closed_since)s AND d.started_at < %(month)s
"""

_FORGET_MONTHS = """
DELETE FROM register_month m
WHERE (m.month = %(month)s AND m.device_key NOT IN (SELECT device_key FROM kept))
    OR (m.month >= %(closed_since)s AND m.month < %(month)s
        AND m.device_key IN (SELECT device_key FROM kept))
"""


def partitions_note(moment: datetime) -> None:
    """Remember the partitions that were made since."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_MADE, [moment])


def months_due(moment: datetime, retention_months: int) -> list[datetime]:
    """Months whose raw readings have been kept long enough."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [retention_months, moment])
        return [month for (month,) in cursor.fetchall()]


def month_close(month: datetime) -> None:
    """Drop the month's raw readings; its hours stay.

    Waits two seconds at most for whoever reads them, because ingest waits meanwhile; then it raises
    OperationalError, and the next round tries again.
    """
    end = (month + timedelta(days=31)).replace(day=1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        lock_devices_exclusive()
        bounds = {"month": month, "end": end, "closed_since": _closed_since(month)}
        _remember_counted(month, end)
        cursor.execute(_KEEP_REGISTERS, bounds)
        cursor.execute(f"DROP TABLE IF EXISTS reading_{month:%Y_%m}")
        cursor.execute(_DROP_SUPERSEDED, bounds)
        cursor.execute("INSERT INTO reading_default SELECT * FROM kept")
        cursor.execute(_FORGET_MONTHS, bounds)
        cursor.execute("UPDATE reading_month SET closed_at = now() WHERE month = %(month)s", bounds)
        cursor.execute("DROP TABLE kept")
        spans = closed_months().spans
        begins, ends = (array(span[side] for span in spans) for side in (0, 1))
        cursor.execute(_FORGET_COUNTED, [begins, ends])
        raise_epoch()


def _remember_counted(month: datetime, end: datetime) -> None:
    """Note where the registers lie from which the hours of the month were counted.

    As many registers stay as they are as the closed hours were derived from (see believable.reach).
    Most months are closed after the one before, and these registers are gone with it.
    """
    with connection.cursor() as cursor:
        hour = timedelta(hours=1)
        bounds = {"earliest": month - hour, "latest": end + hour}
        cursor.execute(_WITH_REGISTERS, {"month": month, "end": end, **bounds})
        spans = [
            Span(key, begins_us, begins_us, before=1 if is_unbounded else 3, after=0)
            for key, begins_us, is_unbounded in cursor.fetchall()
        ]
        closed_since_us = clock.to_us(_closed_since(month))
        counted = [
            (span.key, registers[0].at_us)
            for span, registers in zip(spans, registers_around(spans), strict=True)
            if registers and registers[-1].at_us < closed_since_us
        ]
        columns = [array(key for key, _ in counted), array(begin_us for _, begin_us in counted)]
        cursor.execute(_REMEMBER_COUNTED, [month, *columns])


def _closed_since(month: datetime) -> datetime:
    """Where the closed months that lead up to this one begin; its own begin if there are none."""
    month_us = clock.to_us(month)
    return clock.from_us(next((b for b, e in closed_months().spans if e == month_us), month_us))
