"""From a batch of messages to readings, hours, alerts and ledger, in one transaction.

The state is a function of the set of messages: a message that comes again, late, or in another
order changes nothing but the count of duplicates. Every table is written in the order of its key,
and tables in the same order, so that processes sharing the queue wait for each other at most once.
"""

from __future__ import annotations

import time
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from energy_contracts.errors import Reason
from energy_contracts.reading import Reading, RejectedReading
from monitoring.alerts.services import ChangedAlert, HourNow, alerts_update
from monitoring.calendar.clock import from_us
from monitoring.devices.cache import Directory, Known, KnownDevice
from monitoring.ingest import hour_writer, reading_writer
from monitoring.ingest.deduplicate import (
    Folded,
    Row,
    conflict,
    fold,
    implausible,
    parse,
    place_of,
    refuse,
)
from monitoring.ingest.hour_writer import HourSums, sum_hours
from monitoring.ingest.reading_writer import copied
from monitoring.ledger.services import Account, Counts, add_to_ledger
from monitoring.registers import hours
from monitoring.storage.closed_months import ClosedMonths
from service_kit.failpoint import failpoint

#: Devices of a batch up to which all are told of, listened to or not: who began to listen a moment
#: ago misses nothing while little happens, and a flood of readings is not slowed down.
ALWAYS_TOLD = 200


@dataclass(frozen=True, slots=True)
class ChangedHour:
    """An hour as a batch left it; the last reading is the latest of the batch.

    After a removal it is the device's last one, None where the device has no reading left.
    """

    device_id: UUID
    start: datetime
    energy_milliwh: int
    reading_count: int
    last_reading_at: datetime | None
    last_reading_milliwh: int | None


@dataclass(slots=True)
class Stored:
    """What a committed batch has to tell: its account, and what moved where somebody looks."""

    counts: Counts = field(default_factory=Counts)
    refused: list[RejectedReading] = field(default_factory=list)
    hours: list[ChangedHour] = field(default_factory=list)
    alerts: list[ChangedAlert] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Changes:
    """Rows whose reading is new, corrected rows with the energy they add, and their hours' sums."""

    new: list[Row]
    corrected: list[tuple[Row, int]]
    sums: HourSums


@dataclass(slots=True)
class Prepared:
    """A batch as far as it can be brought without the database.

    What was known of the devices may have changed meanwhile, and readings may be there already:
    `folded`, `copy` and `sums` hold if they have not. None: a device was not known.
    """

    readings: list[tuple[Reading, bytes | None]]
    refused: list[RejectedReading]
    known: Known
    folded: Folded | None
    copy: bytes = b""
    sums: HourSums = field(default_factory=HourSums)


def prepare(bodies: list[bytes], known: Known) -> Prepared:
    """Everything of a batch that needs no database, so that it can be done beside another's."""
    prepared = Prepared(*parse(bodies), known, None)
    with suppress(KeyError):
        _fold(prepared, known, known.devices)
    return prepared


def _fold(prepared: Prepared, known: Known, devices: dict[int, KnownDevice]) -> Folded:
    now_us = time.time_ns() // 1_000
    folded = fold(prepared.readings, prepared.refused, devices, known.closed, now_us)
    prepared.folded, prepared.known = folded, known
    prepared.copy, prepared.sums = copied(folded.rows), sum_hours(folded.rows)
    return folded


def store_messages(
    bodies: list[bytes], directory: Directory, listened: AbstractSet[UUID] = frozenset()
) -> Stored:
    """Prepare and commit a batch."""
    return store(prepare(bodies, directory.known), directory, listened)


def store(
    prepared: Prepared, directory: Directory, listened: AbstractSet[UUID] = frozenset()
) -> Stored:
    """Commit a batch. `listened`: the devices whose changed hours are wanted from a large one.

    Harmless to repeat. Raises Django's database errors; nothing is stored then.
    """
    with transaction.atomic():
        known, folded = directory.refresh(), prepared.folded
        if folded is None or known is not prepared.known:
            ids = {reading.device_id.int for reading, _ in prepared.readings}
            folded = _fold(prepared, known, directory.resolve(ids))
        hours.lock_series(row.device for row in folded.rows if row.device.cumulative)
        account = Account(replace(folded.counts), list(folded.refused))
        changes = _store_readings(folded, prepared, account)
        failpoint("ingest-before-commit")
        stored = _update_hours(changes, known.closed, listened)
        stored.counts, stored.refused = account.counts, account.refused
        add_to_ledger(account)
    failpoint("ingest-before-ack")
    directory.commit()
    return stored


def _store_readings(folded: Folded, prepared: Prepared, account: Account) -> _Changes:
    """Insert or correct each row, and account for every one."""
    rows, contested = folded.rows, folded.contested
    taken = reading_writer.insert(rows, prepared.copy)
    if not taken and not contested:
        account.counts.stored += len(rows)
        return _Changes(rows, [], prepared.sums)
    places = {place_of(row) for row in rows} if contested else set()
    unbelieved = [others[0] for place, others in contested.items() if place not in places]
    looked_up = [rows[i] for i in sorted(taken)] + unbelieved
    before = {
        place_of(row): (revision, value)
        for row, value, revision in reading_writer.lock_existing(looked_up)
    }
    corrected: list[tuple[Row, int]] = []
    for row in rows:
        place = place_of(row)
        stored = before.get(place)
        if place not in contested:
            _settle(account, [row], stored)
        if stored is not None and row.revision > stored[0]:
            corrected.append((row, row.value_milliwh - stored[1]))
    for place, others in contested.items():
        _settle(account, others, before.get(place))
    reading_writer.correct([row for row, _ in corrected])
    new = [row for i, row in enumerate(rows) if i not in taken]
    return _Changes(new, corrected, sum_hours(new, corrected))


def _settle(account: Account, rows: list[Row], stored: tuple[int, int] | None) -> None:
    """Account for the readings of one instant as if each had come alone, one after the other.

    `stored`: revision and value before the first of them. So the account of the same messages in
    the same order does not depend on how they were cut into batches.
    """
    counts = account.counts
    for row in rows:
        incoming = row.revision, row.value_milliwh
        if stored is not None and (row.revision < stored[0] or incoming == stored):
            counts.duplicates += 1
        elif (detail := implausible(row)) is not None:
            account.refused.append(refuse(row, Reason.IMPLAUSIBLE, detail))
        elif stored is None:
            counts.stored += 1
            stored = incoming
        elif row.revision == stored[0]:
            account.refused.append(conflict(row))
        else:
            counts.corrected += 1
            stored = incoming


def _update_hours(changes: _Changes, closed: ClosedMonths, listened: AbstractSet[UUID]) -> Stored:
    """Bring the hours up to date, and the alerts of those that have a limit."""
    latest = changes.sums.latest
    told = set(latest)
    if len(latest) > ALWAYS_TOLD:
        told = {key for key, row in latest.items() if listened and row.device.device_id in listened}
    cumulative = [row for row in changes.new if row.device.cumulative]
    cumulative += [row for row, _ in changes.corrected if row.device.cumulative]
    lowered = bool(changes.corrected or cumulative)
    above = -1 if lowered else changes.sums.least_limit
    found = hour_writer.add(changes.sums, told, above)
    found += hour_writer.recompute(cumulative, closed)
    hours = [HourNow(latest[key].device, start_us, energy) for key, start_us, energy, _ in found]
    return Stored(
        hours=[
            ChangedHour(
                device_id=latest[key].device.device_id,
                start=from_us(start_us),
                energy_milliwh=energy,
                reading_count=count,
                last_reading_at=from_us(latest[key].started_us),
                last_reading_milliwh=latest[key].value_milliwh,
            )
            for key, start_us, energy, count in found
            if key in told
        ],
        alerts=alerts_update([hour for hour in hours if hour.device.limits], lowered=lowered),
    )
