"""Apply events to the copies of devices and assignments, and to the hours that depend on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from energy_contracts.events import ReceivedDeviceData
from energy_contracts.units import milliwh_from_kwh
from monitoring.aggregates.rebuild import hours_rebuild
from monitoring.alerts.services import alerts_rebuild, limit_note
from monitoring.calendar import clock
from monitoring.calendar.clock import HOUR_SECONDS
from monitoring.calendar.slots import SLOT_SECONDS
from monitoring.devices.cache import CachedDevice, cached_device
from monitoring.devices.channels import every_channel
from monitoring.models import Device
from monitoring.registers.hours import stretches_of
from monitoring.registers.rules import Stretch
from monitoring.storage.epoch import lock_devices_exclusive, raise_epoch
from monitoring.sync.parts import parts_apply, removed_channels_note

_ASSIGN = """
INSERT INTO assignment (device_id, user_id, version, active) VALUES (%s, %s, %s, %s)
ON CONFLICT (user_id, device_id) DO UPDATE SET
    version = excluded.version, active = excluded.active
WHERE assignment.version < excluded.version
"""


def device_apply(*, data: ReceivedDeviceData, version: int, occurred_at: datetime) -> bool:
    """Copy a device's state; return False if the stored version is as new or newer.

    If the time zone, the kind of readings, or a rule of its registers changed, the hours are
    derived again. A changed limit applies from the clock hour of `occurred_at` on, the first limit
    to the whole past. The limit of an outdated version is noted too, so that the order of events
    does not matter. Readings of a retired device count until its retirement; if the event has no
    `retired_at`, until `occurred_at`.

    Requires: a transaction.
    """
    lock_devices_exclusive()
    device = Device.objects.filter(device_id=data.id).first()
    rules_before: dict[int, tuple[object, ...]] = {}
    if device is None:
        device = Device(device_id=data.id, timezone=settings.DEVICE_TIME_ZONE)
    elif device.version < version:
        rules_before = _hour_rules(device)
    else:
        limit_changed = _limit_change(device, data, version, occurred_at)
        parts_changed = _parts_change(device, data, version)
        if limit_changed or parts_changed:
            raise_epoch()
        return False
    device.registered = True
    device.deleted = False
    device.version = version
    device.name = data.name
    device.description = data.description
    device.device_type = data.device_type
    device.status = data.status
    device.max_consumption_milliwh = _limit_of(data)
    device.timezone = data.timezone
    device.interval_seconds = data.interval_seconds
    device.reading_kind = data.reading_kind
    device.register_digits = data.register_digits
    device.max_power_kw = data.max_power_kw
    device.retired_at = None
    if data.status == "retired":
        device.retired_at = data.retired_at or occurred_at
    parts_apply(device, data, version)
    device.save()
    _rebuild_changed(device, rules_before)
    _limit_change(device, data, version, occurred_at)
    raise_epoch()
    return True


def _parts_change(device: Device, data: ReceivedDeviceData, version: int) -> bool:
    """Copy the channels and meters of an outdated event; return whether it has any that are new.

    They are newer than the copies if the events after it came from a former release, or were
    applied by one: then the snapshot brings channels and meters with the version that the copy of
    the device has.
    """
    if not (data.channels or data.meters) or device.parts_version == version:
        return False
    if device.parts_version > version:
        removed_channels_note(device, data, version)
        return True
    rules_before = _hour_rules(device)
    parts_apply(device, data, version)
    device.save()
    _rebuild_changed(device, rules_before)
    return True


def _rebuild_changed(device: Device, rules_before: Mapping[int, tuple[object, ...]]) -> None:
    """Derive again the hours of the channels whose rules changed; a new channel has none."""
    rules = _hour_rules(device)
    for channel in every_channel([device]):
        if rules_before.get(channel.key, rules[channel.key]) != rules[channel.key]:
            hours_rebuild(channel)


def _hour_rules(device: Device) -> dict[int, tuple[object, ...]]:
    """Return by key all on which the hours of each channel depend, beside its readings."""
    main = cached_device(device)
    return {
        channel.key: _rules_of(device.timezone, channel)
        for channel in (main, *main.channels.values())
    }


def _rules_of(timezone: str, channel: CachedDevice) -> tuple[object, ...]:
    # A reading of at most a slot is not divided, however long its interval, and a difference of
    # registers over at most an hour is measured.
    shortest_seconds = HOUR_SECONDS // 2 if channel.cumulative else SLOT_SECONDS
    return (
        timezone,
        channel.cumulative,
        channel.kind_is_known,
        max(channel.interval_us, shortest_seconds * 1_000_000),
        (channel.max_power_kw, _stretches(channel)) if channel.cumulative else None,
    )


def _stretches(device: CachedDevice) -> tuple[Stretch, ...]:
    """Return the times of the device's meters; without the name of a meter that is the only one.

    So the hours of a device are not derived again when its first event names its meter.
    """
    stretches = stretches_of(device)
    if len(stretches) == 1 and len(device.meters) <= 1:
        return (replace(stretches[0], meter_key=None),)
    return stretches


def _limit_of(data: ReceivedDeviceData) -> int | None:
    return None if data.max_consumption is None else milliwh_from_kwh(data.max_consumption)


def _limit_change(
    device: Device, data: ReceivedDeviceData, version: int, occurred_at: datetime
) -> bool:
    """Record the limit of a version; return whether the limit in force changed in any hour."""
    from_hour = clock.hour_start(occurred_at, clock.zone(data.timezone))
    changed = limit_note(
        device, version=version, limit_milliwh=_limit_of(data), from_hour=from_hour
    )
    if changed:
        alerts_rebuild(device)
    return changed


def device_delete(*, device_id: UUID, version: int) -> bool:
    """Store a tombstone, also for an unknown device; return False if the device has one already.

    The hours stay, visible to nobody, and new readings are rejected.

    Requires: a transaction.
    """
    lock_devices_exclusive()
    device = Device.objects.filter(device_id=device_id).first()
    if device is None:
        device = Device(device_id=device_id, timezone=settings.DEVICE_TIME_ZONE)
    elif device.version >= version:
        return False
    device.deleted = True
    device.version = version
    device.save()
    raise_epoch()
    return True


def assignment_apply(*, device_id: UUID, user_id: UUID, active: bool, version: int) -> bool:
    """Copy whether the user may see the device; return False if the stored version is as new."""
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGN, [device_id, user_id, version, active])
        return bool(cursor.rowcount == 1)
