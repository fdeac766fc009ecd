"""The states of devices: first hour, last reading, energy of today, and whether they send.

A reading carries the instant at which its interval began, so a punctual one is up to two intervals
old. `state_at` is the only definition of the states in the service; the dashboard has one of its
own, because there time passes without a request. Both are tested with the same cases
(`tests/fixtures/states`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import DateTimeField, Func, JSONField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from monitoring.calendar import clock
from monitoring.calendar.slots import energy_within
from monitoring.models import Device
from monitoring.storage.ends import reading_ends
from monitoring.storage.spans import spans_between
from service_kit.api.ordering import Ordering

#: The order that is no column of the table.
LAST_READING_AT = "last_reading_at"

#: The age of the last reading, in intervals, above which a device is late, and silent.
LATE_AFTER_INTERVALS = 3
SILENT_AFTER_INTERVALS = 12

#: A device that sends every few seconds is not silent after a minute's pause.
SILENT_AFTER_AT_LEAST = timedelta(minutes=10)


class SendingState(StrEnum):
    """Whether a device sends as often as it should."""

    LIVE = "live"
    LATE = "late"
    SILENT = "silent"
    NEVER = "never"


def state_at(now: datetime, last_reading_at: datetime | None, interval_seconds: int) -> str:
    """Return the state of a device at `now` by the instant of its last reading."""
    if last_reading_at is None:
        return SendingState.NEVER
    age, interval = now - last_reading_at, timedelta(seconds=interval_seconds)
    if age > max(SILENT_AFTER_INTERVALS * interval, SILENT_AFTER_AT_LEAST):
        return SendingState.SILENT
    return SendingState.LATE if age > LATE_AFTER_INTERVALS * interval else SendingState.LIVE


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device with its first hour, last reading and energy of today, and whether it sends.

    `silent` is true in every state but "live".
    """

    device: Device
    #: The instant at which its first hour with readings begins.
    first_hour: datetime | None
    last_reading_at: datetime | None
    last_reading_milliwh: int | None
    today_milliwh: int | None
    state: str
    silent: bool


def device_states(devices: Sequence[Device], now: datetime) -> list[DeviceState]:
    """Return the states of a page of devices; today is the local day of each at `now`."""
    ends = reading_ends(devices)
    today = _energy_today(devices, now)
    states = []
    for device in devices:
        device_ends = ends[device.key]
        state = state_at(now, device_ends.last_at, device.interval_seconds)
        states.append(
            DeviceState(
                device=device,
                first_hour=device_ends.first_hour,
                last_reading_at=device_ends.last_at,
                last_reading_milliwh=device_ends.last_milliwh,
                today_milliwh=today.get(device.key),
                state=state,
                silent=state != SendingState.LIVE,
            )
        )
    return states


def devices_by_activity(
    devices: QuerySet[Device], now: datetime, *, state: str | None, ordering: Ordering
) -> QuerySet[Device]:
    """Return those of the devices that are in `state` (None: all), in an order by last reading.

    Last readings are read for all of the devices, some ten thousand at most, and not stored: a
    column with them would be written with every batch of readings.
    """
    activity = _activity(devices)
    if state is not None:
        keys = [
            key for key, (at, seconds) in activity.items() if state_at(now, at, seconds) == state
        ]
        devices = devices.filter(key__in=keys)
    if ordering.field != LAST_READING_AT:
        return ordering.sort(devices)
    instants = {key: at.isoformat() for key, (at, _) in activity.items() if at is not None}
    # One constant that PostgreSQL searches by key, so that it sorts and pages the rows.
    by_key = Cast(Value(json.dumps(instants)), JSONField())
    instant = Func(
        by_key,
        Cast("key", TextField()),
        function="jsonb_object_field_text",
        output_field=TextField(),
    )
    return ordering.sort(devices.annotate(**{LAST_READING_AT: Cast(instant, DateTimeField())}))


def states_counted(devices: QuerySet[Device], now: datetime) -> dict[str, int]:
    """Return the number of devices in each state."""
    counts = Counter(state_at(now, at, seconds) for at, seconds in _activity(devices).values())
    return {state.value: counts[state] for state in SendingState}


def _activity(devices: QuerySet[Device]) -> dict[int, tuple[datetime | None, int]]:
    """Return by key the last reading's instant and the interval in seconds of all the devices."""
    rows = list(devices.order_by().only("key", "reading_kind", "interval_seconds", "timezone"))
    ends = reading_ends(rows)
    return {row.key: (ends[row.key].last_at, row.interval_seconds) for row in rows}


def _energy_today(devices: Sequence[Device], now: datetime) -> dict[int, int]:
    """Return by key the known energy of the device's local day at `now`, spans included."""
    bounds = []
    for device in devices:
        tz = clock.zone(device.timezone)
        bounds.append(clock.day_bounds(clock.local_day(now, tz), tz))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.key, sum(hour.energy_milliwh)
            FROM unnest(%s::integer[], %s::timestamptz[], %s::timestamptz[])
                AS d (key, begin, until)
            JOIN hour ON hour.device_key = d.key
                AND hour.start >= d.begin AND hour.start < d.until
                AND hour.energy_milliwh IS NOT NULL
            GROUP BY d.key
            """,
            [
                [device.key for device in devices],
                [begin for begin, _ in bounds],
                [end for _, end in bounds],
            ],
        )
        today = {key: int(energy) for key, energy in cursor.fetchall()}
    days = [
        (device.key, clock.to_us(begin), clock.to_us(end))
        for device, (begin, end) in zip(devices, bounds, strict=True)
    ]
    for (key, begin_us, end_us), spans in zip(days, spans_between(days), strict=True):
        for span in spans:
            part = energy_within(*span[1:], begin_us, end_us)
            today[key] = today.get(key, 0) + part
    return today
