"""HTTP: parse, ask a selector, answer."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.api.requests import asking, query
from monitoring.calendar import clock
from monitoring.calendar.clock import now
from monitoring.devices.selectors import devices_matching
from monitoring.devices.visibility import device_get, devices_visible
from monitoring.energy import series
from monitoring.energy.device_states import device_states
from monitoring.energy.figures import figures_between, figures_of
from monitoring.energy.selectors import hours_between, hours_of_day
from monitoring.energy.serializers import (
    MAX_POINTS,
    DayQuery,
    DaySerializer,
    DevicesQuery,
    DeviceStateSerializer,
    HoursQuery,
    HoursSerializer,
    SeriesQuery,
    SeriesSerializer,
    StatsQuery,
    StatsSerializer,
)
from service_kit.keyset import page_of
from service_kit.ordering import Ordering


class DayView(APIView):
    """The clock hours of one local day of a device."""

    @extend_schema(parameters=[DayQuery], responses=DaySerializer)
    def get(self, request: Request) -> Response:
        asked = query(request, DayQuery)
        device = device_get(asking(request), asked["device_id"])
        tz = asked.get("timezone") or clock.zone(device.timezone)
        slots = hours_of_day(device, asked["date"], tz)
        figures = figures_of(slots)
        peak = figures.peak
        day = {
            "device_id": device.device_id,
            "date": asked["date"],
            "timezone": tz.key,
            "hourly_data": slots,
            "total_daily_consumption": figures.energy_milliwh,
            "average_hourly_consumption": figures.average_milliwh,
            "peak_hour": peak and next(slot for slot in slots if slot.start == peak.start),
            "hours_with_data": figures.hours_with_data,
        }
        return Response(DaySerializer(day).data)


class HoursView(APIView):
    """The clock hours of a device that begin in [start, end)."""

    @extend_schema(parameters=[HoursQuery], responses=HoursSerializer)
    def get(self, request: Request) -> Response:
        asked = query(request, HoursQuery)
        device = device_get(asking(request), asked["device_id"])
        slots = hours_between(device, asked["start"], asked["end"])
        answer = {"timezone": device.timezone, "hourly_data": slots, **asked}
        return Response(HoursSerializer(answer).data)


class SeriesView(APIView):
    """Sums of a device's hours by hour, local day or local month."""

    @extend_schema(parameters=[SeriesQuery], responses=SeriesSerializer)
    def get(self, request: Request) -> Response:
        asked = query(request, SeriesQuery)
        device = device_get(asking(request), asked["device_id"])
        own = clock.zone(device.timezone)
        tz = asked.get("timezone") or own
        spans = series.buckets(
            asked["start"], asked["end"], asked["resolution"], tz, own, MAX_POINTS
        )
        if spans is None:
            text = f"That is more than {MAX_POINTS} points."
            raise ValidationError({"end": [text]})
        answer = {**asked, "timezone": tz.key, "points": series.series(device, spans)}
        return Response(SeriesSerializer(answer).data)


class StatsView(APIView):
    """A period of a device in figures."""

    @extend_schema(parameters=[StatsQuery], responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        asked = query(request, StatsQuery)
        device = device_get(asking(request), asked["device_id"])
        figures = figures_between(device, asked["start"], asked["end"])
        answer = {
            **asked,
            "total_consumption": figures.energy_milliwh,
            "average_hourly_consumption": figures.average_milliwh,
            "peak_hour": figures.peak,
            "lowest_hour": figures.lowest,
            "load_factor": figures.load_factor,
            "hours_with_data": figures.hours_with_data,
            "hours_expected": figures.hours_expected,
        }
        return Response(StatsSerializer(answer).data)


class DevicesView(APIView):
    """My devices: last reading, today's energy, limit, silent or not."""

    @extend_schema(
        parameters=[DevicesQuery],
        responses=DeviceStateSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = query(request, DevicesQuery)
        devices = devices_visible(asking(request))
        for field in ("status", "device_type", "reading_kind"):
            if field in asked:
                devices = devices.filter(**{field: asked[field]})
        devices = devices_matching(devices, asked["search"])
        page = page_of(devices, request, Ordering.by(asked["ordering"]), devices.count)
        states = device_states(page.rows, now())
        shown = [DeviceStateSerializer(state).data for state in states]
        return Response(page.answer(shown))
