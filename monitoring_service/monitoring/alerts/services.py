"""Alerts of hours above their limit, written in the transaction that changes the hours.

A device and hour have at most one alert, by a unique key. It is opened when the hour first exceeds
the limit in force. A correction that brings the hour back under the limit withdraws it; if the hour
exceeds the limit again, the same alert is opened again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from monitoring.devices.cache import CachedDevice, cached_device
from monitoring.devices.channels import DeviceChannel
from monitoring.devices.stored import LIMIT_IN_FORCE
from monitoring.models import Alert, ConsumptionLimit, Device
from monitoring.storage.sql import array
from service_kit.access.authentication import Principal

_OPEN = """
WITH over AS (
    SELECT i.device_key, to_timestamp(i.start_us / 1e6::float8) AS start,
           i.limit_milliwh, i.energy_milliwh
    FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::bigint[])
        AS i (device_key, start_us, limit_milliwh, energy_milliwh)
), known AS (
    SELECT a.device_key, a.start, a.withdrawn_at IS NULL AS open
    FROM alert a JOIN over USING (device_key, start)
), written AS (
    INSERT INTO alert (device_key, start, limit_milliwh, energy_milliwh, created_at)
    SELECT device_key, start, limit_milliwh, energy_milliwh, now() FROM over
    ORDER BY device_key, start
    ON CONFLICT (device_key, start) DO UPDATE SET
        limit_milliwh = excluded.limit_milliwh, energy_milliwh = excluded.energy_milliwh,
        withdrawn_at = NULL
    RETURNING id, device_key, start, limit_milliwh, energy_milliwh
)
SELECT w.id, w.device_key, w.start, w.limit_milliwh, w.energy_milliwh
FROM written w LEFT JOIN known USING (device_key, start) WHERE known.open IS NOT TRUE
"""

_WITHDRAW = """
UPDATE alert a SET withdrawn_at = now(), energy_milliwh = i.energy_milliwh
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[]) AS i (device_key, start_us, energy_milliwh)
WHERE a.device_key = i.device_key AND a.start = to_timestamp(i.start_us / 1e6::float8)
    AND a.withdrawn_at IS NULL
RETURNING a.id, a.device_key, a.start, a.limit_milliwh, a.energy_milliwh
"""

_LIMIT = f"""
(SELECT l.limit_milliwh FROM consumption_limit l
 WHERE l.device_key = h.device_key AND l.from_hour <= h.start AND {LIMIT_IN_FORCE}
 ORDER BY l.from_hour DESC LIMIT 1)
"""  # noqa: S608 - our own text

_NOTE_LIMIT = """
INSERT INTO consumption_limit AS l (device_key, from_hour, limit_milliwh, version)
SELECT %(key)s, %(from_hour)s, %(limit)s, %(version)s WHERE NOT EXISTS (
    SELECT FROM consumption_limit
    WHERE device_key = %(key)s AND version = %(version)s
        AND from_hour > %(first)s AND from_hour <= %(from_hour)s
)
ON CONFLICT (device_key, from_hour) DO UPDATE SET
    limit_milliwh = excluded.limit_milliwh, version = excluded.version
WHERE l.version < excluded.version
"""

_NOTE_FIRST_LIMIT = """
INSERT INTO consumption_limit AS l (device_key, from_hour, limit_milliwh, version)
VALUES (%(key)s, %(first)s, %(limit)s, %(version)s)
ON CONFLICT (device_key, from_hour) DO UPDATE SET
    limit_milliwh = excluded.limit_milliwh, version = excluded.version
WHERE l.version > excluded.version
"""


@dataclass(frozen=True, slots=True)
class HourTotal:
    """An hour of a device, by its start in µs, with its measured energy after the change.

    The energy is None if there is none: that of a span raises no alert, because nobody knows how it
    was spread over its hours.
    """

    device: CachedDevice
    start_us: int
    energy_milliwh: int | None


@dataclass(frozen=True, slots=True)
class ChangedAlert:
    """An alert that was opened or withdrawn."""

    alert_id: int
    device_id: UUID
    start: datetime
    limit_milliwh: int
    energy_milliwh: int
    withdrawn: bool


def alerts_update(hours: list[HourTotal], *, lowered: bool) -> list[ChangedAlert]:
    """Open and withdraw the alerts of these hours; return the alerts that changed.

    `lowered`: whether the energy of an hour may have fallen. Only corrections, removals and
    registers can lower it; without them no alert can be withdrawn.
    """
    over: list[tuple[HourTotal, int]] = []
    under: list[HourTotal] = []
    for hour in hours:
        limit = hour.device.limit_at(hour.start_us)
        if limit is not None and (hour.energy_milliwh or 0) > limit:
            over.append((hour, limit))
        elif lowered:
            under.append(hour)
    devices = {hour.device.key: hour.device for hour in hours}
    changed: list[ChangedAlert] = []
    with connection.cursor() as cursor:
        if over:
            cursor.execute(
                _OPEN,
                [
                    array(hour.device.key for hour, _ in over),
                    array(hour.start_us for hour, _ in over),
                    array(limit for _, limit in over),
                    array(hour.energy_milliwh for hour, _ in over),
                ],
            )
            changed += _changed(cursor.fetchall(), devices, withdrawn=False)
        if under:
            cursor.execute(
                _WITHDRAW,
                [
                    array(hour.device.key for hour in under),
                    array(hour.start_us for hour in under),
                    array(hour.energy_milliwh or 0 for hour in under),
                ],
            )
            changed += _changed(cursor.fetchall(), devices, withdrawn=True)
    return changed


def _changed(
    rows: list[tuple[int, int, datetime, int, int]],
    devices: dict[int, CachedDevice],
    *,
    withdrawn: bool,
) -> list[ChangedAlert]:
    return [
        ChangedAlert(alert_id, devices[key].device_id, start, limit, energy, withdrawn)
        for alert_id, key, start, limit, energy in rows
    ]


def limit_note(
    device: Device, *, version: int, limit_milliwh: int | None, from_hour: datetime
) -> bool:
    """Note the limit that a version of the device has from a clock hour on.

    The limits in force follow from the set of noted versions, in whatever order they arrive. Return
    whether the limits in force changed; the caller then runs `alerts_rebuild`.

    For example, version 3 with 2 kWh is noted for 10:00, then the late version 2 with 1 kWh for
    09:00, the lowest version with a limit: 1 kWh is in force for the whole past until 10:00, and
    2 kWh from 10:00 on.
    """
    values = {
        "key": device.key,
        "version": version,
        "limit": limit_milliwh,
        "from_hour": from_hour,
        "first": ConsumptionLimit.FIRST_HOUR,
    }
    before = cached_device(device).limits
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_LIMIT, values)
        if limit_milliwh is not None:
            cursor.execute(_NOTE_FIRST_LIMIT, values)
    return cached_device(device).limits != before


def alerts_rebuild(channel: Device | DeviceChannel) -> None:
    """Open, change and withdraw alerts so that all agree with the channel's hours and limits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO alert (device_key, start, limit_milliwh, energy_milliwh, created_at)
            SELECT device_key, start, in_force, energy_milliwh, now() FROM (
                SELECT h.device_key, h.start, h.energy_milliwh, {_LIMIT} AS in_force
                FROM hour h WHERE h.device_key = %(key)s
            ) AS limited WHERE energy_milliwh > in_force ORDER BY start
            ON CONFLICT (device_key, start) DO UPDATE SET
                limit_milliwh = excluded.limit_milliwh, energy_milliwh = excluded.energy_milliwh,
                withdrawn_at = NULL
            """,  # noqa: S608 - our own text
            {"key": channel.key},
        )
        cursor.execute(
            f"""
            UPDATE alert a SET withdrawn_at = now()
            WHERE a.device_key = %(key)s AND a.withdrawn_at IS NULL AND NOT EXISTS (
                SELECT FROM hour h WHERE h.device_key = a.device_key AND h.start = a.start
                    AND h.energy_milliwh > {_LIMIT}
            )
            """,  # noqa: S608 - our own text
            {"key": channel.key},
        )


def alert_acknowledge(alert: Alert, user: Principal) -> None:
    """Mark the alert as seen by the user; a second acknowledgement changes nothing."""
    unseen = Alert.objects.filter(pk=alert.pk, acknowledged_at=None)
    unseen.update(acknowledged_at=timezone.now(), acknowledged_by=user.id)
    alert.refresh_from_db(fields=["acknowledged_at", "acknowledged_by"])
