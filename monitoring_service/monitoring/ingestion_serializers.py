"""What requests about ingestion may say and answers look like."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from monitoring.dead_letters import DeadLetter


class LedgerTotalsSerializer(serializers.Serializer[Any]):
    """received = stored + corrected + duplicates + rejected."""

    received = serializers.IntegerField()
    stored = serializers.IntegerField()
    corrected = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = serializers.IntegerField()


class MinuteSerializer(LedgerTotalsSerializer):
    """The readings received in one minute."""

    minute = serializers.DateTimeField()


class LedgerSerializer(serializers.Serializer[Any]):
    """Answer of `ingestion/`."""

    totals = LedgerTotalsSerializer()
    rejected_by_reason = serializers.DictField(child=serializers.IntegerField())
    per_minute = MinuteSerializer(many=True)
    queues = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        allow_null=True,
        help_text="Messages ready; null while the broker is away.",
    )
    unacknowledged_messages = serializers.IntegerField(
        allow_null=True,
        help_text="Messages that ingest took from the queue of readings and has not stored yet; "
        "null when no ingest process reports them.",
    )
    oldest_unprocessed_seconds = serializers.FloatField(
        allow_null=True,
        help_text="Since the first message in the queue was sent, by its `timestamp` property; 0 "
        "while nothing waits, null when its sender gave none, ingest alone holds messages, or the "
        "broker is unavailable.",
    )
    unclaimed_devices = serializers.IntegerField()


class UnclaimedSerializer(serializers.Serializer[Any]):
    """A device that sends but is not registered, and what it has sent."""

    device_id = serializers.UUIDField(source="device.device_id")
    first_seen_at = serializers.DateTimeField(source="device.first_seen_at")
    last_reading_at = serializers.DateTimeField(allow_null=True)
    readings = serializers.IntegerField()


class DeadLetterFilter(serializers.Serializer[Any]):
    """Query of `dead-letters/`."""

    reason = serializers.CharField(required=False, max_length=64)


class DeadLetterSerializer(serializers.Serializer[DeadLetter]):
    """What could not be stored, and why; a long body is cut."""

    message_id = serializers.CharField()
    reason = serializers.CharField()
    detail = serializers.CharField()
    body = serializers.CharField()
    body_truncated = serializers.BooleanField()
    size = serializers.IntegerField()


class DeadLettersSerializer(serializers.Serializer[Any]):
    """Answer of `dead-letters/`: the oldest, and how many there are (null: not known)."""

    count = serializers.IntegerField(allow_null=True)
    results = DeadLetterSerializer(many=True)


class ReplaySerializer(serializers.Serializer[Any]):
    """Which dead letters to send again: some by id, or all."""

    message_ids = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=1_000, required=False
    )
    all = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["all"] == bool(attrs.get("message_ids")):
            raise serializers.ValidationError(
                {"message_ids": ['Give ids, or {"all": true}, and not both.']}
            )
        return attrs


class ReplayedSerializer(serializers.Serializer[Any]):
    """How many went back to the queue, and how many of the wanted did not."""

    replayed = serializers.IntegerField()
    failed = serializers.IntegerField()
