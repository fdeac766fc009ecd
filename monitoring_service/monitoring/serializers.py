"""What requests may say and answers look like."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rest_framework import serializers

from energy_contracts.units import kwh_from_milliwh
from monitoring import clock
from monitoring.selectors import DeviceState, HourSlot

#: Hours one answer may hold.
MAX_HOURS = 2_000

#: Span of one request for raw readings.
MAX_READINGS_SPAN = timedelta(days=366)


class AwareDateTimeField(serializers.DateTimeField):
    """An instant; one without an offset is refused, because it names 24 of them."""

    def to_internal_value(self, value: Any) -> datetime:
        parsed = super().to_internal_value(value)
        if isinstance(value, str) and datetime.fromisoformat(value.strip()).tzinfo is None:
            raise serializers.ValidationError(
                "Give an offset, e.g. 2026-11-22T10:00:00Z or 2026-11-22T12:00:00+02:00."
            )
        return parsed


class TimeZoneField(serializers.CharField):
    """An IANA zone name."""

    def to_internal_value(self, value: Any) -> ZoneInfo:  # type: ignore[override]
        try:
            return clock.zone(super().to_internal_value(value))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise serializers.ValidationError(
                "Not an IANA time zone; give a name like Europe/Bucharest."
            ) from error


class DayQuery(serializers.Serializer[Any]):
    """Query of `hourly/daily/`."""

    device_id = serializers.UUIDField()
    date = serializers.DateField()
    timezone = TimeZoneField(required=False)


class SpanQuery(serializers.Serializer[Any]):
    """Query over [start, end)."""

    max_span = MAX_READINGS_SPAN

    device_id = serializers.UUIDField()
    start = AwareDateTimeField()
    end = AwareDateTimeField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            raise serializers.ValidationError({"end": ["Must be after start."]})
        if attrs["end"] - attrs["start"] > self.max_span:
            hours = self.max_span // timedelta(hours=1)
            raise serializers.ValidationError({"end": [f"At most {hours} hours after start."]})
        return attrs


class HoursQuery(SpanQuery):
    """Query of `hourly/range/`."""

    max_span = timedelta(hours=MAX_HOURS)


class HourSerializer(serializers.Serializer[HourSlot]):
    """A clock hour; energy in kWh, null without readings."""

    start = serializers.DateTimeField()
    total_consumption = serializers.SerializerMethodField()
    measurement_count = serializers.IntegerField(source="reading_count")

    def get_total_consumption(self, slot: HourSlot) -> float | None:
        return None if slot.energy_milliwh is None else kwh_from_milliwh(slot.energy_milliwh)


class DayHourSerializer(HourSerializer):
    """A clock hour of a day, with the hour its clock shows."""

    hour = serializers.IntegerField()


class PeakHourSerializer(serializers.Serializer[HourSlot]):
    """The hour with the most energy; the first of several."""

    hour = serializers.IntegerField()
    start = serializers.DateTimeField()
    total_consumption = serializers.FloatField()


class DaySerializer(serializers.Serializer[Any]):
    """Answer of `hourly/daily/`."""

    device_id = serializers.UUIDField()
    date = serializers.DateField()
    timezone = serializers.CharField()
    hourly_data = DayHourSerializer(many=True)
    total_daily_consumption = serializers.FloatField(allow_null=True)
    average_hourly_consumption = serializers.FloatField(allow_null=True)
    peak_hour = PeakHourSerializer(allow_null=True)
    hours_with_data = serializers.IntegerField()


class HoursSerializer(serializers.Serializer[Any]):
    """Answer of `hourly/range/`."""

    device_id = serializers.UUIDField()
    timezone = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    hourly_data = HourSerializer(many=True)


class ReadingSerializer(serializers.Serializer[Any]):
    """A raw reading, in kWh."""

    timestamp = serializers.DateTimeField(source="started_at")
    measurement_value = serializers.SerializerMethodField()
    revision = serializers.IntegerField()

    def get_measurement_value(self, reading: Any) -> float:
        return kwh_from_milliwh(reading.value_milliwh)


class DeviceStateSerializer(serializers.Serializer[DeviceState]):
    """A device of mine and what its readings say now; energies in kWh."""

    device_id = serializers.UUIDField(source="device.device_id")
    name = serializers.CharField(source="device.name")
    description = serializers.CharField(source="device.description")
    device_type = serializers.CharField(source="device.device_type")
    status = serializers.CharField(source="device.status")
    timezone = serializers.CharField(source="device.timezone")
    interval_seconds = serializers.IntegerField(source="device.interval_seconds")
    reading_kind = serializers.CharField(source="device.reading_kind")
    max_consumption = serializers.SerializerMethodField()
    last_reading_at = serializers.DateTimeField(allow_null=True)
    today_consumption = serializers.SerializerMethodField()
    silent = serializers.BooleanField()

    def get_max_consumption(self, state: DeviceState) -> float | None:
        limit = state.device.max_consumption_milliwh
        return None if limit is None else kwh_from_milliwh(limit)

    def get_today_consumption(self, state: DeviceState) -> float | None:
        return None if state.today_milliwh is None else kwh_from_milliwh(state.today_milliwh)


class LedgerTotalsSerializer(serializers.Serializer[Any]):
    """received = stored + corrected + duplicates + rejected."""

    received = serializers.IntegerField()
    stored = serializers.IntegerField()
    corrected = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = serializers.IntegerField()


class LedgerSerializer(serializers.Serializer[Any]):
    """Answer of `ingestion/`."""

    totals = LedgerTotalsSerializer()
    rejected_by_reason = serializers.DictField(child=serializers.IntegerField())


class UnclaimedSerializer(serializers.Serializer[Any]):
    """A device that sends but is not registered."""

    device_id = serializers.UUIDField()
    first_seen_at = serializers.DateTimeField()
