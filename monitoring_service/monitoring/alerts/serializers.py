"""Queries and answers of the routes for alerts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from monitoring.api.fields import KwhField
from monitoring.devices.channels import DeviceChannel
from monitoring.models import Alert


class AlertFilter(serializers.Serializer[Any]):
    """Query of `alerts/`."""

    device_id = serializers.UUIDField(required=False)
    channel = serializers.CharField(required=False, max_length=32)
    acknowledged = serializers.BooleanField(required=False, allow_null=True, default=None)
    withdrawn = serializers.BooleanField(required=False, allow_null=True, default=None)


class AlertSerializer(serializers.Serializer[Any]):
    """An hour above its limit, in `unit`: kWh, or m³. The context has `channels` by key."""

    id = serializers.IntegerField()
    device_id = serializers.SerializerMethodField()
    device_name = serializers.SerializerMethodField()
    channel = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    timezone = serializers.SerializerMethodField()
    start = serializers.DateTimeField()
    limit = KwhField(source="limit_milliwh", read_only=True)
    total_consumption = KwhField(source="energy_milliwh", read_only=True)
    created_at = serializers.DateTimeField()
    withdrawn = serializers.SerializerMethodField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    acknowledged = serializers.SerializerMethodField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.UUIDField(allow_null=True)

    def _channel(self, alert: Alert) -> DeviceChannel:
        channel: DeviceChannel = self.context["channels"][alert.device_key]
        return channel

    def get_device_id(self, alert: Alert) -> str:
        """Return the public id of the device; the row has the channel's key."""
        return str(self._channel(alert).device_id)

    def get_device_name(self, alert: Alert) -> str:
        """Return the present name of the device."""
        return self._channel(alert).device.name

    def get_channel(self, alert: Alert) -> str:
        """Return the code of the channel."""
        return self._channel(alert).code

    def get_unit(self, alert: Alert) -> str:
        """Return the unit of limit and consumption."""
        return self._channel(alert).unit

    def get_timezone(self, alert: Alert) -> str:
        """Return the zone in which the hours of the device are counted."""
        return self._channel(alert).timezone

    def get_withdrawn(self, alert: Alert) -> bool:
        """Return whether a correction brought the hour back within its limit."""
        return alert.withdrawn_at is not None

    def get_acknowledged(self, alert: Alert) -> bool:
        """Return whether a user marked the alert as seen."""
        return alert.acknowledged_at is not None
