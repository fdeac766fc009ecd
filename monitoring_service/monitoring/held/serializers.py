"""Queries and answers of the routes for held jumps."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from energy_contracts.units import kwh_from_milliwh, milliwh_from_kwh
from monitoring.api.fields import KwhField
from monitoring.calendar.clock import HOUR_US
from monitoring.devices.channels import DeviceChannel
from monitoring.held.selectors import STATES
from monitoring.models import HeldJump


class HeldFilter(serializers.Serializer[Any]):
    """Query of `held/`."""

    device_id = serializers.UUIDField(required=False)
    channel = serializers.CharField(required=False, max_length=32)
    state = serializers.ChoiceField(sorted(STATES), required=False)


class DecisionSerializer(serializers.Serializer[Any]):
    """Body of a decision."""

    note = serializers.CharField(
        required=False, allow_blank=True, max_length=2_000, default="", help_text="why; kept"
    )


class HeldJumpSerializer(serializers.Serializer[Any]):
    """A rise between two registers that the device cannot use, and the decision about it.

    The context has `channels` by key, and `closed`: the ids of jumps whose month is closed.
    """

    id = serializers.IntegerField()
    device_id = serializers.SerializerMethodField()
    device_name = serializers.SerializerMethodField()
    timezone = serializers.SerializerMethodField()
    channel = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    start = serializers.DateTimeField(source="begins_at")
    end = serializers.DateTimeField(source="ends_at")
    register_before = KwhField(source="before_milliwh", read_only=True)
    register_after = KwhField(source="after_milliwh", read_only=True)
    energy = KwhField(source="energy_milliwh", read_only=True)
    plausible_energy = serializers.SerializerMethodField(
        help_text="The most that the device can use in this time, by its largest power."
    )
    first_seen_at = serializers.DateTimeField()
    state = serializers.ChoiceField(sorted(STATES))
    decided_at = serializers.DateTimeField(source="decision.decided_at", allow_null=True)
    decided_by = serializers.UUIDField(source="decision.decided_by", allow_null=True)
    decided_by_name = serializers.CharField(source="decision.decided_by_name", allow_null=True)
    note = serializers.CharField(source="decision.note", allow_null=True)
    month_closed = serializers.SerializerMethodField(
        help_text="Raw readings of the time were dropped: the energy cannot count any more."
    )

    def _channel(self, jump: HeldJump) -> DeviceChannel:
        channel: DeviceChannel = self.context["channels"][jump.device_key]
        return channel

    def get_device_id(self, jump: HeldJump) -> str:
        """Return the public id of the device; the row has the channel's key."""
        return str(self._channel(jump).device_id)

    def get_device_name(self, jump: HeldJump) -> str:
        """Return the present name of the device."""
        return self._channel(jump).device.name

    def get_timezone(self, jump: HeldJump) -> str:
        """Return the zone in which the hours of the device are counted."""
        return self._channel(jump).timezone

    def get_channel(self, jump: HeldJump) -> str:
        """Return the code of the channel."""
        return self._channel(jump).code

    def get_unit(self, jump: HeldJump) -> str:
        """Return the unit of the registers and of the energy."""
        return self._channel(jump).unit

    def get_plausible_energy(self, jump: HeldJump) -> float | Decimal | None:
        """Return the most that the device can use in the time; None: it is not known any more."""
        power = self._channel(jump).max_power
        if power is None:
            return None
        duration = jump.ends_at - jump.begins_at
        microseconds = duration // timedelta(microseconds=1)
        return kwh_from_milliwh(milliwh_from_kwh(power) * microseconds // HOUR_US)

    def get_month_closed(self, jump: HeldJump) -> bool:
        """Return whether the energy cannot count any more."""
        return jump.id in self.context["closed"]
