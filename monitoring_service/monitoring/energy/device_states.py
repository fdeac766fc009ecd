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
from monitoring.devices.channels import DeviceChannel, channels_by_device, main_channel
from monitoring.devices.ends import reading_ends
from monitoring.models import Device
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
    """Whether a channel sends as often as it should."""

    LIVE = "live"
    LATE = "late"
    SILENT = "silent"
    NEVER = "never"


def state_at(now: datetime, last_reading_at: datetime | None, interval_seconds: int) -> str:
    """Return the state of a channel at `now` by the instant of its last reading."""
    if last_reading_at is None:
        return SendingState.NEVER
    age, interval = now - last_reading_at, timedelta(seconds=interval_seconds)
    if age > max(SILENT_AFTER_INTERVALS * interval, SILENT_AFTER_AT_LEAST):
        return SendingState.SILENT
    return SendingState.LATE if age > LATE_AFTER_INTERVALS * interval else SendingState.LIVE


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel with its first hour, last reading and energy of today, and whether it sends.

    `silent` is true in every state but "live".
    """

    channel: DeviceChannel
    #: The instant at which its first hour with readings begins.
    first_hour: datetime | None
    last_reading_at: datetime | None
    last_reading_milliwh: int | None
    today_milliwh: int | None
    state: str
    silent: bool


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device with the states of its channels; its own state is that of `main`, the first one."""

    device: Device
    channels: list[ChannelState]

    @property
    def main(self) -> ChannelState:
        """Return the state of the channel `main`."""
        return self.channels[0]


def device_states(devices: Sequence[Device], now: datetime) -> list[DeviceState]:
    """Return the states of a page of devices; today is the local day of each at `now`."""
    channels = channels_by_device(devices)
    states = {
        state.channel.key: state
        for state in _channel_states([each for of in channels.values() for each in of], now)
    }
    return [
        DeviceState(device, [states[channel.key] for channel in channels[device.device_id]])
        for device in devices
    ]


def _channel_states(channels: Sequence[DeviceChannel], now: datetime) -> list[ChannelState]:
    ends = reading_ends(channels)
    today = _energy_today(channels, now)
    states = []
    for channel in channels:
        channel_ends = ends[channel.key]
        state = state_at(now, channel_ends.last_at, channel.interval_seconds)
        states.append(
            ChannelState(
                channel=channel,
                first_hour=channel_ends.first_hour,
                last_reading_at=channel_ends.last_at,
                last_reading_milliwh=channel_ends.last_milliwh,
                today_milliwh=today.get(channel.key),
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
    """Return by key the last reading and the interval in seconds of the channels `main`."""
    rows = [main_channel(device) for device in devices.order_by().defer("description")]
    ends = reading_ends(rows)
    return {row.key: (ends[row.key].last_at, row.interval_seconds) for row in rows}


def _energy_today(channels: Sequence[DeviceChannel], now: datetime) -> dict[int, int]:
    """Return by key the known energy of the channel's local day at `now`, spans included."""
    bounds = []
    for channel in channels:
        tz = clock.zone(channel.timezone)
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
                [channel.key for channel in channels],
                [begin for begin, _ in bounds],
                [end for _, end in bounds],
            ],
        )
        today = {key: int(energy) for key, energy in cursor.fetchall()}
    days = [
        (channel.key, clock.to_us(begin), clock.to_us(end))
        for channel, (begin, end) in zip(channels, bounds, strict=True)
    ]
    for (key, begin_us, end_us), spans in zip(days, spans_between(days), strict=True):
        for span in spans:
            part = energy_within(*span[1:], begin_us, end_us)
            today[key] = today.get(key, 0) + part
    return today
