"""Queries and answers of the routes for raw readings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from monitoring.api.fields import AwareDateTimeField, KwhField, SpanQuery
from monitoring.models import Device


class ReadingsFileQuery(SpanQuery):
    """Query of `data/` for a file."""

    max_span = timedelta.max


class RemovalQuery(serializers.Serializer[Any]):
    """Query of `DELETE data/`: the reading to remove, and the reason, which is stored."""

    device_id = serializers.UUIDField()
    timestamp = AwareDateTimeField()
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=2_000, default="", help_text="why; kept"
    )


class RemovalFilter(serializers.Serializer[Any]):
    """Query of `data/removed/`."""

    device_id = serializers.UUIDField(required=False)


class ReadingSerializer(serializers.Serializer[Any]):
    """A raw reading, in kWh."""

    timestamp = serializers.DateTimeField(source="started_at")
    measurement_value = KwhField(source="value_milliwh", read_only=True)
    revision = serializers.IntegerField()


class RemovedReadingSerializer(serializers.Serializer[Any]):
    """A reading that was removed, in kWh, by whom and why. The context has `devices` by key."""

    id = serializers.IntegerField()
    device_id = serializers.SerializerMethodField()
    timestamp = serializers.DateTimeField(source="started_at")
    measurement_value = KwhField(source="value_milliwh", read_only=True)
    revision = serializers.IntegerField()
    removed_at = serializers.DateTimeField()
    removed_by = serializers.UUIDField()
    removed_by_name = serializers.CharField()
    note = serializers.CharField()

    def get_device_id(self, removed: Any) -> str:
        """Return the public id of the device; the row has the device's key."""
        device: Device = self.context["devices"][removed.device_key]
        return str(device.device_id)
