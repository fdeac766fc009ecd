"""The rules that the channels of one device keep together."""

from __future__ import annotations

from collections.abc import Sequence

from rest_framework.exceptions import ValidationError

from devices.channel_kinds import ReadingKind
from devices.models import Channel

#: Channels of one device: every event of the device carries them all.
MAX_CHANNELS = 50


def check_channels(channels: Sequence[Channel]) -> None:
    """Check all channels of a device. Raises ValidationError with the field, value and remedy."""
    if len(channels) > MAX_CHANNELS:
        message = f"A device has at most {MAX_CHANNELS} channels. Use a second device."
        raise ValidationError({"code": [message]}, code="too_many_channels")
    by_code = {channel.code: channel for channel in channels}
    for channel in channels:
        if channel.register_digits is not None and channel.register_wraps_at is not None:
            message = (
                f"The register of {channel.code!r} wraps after {channel.register_digits} digits "
                f"or at {channel.register_wraps_at:f}, not both. Set one of them to null."
            )
            raise ValidationError({"register_wraps_at": [message]}, code="two_wraps")
        if channel.negative_channel is not None:
            _check_negative(channel, by_code)
    _check_shared(channels)


def _check_negative(channel: Channel, by_code: dict[str, Channel]) -> None:
    """Check that the channel it names can take its negative readings. Raises ValidationError."""
    field, name = "negative_channel", channel.code
    target = by_code.get(channel.negative_channel or "")
    if target is None:
        codes = ", ".join(code for code in by_code if code != name) or "none yet"
        message = (
            f"Negative readings of {name!r} go to {channel.negative_channel!r}, which the device "
            f"does not have. Use one of its other channels: {codes}."
        )
        raise ValidationError({field: [message]}, code="unknown_channel")
    if target.code == name:
        message = f"Negative readings of {name!r} need another channel than {name!r}."
        raise ValidationError({field: [message]}, code="same_channel")
    if target.negative_channel is not None:
        message = (
            f"Negative readings of {name!r} go to {target.code!r}, whose own go to "
            f"{target.negative_channel!r}. Set one of the two negative_channel to null."
        )
        raise ValidationError({field: [message]}, code="chained_channels")
    if target.quantity != channel.quantity:
        message = (
            f"{name!r} counts {channel.quantity} and {target.code!r} {target.quantity}. "
            "Negative readings need a channel of the same quantity."
        )
        raise ValidationError({field: [message]}, code="other_quantity")
    for each in (channel, target):
        if each.reading_kind != ReadingKind.INTERVAL:
            message = (
                f"The readings of {each.code!r} are registers, which are never negative. "
                "Set its reading_kind to interval, or negative_channel to null."
            )
            raise ValidationError({field: [message]}, code="no_interval")


def _check_shared(channels: Sequence[Channel]) -> None:
    """Check that no channel takes the negative readings of two others. Raises ValidationError.

    Both would have a reading of the same instant there, and the second would be rejected.
    """
    senders: dict[str, str] = {}
    for channel in channels:
        target = channel.negative_channel
        if target is None:
            continue
        other = senders.setdefault(target, channel.code)
        if other != channel.code:
            message = (
                f"Negative readings of {other!r} and {channel.code!r} go to {target!r}. "
                "Give each a channel of its own."
            )
            raise ValidationError({"negative_channel": [message]}, code="shared_channel")
