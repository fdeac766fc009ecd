"""HTTP: parse, ask a selector, answer."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as drf
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from energy_contracts.units import kwh_from_milliwh
from monitoring import clock, selectors, serializers
from monitoring.selectors import HourSlot
from service_kit.authentication import IsAdmin
from service_kit.identity.models import KnownUser
from service_kit.pagination import PageNumberPagination


def asking(request: Request) -> KnownUser:
    """Who asks."""
    return cast(KnownUser, request.user)


def query(request: Request, serializer: type[drf.Serializer[Any]]) -> dict[str, Any]:
    """The checked query string. Raises ValidationError by field."""
    parsed = serializer(data=request.query_params)
    parsed.is_valid(raise_exception=True)
    return cast(dict[str, Any], parsed.validated_data)


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
    measured = [(slot.energy_milliwh, slot) for slot in slots if slot.energy_milliwh is not None]
    if not measured:
        return {
            "total_daily_consumption": None,
            "average_hourly_consumption": None,
            "peak_hour": None,
            "hours_with_data": 0,
        }
    total = sum(energy for energy, _ in measured)
    peak_energy, peak = max(measured, key=lambda pair: pair[0])
    return {
        "total_daily_consumption": kwh_from_milliwh(total),
        "average_hourly_consumption": kwh_from_milliwh(round(total / len(measured))),
        "peak_hour": {
            "hour": peak.hour,
            "start": peak.start,
            "total_consumption": kwh_from_milliwh(peak_energy),
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


class ReadingPagination(CursorPagination):
    """Pages by instant: the millionth page costs what the first does."""

    page_size = 200
    page_size_query_param = "page_size"
    max_page_size = 1_000
    ordering = "started_at"


class ReadingsView(APIView):
    """Raw readings of a device that began in [start, end), oldest first."""

    @extend_schema(
        parameters=[serializers.SpanQuery, OpenApiParameter("cursor", str)],
        responses=serializers.ReadingSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = query(request, serializers.SpanQuery)
        device = selectors.device_get(asking(request), asked["device_id"])
        pages = ReadingPagination()
        readings = selectors.readings_between(device, asked["start"], asked["end"])
        page = pages.paginate_queryset(readings, request, view=self)
        return pages.get_paginated_response(serializers.ReadingSerializer(page, many=True).data)


class DevicesView(APIView):
    """My devices, by name: last reading, today's energy, limit, silent or not."""

    @extend_schema(
        parameters=[
            OpenApiParameter("search", str, description="part of name or description"),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
        ],
        responses=serializers.DeviceStateSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        devices = selectors.devices_visible(asking(request)).order_by("name", "key")
        search = request.query_params.get("search", "").strip()
        if search:
            devices = devices.filter(Q(name__icontains=search) | Q(description__icontains=search))
        pages = PageNumberPagination()
        page = pages.paginate_queryset(devices, request, view=self) or []
        states = selectors.device_states(page, selectors.now())
        return pages.get_paginated_response(
            [serializers.DeviceStateSerializer(state).data for state in states]
        )


class LedgerView(APIView):
    """What became of every reading received."""

    permission_classes = (IsAuthenticated, IsAdmin)

    @extend_schema(responses=serializers.LedgerSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "totals": selectors.ledger_totals(),
                "rejected_by_reason": selectors.ledger_rejections(),
            }
        )


class UnclaimedView(APIView):
    """Devices that send but are not registered, the latest first."""

    permission_classes = (IsAuthenticated, IsAdmin)

    @extend_schema(responses=serializers.UnclaimedSerializer(many=True))
    def get(self, request: Request) -> Response:
        pages = PageNumberPagination()
        devices = selectors.devices_unclaimed().order_by("-key")
        page = pages.paginate_queryset(devices, request, view=self)
        return pages.get_paginated_response(serializers.UnclaimedSerializer(page, many=True).data)
