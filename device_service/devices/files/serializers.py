"""The parameters of an import."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from devices.models import MAX_TEXT


class ImportQuery(serializers.Serializer[Any]):
    """The mode of an import, and the reason for the log."""

    dry_run = serializers.BooleanField(default=False, help_text="check and report, store nothing")
    notes = serializers.CharField(max_length=MAX_TEXT, required=False, default="")
