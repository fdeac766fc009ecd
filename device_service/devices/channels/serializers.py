"""JSON of channels; accepted values fit the database and the events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from devices.models import DECIMAL_PLACES, MAX_CODE, MAX_INTERVAL_SECONDS, MAX_TEXT, Channel
from energy_contracts.events import MAX_REGISTER_DIGITS
from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.units import MAX_READING_KWH

CODE_PATTERN = rf"^[a-z0-9_-]{{1,{MAX_CODE}}}\Z"
CODE_REMEDY = f"Use 1 to {MAX_CODE} of the characters a to z, 0 to 9, _ and -."


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """A channel. `interval_seconds` is null if it is that of the device."""

    class Meta:
        """Fields and their limits."""

        model = Channel
        fields: tuple[str, ...] = (
            "code",
            "name",
            "quantity",
            "flow",
            "reading_kind",
            "interval_seconds",
            "register_digits",
            "register_wraps_at",
            "max_power",
            "negative_channel",
        )
        # The database checks uniqueness, see `services`.
        validators: list[Any] = []
        extra_kwargs = {
            "interval_seconds": {"min_value": 1, "max_value": MAX_INTERVAL_SECONDS},
            "register_digits": {"min_value": 1, "max_value": MAX_REGISTER_DIGITS},
            "register_wraps_at": {
                "min_value": Decimal(1).scaleb(-DECIMAL_PLACES),
                "max_value": int(MAX_READING_KWH),
            },
            "max_power": {"min_value": 0, "max_value": int(MAX_READING_KWH)},
        }


class NewChannelSerializer(ChannelSerializer):
    """A new channel with its code."""

    code = serializers.RegexField(CODE_PATTERN, error_messages={"invalid": CODE_REMEDY})


class NotedChannelSerializer(NewChannelSerializer):
    """A new channel, with the reason."""

    notes = serializers.CharField(
        max_length=MAX_TEXT,
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="the reason; written into the log, not stored with the channel",
    )

    class Meta(ChannelSerializer.Meta):
        """The same fields, and the reason."""

        fields = (*ChannelSerializer.Meta.fields, "notes")


class ChangedChannelSerializer(NotedChannelSerializer):
    """Some fields of a channel; its code stays."""

    code = serializers.CharField(required=False)  # type: ignore[assignment]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Accept the present code, and no null for the interval of `main`."""
        present = self.instance.code if isinstance(self.instance, Channel) else None
        if attrs.pop("code", present) != present:
            message = f"The code stays {present!r}. Delete the channel and add another one."
            raise serializers.ValidationError({"code": [message]}, code="code_stays")
        if present == MAIN_CHANNEL and attrs.get("interval_seconds", 1) is None:
            message = "The interval of 'main' is that of the device. Send seconds, such as 600."
            raise serializers.ValidationError({"interval_seconds": [message]}, code="null")
        return attrs
