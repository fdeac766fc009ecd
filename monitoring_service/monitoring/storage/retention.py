"""Retention: raw readings are dropped month by month, and hours stay.

A month whose readings were dropped is *closed*: its hours cannot change any more. A reading of a
closed month, late or repeated, could not be distinguished from one that is counted already, so it
is rejected. A month is kept for the retention counted from its end or from the day its partition
was made, whichever is later: the history of an old meter that is imported today is not dropped
tonight.

For a cumulative device the energy around a closed month depends on registers on both sides of its
bounds. A worked example, in kWh: the registers are 31 March 23:30 100, 1 April 00:30 103, 30 April
23:40 250, 1 May 00:20 252. April is closed; March and May are not.

- The hour of 1 April 00:00 holds 3 kWh, counted from the register of 31 March. A late register
  between the two would take a part of the 3 kWh for another hour, and April's hour could not be
  reduced. So the span from 31 March 23:30 to the beginning of April is remembered as counted
  (`counted_span`), and readings within it are rejected until March is closed too.
- The hour of 1 May 00:00 holds 2 kWh, the difference from 250, which is dropped with April. So the
  last register of the month is kept, in the default partition, until the next month is closed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from monitoring.calendar import clock
from monitoring.calendar.months import next_month
from monitoring.storage.closed_months import closed_months
from monitoring.storage.epoch import lock_devices_exclusive, raise_epoch
from monitoring.storage.neighbours import Span, registers_around, window
from monitoring.storage.partitions import partition_name
from monitoring.storage.sql import array

_DUE = """
SELECT month FROM reading_month
WHERE closed_at IS NULL
    AND greatest(month + interval '1 month', made_at) + %s * interval '1 month' <= %s
ORDER BY month
"""

# The cumulative devices with registers in the month's hours, and the begin of those hours. With the
# constant bounds the planner opens only the partitions next to the month.
_WITH_REGISTERS = """
SELECT d.key, (extract(epoch FROM hours.begins_at) * 1000000)::bigint, d.max_power_kw IS NOT NULL
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

# The last register of each cumulative device is kept, in the default partition, because the first
# difference after the month is taken from it.
_KEEP_REGISTERS = """
CREATE TEMPORARY TABLE last_register ON COMMIT DROP AS
SELECT r.* FROM device d
CROSS JOIN LATERAL (
    SELECT * FROM reading WHERE device_key = d.key
        AND started_at >= %(month)s AND started_at < %(end)s
    ORDER BY started_at DESC LIMIT 1
) AS r
WHERE d.reading_kind = 'cumulative'
"""

# A register that was kept for a closed month right before this one is no longer needed.
_DROP_SUPERSEDED = """
DELETE FROM reading_default d USING last_register l
WHERE d.device_key = l.device_key
    AND d.started_at >= %(closed_since)s AND d.started_at < %(month)s
"""

_FORGET_MONTHS = """
DELETE FROM register_month m
WHERE (m.month = %(month)s AND m.device_key NOT IN (SELECT device_key FROM last_register))
    OR (m.month >= %(closed_since)s AND m.month < %(month)s
        AND m.device_key IN (SELECT device_key FROM last_register))
"""


def months_due(moment: datetime, retention_months: int) -> list[datetime]:
    """Return the months whose raw readings have been kept for the time of the retention."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [retention_months, moment])
        return [month for (month,) in cursor.fetchall()]


def month_close(month: datetime) -> None:
    """Drop the raw readings of the month; its hours stay.

    Raises OperationalError after two seconds if a read of the partition does not end, because
    ingest waits meanwhile.
    """
    end = next_month(month)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        lock_devices_exclusive()
        bounds = {"month": month, "end": end, "closed_since": _closed_since(month)}
        _remember_counted(month, end)
        cursor.execute(_KEEP_REGISTERS, bounds)
        cursor.execute(f"DROP TABLE IF EXISTS {partition_name(month)}")
        cursor.execute(_DROP_SUPERSEDED, bounds)
        cursor.execute("INSERT INTO reading_default SELECT * FROM last_register")
        cursor.execute(_FORGET_MONTHS, bounds)
        cursor.execute("UPDATE reading_month SET closed_at = now() WHERE month = %(month)s", bounds)
        cursor.execute("DROP TABLE last_register")
        spans = closed_months().spans
        begins, ends = (array(span[side] for span in spans) for side in (0, 1))
        cursor.execute(_FORGET_COUNTED, [begins, ends])
        raise_epoch()


def _remember_counted(month: datetime, end: datetime) -> None:
    """Record the spans before the month whose registers were counted in its first hours.

    A span begins at the first register of the window that decided on these hours. Most months are
    closed after the month before, whose registers are dropped already; then there is no such span.
    """
    with connection.cursor() as cursor:
        hour = timedelta(hours=1)
        bounds = {"earliest": month - hour, "latest": end + hour}
        cursor.execute(_WITH_REGISTERS, {"month": month, "end": end, **bounds})
        spans = [
            Span(key, us, us, before=window(is_power_known=is_power_known).before, after=0)
            for key, us, is_power_known in cursor.fetchall()
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
    """Return the start of the closed months that end with this one, or its own start."""
    month_us = clock.to_us(month)
    return clock.from_us(next((b for b, e in closed_months().spans if e == month_us), month_us))
