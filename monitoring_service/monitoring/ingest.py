"""From a batch of messages to readings, hours, alerts and ledger, in one transaction.

The state is a function of the set of messages: a message that comes again, late, or in another
order changes nothing but the count of duplicates. Every table is written in the order of its key,
and tables in the same order, so that processes sharing the queue wait for each other at most once.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from energy_contracts.reading import RefusedReading
from monitoring import registers
from monitoring.alerting import ChangedAlert, HourNow, alerts_update
from monitoring.clock import QUARTER_US, from_us
from monitoring.closed_months import ClosedMonths
from monitoring.directory import Directory
from monitoring.fold import Folded, Row, conflict, fold, parse
from monitoring.sql import array
from service_kit.failpoint import failpoint

#: Devices of a batch up to which all are told of, listened to or not: who began to listen a moment
#: ago misses nothing while little happens, and a flood of readings is not slowed down.
ALWAYS_TOLD = 200

#: Ledger rows of one minute: processes that write the same one would wait for each other's commit.
LEDGER_SHARDS = 16

_INSERT = """
WITH incoming AS (
    SELECT device_key, to_timestamp(started_us / 1e6::float8) AS started_at, value_milliwh,
           revision, position
    FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[])
        WITH ORDINALITY AS i (device_key, started_us, value_milliwh, revision, position)
), inserted AS (
    INSERT INTO reading (device_key, started_at, value_milliwh, revision)
    SELECT device_key, started_at, value_milliwh, revision FROM incoming
    ON CONFLICT DO NOTHING
    RETURNING device_key, started_at
)
SELECT incoming.position - 1 FROM incoming LEFT JOIN inserted USING (device_key, started_at)
WHERE inserted.device_key IS NULL
"""

_EXISTING = """
SELECT i.position - 1, r.value_milliwh, r.revision
FROM unnest(%s::integer[], %s::bigint[])
    WITH ORDINALITY AS i (device_key, started_us, position)
JOIN reading r ON r.device_key = i.device_key
    AND r.started_at = to_timestamp(i.started_us / 1e6::float8)
ORDER BY r.device_key, r.started_at
FOR UPDATE OF r
"""

_CORRECT = """
UPDATE reading r SET value_milliwh = i.value_milliwh, revision = i.revision
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[])
    AS i (device_key, started_us, value_milliwh, revision)
WHERE r.device_key = i.device_key AND r.started_at = to_timestamp(i.started_us / 1e6::float8)
"""

# Only the hours somebody waits for come back: at full speed nobody could read them all.
_ADD_TO_HOURS = """
WITH changed AS (
    INSERT INTO hour (device_key, start, energy_milliwh, reading_count, covers_hours)
    SELECT device_key, to_timestamp(start_us / 1e6::float8), energy_milliwh, reading_count, 1
    FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[])
        AS i (device_key, start_us, energy_milliwh, reading_count)
    ON CONFLICT (device_key, start) DO UPDATE SET
        energy_milliwh = hour.energy_milliwh + excluded.energy_milliwh,
        reading_count = hour.reading_count + excluded.reading_count
    RETURNING device_key, start, energy_milliwh, reading_count
)
SELECT device_key, extract(epoch FROM start)::bigint * 1000000, energy_milliwh, reading_count
FROM changed WHERE device_key = ANY(%s::integer[])
"""

_DELETE_HOURS = """
DELETE FROM hour USING unnest(%s::integer[], %s::bigint[]) AS i (device_key, start_us)
WHERE hour.device_key = i.device_key AND hour.start = to_timestamp(i.start_us / 1e6::float8)
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
class Stored:
    """What a committed batch has to tell: the refused, and what moved where somebody looks."""

    refused: list[RefusedReading] = field(default_factory=list)
    hours: list[ChangedHour] = field(default_factory=list)
    alerts: list[ChangedAlert] = field(default_factory=list)


@dataclass(slots=True)
class _Changes:
    """Rows whose reading is new, and corrected rows with the energy they add."""

    new: list[Row]
    corrected: list[tuple[Row, int]]


def store_messages(
    bodies: list[bytes], directory: Directory, listened: AbstractSet[UUID] = frozenset()
) -> Stored:
    """Commit a batch. `listened`: the devices whose changed hours are wanted from a large one.

    Harmless to repeat. Raises Django's database errors; nothing is stored then.
    """
    readings, refused = parse(bodies)
    with transaction.atomic():
        devices = directory.resolve({reading.device_id.int for reading, _ in readings})
        folded = fold(readings, refused, devices, directory.closed, time.time_ns() // 1_000)
        folded.rows.sort(key=_by_key)
        registers.lock_series(row.device for row in folded.rows if row.device.cumulative)
        changes = _store_readings(folded)
        failpoint("ingest-before-commit")
        stored = _update_hours(changes, directory.closed, listened)
        stored.refused = folded.refused
        _add_to_ledger(folded)
    failpoint("ingest-before-ack")
    directory.commit()
    return stored


def _by_key(row: Row) -> tuple[int, int]:
    return row.device.key, row.started_us


def _store_readings(folded: Folded) -> _Changes:
    """Insert or correct each row, and account for every one."""
    rows, counts = folded.rows, folded.counts
    taken = _insert(rows)
    counts.stored += len(rows) - len(taken)
    if not taken and not folded.contested:
        return _Changes(rows, [])
    changes = _Changes([row for i, row in enumerate(rows) if i not in taken], [])
    final_revision = {_by_key(row): row.revision for row in rows}
    for row, value, revision in _lock_existing([rows[i] for i in sorted(taken)]):
        if row.revision > revision:
            changes.corrected.append((row, row.value_milliwh - value))
            continue
        final_revision[_by_key(row)] = revision
        if row.revision < revision or row.value_milliwh == value:
            counts.duplicates += 1
        else:
            folded.refused.append(conflict(row))
    counts.corrected += len(changes.corrected)
    _correct([row for row, _ in changes.corrected])
    for row in folded.contested:
        if row.revision < final_revision[_by_key(row)]:
            counts.duplicates += 1
        else:
            folded.refused.append(conflict(row))
    return changes


def _columns(rows: Sequence[Row]) -> list[str]:
    return [
        array(row.device.key for row in rows),
        array(row.started_us for row in rows),
        array(row.value_milliwh for row in rows),
        array(row.revision for row in rows),
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


def _update_hours(changes: _Changes, closed: ClosedMonths, listened: AbstractSet[UUID]) -> Stored:
    """Bring the hours up to date, and the alerts of those that have a limit."""
    latest: dict[int, Row] = {}
    for row in changes.new:
        latest[row.device.key] = row  # rows come in order of time
    for row, _ in changes.corrected:
        latest.setdefault(row.device.key, row)
    told = {
        key
        for key, row in latest.items()
        if len(latest) <= ALWAYS_TOLD or row.device.device_id in listened
    }
    wanted = told | {key for key, row in latest.items() if row.device.limits}
    found = _add_to_hours(changes, wanted) + _set_register_hours(changes, closed)
    lowered = bool(changes.corrected) or any(row.device.cumulative for row in latest.values())
    hours = [HourNow(latest[key].device, start_us, energy) for key, start_us, energy, _ in found]
    return Stored(
        hours=[
            ChangedHour(
                device_id=latest[key].device.device_id,
                start=from_us(start_us),
                energy_milliwh=energy,
                reading_count=count,
                last_reading_at=from_us(latest[key].started_us),
            )
            for key, start_us, energy, count in found
            if key in told
        ],
        alerts=alerts_update([hour for hour in hours if hour.device.limits], lowered=lowered),
    )


def _add_to_hours(changes: _Changes, wanted: AbstractSet[int]) -> list[tuple[int, int, int, int]]:
    """Add energies to their hours; (key, start in µs, energy, count) of the wanted devices'."""
    sums: dict[tuple[int, int], list[int]] = {}
    for row in changes.new:
        device = row.device
        if not device.cumulative:
            hour = device.key, device.hours[row.started_us // QUARTER_US]
            total = sums.get(hour)
            if total is None:
                sums[hour] = [row.value_milliwh, 1]
            else:
                total[0] += row.value_milliwh
                total[1] += 1
    for row, added in changes.corrected:
        if not row.device.cumulative:
            hour = row.device.key, row.device.hours[row.started_us // QUARTER_US]
            sums.setdefault(hour, [0, 0])[0] += added
    if not sums:
        return []
    hours = sorted(sums)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_TO_HOURS,
            [
                array(key for key, _ in hours),
                array(start_us for _, start_us in hours),
                array(sums[hour][0] for hour in hours),
                array(sums[hour][1] for hour in hours),
                array(wanted),
            ],
        )
        found: list[tuple[int, int, int, int]] = cursor.fetchall()
    return found


def _set_register_hours(changes: _Changes, closed: ClosedMonths) -> list[tuple[int, int, int, int]]:
    """Compute the hours of cumulative devices anew; as `_add_to_hours`, an emptied hour has 0."""
    rows = [row for row in changes.new if row.device.cumulative]
    rows += [row for row, _ in changes.corrected if row.device.cumulative]
    if not rows:
        return []
    touched = registers.hours_touched(rows, closed)
    present = [(key, hour) for (key, _), hour in touched.items() if hour is not None]
    empty = [place for place, hour in touched.items() if hour is None]
    registers.hours_write(present)
    with connection.cursor() as cursor:
        cursor.execute(
            _DELETE_HOURS, [array(key for key, _ in empty), array(us for _, us in empty)]
        )
    return [(key, hour.start_us, hour.energy, hour.reading_count) for key, hour in present] + [
        (key, start_us, 0, 0) for key, start_us in empty
    ]


def _add_to_ledger(folded: Folded) -> None:
    counts = folded.counts
    if counts.received == 0:
        return
    shard = os.getpid() % LEDGER_SHARDS
    reasons = Counter(str(one.error.reason) for one in folded.refused)
    account = [counts.received, counts.stored, counts.corrected, counts.duplicates]
    with connection.cursor() as cursor:
        cursor.execute(_ADD_TO_LEDGER, [shard, *account, len(folded.refused)])
        if reasons:
            cursor.execute(_ADD_REJECTIONS, [shard, list(reasons), list(reasons.values())])
