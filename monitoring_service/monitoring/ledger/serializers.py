"""Answers of the routes for the ledger and for unregistered devices."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from monitoring.api.fields import KwhField


class LedgerTotalsSerializer(serializers.Serializer[Any]):
    """Totals by outcome: received = stored + corrected + duplicates + rejected."""

    received = serializers.IntegerField()
    stored = serializers.IntegerField()
    corrected = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = serializers.IntegerField()


class MinuteSerializer(LedgerTotalsSerializer):
    """The readings received in one minute."""

    minute = serializers.DateTimeField()


class HeldEnergySerializer(serializers.Serializer[Any]):
    """Rises that devices cannot use, without a decision: their number, and their energy by unit."""

    open = serializers.IntegerField()
    energy = serializers.DictField(child=KwhField())


class LedgerSerializer(serializers.Serializer[Any]):
    """Answer of `ingestion/`."""

    totals = LedgerTotalsSerializer()
    rejected_by_reason = serializers.DictField(child=serializers.IntegerField())
    per_minute = MinuteSerializer(many=True)
    queues = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        allow_null=True,
        help_text="Messages ready; null while the broker is unavailable.",
    )
    unacknowledged_messages = serializers.IntegerField(
        allow_null=True,
        help_text="Messages that ingest took from the queue of readings and has not stored yet; "
        "null when no ingest process reports them.",
    )
    oldest_unprocessed_seconds = serializers.FloatField(
        allow_null=True,
        help_text="Since the oldest message that is not stored yet was sent, by its `timestamp` "
        "property; 0 if no message waits, null if its sender set none or no ingest process runs.",
    )
    unclaimed_devices = serializers.IntegerField()
    held = HeldEnergySerializer()


class UnregisteredSerializer(serializers.Serializer[Any]):
    """A device that sends but is not registered, and what it has sent."""

    device_id = serializers.UUIDField(source="device.device_id")
    first_seen_at = serializers.DateTimeField(source="device.first_seen_at")
    last_reading_at = serializers.DateTimeField(allow_null=True)
    last_reading_value = KwhField(source="last_reading_milliwh", allow_null=True, read_only=True)
    interval_seconds = serializers.IntegerField(
        allow_null=True, help_text="The usual time between two readings; null with fewer than two."
    )
    readings = serializers.IntegerField()
