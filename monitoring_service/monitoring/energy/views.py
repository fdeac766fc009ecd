"""HTTP for the energy page: devices, days, hours, series and figures."""

from __future__ import annotations

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.calendar import clock
from monitoring.calendar.clock import now
from monitoring.devices.requests import channel_fields, channel_in_query
from monitoring.devices.selectors import device_list
from monitoring.energy import series
from monitoring.energy.device_states import (
    LAST_READING_AT,
    device_states,
    devices_by_activity,
    states_counted,
)
from monitoring.energy.figures import figures_between, figures_of_day
from monitoring.energy.selectors import hours_between
from monitoring.energy.serializers import (
    MAX_POINTS,
    DayQuery,
    DaySerializer,
    DevicesFilter,
    DevicesQuery,
    DeviceStateSerializer,
    HoursQuery,
    HoursSerializer,
    SeriesQuery,
    SeriesSerializer,
    StateCountsSerializer,
    StatsQuery,
    StatsSerializer,
)
from monitoring.models import Device
from service_kit.api.requests import current_user, validated_query


class DayView(APIView):
    """Serve the clock hours of one local day of a channel."""

    @extend_schema(parameters=[DayQuery], responses={200: DaySerializer, 404: None})
    def get(self, request: Request) -> Response:
        """Return the clock hours of one local day of a device, and the figures of the day."""
        query = validated_query(request, DayQuery)
        channel = channel_in_query(request, query)
        tz = query.get("timezone") or clock.zone(channel.timezone)
        slots, figures = figures_of_day(channel, query["date"], tz)
        peak = figures.peak
        day = {
            "device_id": channel.device_id,
            **channel_fields(channel),
            "date": query["date"],
            "timezone": tz.key,
            "hourly_data": slots,
            "total_daily_consumption": figures.energy_milliwh,
            "average_hourly_consumption": figures.average_milliwh,
            "peak_hour": peak and next(slot for slot in slots if slot.start == peak.start),
            "hours_with_data": figures.hours_with_data,
            "estimated": figures.estimated_milliwh,
            "quality": figures.quality,
        }
        return Response(DaySerializer(day).data)


class HoursView(APIView):
    """Serve the clock hours of a device in a period."""

    @extend_schema(parameters=[HoursQuery], responses={200: HoursSerializer, 404: None})
    def get(self, request: Request) -> Response:
        """Return the clock hours of a device that begin in [start, end)."""
        query = validated_query(request, HoursQuery)
        channel = channel_in_query(request, query)
        slots = hours_between(channel, query["start"], query["end"])
        answer = {
            **query,
            **channel_fields(channel),
            "timezone": channel.timezone,
            "hourly_data": slots,
        }
        return Response(HoursSerializer(answer).data)


class SeriesView(APIView):
    """Serve a device's energy by quarter, hour, local day, week, month or year."""

    @extend_schema(parameters=[SeriesQuery], responses={200: SeriesSerializer, 404: None})
    def get(self, request: Request) -> Response:
        """Return a device's energy by quarter, hour, local day, week, month or year."""
        query = validated_query(request, SeriesQuery)
        channel = channel_in_query(request, query)
        own = clock.zone(channel.timezone)
        tz = query.get("timezone") or own
        spans = series.buckets(
            query["start"], query["end"], query["resolution"], tz, own, MAX_POINTS
        )
        if spans is None:
            text = f"That is more than {MAX_POINTS} points."
            raise ValidationError({"end": [text]})
        points = series.series(channel, spans, query["resolution"])
        answer = {**query, **channel_fields(channel), "timezone": tz.key, "points": points}
        return Response(SeriesSerializer(answer).data)


class StatsView(APIView):
    """Serve the figures of a period of a device."""

    @extend_schema(parameters=[StatsQuery], responses={200: StatsSerializer, 404: None})
    def get(self, request: Request) -> Response:
        """Return the figures of the hours of a device that begin in [start, end)."""
        query = validated_query(request, StatsQuery)
        channel = channel_in_query(request, query)
        figures = figures_between(channel, query["start"], query["end"])
        answer = {
            **query,
            **channel_fields(channel),
            "total_consumption": figures.energy_milliwh,
            "average_hourly_consumption": figures.average_milliwh,
            "peak_hour": figures.peak,
            "lowest_hour": figures.lowest,
            "peak_quarter": figures.peak_quarter,
            "load_factor": figures.load_factor,
            "hours_with_data": figures.hours_with_data,
            "hours_expected": figures.hours_expected,
            "estimated": figures.estimated_milliwh,
            "quality": figures.quality,
        }
        return Response(StatsSerializer(answer).data)


class DevicesView(GenericAPIView[Device]):
    """List the user's devices: last reading, today's energy, limit, state."""

    @extend_schema(
        parameters=[DevicesQuery],
        responses=DeviceStateSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the devices that the user may see: last reading, today's energy, state."""
        query = validated_query(request, DevicesQuery)
        state, ordering = query.pop("state", None), query.pop("ordering")
        moment = now()
        if state is None and ordering.field != LAST_READING_AT:
            devices = device_list(user=current_user(request), ordering=ordering, **query)
        else:
            devices = devices_by_activity(
                device_list(user=current_user(request), **query),
                moment,
                state=state,
                ordering=ordering,
            )
        page = cast(list[Device], self.paginate_queryset(devices))
        states = device_states(page, moment)
        results = [DeviceStateSerializer(each).data for each in states]
        return self.get_paginated_response(results)


class StatesView(APIView):
    """Serve the number of the user's devices in each state."""

    @extend_schema(parameters=[DevicesFilter], responses=StateCountsSerializer)
    def get(self, request: Request) -> Response:
        """Return how many of the devices that the user may see are live, late, silent or new."""
        query = validated_query(request, DevicesFilter)
        devices = device_list(user=current_user(request), **query)
        return Response(StateCountsSerializer(states_counted(devices, now())).data)
