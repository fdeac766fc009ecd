"""Queries and answers of the routes of the energy page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from monitoring.api.fields import KwhField, SpanQuery, TimeZoneField, _in_calendar
from monitoring.energy.device_states import LAST_READING_AT, DeviceState, SendingState
from monitoring.energy.figures import HourEnergy
from monitoring.energy.selectors import HourSlot
from monitoring.energy.series import RESOLUTIONS, Point
from service_kit.api.ids import IdsField
from service_kit.api.ordering import OrderingField

#: Hours one answer may hold.
MAX_HOURS = 2_000

#: Points one series may have.
MAX_POINTS = 2_000

#: Span of one request for figures.
MAX_STATS_SPAN = timedelta(days=36_600)


class DayQuery(serializers.Serializer[Any]):
    """Query of `hourly/daily/`."""

    device_id = serializers.UUIDField()
    date = serializers.DateField(validators=[_in_calendar])
    timezone = TimeZoneField(required=False)


class DevicesFilter(serializers.Serializer[Any]):
    """Query of `devices/states/`."""

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
    assigned_to = serializers.UUIDField(required=False)


class DevicesQuery(DevicesFilter):
    """Query of `devices/`."""

    id = IdsField(required=False)
    state = serializers.ChoiceField(required=False, choices=[*SendingState])
    ordering = OrderingField(("name", "device_type", "status", LAST_READING_AT), default="name")


class HoursQuery(SpanQuery):
    """Query of `hourly/range/`."""

    max_span = timedelta(hours=MAX_HOURS)


class SeriesQuery(SpanQuery):
    """Query of `series/`, whose period is bounded by its number of points alone."""

    max_span = timedelta.max

    resolution = serializers.ChoiceField(choices=RESOLUTIONS)
    timezone = TimeZoneField(required=False)


class StatsQuery(SpanQuery):
    """Query of `stats/`."""

    max_span = MAX_STATS_SPAN


class HourSerializer(serializers.Serializer[HourSlot]):
    """A clock hour; energy in kWh, null without readings.

    `covers_hours` is present only if the energy is that of several hours: after a gap of a
    cumulative device. The hours within the gap are null.
    """

    start = serializers.DateTimeField()
    total_consumption = KwhField(source="energy_milliwh", read_only=True, allow_null=True)
    measurement_count = serializers.IntegerField(source="reading_count")
    covers_hours = serializers.IntegerField(required=False)

    def to_representation(self, slot: HourSlot) -> dict[str, Any]:
        """Return the fields, without `covers_hours` unless the hour ends a gap."""
        fields = super().to_representation(slot)
        if slot.covers_hours <= 1:
            del fields["covers_hours"]
        return fields


class DayHourSerializer(HourSerializer):
    """A clock hour of a day, with the hour that the local clock shows."""

    hour = serializers.IntegerField()


class PeakHourSerializer(serializers.Serializer[HourSlot]):
    """The hour with the most energy; the first of several."""

    hour = serializers.IntegerField()
    start = serializers.DateTimeField()
    total_consumption = KwhField(source="energy_milliwh")


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


class DeviceStateSerializer(serializers.Serializer[DeviceState]):
    """A device of the user with its last reading and its energy of today; energies in kWh.

    `last_reading_value` is the energy of the interval that began at `last_reading_at`, or the
    register of a cumulative device; `first_hour` is the first hour that has readings. `state` is
    "live", "late" (the last reading is more than 3 intervals old), "silent" (more than 12, and more
    than ten minutes) or "never"; `silent` is true unless it is "live".
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
    state = serializers.ChoiceField(choices=[*SendingState])
    silent = serializers.BooleanField()


class StateCountsSerializer(serializers.Serializer[Any]):
    """Answer of `devices/states/`: the number of devices in each state."""

    live = serializers.IntegerField()
    late = serializers.IntegerField()
    silent = serializers.IntegerField()
    never = serializers.IntegerField()


class PointSerializer(serializers.Serializer[Point]):
    """An hour, local day, month or year; energy in kWh, null without readings.

    `covers_hours` is present only if the energy is that of more hours than have data.
    """

    start = serializers.DateTimeField()
    total_consumption = KwhField(source="energy_milliwh", read_only=True, allow_null=True)
    measurement_count = serializers.IntegerField(source="reading_count")
    hours_with_data = serializers.IntegerField()
    hours_expected = serializers.IntegerField()
    covers_hours = serializers.IntegerField(required=False)

    def to_representation(self, point: Point) -> dict[str, Any]:
        """Return the fields, without `covers_hours` unless the point holds a gap."""
        fields = super().to_representation(point)
        if point.covers_hours <= point.hours_with_data:
            del fields["covers_hours"]
        return fields


class SeriesSerializer(serializers.Serializer[Any]):
    """Answer of `series/`."""

    device_id = serializers.UUIDField()
    timezone = serializers.CharField()
    resolution = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    points = PointSerializer(many=True)


class ExtremeHourSerializer(serializers.Serializer[HourEnergy]):
    """The first of the hours with the most, or least, energy."""

    start = serializers.DateTimeField()
    total_consumption = KwhField(source="energy_milliwh")


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
