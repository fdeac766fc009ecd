"""Filters and entries of the security log."""

from __future__ import annotations

import ipaddress
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from authentication.models import SecurityEvent, SecurityEventKind


class SecurityEventQuery(serializers.Serializer[Any]):
    """Filters of the security log; `since` is inclusive, `until` exclusive."""

    kind = serializers.MultipleChoiceField(choices=SecurityEventKind.choices, required=False)
    actor_id = serializers.UUIDField(required=False)
    subject_id = serializers.UUIDField(required=False)
    address = serializers.CharField(required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    search = serializers.CharField(required=False, help_text="A search term.")

    def validate_address(self, value: str) -> str:
        """Return the IP address in the form in which the log stores it."""
        try:
            return str(ipaddress.ip_address(value))
        except ValueError as error:
            raise ValidationError("Enter an IP address.") from error


class SecurityEventSerializer(serializers.ModelSerializer[SecurityEvent]):
    """An entry of the security log; names are those at the time of the event."""

    details = serializers.DictField(child=serializers.JSONField(), read_only=True)

    class Meta:
        """Model and fields."""

        model = SecurityEvent
        fields = (
            "id",
            "occurred_at",
            "kind",
            "actor_id",
            "actor_name",
            "subject_id",
            "subject_name",
            "address",
            "request_id",
            "details",
        )
        read_only_fields = fields
