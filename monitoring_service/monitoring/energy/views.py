"""HTTP: parse, ask a selector, answer."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

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
from monitoring.energy.selectors import HourSlot, hours_between, hours_of_day
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
from service_kit.keyset import Ordering, page_of


class DayView(APIView):
    """The clock hours of one local day of a device."""

    @extend_schema(parameters=[DayQuery], responses=DaySerializer)
    def get(self, request: Request) -> Response:
        asked = query(request, DayQuery)
        device = device_get(asking(request), asked["device_id"])
        tz = asked.get("timezone") or clock.zone(device.timezone)
        slots = hours_of_day(device, asked["date"], tz)
        day = {
            "device_id": device.device_id,
            "date": asked["date"],
            "timezone": tz.key,
            "hourly_data": slots,
            **_figures(slots),
        }
        return Response(DaySerializer(day).data)


def _figures(slots: list[HourSlot]) -> dict[str, Any]:
    """Total, average and peak over the hours that have readings; null when none has."""
    # What stands for a gap counts in the average with the hours it covers, and is no peak.
    measured = [(slot.energy_milliwh, slot) for slot in slots if slot.energy_milliwh is not None]
    if not measured:
        return {
            "total_daily_consumption": None,
            "average_hourly_consumption": None,
            "peak_hour": None,
            "hours_with_data": 0,
        }
    total = sum(energy for energy, _ in measured)
    covered = sum(slot.covers_hours for _, slot in measured)
    single = [pair for pair in measured if pair[1].covers_hours == 1]
    peak = max(single, key=lambda pair: pair[0]) if single else None
    return {
        "total_daily_consumption": total,
        "average_hourly_consumption": round(Fraction(total, covered)),
        "peak_hour": peak
        and {
            "hour": peak[1].hour,
            "start": peak[1].start,
            "total_consumption": peak[0],
        },
        "hours_with_data": len(measured),
    }


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
        found = series.figures(device, asked["start"], asked["end"])
        average, factor = found.average_milliwh, found.load_factor
        answer = {
            **asked,
            "total_consumption": found.energy_milliwh,
            "average_hourly_consumption": None if average is None else round(average),
            "peak_hour": _extreme(found.peak),
            "lowest_hour": _extreme(found.lowest),
            "load_factor": None if factor is None else round(float(factor), 6),
            "hours_with_data": found.hours_with_data,
            "hours_expected": found.hours_expected,
        }
        return Response(StatsSerializer(answer).data)


def _extreme(hour: tuple[datetime, int] | None) -> dict[str, Any] | None:
    if hour is None:
        return None
    return {"start": hour[0], "total_consumption": hour[1]}


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
