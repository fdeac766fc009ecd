"""The body of an action on many devices."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from devices.inventory.serializers import SelectionSerializer
from devices.models import MAX_TEXT

ACTIONS = ("deploy", "recall", "assign")


class BulkSerializer(SelectionSerializer):
    """An action, its devices, and the values that it needs."""

    action = serializers.ChoiceField(choices=ACTIONS)
    user_id = serializers.UUIDField(
        required=False, help_text="with `assign`: the user who gets the devices"
    )
    location = serializers.CharField(
        max_length=250,
        required=False,
        allow_blank=True,
        help_text="with `deploy` and `recall`: the place of all of the devices; without it a "
        "deployed device keeps its own, and a recalled one has none",
    )
    notes = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require the values of the action, and reject those of another."""
        attrs = super().validate(attrs)
        is_assignment = attrs["action"] == "assign"
        if is_assignment and "user_id" not in attrs:
            raise serializers.ValidationError({"user_id": ["Send the user who gets the devices."]})
        other = "location" if is_assignment else "user_id"
        if other in attrs:
            message = f"Leave it out: {attrs['action']} does not use it."
            raise serializers.ValidationError({other: [message]})
        return attrs


class BulkResultSerializer(serializers.Serializer[Any]):
    """The result for one device; `code` and `detail` say why it is rejected."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    result = serializers.ChoiceField(choices=("done", "unchanged", "rejected"))
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


class BulkReportSerializer(serializers.Serializer[Any]):
    """The numbers of devices by result, and the result for each."""

    action = serializers.ChoiceField(choices=ACTIONS)
    done = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    results = BulkResultSerializer(many=True)
