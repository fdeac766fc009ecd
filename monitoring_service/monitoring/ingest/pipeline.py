"""The way of a batch: from messages to readings, hours, alerts and ledger, in one transaction.

1. `prepare` parses the messages, reduces them to one reading for each device and instant
   (`DistinctReadings`) and, if all devices are cached, plans what is written (`WritePlan`). It
   needs no database, so it runs beside the transaction of another batch.
2. `commit` takes the shared lock of the devices, plans again if a device has changed or was not
   cached, and inserts or corrects the readings (`StoredRows`).
3. It then brings hours, alerts and ledger (`Tally`) in line, commits, and returns the
   `IngestResult`.

The state is a function of the set of messages: a message that comes again, late, or in another
order changes nothing but the count of duplicates. Every table is written in the order of its key,
and tables in the same order, so that processes that share the queue cannot deadlock.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from energy_contracts.errors import Reason
from energy_contracts.reading import Reading, RejectedReading
from monitoring.alerts.services import HourTotal, alerts_update
from monitoring.calendar.clock import HOUR_US, from_us
from monitoring.devices.cache import CachedDevice, CacheState, DeviceCache
from monitoring.ingest import hour_writer, reading_writer
from monitoring.ingest.deduplicate import DistinctReadings, deduplicate, parse
from monitoring.ingest.hour_writer import HourState, HourSums, sum_hours
from monitoring.ingest.reading_writer import StoredReading
from monitoring.ingest.results import ChangedHour, ChangedPeriod, IngestResult
from monitoring.ingest.rows import (
    ReadingRow,
    counts_reading,
    implausible,
    meter_key_of,
    place_of,
    reject,
    reject_conflict,
)
from monitoring.ledger.services import Tally, ledger_add
from monitoring.registers.changes import lock_series
from monitoring.storage.closed_months import ClosedMonths
from monitoring.storage.spans import StoredSpan
from service_kit.process.failpoint import failpoint

#: A batch with changes of at most this many devices pushes all of them, a larger one only those of
#: devices with subscribers: a client that subscribed a moment ago misses nothing in normal
#: operation, and a flood of readings is not slowed down.
ALWAYS_PUSHED = 200


@dataclass(frozen=True, slots=True)
class WritePlan:
    """The writes of a batch of new readings, planned with one state of the cache."""

    state: CacheState
    distinct: DistinctReadings
    copy: reading_writer.Copy
    sums: HourSums


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """A parsed batch; `plan` is None if a device of it was not cached."""

    readings: list[tuple[Reading, bytes | None]]
    rejected: list[RejectedReading]
    plan: WritePlan | None


@dataclass(frozen=True, slots=True)
class StoredRows:
    """New rows, corrected rows with the energy that each adds, and the sums of the hours."""

    new: list[ReadingRow]
    corrected: list[tuple[ReadingRow, int]]
    sums: HourSums


def prepare(bodies: list[bytes], state: CacheState) -> PreparedBatch:
    """Return the batch, parsed, and planned as far as that is possible without the database."""
    readings, rejected = parse(bodies)
    try:
        plan = _plan(readings, rejected, state, state.devices)
    except KeyError:
        plan = None
    return PreparedBatch(readings, rejected, plan)


def store_messages(
    bodies: list[bytes], cache: DeviceCache, subscribed: AbstractSet[UUID] = frozenset()
) -> IngestResult:
    """Prepare and commit a batch."""
    return commit(prepare(bodies, cache.state), cache, subscribed)


def commit(
    batch: PreparedBatch, cache: DeviceCache, subscribed: AbstractSet[UUID] = frozenset()
) -> IngestResult:
    """Store the batch in one transaction and return its result.

    `subscribed`: devices whose changed hours a large batch returns. Repeating the call is harmless.
    Raises Django's database errors, and nothing is stored then.
    """
    with transaction.atomic():
        state, plan = cache.refresh(), batch.plan
        # By identity: a state is replaced by a new one whenever a device or a month has changed.
        if plan is None or state is not plan.state:
            plan = _plan(batch.readings, batch.rejected, state, _resolve(batch, cache))
        distinct = plan.distinct
        lock_series(row.device for row in distinct.rows if row.device.cumulative)
        # Made for this attempt: after a rollback the next one must not count the readings twice.
        tally = Tally(
            received=distinct.received,
            duplicates=distinct.duplicates,
            rejected=list(distinct.rejected),
        )
        stored = _store_readings(plan, tally)
        failpoint("ingest-before-commit")
        result = _update_hours(stored, state.closed, subscribed, tally)
        ledger_add(tally)
    failpoint("ingest-before-ack")
    cache.commit()
    return result


def _resolve(batch: PreparedBatch, cache: DeviceCache) -> dict[int, CachedDevice]:
    """Return the devices of the batch, with the meters and channels that its readings name."""
    devices = cache.resolve({reading.device_id.int for reading, _ in batch.readings})
    named = {
        (reading.device_id.int, reading.meter)
        for reading, _ in batch.readings
        if reading.meter is not None
    }
    devices = cache.resolve_meters(devices, named)
    channels = {(reading.device_id.int, reading.channel) for reading, _ in batch.readings}
    return cache.resolve_channels(devices, channels)


def _plan(
    readings: list[tuple[Reading, bytes | None]],
    rejected: list[RejectedReading],
    state: CacheState,
    devices: Mapping[int, CachedDevice],
) -> WritePlan:
    """Plan the writes.

    Raises KeyError for a device that is not among `devices`, and for a channel or a meter that it
    does not have there.
    """
    now_us = time.time_ns() // 1_000
    distinct = deduplicate(readings, rejected, devices, state.closed, now_us)
    rows = distinct.rows
    for others in distinct.contested.values():
        for row in others:
            meter_key_of(row)
    return WritePlan(state, distinct, reading_writer.copy_of(rows), sum_hours(rows))


def _store_readings(plan: WritePlan, tally: Tally) -> StoredRows:
    """Insert or correct each row, and count every reading in the tally."""
    rows, contested = plan.distinct.rows, plan.distinct.contested
    taken = reading_writer.insert(rows, plan.copy)
    if not taken and not contested:
        tally.stored += len(rows) - plan.distinct.uncounted
        return StoredRows(rows, [], plan.sums)
    places = {place_of(row) for row in rows} if contested else set()
    only_implausible = [others[0] for place, others in contested.items() if place not in places]
    looked_up = [rows[i] for i in sorted(taken)] + only_implausible
    before = {place_of(row): stored for row, stored in reading_writer.lock_existing(looked_up)}
    corrected: list[tuple[ReadingRow, int]] = []
    for row in rows:
        place = place_of(row)
        existing = before.get(place)
        if place not in contested:
            _count(tally, [row], existing)
        if existing is not None and row.revision > existing.revision:
            corrected.append((row, row.value_milliwh - existing.value_milliwh))
    for place, others in contested.items():
        _count(tally, others, before.get(place))
    reading_writer.correct([row for row, _ in corrected])
    new = [row for i, row in enumerate(rows) if i not in taken]
    return StoredRows(new, corrected, sum_hours(new, corrected))


def _count(tally: Tally, rows: list[ReadingRow], existing: StoredReading | None) -> None:
    """Count the readings of one instant as if they had arrived alone, one after the other.

    `existing`: the reading that was stored before the first of them. So the tally of the same
    messages in the same order does not depend on how they were cut into batches. For example,
    (revision, value) 0, 5 is stored, and (0, 5), (1, 7), (1, 8), (0, 5) come: a duplicate, a
    correction, a conflict, a duplicate. A zero of a reading that another row counts may change the
    stored value, and is not counted.
    """
    for row in rows:
        counts = counts_reading(row)
        if existing is not None and _is_duplicate(row, existing):
            tally.duplicates += counts
        elif counts and (detail := implausible(row)) is not None:
            tally.rejected.append(reject(row, Reason.IMPLAUSIBLE, detail))
        elif existing is None or row.revision != existing.revision:
            if existing is None:
                tally.stored += counts
            else:
                tally.corrected += counts
            existing = StoredReading(row.revision, row.value_milliwh, meter_key_of(row))
        elif counts:
            tally.rejected.append(reject_conflict(row))


def _is_duplicate(row: ReadingRow, existing: StoredReading) -> bool:
    """Return whether the reading says nothing new; one without a meter repeats one with a meter."""
    revision, value, meter_key = existing
    if row.revision != revision:
        return row.revision < revision
    named = meter_key_of(row)
    is_of_meter = named is None or meter_key is None or named == meter_key
    return row.value_milliwh == value and is_of_meter


def _update_hours(
    stored: StoredRows, closed: ClosedMonths, subscribed: AbstractSet[UUID], tally: Tally
) -> IngestResult:
    """Bring the hours in line with the stored rows, and the alerts of hours that have a limit."""
    latest = stored.sums.latest
    pushed = set(latest)
    if len(latest) > ALWAYS_PUSHED:
        pushed = {
            key for key, row in latest.items() if subscribed and row.device.device_id in subscribed
        }
    cumulative = [row for row in stored.new if row.device.cumulative]
    cumulative += [row for row, _ in stored.corrected if row.device.cumulative]
    lowered = bool(stored.corrected or cumulative)
    above_milliwh = -1 if lowered else stored.sums.least_limit
    added = hour_writer.add(stored.sums, pushed, above_milliwh)
    derived = hour_writer.recompute(cumulative, closed)
    changed = added.hours + derived.hours
    totals = [
        HourTotal(device, hour.start_us, hour.energy_milliwh)
        for hour in changed
        if (device := latest[hour.device_key].device).limits
    ]
    return IngestResult(
        tally=tally,
        hours=[
            ChangedHour(
                channel=latest[hour.device_key].device,
                start=from_us(hour.start_us),
                energy_milliwh=hour.energy_milliwh,
                reading_count=hour.reading_count,
                slots=hour.slots,
                last_reading_at=from_us(latest[hour.device_key].started_us),
                last_reading_milliwh=latest[hour.device_key].value_milliwh,
            )
            for hour in changed
            if hour.device_key in pushed
        ],
        periods=_periods(latest, pushed, changed, added.spans + derived.spans),
        alerts=alerts_update(totals, lowered=lowered),
    )


def _periods(
    latest: dict[int, ReadingRow],
    pushed: AbstractSet[int],
    hours: list[HourState],
    spans: list[StoredSpan],
) -> list[ChangedPeriod]:
    """Return a period for each pushed device whose changes are not all among the hours.

    It holds the spans that touch too many hours. A device without any change, as with its first
    register, has the hour of its last reading: the reading itself is news.
    """
    bounds: dict[int, tuple[int, int]] = {}
    for span in spans:
        if span.device_key in pushed:
            begin_us, end_us = bounds.get(span.device_key, (span.begin_us, span.end_us))
            bounds[span.device_key] = min(begin_us, span.begin_us), max(end_us, span.end_us)
    for key in pushed - bounds.keys() - {hour.device_key for hour in hours}:
        hour_us = latest[key].started_us - latest[key].started_us % HOUR_US
        bounds[key] = hour_us, hour_us + HOUR_US
    return [
        ChangedPeriod(
            channel=latest[key].device,
            start=from_us(begin_us),
            end=from_us(end_us),
            last_reading_at=from_us(latest[key].started_us),
            last_reading_milliwh=latest[key].value_milliwh,
        )
        for key, (begin_us, end_us) in bounds.items()
    ]
