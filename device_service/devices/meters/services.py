"""Replacements of meters: change, log entry and event in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework.exceptions import NotFound, ValidationError

from devices.access.selectors import device_locked
from devices.changes.services import device_change, uniqueness_checked
from devices.log.actors import Actor
from devices.models import Channel, Device, LogAction, Meter, MeterReplacement
from devices.publishing.events import json_number
from service_kit.api.errors import Conflict

#: Replacements of one device: all of its meters are in each of its events and in one answer.
MAX_REPLACEMENTS = 100


@transaction.atomic
def meter_replace(
    *, actor: Actor, device_id: UUID, values: Mapping[str, Any]
) -> tuple[Meter, bool]:
    """Replace the present meter; return the new one, and whether it is new.

    The same replacement again changes nothing. Raises NotFound, and ValidationError for an instant
    that is not after the replacement before, for registers that no channel has or shows, and for a
    serial number that another device had at that time. Raises Conflict for one more than
    `MAX_REPLACEMENTS`.
    """
    device = device_locked(device_id)
    former = device.all_meters()
    present = former.pop()
    replacement = _replacement(device, values)
    if present.mounted_at is not None and replacement.replaced_at <= present.mounted_at:
        if _is_stored(device, values, replacement):
            return present, False
        message = (
            f"{_text(replacement.replaced_at)} is not after the last replacement, "
            f"{_text(present.mounted_at)}. Send a later instant, or undo that replacement first."
        )
        raise ValidationError({"replaced_at": [message]}, code="not_after_the_last")
    if len(former) >= MAX_REPLACEMENTS:
        message = (
            f"The meter of {device.name!r} was replaced {MAX_REPLACEMENTS} times already. "
            "Create another device for the next meter."
        )
        raise Conflict(message, code="too_many_meters")
    digits = values.get("register_digits", device.register_digits)
    _check_registers(device, replacement, digits)
    replacement.save(force_insert=True)
    with uniqueness_checked():
        device_change(
            device,
            actor,
            LogAction.METER_REPLACED,
            {"serial_number": values["serial_number"], "register_digits": digits},
            old=_registers("closing", replacement.closing),
            new={
                "replaced_at": replacement.replaced_at,
                **_registers("opening", replacement.opening),
                "multiplier": replacement.multiplier,
            },
            notes=replacement.notes,
        )
    check_serial_number(device, since=replacement.replaced_at)
    return device.all_meters()[-1], True


@transaction.atomic
def replacement_undo(*, actor: Actor, device_id: UUID, meter_id: UUID) -> None:
    """Undo the latest replacement, which mounted this meter; the one before is present again.

    Raises NotFound, Conflict for the first meter and for one that was replaced itself, and
    ValidationError if another device has the serial number by now.
    """
    device = device_locked(device_id)
    meters = device.all_meters()
    meter = next((meter for meter in meters if meter.id == meter_id), None)
    if meter is None:
        raise NotFound
    if meter.mounted_at is None:
        message = "The first meter of a device replaced no other one. Change serial_number instead."
        raise Conflict(message, code="first_meter")
    if meter.removed_at is not None:
        message = f"Meter {meter.serial_number!r} was replaced later. Undo that replacement first."
        raise Conflict(message, code="replaced_later")
    former = meters[-2]
    MeterReplacement.objects.filter(id=meter.id).delete()
    with uniqueness_checked():
        device_change(
            device,
            actor,
            LogAction.METER_RESTORED,
            {
                "serial_number": former.serial_number,
                "register_digits": former.register_digits,
            },
            old={"replaced_at": meter.mounted_at},
        )
    check_serial_number(device, since=meter.mounted_at)


def check_serial_number(device: Device, *, since: datetime) -> None:
    """Check that no other device had a meter of the device's serial number after `since`.

    The meters that are mounted now are compared by a unique constraint. Requires: the number is
    stored, so that a replacement at the same time is either seen here or rejected there.
    """
    others = MeterReplacement.objects.filter(
        removed_serial_number=device.serial_number,
        replaced_at__gt=since,
        device__deleted_at=None,
    ).exclude(device=device)
    other = others.select_related("device").order_by("replaced_at").last()
    if other is not None:
        message = (
            f"Meter {device.serial_number!r} was mounted at {other.device.name!r} until "
            f"{_text(other.replaced_at)}. Correct the serial number or the time."
        )
        raise ValidationError({"serial_number": [message]}, code="mounted_elsewhere")


def _replacement(device: Device, values: Mapping[str, Any]) -> MeterReplacement:
    return MeterReplacement(
        device=device,
        replaced_at=values["replaced_at"],
        removed_serial_number=device.serial_number,
        removed_register_digits=device.register_digits,
        closing={code: json_number(value) for code, value in values["closing"].items()},
        opening={code: json_number(value) for code, value in values["opening"].items()},
        multiplier=values["multiplier"],
        notes=values["notes"],
    )


def _is_stored(device: Device, values: Mapping[str, Any], sent: MeterReplacement) -> bool:
    """Return whether the latest replacement of the device is the one that was sent."""
    stored = device.replacements.latest("replaced_at")
    fields = ("replaced_at", "closing", "opening", "multiplier")
    return (
        device.serial_number == values["serial_number"]
        and device.register_digits == values.get("register_digits", device.register_digits)
        and all(getattr(stored, field) == getattr(sent, field) for field in fields)
    )


def _check_registers(device: Device, replacement: MeterReplacement, digits: int | None) -> None:
    """Check codes and sizes of the registers; `digits` are those of the new meter."""
    channels = {channel.code: channel for channel in device.all_channels()}
    for field in ("closing", "opening"):
        for code, value in getattr(replacement, field).items():
            channel = channels.get(code)
            if channel is None:
                message = f"The device has no channel {code!r}. Use one of: {', '.join(channels)}."
                raise ValidationError({field: [message]}, code="unknown_channel")
            limit = _end_of_register(channel)
            if limit is not None and Decimal(str(value)) >= limit:
                message = (
                    f"The register of {code!r} shows less than {limit:f}, not {value}. "
                    "Correct the value, or the digits of the register."
                )
                raise ValidationError({field: [message]}, code="beyond_the_register")
        main = channels[device.main_channel().code]
        main.register_digits = digits
    if digits is not None and device.register_wraps_at is not None:
        message = "The register of 'main' has register_wraps_at. Set it to null, or send no digits."
        raise ValidationError({"register_digits": [message]}, code="two_wraps")


def _end_of_register(channel: Channel) -> Decimal | None:
    """Return the value that the register never shows, because it begins at 0 again."""
    if channel.register_digits is not None:
        return Decimal(10**channel.register_digits)
    return channel.register_wraps_at


def _registers(name: str, values: Mapping[str, float]) -> dict[str, object]:
    return {f"{name}.{code}": value for code, value in values.items()}


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
