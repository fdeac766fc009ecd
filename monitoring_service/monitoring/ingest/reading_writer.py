"""Write readings: the new ones of a batch at once, corrections of stored ones month by month."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from struct import Struct
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from monitoring.calendar.clock import from_us, to_us
from monitoring.calendar.months import month_bounds_us
from monitoring.ingest.rows import ReadingRow, meter_key_of
from monitoring.storage.sql import array

_INSERT = """
WITH incoming AS (
    SELECT device_key, to_timestamp(started_us / 1e6::float8) AS started_at, value_milliwh,
           revision, meter_key, position
    FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[], %s::integer[])
        WITH ORDINALITY AS i (device_key, started_us, value_milliwh, revision, meter_key, position)
), inserted AS (
    INSERT INTO reading (device_key, started_at, value_milliwh, revision, meter_key)
    SELECT device_key, started_at, value_milliwh, revision, meter_key FROM incoming
    ON CONFLICT DO NOTHING
    RETURNING device_key, started_at
)
SELECT incoming.position - 1 FROM incoming LEFT JOIN inserted USING (device_key, started_at)
WHERE inserted.device_key IS NULL
"""

_EXISTING = """
SELECT i.position - 1, r.revision, r.value_milliwh, r.meter_key
FROM unnest(%s::integer[], %s::bigint[])
    WITH ORDINALITY AS i (device_key, started_us, position)
JOIN reading r ON r.device_key = i.device_key
    AND r.started_at = to_timestamp(i.started_us / 1e6::float8)
    AND r.started_at >= %s AND r.started_at < %s
ORDER BY r.device_key, r.started_at
FOR UPDATE OF r
"""

_CORRECT = """
UPDATE reading r
SET value_milliwh = i.value_milliwh, revision = i.revision, meter_key = i.meter_key
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[], %s::integer[])
    AS i (device_key, started_us, value_milliwh, revision, meter_key)
WHERE r.device_key = i.device_key AND r.started_at = to_timestamp(i.started_us / 1e6::float8)
    AND r.started_at >= %s AND r.started_at < %s
"""

_COPY = """
COPY reading (device_key, started_at, value_milliwh, revision) FROM STDIN (FORMAT binary)
"""
_COPY_WITH_METERS = """
COPY reading (device_key, started_at, value_milliwh, revision, meter_key) FROM STDIN (FORMAT binary)
"""

#: PostgreSQL's binary COPY: a signature without flags and extension; then for each row the number
#: of its columns, and for each column its length and value; at the end -1. Instants are counted
#: from 2000.
_COPY_BEGIN, _COPY_END = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
_POSTGRES_EPOCH_US = to_us(datetime(2000, 1, 1, tzinfo=UTC))
_pack_row = Struct(">hiiiqiqii").pack
_pack_key, _NULL = Struct(">ii").pack, Struct(">i").pack(-1)


class Copy(NamedTuple):
    """A COPY statement and its data."""

    statement: str
    data: bytes


def copy_of(rows: Sequence[ReadingRow]) -> Copy:
    """Return the statement by which `insert` writes the rows.

    Raises KeyError for a reading that names a meter which its device does not have yet.
    """
    names_meters = any(row[4].meter is not None for row in rows)
    columns = 5 if names_meters else 4
    parts = [
        _pack_row(columns, 4, device.key, 8, us - _POSTGRES_EPOCH_US, 8, value, 4, revision)
        for device, us, value, revision, _, _ in rows
    ]
    if not names_meters:
        return Copy(_COPY, b"".join((_COPY_BEGIN, *parts, _COPY_END)))
    keys = [_NULL if (key := meter_key_of(row)) is None else _pack_key(4, key) for row in rows]
    with_keys = [part + key for part, key in zip(parts, keys, strict=True)]
    return Copy(_COPY_WITH_METERS, b"".join((_COPY_BEGIN, *with_keys, _COPY_END)))


def insert(rows: Sequence[ReadingRow], copy: Copy) -> set[int]:
    """Insert the rows whose instants are free; return the positions of the others.

    `rows` are in the order of their key, `copy` is their `copy_of`. COPY costs half as much as a
    statement that reports which rows exist already, but fails on the first of them. Nearly all
    batches have none, and COPY fails early on a batch that has many.
    """
    if not rows:
        return set()
    try:
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            connection.wrap_database_errors,
        ):
            cursor.copy_expert(copy.statement, io.BytesIO(copy.data), 1 << 20)
    except IntegrityError:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, _columns(rows))
            return {position for (position,) in cursor.fetchall()}
    return set()


class StoredReading(NamedTuple):
    """The reading that is stored at the instant of a reading."""

    revision: int
    value_milliwh: int
    meter_key: int | None


def lock_existing(rows: Sequence[ReadingRow]) -> list[tuple[ReadingRow, StoredReading]]:
    """Lock the stored readings of these instants, and return those that there are.

    A statement of its own, because it must see what another process committed while the insert
    waited for that process.
    """
    existing: list[tuple[ReadingRow, StoredReading]] = []
    with connection.cursor() as cursor:
        for bounds, within in _by_month(rows):
            cursor.execute(_EXISTING, [*_columns(within)[:2], *bounds])
            existing += [(within[i], StoredReading(*stored)) for i, *stored in cursor.fetchall()]
    return existing


def correct(rows: Sequence[ReadingRow]) -> None:
    """Set values, revisions and meters of stored readings to those of the rows."""
    with connection.cursor() as cursor:
        for bounds, within in _by_month(rows):
            cursor.execute(_CORRECT, [*_columns(within), *bounds])


def _by_month(
    rows: Sequence[ReadingRow],
) -> list[tuple[tuple[datetime, datetime], list[ReadingRow]]]:
    """Return the rows of each UTC month with its bounds.

    A statement with the bounds of one month opens one partition. Without them, planning took a
    tenth of a second for one reading at 300 months.
    """
    months: dict[tuple[int, int], list[ReadingRow]] = {}
    for row in rows:
        months.setdefault(month_bounds_us(row.started_us), []).append(row)
    return [((from_us(begin), from_us(end)), months[begin, end]) for begin, end in sorted(months)]


def _columns(rows: Sequence[ReadingRow]) -> list[str]:
    return [
        array(row.device.key for row in rows),
        array(row.started_us for row in rows),
        array(row.value_milliwh for row in rows),
        array(row.revision for row in rows),
        array(meter_key_of(row) for row in rows),
    ]
