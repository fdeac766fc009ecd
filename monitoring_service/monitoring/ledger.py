"""Reads for whoever runs the platform: what came in, what became of it, what waits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from energy_contracts.names import READINGS_QUEUE, dead_letter_queue
from monitoring.models import Device
from monitoring.reading_ends import reading_ends
from service_kit.broker import BROKER_UNAVAILABLE, peek, queue_depths

#: Minutes listed one by one.
MINUTES = 60


@dataclass(frozen=True, slots=True)
class Minute:
    """The readings received in one minute; received = the sum of the others."""

    minute: datetime
    received: int
    stored: int
    corrected: int
    duplicates: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A device that sends but is not registered."""

    device: Device
    last_reading_at: datetime | None
    readings: int


def minutes() -> list[Minute]:
    """The last sixty minutes by the database's clock, the oldest first, quiet ones as zeros."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT minute, coalesce(sum(received), 0), coalesce(sum(stored), 0),
                   coalesce(sum(corrected), 0), coalesce(sum(duplicates), 0),
                   coalesce(sum(rejected), 0)
            FROM generate_series(date_trunc('minute', now()) - %s * interval '1 minute',
                                 date_trunc('minute', now()), interval '1 minute') AS minute
            LEFT JOIN ledger_minute USING (minute)
            GROUP BY minute ORDER BY minute
            """,
            [MINUTES - 1],
        )
        return [Minute(minute, *map(int, sums)) for minute, *sums in cursor.fetchall()]


def queue_state() -> dict[str, int | None] | None:
    """Messages ready in the readings' queue and its dead letters; None: the broker is away."""
    try:
        return queue_depths(
            settings.RABBITMQ_URL, [READINGS_QUEUE, dead_letter_queue(READINGS_QUEUE)]
        )
    except BROKER_UNAVAILABLE:
        return None


def oldest_unprocessed_seconds(waiting: int | None, unacknowledged: int | None) -> float | None:
    """Return how long ago the first of `waiting` messages was sent, by what its sender says.

    None if the sender says nothing, as the simplest clients do, if the broker is unavailable, or
    if only ingest processes hold messages: what those say can no longer be looked at.
    """
    if not waiting:
        return None if unacknowledged else waiting
    try:
        first = peek(settings.RABBITMQ_URL, READINGS_QUEUE, 1)
    except BROKER_UNAVAILABLE:
        return None
    if not first:  # stored meanwhile
        return 0
    sent_at = first[0].sent_at
    return None if sent_at is None else max(0.0, time.time() - sent_at)


def unclaimed_states(devices: Sequence[Device]) -> list[Unclaimed]:
    """Return a page of unclaimed devices with what they sent.

    The count is a sum of their hours, not of raw rows.
    """
    ends = reading_ends(devices)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT device_key, sum(reading_count)::bigint FROM hour "
            "WHERE device_key = ANY(%s) GROUP BY device_key",
            [[device.key for device in devices]],
        )
        readings = dict(cursor.fetchall())
    return [
        Unclaimed(device, ends[device.key].last_at, readings.get(device.key, 0))
        for device in devices
    ]
