"""HTTP for raw readings: list, export as a file, remove."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from monitoring.api.exact_json import ExactJSONRenderer
from monitoring.api.fields import SpanQuery
from monitoring.devices.channels import channels_by_key
from monitoring.devices.requests import channel_in_query
from monitoring.models import Reading, RemovedReading
from monitoring.readings.export import readings_file
from monitoring.readings.selectors import reading_list, removed_reading_list
from monitoring.readings.serializers import (
    ReadingSerializer,
    ReadingsFileQuery,
    RemovalFilter,
    RemovalQuery,
    RemovedReadingSerializer,
)
from monitoring.readings.services import reading_remove
from service_kit.access.permissions import HasPermission, Permission
from service_kit.api.keyset import KeysetPagination
from service_kit.api.requests import current_user, validated_query


class ReadingPagination(KeysetPagination):
    """Pages without a count: a device that sends every second has 30 million readings a year."""

    page_size = 200
    max_page_size = 1_000
    is_counted = False


class CsvRenderer(ExactJSONRenderer):
    """The renderer of `format=csv`: the view streams the file, errors stay problem documents."""

    format = "csv"
    media_type = "text/csv"


class ReadingsView(GenericAPIView[Reading]):
    """List the raw readings of a channel that began in [start, end), or remove one of them."""

    pagination_class = ReadingPagination

    renderer_classes = (ExactJSONRenderer, CsvRenderer)

    def get_permissions(self) -> list[BasePermission]:
        """Return the permissions of the method: the removal of readings needs one."""
        if self.request.method == "DELETE":
            return [HasPermission(Permission.REMOVE_READINGS)()]
        return [IsAuthenticated()]

    @extend_schema(
        parameters=[
            SpanQuery,
            OpenApiParameter("format", str, enum=["json", "csv"], description="csv: one file"),
        ],
        responses={
            (200, "application/json"): ReadingSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """List the raw readings of a channel in [start, end), or send them as one file."""
        as_file = request.accepted_renderer.format == CsvRenderer.format
        query = validated_query(request, ReadingsFileQuery if as_file else SpanQuery)
        channel = channel_in_query(request, query)
        if as_file:
            return readings_file(channel, query["start"], query["end"])
        readings = reading_list(channel=channel, start=query["start"], end=query["end"])
        page = self.paginate_queryset(readings)
        serializer = ReadingSerializer(page, many=True, context={"channel": channel})
        return self.get_paginated_response(serializer.data)

    @extend_schema(parameters=[RemovalQuery], responses={200: RemovedReadingSerializer, 404: None})
    def delete(self, request: Request) -> Response:
        """Remove the reading of a channel and instant, and return it."""
        query = validated_query(request, RemovalQuery)
        removed = reading_remove(
            channel=channel_in_query(request, query),
            started_at=query["timestamp"],
            actor=current_user(request),
            note=query["note"],
        )
        return Response(serialized_removals([removed])[0])


class RemovedReadingsView(GenericAPIView[RemovedReading]):
    """List the readings that administrators removed, the latest removal first."""

    permission_classes = (HasPermission(Permission.REMOVE_READINGS),)

    @extend_schema(
        parameters=[RemovalFilter],
        responses=RemovedReadingSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the readings that administrators removed, the latest removal first."""
        removed = removed_reading_list(**validated_query(request, RemovalFilter))
        page = cast(list[RemovedReading], self.paginate_queryset(removed))
        return self.get_paginated_response(serialized_removals(page))


def serialized_removals(removed: Sequence[RemovedReading]) -> list[dict[str, Any]]:
    """Return the removed readings as JSON values, with their channels from further queries."""
    channels = channels_by_key({reading.device_key for reading in removed})
    serializer = RemovedReadingSerializer(removed, many=True, context={"channels": channels})
    return cast(list[dict[str, Any]], serializer.data)
