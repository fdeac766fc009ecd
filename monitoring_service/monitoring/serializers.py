"""What requests may say and answers look like."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rest_framework import serializers

from energy_contracts.units import kwh_from_milliwh
from monitoring import clock
from monitoring.models import Alert, Device
from monitoring.selectors import DeviceState, HourSlot
from monitoring.series import Point
from service_kit.keyset import both_ways

#: Hours one answer may hold.
MAX_HOURS = 2_000

#: Points one series may have.
MAX_POINTS = 2_000

#: Span of one request for raw readings; a file may have any.
MAX_READINGS_SPAN = timedelta(days=366)

#: Span of one request for figures.
MAX_STATS_SPAN = timedelta(days=36_600)

#: Years in which the calendars of all zones can be computed, and meters can have measured.
FIRST_YEAR, LAST_YEAR = 1900, 2199


def _in_calendar(value: date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise serializers.ValidationError(f"Must be between {FIRST_YEAR} and {LAST_YEAR}.")


class AwareDateTimeField(serializers.DateTimeField):
    """An instant; one without an offset is refused, because it names 24 of them."""

    def to_internal_value(self, value: Any) -> datetime:
        parsed = super().to_internal_value(value)
        if isinstance(value, str) and datetime.fromisoformat(value.strip()).tzinfo is None:
            raise serializers.ValidationError(
                "Give an offset, e.g. 2026-11-22T10:00:00Z or 2026-11-22T12:00:00+02:00."
            )
        _in_calendar(parsed)
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
    date = serializers.DateField(validators=[_in_calendar])
    timezone = TimeZoneField(required=False)


class DevicesQuery(serializers.Serializer[Any]):
    """Query of `devices/`."""

    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        default="",
        help_text="part of name or description, or a whole device_id",
    )
    status = serializers.CharField(required=False, max_length=32)
    device_type = serializers.CharField(required=False, max_length=32)
    reading_kind = serializers.ChoiceField(required=False, choices=("interval", "cumulative"))
    ordering = serializers.ChoiceField(
        required=False,
        default="name",
        choices=both_ways(("name", "device_type", "status")),
    )


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


class ReadingsFileQuery(SpanQuery):
    """Query of `data/` for a file."""

    max_span = timedelta.max


class RemovalQuery(serializers.Serializer[Any]):
    """Which reading is to be removed, and why."""

    device_id = serializers.UUIDField()
    timestamp = AwareDateTimeField()
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=2_000, default="", help_text="why; kept"
    )


class RemovalFilter(serializers.Serializer[Any]):
    """Query of `data/removed/`."""

    device_id = serializers.UUIDField(required=False)


class SeriesQuery(SpanQuery):
    """Query of `series/`; the number of points is what bounds it."""

    max_span = timedelta.max

    resolution = serializers.ChoiceField(choices=("hour", "day", "month"))
    timezone = TimeZoneField(required=False)


class StatsQuery(SpanQuery):
    """Query of `stats/`."""

    max_span = MAX_STATS_SPAN


class KwhField(serializers.FloatField):
    """Milliwatt-hours shown as kWh, to the last digit; null stands for no readings, never for 0."""

    def to_representation(self, value: int) -> float | Decimal:  # type: ignore[override]
        return kwh_from_milliwh(value)


class HourSerializer(serializers.Serializer[HourSlot]):
    """A clock hour; energy in kWh, null without readings.

    `covers_hours` is there only when the energy is that of more than one hour: after a gap of a
    cumulative device, whose hours within the gap are null.
    """

    start = serializers.DateTimeField()
    total_consumption = KwhField(source="energy_milliwh", read_only=True, allow_null=True)
    measurement_count = serializers.IntegerField(source="reading_count")
    covers_hours = serializers.IntegerField(required=False)

    def to_representation(self, slot: HourSlot) -> dict[str, Any]:
        shown = super().to_representation(slot)
        if slot.covers_hours <= 1:
            del shown["covers_hours"]
        return shown


class DayHourSerializer(HourSerializer):
    """A clock hour of a day, with the hour its clock shows."""

    hour = serializers.IntegerField()


class PeakHourSerializer(serializers.Serializer[HourSlot]):
    """The hour with the most energy; the first of several."""

    hour = serializers.IntegerField()
    start = serializers.DateTimeField()
    total_consumption = KwhField()


class DaySerializer(serializers.Serializer[Any]):
    """Answer of `hourly/daily/`."""

    device_id = serializers.UUIDField()
    date = serializers.DateField()
    timezone = serializers.CharField()
    hourly_data = DayHourSerializer(many=True)
    total_daily_consumption = KwhField(allow_null=True)
    average_hourly_consumption = KwhField(allow_null=True)
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
    measurement_value = KwhField(source="value_milliwh", read_only=True)
    revision = serializers.IntegerField()


class RemovedReadingSerializer(serializers.Serializer[Any]):
    """A reading that was removed, in kWh, by whom and why. The context has `devices` by key."""

    id = serializers.IntegerField()
    device_id = serializers.SerializerMethodField()
    timestamp = serializers.DateTimeField(source="started_at")
    measurement_value = KwhField(source="value_milliwh", read_only=True)
    revision = serializers.IntegerField()
    removed_at = serializers.DateTimeField()
    removed_by = serializers.UUIDField()
    removed_by_name = serializers.CharField()
    note = serializers.CharField()

    def get_device_id(self, removed: Any) -> str:
        device: Device = self.context["devices"][removed.device_key]
        return str(device.device_id)


class DeviceStateSerializer(serializers.Serializer[DeviceState]):
    """A device of mine and what its readings say now; energies in kWh.

    `last_reading_value` is the energy of the interval that began at `last_reading_at`, or the
    register of a cumulative device; `first_hour` is the first hour that has readings.
    """

    device_id = serializers.UUIDField(source="device.device_id")
    name = serializers.CharField(source="device.name")
    description = serializers.CharField(source="device.description")
    device_type = serializers.CharField(source="device.device_type")
    status = serializers.CharField(source="device.status")
    timezone = serializers.CharField(source="device.timezone")
    interval_seconds = serializers.IntegerField(source="device.interval_seconds")
    reading_kind = serializers.CharField(source="device.reading_kind")
    max_consumption = KwhField(
        source="device.max_consumption_milliwh", read_only=True, allow_null=True
    )
    first_hour = serializers.DateTimeField(allow_null=True)
    last_reading_at = serializers.DateTimeField(allow_null=True)
    last_reading_value = KwhField(source="last_reading_milliwh", read_only=True, allow_null=True)
    today_consumption = KwhField(source="today_milliwh", read_only=True, allow_null=True)
    silent = serializers.BooleanField()


class PointSerializer(serializers.Serializer[Point]):
    """An hour, local day or local month; energy in kWh, null without readings.

    `covers_hours` is there only when more hours than those with data stand in the energy.
    """

    start = serializers.DateTimeField()
    total_consumption = KwhField(source="energy_milliwh", read_only=True, allow_null=True)
    measurement_count = serializers.IntegerField(source="reading_count")
    hours_with_data = serializers.IntegerField()
    hours_expected = serializers.IntegerField()
    covers_hours = serializers.IntegerField(required=False)

    def to_representation(self, point: Point) -> dict[str, Any]:
        shown = super().to_representation(point)
        if point.covers_hours <= point.hours_with_data:
            del shown["covers_hours"]
        return shown


class SeriesSerializer(serializers.Serializer[Any]):
    """Answer of `series/`."""

    device_id = serializers.UUIDField()
    timezone = serializers.CharField()
    resolution = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    points = PointSerializer(many=True)


class ExtremeHourSerializer(serializers.Serializer[Any]):
    """The first of the hours with the most, or least, energy."""

    start = serializers.DateTimeField()
    total_consumption = KwhField()


class StatsSerializer(serializers.Serializer[Any]):
    """Answer of `stats/`; energies in kWh, null without readings."""

    device_id = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    total_consumption = KwhField(allow_null=True)
    average_hourly_consumption = KwhField(allow_null=True)
    peak_hour = ExtremeHourSerializer(allow_null=True)
    lowest_hour = ExtremeHourSerializer(allow_null=True)
    load_factor = serializers.FloatField(allow_null=True)
    hours_with_data = serializers.IntegerField()
    hours_expected = serializers.IntegerField()


class AlertFilter(serializers.Serializer[Any]):
    """Query of `alerts/`."""

    device_id = serializers.UUIDField(required=False)
    acknowledged = serializers.BooleanField(required=False, allow_null=True, default=None)
    withdrawn = serializers.BooleanField(required=False, allow_null=True, default=None)


class AlertSerializer(serializers.Serializer[Any]):
    """An hour above its device's limit; energies in kWh. The context has `devices` by key."""

    id = serializers.IntegerField()
    device_id = serializers.SerializerMethodField()
    device_name = serializers.SerializerMethodField()
    timezone = serializers.SerializerMethodField()
    start = serializers.DateTimeField()
    limit = KwhField(source="limit_milliwh", read_only=True)
    total_consumption = KwhField(source="energy_milliwh", read_only=True)
    created_at = serializers.DateTimeField()
    withdrawn = serializers.SerializerMethodField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    acknowledged = serializers.SerializerMethodField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.UUIDField(allow_null=True)

    def _device(self, alert: Alert) -> Device:
        found: Device = self.context["devices"][alert.device_key]
        return found

    def get_device_id(self, alert: Alert) -> str:
        return str(self._device(alert).device_id)

    def get_device_name(self, alert: Alert) -> str:
        return self._device(alert).name

    def get_timezone(self, alert: Alert) -> str:
        return self._device(alert).timezone

    def get_withdrawn(self, alert: Alert) -> bool:
        return alert.withdrawn_at is not None

    def get_acknowledged(self, alert: Alert) -> bool:
        return alert.acknowledged_at is not None
