"""HTTP for raw readings: list, export as a file, remove."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.api.exact_json import ExactJSONRenderer
from monitoring.api.fields import SpanQuery
from monitoring.api.requests import asking, query
from monitoring.devices.selectors import devices_by_key
from monitoring.devices.visibility import device_get
from monitoring.models import RemovedReading
from monitoring.readings.export import readings_file
from monitoring.readings.selectors import readings_between, readings_removed
from monitoring.readings.serializers import (
    ReadingSerializer,
    ReadingsFileQuery,
    RemovalFilter,
    RemovalQuery,
    RemovedReadingSerializer,
)
from monitoring.readings.services import reading_remove
from service_kit.authentication import IsAdmin
from service_kit.keyset import page_of
from service_kit.ordering import Ordering

#: The order of one device's readings, of which no two begin at one instant.
OLDEST_READINGS = Ordering.by("started_at", is_unique=True)

#: The order of removed readings: the latest removal first.
LATEST_REMOVALS = Ordering.by("-id", is_unique=True)


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
            SpanQuery,
            # Pages beside each other alone: see below.
            *(OpenApiParameter("cursor", str), OpenApiParameter("page_size", int)),
            OpenApiParameter("format", str, enum=["json", "csv"], description="csv: one file"),
        ],
        responses={
            (200, "application/json"): ReadingSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        as_file = request.accepted_renderer.format == CsvRenderer.format
        asked = query(request, ReadingsFileQuery if as_file else SpanQuery)
        device = device_get(asking(request), asked["device_id"])
        if as_file:
            return readings_file(device, asked["start"], asked["end"])
        readings = readings_between(device, asked["start"], asked["end"])
        # Not counted: a device that sends every second has thirty million readings a year.
        page = page_of(readings, request, OLDEST_READINGS, None, page_size=200, max_page_size=1_000)
        return Response(page.answer(ReadingSerializer(page.rows, many=True).data))

    @extend_schema(parameters=[RemovalQuery], responses=RemovedReadingSerializer)
    def delete(self, request: Request) -> Response:
        asked = query(request, RemovalQuery)
        user = asking(request)
        device = device_get(user, asked["device_id"])
        removed = reading_remove(
            device=device, started_at=asked["timestamp"], actor=user, note=asked["note"]
        )
        return Response(shown_removals([removed])[0])


class RemovedReadingsView(APIView):
    """Readings that administrators removed, the latest removal first."""

    permission_classes = (IsAuthenticated, IsAdmin)

    @extend_schema(
        parameters=[RemovalFilter],
        responses=RemovedReadingSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = query(request, RemovalFilter)
        removed = readings_removed(asked.get("device_id"))
        page = page_of(removed, request, LATEST_REMOVALS, removed.count)
        return Response(page.answer(shown_removals(page.rows)))


def shown_removals(removed: Sequence[RemovedReading]) -> list[dict[str, Any]]:
    """Removed readings with their devices' ids, in one query more."""
    devices = devices_by_key({reading.device_key for reading in removed})
    shown = RemovedReadingSerializer(removed, many=True, context={"devices": devices})
    return cast(list[dict[str, Any]], shown.data)
