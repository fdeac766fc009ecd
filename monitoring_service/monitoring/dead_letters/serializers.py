"""Queries and answers of the routes for dead letters."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from monitoring.dead_letters.selectors import DeadLetter
from monitoring.models import DeadLetterReplay

#: States of a replay.
STATES = ("none", "waiting", "running", "finished")


class DeadLetterFilter(serializers.Serializer[Any]):
    """Query of `dead-letters/`."""

    reason = serializers.CharField(required=False, max_length=64)


class DeadLetterSerializer(serializers.Serializer[DeadLetter]):
    """A message that could not be stored, and the reason; a long body is cut."""

    message_id = serializers.CharField()
    reason = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField(
        allow_null=True, help_text="The field of the reading that the reason is about."
    )
    retryable = serializers.BooleanField(
        help_text="False: however often it is sent, it comes back for the same reason."
    )
    dead_lettered_at = serializers.DateTimeField(allow_null=True)
    device_id = serializers.UUIDField(
        allow_null=True, help_text="The one device that the body names."
    )
    device_name = serializers.CharField(
        allow_null=True, help_text="null: the device is not registered."
    )
    body = serializers.CharField()
    body_truncated = serializers.BooleanField()
    size = serializers.IntegerField()


class DeadLettersSerializer(serializers.Serializer[Any]):
    """Answer of `dead-letters/`: the oldest letters, and the number of all, null if unknown."""

    count = serializers.IntegerField(allow_null=True)
    results = DeadLetterSerializer(many=True)


class TrueOrFalse(serializers.BooleanField):
    """A boolean of JSON, and no other value: a "yes" meant for another field replays nothing."""

    default_error_messages = {"invalid": "Must be true or false, not {input}."}

    def to_internal_value(self, data: Any) -> bool:
        """Return the boolean. Raises ValidationError for any other JSON value."""
        if not isinstance(data, bool):
            self.fail("invalid", input=json.dumps(data))
        return data


class ChoiceSerializer(serializers.Serializer[Any]):
    """The chosen dead letters: some by id, or all, or all of one reason."""

    message_ids = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=1_000, required=False
    )
    all = TrueOrFalse(required=False, default=False)
    reason = serializers.CharField(required=False, default="", max_length=64)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the choice. Raises ValidationError unless it is ids or all, and not both."""
        if attrs["all"] == bool(attrs.get("message_ids")):
            raise serializers.ValidationError(
                {"message_ids": ['Give ids, or {"all": true}, and not both.']}
            )
        if attrs["reason"] and not attrs["all"]:
            raise serializers.ValidationError({"reason": ['It goes with {"all": true} alone.']})
        return attrs


class ReplaySerializer(ChoiceSerializer):
    """The dead letters to send again: some by id, or all, or all of one reason.

    `all` are those that the platform wrote; foreign letters are chosen by id or by their reason.
    """

    retryable = TrueOrFalse(
        required=False, default=False, help_text="With `all`: only those that a retry can help."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the choice. Raises ValidationError as for every choice."""
        super().validate(attrs)
        if attrs["retryable"] and (not attrs["all"] or attrs["reason"]):
            detail = 'It goes with {"all": true} alone, without a reason.'
            raise serializers.ValidationError({"retryable": [detail]})
        return attrs


class DiscardSerializer(serializers.Serializer[Any]):
    """Dead letters that were discarded: by whom, when, how many of each reason."""

    id = serializers.IntegerField()
    requested_at = serializers.DateTimeField()
    requested_by = serializers.UUIDField()
    requested_by_name = serializers.CharField()
    reason = serializers.CharField(help_text='The chosen reason; "": chosen by id, or all.')
    discarded = serializers.DictField(
        child=serializers.IntegerField(), help_text="Numbers of letters by reason."
    )
    finished_at = serializers.DateTimeField(
        allow_null=True, help_text="null: it goes on in the background."
    )


class ReplayProgressSerializer(serializers.Serializer[DeadLetterReplay]):
    """The progress of the latest replay, which runs in the background until it is finished."""

    id = serializers.IntegerField(allow_null=True, help_text="null: there was none yet")
    state = serializers.SerializerMethodField()
    total = serializers.IntegerField(
        allow_null=True, help_text="Letters in the queue when the replay began; null before."
    )
    remaining = serializers.IntegerField(
        allow_null=True, help_text="Those of them that have not been sent again."
    )
    replayed = serializers.IntegerField()
    failed = serializers.IntegerField(
        help_text="Not accepted by the queue of readings at the last attempt; tried again."
    )
    left = serializers.IntegerField(
        help_text="Read and left, because they were not chosen; with `all`: the foreign ones."
    )
    requested_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(STATES))
    def get_state(self, replay: DeadLetterReplay) -> str:
        """Return the state: `waiting` until the letters were counted, then `running`."""
        if replay.finished_at is not None:
            return "finished"
        return "waiting" if replay.total is None else "running"
