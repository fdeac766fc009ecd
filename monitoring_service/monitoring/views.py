"""HTTP: parse, ask a selector, answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, cast

from django.db.models import F
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as drf
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring import clock, selectors, serializers, series
from monitoring.acknowledgements import alert_acknowledge
from monitoring.downloads import readings_file
from monitoring.exact_json import ExactJSONRenderer
from monitoring.models import Alert, RemovedReading
from monitoring.removals import reading_remove
from monitoring.selectors import HourSlot
from service_kit.authentication import IsAdmin
from service_kit.identity.models import KnownUser
from service_kit.keyset import Ordering, page_of


def asking(request: Request) -> KnownUser:
    """Who asks."""
    return cast(KnownUser, request.user)


def query(request: Request, serializer: type[drf.Serializer[Any]]) -> dict[str, Any]:
    """The checked query string. Raises ValidationError by field."""
    parsed = serializer(data=request.query_params)
    parsed.is_valid(raise_exception=True)
    return cast(dict[str, Any], parsed.validated_data)


#: The order of alerts: the latest hour first.
LATEST_ALERTS = Ordering("-start", "start", F("start"), descending=True)

#: The order of one device's readings, of which no two begin at one instant.
OLDEST_READINGS = Ordering("started_at", "started_at", F("started_at"), is_unique=True)

#: The order of removed readings: the latest removal first.
LATEST_REMOVALS = Ordering("-id", "id", F("id"), descending=True, is_unique=True)


class DayView(APIView):
    """The clock hours of one local day of a device."""

    @extend_schema(parameters=[serializers.DayQuery], responses=serializers.DaySerializer)
    def get(self, request: Request) -> Response:
        asked = query(request, serializers.DayQuery)
        device = selectors.device_get(asking(request), asked["device_id"])
        tz = asked.get("timezone") or clock.zone(device.timezone)
        slots = selectors.hours_of_day(device, asked["date"], tz)
        day = {
            "device_id": device.device_id,
            "date": asked["date"],
            "timezone": tz.key,
            "hourly_data": slots,
            **_figures(slots),
        }
        return Response(serializers.DaySerializer(day).data)


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

    @extend_schema(parameters=[serializers.HoursQuery], responses=serializers.HoursSerializer)
    def get(self, request: Request) -> Response:
        asked = query(request, serializers.HoursQuery)
        device = selectors.device_get(asking(request), asked["device_id"])
        slots = selectors.hours_between(device, asked["start"], asked["end"])
        answer = {"timezone": device.timezone, "hourly_data": slots, **asked}
        return Response(serializers.HoursSerializer(answer).data)


class SeriesView(APIView):
    """Sums of a device's hours by hour, local day or local month."""

    @extend_schema(parameters=[serializers.SeriesQuery], responses=serializers.SeriesSerializer)
    def get(self, request: Request) -> Response:
        asked = query(request, serializers.SeriesQuery)
        device = selectors.device_get(asking(request), asked["device_id"])
        own = clock.zone(device.timezone)
        tz = asked.get("timezone") or own
        spans = series.buckets(
            asked["start"], asked["end"], asked["resolution"], tz, own, serializers.MAX_POINTS
        )
        if spans is None:
            text = f"That is more than {serializers.MAX_POINTS} points."
            raise ValidationError({"end": [text]})
        answer = {**asked, "timezone": tz.key, "points": series.series(device, spans)}
        return Response(serializers.SeriesSerializer(answer).data)


class StatsView(APIView):
    """A period of a device in figures."""

    @extend_schema(parameters=[serializers.StatsQuery], responses=serializers.StatsSerializer)
    def get(self, request: Request) -> Response:
        asked = query(request, serializers.StatsQuery)
        device = selectors.device_get(asking(request), asked["device_id"])
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
        return Response(serializers.StatsSerializer(answer).data)


def _extreme(hour: tuple[datetime, int] | None) -> dict[str, Any] | None:
    if hour is None:
        return None
    return {"start": hour[0], "total_consumption": hour[1]}


class CsvRenderer(ExactJSONRenderer):
    """Lets `format=csv` be asked for; the file is streamed, errors stay problem documents."""

    format = "csv"
    media_type = "text/csv"


class ReadingsView(APIView):
    """Raw readings of a device that began in [start, end), oldest first; one can be removed."""

    renderer_classes = (ExactJSONRenderer, CsvRenderer)

    def get_permissions(self) -> list[BasePermission]:
        admin = [IsAdmin()] if self.request.method == "DELETE" else []
        return [IsAuthenticated(), *admin]

    @extend_schema(
        parameters=[
            serializers.SpanQuery,
            # Pages beside each other alone: see below.
            *(OpenApiParameter("cursor", str), OpenApiParameter("page_size", int)),
            OpenApiParameter("format", str, enum=["json", "csv"], description="csv: one file"),
        ],
        responses={
            (200, "application/json"): serializers.ReadingSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        as_file = request.accepted_renderer.format == CsvRenderer.format
        asked = query(request, serializers.ReadingsFileQuery if as_file else serializers.SpanQuery)
        device = selectors.device_get(asking(request), asked["device_id"])
        if as_file:
            return readings_file(device, asked["start"], asked["end"])
        readings = selectors.readings_between(device, asked["start"], asked["end"])
        # Not counted: a device that sends every second has thirty million readings a year.
        page = page_of(readings, request, OLDEST_READINGS, None, page_size=200, max_page_size=1_000)
        return Response(page.answer(serializers.ReadingSerializer(page.rows, many=True).data))

    @extend_schema(
        parameters=[serializers.RemovalQuery], responses=serializers.RemovedReadingSerializer
    )
    def delete(self, request: Request) -> Response:
        asked = query(request, serializers.RemovalQuery)
        user = asking(request)
        device = selectors.device_get(user, asked["device_id"])
        removed = reading_remove(
            device=device, started_at=asked["timestamp"], actor=user, note=asked["note"]
        )
        return Response(shown_removals([removed])[0])


class RemovedReadingsView(APIView):
    """Readings that administrators removed, the latest removal first."""

    permission_classes = (IsAuthenticated, IsAdmin)

    @extend_schema(
        parameters=[serializers.RemovalFilter],
        responses=serializers.RemovedReadingSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = query(request, serializers.RemovalFilter)
        removed = selectors.readings_removed(asked.get("device_id"))
        page = page_of(removed, request, LATEST_REMOVALS, removed.count)
        return Response(page.answer(shown_removals(page.rows)))


def shown_removals(removed: Sequence[RemovedReading]) -> list[dict[str, Any]]:
    """Removed readings with their devices' ids, in one query more."""
    devices = selectors.devices_by_key({reading.device_key for reading in removed})
    shown = serializers.RemovedReadingSerializer(removed, many=True, context={"devices": devices})
    return cast(list[dict[str, Any]], shown.data)


class DevicesView(APIView):
    """My devices: last reading, today's energy, limit, silent or not."""

    @extend_schema(
        parameters=[serializers.DevicesQuery],
        responses=serializers.DeviceStateSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = query(request, serializers.DevicesQuery)
        devices = selectors.devices_visible(asking(request))
        for field in ("status", "device_type", "reading_kind"):
            if field in asked:
                devices = devices.filter(**{field: asked[field]})
        devices = selectors.devices_matching(devices, asked["search"])
        page = page_of(devices, request, Ordering.by(asked["ordering"]), devices.count)
        states = selectors.device_states(page.rows, selectors.now())
        shown = [serializers.DeviceStateSerializer(state).data for state in states]
        return Response(page.answer(shown))


class AlertsView(APIView):
    """Alerts of my devices, the latest hour first."""

    @extend_schema(
        parameters=[serializers.AlertFilter], responses=serializers.AlertSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        asked = query(request, serializers.AlertFilter)
        user = asking(request)
        alerts = selectors.alerts_visible(user)
        if "device_id" in asked:
            alerts = alerts.filter(device_key=selectors.device_get(user, asked["device_id"]).key)
        for name in ("acknowledged", "withdrawn"):
            if asked[name] is not None:
                alerts = alerts.filter(**{f"{name}_at__isnull": not asked[name]})
        page = page_of(alerts, request, LATEST_ALERTS, alerts.count)
        return Response(page.answer(shown_alerts(page.rows)))


class AcknowledgeView(APIView):
    """Say that an alert was seen; saying it again changes nothing."""

    @extend_schema(request=None, responses=serializers.AlertSerializer)
    def post(self, request: Request, alert_id: int) -> Response:
        user = asking(request)
        alert = selectors.alert_get(user, alert_id)
        alert_acknowledge(alert, user)
        return Response(shown_alerts([alert])[0])


def shown_alerts(alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """Alerts with their devices' names, in one query more."""
    devices = selectors.devices_by_key({alert.device_key for alert in alerts})
    shown = serializers.AlertSerializer(alerts, many=True, context={"devices": devices})
    return cast(list[dict[str, Any]], shown.data)
