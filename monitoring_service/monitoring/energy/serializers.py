"""Queries and answers of the routes of the energy page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from monitoring.api.fields import (
    ChannelQuery,
    KwhField,
    SpanQuery,
    TimeZoneField,
    _in_calendar,
)
from monitoring.energy.device_states import (
    LAST_READING_AT,
    ChannelState,
    DeviceState,
    SendingState,
)
from monitoring.energy.figures import PeakEnergy
from monitoring.energy.selectors import HourSlot
from monitoring.energy.series import RESOLUTIONS, Point
from monitoring.storage.known_energy import Quality
from service_kit.api.ids import IdsField
from service_kit.api.ordering import OrderingField

#: States of devices and channels.
STATES = [*SendingState]

#: Hours one answer may hold.
MAX_HOURS = 2_000

#: Points one series may have.
MAX_POINTS = 2_000

#: Span of one request for figures.
MAX_STATS_SPAN = timedelta(days=36_600)


class DayQuery(ChannelQuery):
    """Query of `hourly/daily/`."""

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
    state = serializers.ChoiceField(required=False, choices=STATES)
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


class QualitySerializer(serializers.Serializer[Quality]):
    """Numbers of quarter-hours; together they are all quarter-hours of the point or period."""

    measured = serializers.IntegerField()
    estimated = serializers.IntegerField()
    missing = serializers.IntegerField()


class HourSerializer(serializers.Serializer[HourSlot]):
    """A clock hour; energies in kWh, null if nothing is known.

    `estimated` is the part of the energy that is known only as the total of a longer time.
    """

    start = serializers.DateTimeField()
    total_consumption = KwhField(source="energy_milliwh", read_only=True, allow_null=True)
    estimated = KwhField(source="estimated_milliwh", read_only=True, allow_null=True)
    measurement_count = serializers.IntegerField(source="reading_count")
    quality = QualitySerializer()


class DayHourSerializer(HourSerializer):
    """A clock hour of a day, with the hour that the local clock shows."""

    hour = serializers.IntegerField()


class PeakHourSerializer(serializers.Serializer[HourSlot]):
    """The hour with the most measured energy; the first of several."""

    hour = serializers.IntegerField()
    start = serializers.DateTimeField()
    total_consumption = KwhField(source="measured_milliwh")


class ChannelAnswer(serializers.Serializer[Any]):
    """The channel of an answer, with the unit of its numbers: kWh, or m³ of gas and water."""

    device_id = serializers.UUIDField()
    channel = serializers.CharField()
    quantity = serializers.CharField()
    unit = serializers.CharField()


class DaySerializer(ChannelAnswer):
    """Answer of `hourly/daily/`."""

    date = serializers.DateField()
    timezone = serializers.CharField()
    hourly_data = DayHourSerializer(many=True)
    total_daily_consumption = KwhField(allow_null=True)
    average_hourly_consumption = KwhField(allow_null=True)
    peak_hour = PeakHourSerializer(allow_null=True)
    hours_with_data = serializers.IntegerField()
    estimated = KwhField(allow_null=True)
    quality = QualitySerializer()


class HoursSerializer(ChannelAnswer):
    """Answer of `hourly/range/`."""

    timezone = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    hourly_data = HourSerializer(many=True)


class ChannelStateSerializer(serializers.Serializer[ChannelState]):
    """A channel with its last reading and its sum of today, in `unit`: kWh, or m³.

    `last_reading_value` is the energy of the interval that began at `last_reading_at`, or the
    register of a cumulative channel; `first_hour` is the first hour that has readings. `state` is
    "live", "late" (the last reading is more than 3 intervals old), "silent" (more than 12, and more
    than ten minutes) or "never"; `silent` is true unless it is "live".
    """

    code = serializers.CharField(source="channel.code")
    name = serializers.CharField(source="channel.name")
    quantity = serializers.CharField(source="channel.quantity")
    unit = serializers.CharField(source="channel.unit")
    flow = serializers.CharField(source="channel.flow")
    reading_kind = serializers.CharField(source="channel.reading_kind")
    interval_seconds = serializers.IntegerField(source="channel.interval_seconds")
    first_hour = serializers.DateTimeField(allow_null=True)
    last_reading_at = serializers.DateTimeField(allow_null=True)
    last_reading_value = KwhField(source="last_reading_milliwh", read_only=True, allow_null=True)
    today_consumption = KwhField(source="today_milliwh", read_only=True, allow_null=True)
    state = serializers.ChoiceField(choices=STATES)
    silent = serializers.BooleanField()


class DeviceStateSerializer(serializers.Serializer[DeviceState]):
    """A device of the user with its channels, `main` first.

    The device's own last reading, sum of today and state are those of `main`.
    """

    device_id = serializers.UUIDField(source="device.device_id")
    name = serializers.CharField(source="device.name")
    description = serializers.CharField(source="device.description")
    device_type = serializers.CharField(source="device.device_type")
    status = serializers.CharField(source="device.status")
    timezone = serializers.CharField(source="device.timezone")
    interval_seconds = serializers.IntegerField(source="device.interval_seconds")
    reading_kind = serializers.CharField(source="device.reading_kind")
    quantity = serializers.CharField(source="main.channel.quantity")
    unit = serializers.CharField(source="main.channel.unit")
    max_consumption = KwhField(
        source="device.max_consumption_milliwh", read_only=True, allow_null=True
    )
    first_hour = serializers.DateTimeField(source="main.first_hour", allow_null=True)
    last_reading_at = serializers.DateTimeField(source="main.last_reading_at", allow_null=True)
    last_reading_value = KwhField(
        source="main.last_reading_milliwh", read_only=True, allow_null=True
    )
    today_consumption = KwhField(source="main.today_milliwh", read_only=True, allow_null=True)
    state = serializers.ChoiceField(source="main.state", choices=STATES)
    silent = serializers.BooleanField(source="main.silent")
    channels = ChannelStateSerializer(many=True)


class StateCountsSerializer(serializers.Serializer[Any]):
    """Answer of `devices/states/`: the number of devices in each state."""

    live = serializers.IntegerField()
    late = serializers.IntegerField()
    silent = serializers.IntegerField()
    never = serializers.IntegerField()


class PointSerializer(serializers.Serializer[Point]):
    """A quarter, hour, local day, week, month or year; energies in kWh, null if nothing is known.

    `measurement_count` is null for quarters. `estimated` is the part of the energy that comes from
    longer times which the point cuts.
    """

    start = serializers.DateTimeField()
    total_consumption = KwhField(source="energy_milliwh", read_only=True, allow_null=True)
    estimated = KwhField(source="estimated_milliwh", read_only=True, allow_null=True)
    measurement_count = serializers.IntegerField(source="reading_count", allow_null=True)
    hours_with_data = serializers.IntegerField()
    hours_expected = serializers.IntegerField()
    quality = QualitySerializer()


class SeriesSerializer(ChannelAnswer):
    """Answer of `series/`."""

    timezone = serializers.CharField()
    resolution = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    points = PointSerializer(many=True)


class ExtremeHourSerializer(serializers.Serializer[PeakEnergy]):
    """The first of the hours with the most, or least, measured energy."""

    start = serializers.DateTimeField()
    total_consumption = KwhField(source="energy_milliwh")


class PeakQuarterSerializer(ExtremeHourSerializer):
    """The first of the quarters with the most measured energy, and its average power."""

    power_kw = KwhField(source="hourly_milliwh", read_only=True)


class StatsSerializer(ChannelAnswer):
    """Answer of `stats/`; null without readings."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    total_consumption = KwhField(allow_null=True)
    average_hourly_consumption = KwhField(allow_null=True)
    peak_hour = ExtremeHourSerializer(allow_null=True)
    lowest_hour = ExtremeHourSerializer(allow_null=True)
    peak_quarter = PeakQuarterSerializer(allow_null=True)
    load_factor = serializers.FloatField(allow_null=True)
    hours_with_data = serializers.IntegerField()
    hours_expected = serializers.IntegerField()
    estimated = KwhField(allow_null=True)
    quality = QualitySerializer()
