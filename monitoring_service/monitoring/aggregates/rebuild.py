"""Derive hours from their readings again. Hours of closed months, whose readings are gone, stay."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection, transaction

from monitoring.alerts.services import alerts_rebuild
from monitoring.calendar import clock
from monitoring.devices.cache import cached_channel
from monitoring.devices.channels import DeviceChannel, every_channel
from monitoring.models import RULES_VERSION, Device
from monitoring.registers.held import jumps_delete
from monitoring.registers.hours import derived_from
from monitoring.registers.stored import derived_store
from monitoring.storage.closed_months import OPEN_INSTANT, OPEN_INTERVAL_HOUR, closed_months
from monitoring.storage.epoch import lock_devices_exclusive
from monitoring.storage.interval_hours import (
    EVERY_CHANNEL,
    hours_from_intervals,
    spans_from_intervals,
)
from monitoring.storage.neighbours import Register, register_months_forget, register_months_note

#: Before and after all readings.
ALL_TIME = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))

_DELETE = f"""
DELETE FROM hour h USING {EVERY_CHANNEL} d
WHERE d.key = %(key)s AND h.device_key = d.key AND h.start >= %(begin)s AND h.start < %(end)s
    AND {OPEN_INTERVAL_HOUR}
"""  # noqa: S608 - our own text

# Readings of up to an hour reach into the next one.
_IN_PERIOD = """r.device_key = %(key)s
    AND r.started_at >= %(begin)s::timestamptz - interval '1 hour'
    AND r.started_at < %(end)s::timestamptz + interval '1 hour'"""

_INSERT_HOURS = f"""
INSERT INTO hour (device_key, reading_count, start, energy_milliwh,
                  quarter_0, quarter_1, quarter_2, quarter_3)
SELECT h.* FROM ({hours_from_intervals(_IN_PERIOD)}) AS h
JOIN {EVERY_CHANNEL} d ON d.key = h.device_key
WHERE h.start >= %(begin)s AND h.start < %(end)s AND {OPEN_INTERVAL_HOUR}
"""  # noqa: S608 - our own text

_DELETE_SPANS = f"""
DELETE FROM span s WHERE s.device_key = %(key)s
    AND s.begins_at >= %(begin)s AND s.begins_at < %(end)s
    AND {OPEN_INSTANT.format(instant="s.begins_at")}
"""  # noqa: S608 - our own text

_INSERT_SPANS = f"""
INSERT INTO span (device_key, begins_at, ends_at, energy_milliwh)
SELECT s.* FROM ({spans_from_intervals(_IN_PERIOD)}) AS s
WHERE s.begins_at >= %(begin)s AND s.begins_at < %(end)s
    AND {OPEN_INSTANT.format(instant="s.begins_at")}
"""  # noqa: S608 - our own text

_SERIES = """
SELECT (extract(epoch FROM started_at) * 1000000)::bigint, value_milliwh, meter_key
FROM reading WHERE device_key = %s ORDER BY started_at
"""


def hours_rebuild(
    channel: DeviceChannel, begin: datetime = ALL_TIME[0], end: datetime = ALL_TIME[1]
) -> None:
    """Derive the hours that begin in [begin, end), and all alerts of a channel, from its readings.

    Hours of a channel whose kind of readings is unknown stay as they are.

    Requires: `lock_devices_exclusive`.
    """
    if not channel.kind_is_known:
        return
    span: dict[str, int | datetime] = {
        "key": channel.key,
        "begin": begin,
        "end": end,
    }
    if channel.reading_kind == "interval":
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, span)
            cursor.execute(_DELETE_SPANS, span)
            cursor.execute(_INSERT_HOURS, span)
            cursor.execute(_INSERT_SPANS, span)
    else:
        registers = channel_registers(channel)
        register_months_forget(channel.key)
        register_months_note((channel.key, register.at_us) for register in registers)
        closed, bounds = closed_months(), (clock.to_us(begin), clock.to_us(end))
        derived_store([derived_from(cached_channel(channel), registers, closed, bounds)], closed)
    if channel.reading_kind == "interval" or channel.max_power is None:
        jumps_delete(channel.key, closed_months())
    alerts_rebuild(channel)


def device_hours_rebuild(
    device: Device, begin: datetime = ALL_TIME[0], end: datetime = ALL_TIME[1]
) -> None:
    """Run `hours_rebuild` for all channels in a transaction of its own; ingest waits meanwhile."""
    with transaction.atomic():
        lock_devices_exclusive()
        # Read under the lock: a change of the device that committed meanwhile counts.
        device.refresh_from_db()
        for channel in every_channel([device]):
            hours_rebuild(channel, begin, end)
        is_known = device.kind_is_known
        if is_known and (begin, end) == ALL_TIME and device.rules_version != RULES_VERSION:
            device.rules_version = RULES_VERSION
            device.save(update_fields=["rules_version"])


def channel_registers(channel: DeviceChannel) -> list[Register]:
    """Return all stored registers of a cumulative channel, in the order of time."""
    with connection.cursor() as cursor:
        cursor.execute(_SERIES, [channel.key])
        return [Register(*row) for row in cursor.fetchall()]
