"""The parameters of an import, and the values of its rows."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers

from devices.channel_kinds import Flow, Quantity, ReadingKind
from devices.inventory.serializers import ChannelsSerializer
from devices.models import MAX_INTERVAL_SECONDS, MAX_TEXT, DeviceStatus, DeviceType
from energy_contracts.events import MAX_REGISTER_DIGITS

_NUMBER = "Write a number from 0 on, with a point, such as 5.5."
_DAY = "Write a day as 2026-11-28."

#: The remedy of a wrong cell, by column; behind the code of a channel by field.
REMEDIES = {
    "name": "Write a name of at most 150 characters.",
    "device_type": f"Use one of: {', '.join(DeviceType.values)}.",
    "serial_number": "Write the serial number of the device, at most 100 characters.",
    "status": f"Use one of: {', '.join(DeviceStatus.values)}.",
    "assigned_to": "Write user names, separated by commas or blanks.",
    "max_consumption": _NUMBER,
    "max_power_kw": _NUMBER,
    "timezone": "Write a name such as Europe/Bucharest, or leave the cell empty.",
    "interval_seconds": f"Write whole seconds from 1 to {MAX_INTERVAL_SECONDS}.",
    "reading_kind": f"Use one of: {', '.join(ReadingKind.values)}.",
    "register_digits": f"Write a whole number from 1 to {MAX_REGISTER_DIGITS}.",
    "quantity": f"Use one of: {', '.join(Quantity.values)}.",
    "flow": f"Use one of: {', '.join(Flow.values)}.",
    "register_wraps_at": "Write the value at which the register begins again, such as 838.8608.",
    "max_power": _NUMBER,
    "negative_channel": "Write the code of another channel, or leave the cell empty.",
    "purchase_date": _DAY,
    "deploy_date": _DAY,
    "last_maintenance_date": _DAY,
    "specifications": 'Write a JSON object such as {"phases": 3}, or leave the cell empty.',
}


class ImportQuery(serializers.Serializer[Any]):
    """The mode of an import, and the reason for the log."""

    dry_run = serializers.BooleanField(default=False, help_text="check and report, store nothing")
    notes = serializers.CharField(max_length=MAX_TEXT, required=False, default="")


class UsernamesField(serializers.CharField):
    """A cell with user names; its value is a list of them, each once."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the names in the cell."""
        return list(dict.fromkeys(re.findall(r"[^,;\s]+", super().to_internal_value(data))))


class ImportedDeviceSerializer(ChannelsSerializer):
    """A row of an import: a device with its status, and the users to whom it is assigned."""

    assigned_to = UsernamesField(required=False, max_length=MAX_TEXT)

    class Meta(ChannelsSerializer.Meta):
        """The same fields, and the users."""

        fields = (*ChannelsSerializer.Meta.fields, "assigned_to")

    def check_status(self, attrs: dict[str, Any]) -> None:
        """Accept every status: a new device may take each of them from stock."""
