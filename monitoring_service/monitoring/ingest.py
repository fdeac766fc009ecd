"""From a batch of messages to readings, hours and ledger, in one transaction.

The state is a function of the set of messages: a message that comes again, late, or in another
order changes nothing but the count of duplicates. Every table is written in the order of its key,
and tables in the same order, so that processes sharing the queue wait for each other at most once.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from energy_contracts.errors import Reason
from energy_contracts.reading import Reading, RefusedReading
from energy_contracts.units import milliwh_from_kwh
from monitoring.clock import hour_start
from monitoring.directory import Directory, KnownDevice
from monitoring.fold import Counts, Folded, conflict, fold, refuse

#: Ledger rows of one minute: processes that write the same one would wait for each other's commit.
LEDGER_SHARDS = 16

_INSERT = """
WITH incoming AS (
    SELECT * FROM unnest(%s::integer[], %s::timestamptz[], %s::bigint[], %s::integer[])
    WITH ORDINALITY AS i (device_key, started_at, value_milliwh, revision, position)
), inserted AS (
    INSERT INTO reading (device_key, started_at, value_milliwh, revision)
    SELECT device_key, started_at, value_milliwh, revision FROM incoming
    ORDER BY device_key, started_at
    ON CONFLICT DO NOTHING
    RETURNING device_key, started_at
)
SELECT incoming.position - 1 FROM incoming LEFT JOIN inserted USING (device_key, started_at)
WHERE inserted.device_key IS NULL
"""

_EXISTING = """
SELECT i.position - 1, r.value_milliwh, r.revision
FROM unnest(%s::integer[], %s::timestamptz[])
    WITH ORDINALITY AS i (device_key, started_at, position)
JOIN reading r USING (device_key, started_at)
ORDER BY device_key, started_at
FOR UPDATE OF r
"""

_CORRECT = """
UPDATE reading r SET value_milliwh = i.value_milliwh, revision = i.revision
FROM unnest(%s::integer[], %s::timestamptz[], %s::bigint[], %s::integer[])
    AS i (device_key, started_at, value_milliwh, revision)
WHERE r.device_key = i.device_key AND r.started_at = i.started_at
"""

_ADD_TO_HOURS = """
INSERT INTO hour (device_key, start, energy_milliwh, reading_count)
SELECT * FROM unnest(%s::integer[], %s::timestamptz[], %s::bigint[], %s::integer[])
    AS i (device_key, start, energy_milliwh, reading_count)
ORDER BY device_key, start
ON CONFLICT (device_key, start) DO UPDATE SET
    energy_milliwh = hour.energy_milliwh + excluded.energy_milliwh,
    reading_count = hour.reading_count + excluded.reading_count
RETURNING device_key, start, energy_milliwh, reading_count
"""

_ADD_TO_LEDGER = """
INSERT INTO ledger_minute (minute, shard, received, stored, corrected, duplicates, rejected)
VALUES (date_trunc('minute', now()), %s, %s, %s, %s, %s, %s)
ON CONFLICT (minute, shard) DO UPDATE SET
    received = ledger_minute.received + excluded.received,
    stored = ledger_minute.stored + excluded.stored,
    corrected = ledger_minute.corrected + excluded.corrected,
    duplicates = ledger_minute.duplicates + excluded.duplicates,
    rejected = ledger_minute.rejected + excluded.rejected
"""

_ADD_REJECTIONS = """
INSERT INTO ledger_rejection (minute, shard, reason, rejected)
SELECT date_trunc('minute', now()), %s, i.reason, i.rejected
FROM unnest(%s::text[], %s::bigint[]) AS i (reason, rejected) ORDER BY i.reason
ON CONFLICT (minute, shard, reason) DO UPDATE SET
    rejected = ledger_rejection.rejected + excluded.rejected
"""


@dataclass(frozen=True, slots=True)
class ChangedHour:
    """An hour as a batch left it; `last_reading_at` is the latest instant in the batch."""

    device_id: UUID
    start: datetime
    energy_milliwh: int
    reading_count: int
    last_reading_at: datetime


@dataclass(slots=True)
class Row:
    """A reading on its way into the table."""

    reading: Reading
    device: KnownDevice
    started_at: datetime
    value_milliwh: int


def store_messages(
    bodies: list[bytes], directory: Directory
) -> tuple[list[RefusedReading], list[ChangedHour]]:
    """Commit a batch; what was refused, and the hours that moved.

    Harmless to repeat. Raises Django's database errors; nothing is stored then.
    """
    folded = fold(bodies, datetime.now(UTC))
    with transaction.atomic():
        devices = directory.resolve(reading.device_id for reading in folded.readings)
        rows = _rows(folded, devices)
        changes = _store_readings(rows, folded)
        hours = _add_to_hours(changes)
        _add_to_ledger(folded.counts, folded.refused)
    directory.commit()
    return folded.refused, hours


def _rows(folded: Folded, devices: dict[UUID, KnownDevice]) -> list[Row]:
    """Rows to store; readings of deleted devices are refused."""
    rows = []
    for reading in folded.readings:
        device = devices[reading.device_id]
        if device.deleted:
            folded.refused.append(_refuse_deleted(reading))
        else:
            started_at = reading.timestamp.astimezone(UTC)
            value = milliwh_from_kwh(reading.measurement_value)
            rows.append(Row(reading, device, started_at, value))
    return rows


def _refuse_deleted(reading: Reading) -> RefusedReading:
    return refuse(reading, Reason.DEVICE_DELETED, "the device has been deleted")


def _store_readings(rows: list[Row], folded: Folded) -> list[tuple[Row, int, int]]:
    """Insert, correct or count each row; (row, energy added, readings added) of the changed."""
    present = _insert(rows)
    counts = folded.counts
    counts.stored += len(rows) - len(present)
    changes = [(row, row.value_milliwh, 1) for i, row in enumerate(rows) if i not in present]
    final_revision = {_identity(row.reading): row.reading.revision for row in rows}
    corrections = []
    for row, value, revision in _lock_existing([rows[i] for i in sorted(present)]):
        if row.reading.revision > revision:
            counts.corrected += 1
            corrections.append(row)
            changes.append((row, row.value_milliwh - value, 0))
            continue
        final_revision[_identity(row.reading)] = revision
        if row.reading.revision < revision or row.value_milliwh == value:
            counts.duplicates += 1
        else:
            folded.refused.append(conflict(row.reading))
    _correct(corrections)
    for reading in folded.contested:
        stored_revision = final_revision.get(_identity(reading))
        if stored_revision is None:
            folded.refused.append(_refuse_deleted(reading))
        elif reading.revision < stored_revision:
            counts.duplicates += 1
        else:
            folded.refused.append(conflict(reading))
    return changes


def _identity(reading: Reading) -> tuple[UUID, datetime]:
    return reading.device_id, reading.timestamp


def _array(values: Iterable[object]) -> str:
    """A PostgreSQL array literal of numbers or timestamps: far cheaper to build than a list of
    adapted objects. Nothing in it comes from outside as text."""
    return "{" + ",".join(map(str, values)) + "}"


def _columns(rows: Sequence[Row]) -> list[str]:
    return [
        _array(row.device.key for row in rows),
        _array(row.started_at for row in rows),
        _array(row.value_milliwh for row in rows),
        _array(row.reading.revision for row in rows),
    ]


def _insert(rows: list[Row]) -> set[int]:
    """Insert what is new; positions of the rows whose instant was taken."""
    if not rows:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, _columns(rows))
        return {position for (position,) in cursor.fetchall()}


def _lock_existing(rows: list[Row]) -> list[tuple[Row, int, int]]:
    """(row, stored value, stored revision) of rows whose instant is taken, locked.

    A statement of its own: it sees what another process committed while the insert waited for it.
    """
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_EXISTING, _columns(rows)[:2])
        return [(rows[i], value, revision) for i, value, revision in cursor.fetchall()]


def _correct(rows: list[Row]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_CORRECT, _columns(rows))


def _add_to_hours(changes: list[tuple[Row, int, int]]) -> list[ChangedHour]:
    """Add the batch's energies to their clock hours; the hours as they are now."""
    sums: dict[tuple[int, datetime], list[int]] = {}
    latest: dict[int, Row] = {}
    for row, energy, count in changes:
        # Until registers are differenced, a cumulative device's hours stay empty rather than wrong.
        if row.device.cumulative:
            continue
        total = sums.setdefault((row.device.key, hour_start(row.started_at, row.device.tz)), [0, 0])
        total[0] += energy
        total[1] += count
        if row.device.key not in latest or latest[row.device.key].started_at < row.started_at:
            latest[row.device.key] = row
    if not sums:
        return []
    columns = [
        _array(key for key, _ in sums),
        _array(start for _, start in sums),
        _array(energy for energy, _ in sums.values()),
        _array(count for _, count in sums.values()),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ADD_TO_HOURS, columns)
        return [
            ChangedHour(
                device_id=latest[key].reading.device_id,
                start=start,
                energy_milliwh=energy,
                reading_count=count,
                last_reading_at=latest[key].started_at,
            )
            for key, start, energy, count in cursor.fetchall()
        ]


def _add_to_ledger(counts: Counts, refused: list[RefusedReading]) -> None:
    if counts.received == 0:
        return
    shard = os.getpid() % LEDGER_SHARDS
    reasons = Counter(str(one.error.reason) for one in refused)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_TO_LEDGER,
            [
                shard,
                counts.received,
                counts.stored,
                counts.corrected,
                counts.duplicates,
                len(refused),
            ],
        )
        if reasons:
            cursor.execute(_ADD_REJECTIONS, [shard, list(reasons), list(reasons.values())])
