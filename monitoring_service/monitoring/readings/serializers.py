"""Queries and answers of the routes for raw readings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from monitoring.api.fields import AwareDateTimeField, ChannelQuery, KwhField, SpanQuery
from monitoring.devices.channels import DeviceChannel
from monitoring.models import Reading, RemovedReading


class ReadingsFileQuery(SpanQuery):
    """Query of `data/` for a file."""

    max_span = timedelta.max


class RemovalQuery(ChannelQuery):
    """Query of `DELETE data/`: the reading to remove, and the reason, which is stored."""

    timestamp = AwareDateTimeField()
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=2_000, default="", help_text="why; kept"
    )


class RemovalFilter(serializers.Serializer[Any]):
    """Query of `data/removed/`."""

    device_id = serializers.UUIDField(required=False)
    channel = serializers.CharField(required=False, max_length=32)


class ReadingSerializer(serializers.Serializer[Any]):
    """A raw reading, in `unit`: kWh, or m³. The context has the `channel`."""

    timestamp = serializers.DateTimeField(source="started_at")
    measurement_value = KwhField(source="value_milliwh", read_only=True)
    revision = serializers.IntegerField()
    channel = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()

    def get_channel(self, reading: Reading) -> str:
        """Return the code of the channel."""
        return self._channel.code

    def get_unit(self, reading: Reading) -> str:
        """Return the unit of the value."""
        return self._channel.unit

    @property
    def _channel(self) -> DeviceChannel:
        channel: DeviceChannel = self.context["channel"]
        return channel


class RemovedReadingSerializer(serializers.Serializer[Any]):
    """A reading that was removed, by whom and why. The context has `channels` by key."""

    id = serializers.IntegerField()
    device_id = serializers.SerializerMethodField()
    channel = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    timestamp = serializers.DateTimeField(source="started_at")
    measurement_value = KwhField(source="value_milliwh", read_only=True)
    revision = serializers.IntegerField()
    removed_at = serializers.DateTimeField()
    removed_by = serializers.UUIDField()
    removed_by_name = serializers.CharField()
    note = serializers.CharField()

    def get_device_id(self, removed: RemovedReading) -> str:
        """Return the public id of the device; the row has the channel's key."""
        return str(self._channel(removed).device_id)

    def get_channel(self, removed: RemovedReading) -> str:
        """Return the code of the channel."""
        return self._channel(removed).code

    def get_unit(self, removed: RemovedReading) -> str:
        """Return the unit of the value."""
        return self._channel(removed).unit

    def _channel(self, removed: RemovedReading) -> DeviceChannel:
        channel: DeviceChannel = self.context["channels"][removed.device_key]
        return channel
