"""Writes of channels: change, log entry and event in one transaction.

A change of `main` is a change of its device. The log names the fields of other channels with the
code in front, as files do: `export.flow`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework.exceptions import NotFound, ValidationError

from devices.access.selectors import device_locked
from devices.changes.services import device_change
from devices.channel_kinds import MAIN_FIELDS
from devices.channels.rules import check_channels
from devices.log.actors import Actor
from devices.models import Channel, LogAction
from energy_contracts.names import MAIN_CHANNEL
from service_kit.api.errors import Conflict


@transaction.atomic
def channel_create(
    *, actor: Actor, device_id: UUID, values: Mapping[str, Any], notes: str = ""
) -> Channel:
    """Add a channel. Raises NotFound, and ValidationError for values that break a rule."""
    device = device_locked(device_id)
    channels = device.all_channels()
    if values["code"] in {channel.code for channel in channels}:
        message = f"The device has a channel {values['code']!r}. Change it, or use another code."
        raise ValidationError({"code": [message]}, code="unique")
    channel = Channel(device=device, **values)
    check_channels([*channels, channel])
    channel.save(force_insert=True)
    device_change(device, actor, LogAction.UPDATED, {}, new=channel_log(channel), notes=notes)
    return channel


@transaction.atomic
def channel_update(
    *, actor: Actor, device_id: UUID, code: str, values: Mapping[str, Any], notes: str = ""
) -> Channel:
    """Set values of a channel and return it; write nothing if nothing differs.

    Raises NotFound, and ValidationError for values that break a rule.
    """
    device = device_locked(device_id)
    channels = device.all_channels()
    channel = _channel_of(channels, code)
    old = {field: getattr(channel, field) for field in values}
    changed = {field: value for field, value in values.items() if value != old[field]}
    for field, value in changed.items():
        setattr(channel, field, value)
    check_channels(channels)
    if code == MAIN_CHANNEL:
        fields = {MAIN_FIELDS[field]: value for field, value in changed.items()}
        device_change(device, actor, LogAction.UPDATED, fields, notes=notes)
    elif changed:
        channel.save(update_fields=list(changed))
        device_change(
            device,
            actor,
            LogAction.UPDATED,
            {},
            old={f"{code}.{field}": old[field] for field in changed},
            new={f"{code}.{field}": value for field, value in changed.items()},
            notes=notes,
        )
    return channel


@transaction.atomic
def channel_delete(*, actor: Actor, device_id: UUID, code: str) -> None:
    """Delete a channel. Raises NotFound, and Conflict for `main` and for one that is named."""
    device = device_locked(device_id)
    channels = device.all_channels()
    channel = _channel_of(channels, code)
    if code == MAIN_CHANNEL:
        message = "The channel 'main' is the device itself. Delete the device instead."
        raise Conflict(message, code="main_channel")
    senders = [each.code for each in channels if each.negative_channel == code]
    if senders:
        raise Conflict(
            f"The channel {code!r} receives the negative readings of {', '.join(senders)}. "
            "Set their negative_channel to null first.",
            code="channel_in_use",
            channels=senders,
        )
    old = channel_log(channel)
    channel.delete()
    device_change(device, actor, LogAction.UPDATED, {}, old=old)


def channel_log(channel: Channel) -> dict[str, object]:
    """Return the values of a whole channel as the log names them, without those that are unset."""
    values = {field: getattr(channel, field) for field in MAIN_FIELDS}
    return {
        f"{channel.code}.{field}": value
        for field, value in values.items()
        if value not in (None, "")
    }


def _channel_of(channels: list[Channel], code: str) -> Channel:
    channel = next((channel for channel in channels if channel.code == code), None)
    if channel is None:
        raise NotFound
    return channel
