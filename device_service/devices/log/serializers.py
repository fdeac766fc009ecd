"""Entries and filters of the log."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from devices.models import LogAction, LogEntry


class LogEntrySerializer(serializers.ModelSerializer[LogEntry]):
    """A change of a device: its kind, time, actor and values."""

    class Meta:
        """Fields, all read-only."""

        model = LogEntry
        fields = (
            "id",
            "device_id",
            "occurred_at",
            "actor_id",
            "actor_name",
            "action",
            "old_values",
            "new_values",
            "notes",
            "request_id",
        )
        read_only_fields = fields


class LogQuery(serializers.Serializer[Any]):
    """Filters of log lists."""

    device_id = serializers.UUIDField(required=False)
    actor_id = serializers.UUIDField(required=False)
    action = serializers.ChoiceField(choices=LogAction.choices, required=False)
    start = serializers.DateTimeField(required=False, help_text="inclusive")
    end = serializers.DateTimeField(required=False, help_text="exclusive")
