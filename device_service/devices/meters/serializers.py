"""JSON of meters and of their replacement."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import is_naive, now
from rest_framework import serializers

from devices.models import DECIMAL_PLACES, MAX_DIGITS, MAX_TEXT
from energy_contracts.events import MAX_REGISTER_DIGITS
from energy_contracts.reading import EARLIEST
from energy_contracts.units import MAX_READING_KWH

#: The largest factor between the register of a meter and the energy that passed through it.
MAX_MULTIPLIER = 1_000_000


class InstantField(serializers.DateTimeField):
    """An instant of the past with an offset: without one, an hour could be another one."""

    default_error_messages = {
        "naive": "{value} has no offset. Write one, such as 2026-11-22T10:30:00+02:00.",
        "future": "{value} is in the future; now is {now}. Send an instant of the past.",
        "early": "{value} is before 1970. Send the instant at which the meter was replaced.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """Return an instant of the past in UTC. Raises ValidationError."""
        if is_naive(value):
            self.fail("naive", value=value.isoformat())
        instant = value.astimezone(UTC)
        if instant < EARLIEST:
            self.fail("early", value=value.isoformat())
        if instant > now():
            self.fail("future", value=value.isoformat(), now=f"{now():%Y-%m-%dT%H:%M:%SZ}")
        return instant


class RegistersField(serializers.DictField):
    """Registers by the code of the channel."""

    child = serializers.DecimalField(
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        min_value=0,
        max_value=int(MAX_READING_KWH),
    )


class MeterSerializer(serializers.Serializer[Any]):
    """A meter that is or was mounted at the device; see `Device.all_meters`."""

    id = serializers.UUIDField()
    serial_number = serializers.CharField()
    mounted_at = serializers.DateTimeField(
        allow_null=True, help_text="null: the first meter of the device"
    )
    removed_at = serializers.DateTimeField(allow_null=True, help_text="null: the present meter")
    opening = serializers.DictField(
        child=serializers.FloatField(), help_text="registers at mounting, by channel"
    )
    closing = serializers.DictField(
        child=serializers.FloatField(), help_text="registers at removal, by channel"
    )
    register_digits = serializers.IntegerField(
        allow_null=True, help_text="digits of the register for the channel `main`"
    )
    multiplier = serializers.FloatField()
    notes = serializers.CharField()


class MetersSerializer(serializers.Serializer[Any]):
    """All meters of a device."""

    count = serializers.IntegerField()
    results = MeterSerializer(many=True)


class ReplacementSerializer(serializers.Serializer[Any]):
    """The replacement of the present meter by another one."""

    replaced_at = InstantField()
    serial_number = serializers.CharField(max_length=100)
    closing = RegistersField(
        required=False,
        default=dict,
        help_text="the last registers of the removed meter, by channel; without one, the energy "
        "since the last reading of the removed meter is missing",
    )
    opening = RegistersField(
        required=False,
        default=dict,
        help_text="the registers of the new meter when it was mounted, by channel; without one, "
        "the energy before its first reading is missing",
    )
    register_digits = serializers.IntegerField(
        min_value=1,
        max_value=MAX_REGISTER_DIGITS,
        allow_null=True,
        required=False,
        help_text="digits of the new meter's register for `main`; without it, as before",
    )
    multiplier = serializers.DecimalField(
        max_digits=13,
        decimal_places=DECIMAL_PLACES,
        min_value=Decimal(1).scaleb(-DECIMAL_PLACES),
        max_value=MAX_MULTIPLIER,
        default=Decimal(1),
        help_text="energy for each unit of the new meter's register, for current transformers",
    )
    notes = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True, default="")
