"""JSON of assignments."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from devices.models import MAX_TEXT, Assignment


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """A period in which a user has, or had, the device."""

    username = serializers.CharField(read_only=True)

    class Meta:
        """Fields, all read-only."""

        model = Assignment
        fields = (
            "device_id",
            "user_id",
            "username",
            "assigned_at",
            "assigned_by",
            "ended_at",
            "ended_by",
        )
        read_only_fields = fields


class NewAssignmentSerializer(serializers.Serializer[Any]):
    """The user who gets the device."""

    user_id = serializers.UUIDField()
    notes = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True)


class AssignmentQuery(serializers.Serializer[Any]):
    """Filters of assignment lists."""

    history = serializers.BooleanField(required=False, default=False)
