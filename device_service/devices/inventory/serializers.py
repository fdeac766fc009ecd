"""JSON of devices and of their lists; accepted values fit the database and the events."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import Any
from zoneinfo import available_timezones

from rest_framework import serializers

from devices.channel_kinds import MAIN_FIELDS
from devices.channels.rules import check_channels
from devices.channels.serializers import ChannelSerializer, NewChannelSerializer
from devices.inventory.selectors import CASELESS_FIELDS, MAX_SELECTED
from devices.models import MAX_INTERVAL_SECONDS, MAX_TEXT, Channel, Device, DeviceStatus, DeviceType
from energy_contracts.events import MAX_REGISTER_DIGITS
from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.units import MAX_READING_KWH
from service_kit.api.ids import IdsField
from service_kit.api.ordering import OrderingField

#: Characters of a device's specifications as JSON.
MAX_SPECIFICATIONS = 20_000

#: Nesting depth of objects and lists in the specifications.
MAX_DEPTH = 16

ORDERINGS = (
    "name",
    "serial_number",
    "device_type",
    "status",
    "location",
    "created_at",
    "updated_at",
)


@cache
def time_zone_names() -> frozenset[str]:
    """Return the names of the IANA zones, without two whose meaning depends on the machine."""
    return frozenset(available_timezones() - {"Factory", "localtime"})


def _is_storable(value: object, depth: int = 0) -> bool:
    """Return whether PostgreSQL can store this JSON value.

    It stores no NUL, no lone surrogate, no infinite number and no deeper nesting than MAX_DEPTH.
    """
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, float):
        return isfinite(value)
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, Mapping):
        return all(_is_storable(k) and _is_storable(v, depth + 1) for k, v in value.items())
    return not isinstance(value, list) or all(_is_storable(item, depth + 1) for item in value)


class DeviceSerializer(serializers.ModelSerializer[Device]):
    """A device. Fields that a PUT leaves out stay as they are; the status has its own routes."""

    serial_number = serializers.CharField(max_length=100)
    channels = ChannelSerializer(source="all_channels", many=True, read_only=True)
    status = serializers.ChoiceField(choices=DeviceStatus.choices, required=False)
    specifications = serializers.DictField(required=False)
    notes = serializers.CharField(
        max_length=MAX_TEXT,
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="the reason; written into the log, not stored with the device",
    )

    class Meta:
        """Fields and their limits."""

        model = Device
        fields: tuple[str, ...] = (
            "id",
            "name",
            "description",
            "device_type",
            "serial_number",
            "manufacturer",
            "model",
            "location",
            "status",
            "max_consumption",
            "timezone",
            "interval_seconds",
            "reading_kind",
            "register_digits",
            "max_power_kw",
            "channels",
            "purchase_date",
            "deploy_date",
            "last_maintenance_date",
            "specifications",
            "created_at",
            "updated_at",
            "notes",
        )
        read_only_fields: tuple[str, ...] = ("id", "created_at", "updated_at")
        # The database checks uniqueness, see `services`.
        validators: list[Any] = []
        extra_kwargs = {
            "description": {"max_length": MAX_TEXT},
            "max_consumption": {"min_value": 0, "max_value": int(MAX_READING_KWH)},
            "max_power_kw": {"min_value": 0, "max_value": int(MAX_READING_KWH)},
            "interval_seconds": {"min_value": 1, "max_value": MAX_INTERVAL_SECONDS},
            "register_digits": {"min_value": 1, "max_value": MAX_REGISTER_DIGITS},
        }

    def validate_timezone(self, value: str) -> str:
        """Return the name of a time zone. Raises ValidationError for an unknown one."""
        if value not in time_zone_names():
            raise serializers.ValidationError(
                "Unknown time zone. Use an IANA name such as Europe/Amsterdam.",
                code="unknown_time_zone",
            )
        return value

    def validate_specifications(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return specifications that can be stored. Raises ValidationError for others."""
        if not _is_storable(value):
            raise serializers.ValidationError(
                f"Not plain JSON, or nested deeper than {MAX_DEPTH} levels.", code="json_too_deep"
            )
        if len(str(value)) > MAX_SPECIFICATIONS:
            raise serializers.ValidationError(
                f"At most {MAX_SPECIFICATIONS} characters.", code="max_length"
            )
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the status."""
        self.check_status(attrs)
        return attrs

    def check_status(self, attrs: dict[str, Any]) -> None:
        """Accept only an unchanged status: a program may PUT back the device that it read."""
        present = DeviceStatus.IN_STOCK if self.instance is None else self.instance.status
        if attrs.pop("status", present) != present:
            message = f"The device is {present}; its status changes by the status routes."
            raise serializers.ValidationError({"status": [message]}, code="status_has_routes")


class ChannelsSerializer(DeviceSerializer):
    """A device that is created with its channels; fields of `main` are fields of the device."""

    channels = NewChannelSerializer(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Move the fields of `main` into the device, and check the channels together."""
        attrs = super().validate(attrs)
        if "channels" in attrs:
            attrs["channels"] = _further_channels(attrs)
        return attrs


def _further_channels(attrs: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the channels besides `main`, whose fields are moved. Raises ValidationError."""
    channels: dict[str, dict[str, Any]] = {}
    for channel in attrs["channels"]:
        if channel["code"] in channels:
            message = f"Two channels have the code {channel['code']!r}. Rename one of them."
            raise serializers.ValidationError({"channels": [message]}, code="repeated")
        channels[channel["code"]] = channel
    for name, value in channels.pop(MAIN_CHANNEL, {}).items():
        field = MAIN_FIELDS.get(name)
        if field is None or (name == "interval_seconds" and value is None):
            continue
        if attrs.setdefault(field, value) != value:
            message = f"The device has {field} {attrs[field]}, and its channel 'main' {value}."
            raise serializers.ValidationError(
                {"channels": [f"{message} Send one of the two."]}, code="contradiction"
            )
    further = list(channels.values())
    device = Device(**{field: attrs[field] for field in MAIN_FIELDS.values() if field in attrs})
    try:
        check_channels([device.main_channel(), *(Channel(**values) for values in further)])
    except serializers.ValidationError as error:
        detail: Any = error.detail
        messages = [message for each in detail.values() for message in each]
        raise serializers.ValidationError({"channels": messages}) from error
    return further


class NewDeviceSerializer(ChannelsSerializer):
    """A new device; a device that already sends readings is registered under the id it sends."""

    id = serializers.UUIDField(
        required=False, help_text="the id that the device sends; without it a new id is generated"
    )

    class Meta(ChannelsSerializer.Meta):
        """The same fields; the id can be set."""

        read_only_fields = ("created_at", "updated_at")


class AssignedUserSerializer(serializers.Serializer[Any]):
    """A user who has the device now."""

    user_id = serializers.UUIDField()
    username = serializers.CharField()


class ListedDeviceSerializer(DeviceSerializer):
    """A device of a list, with the first of its present users and the number of them all."""

    assigned_to = AssignedUserSerializer(many=True, read_only=True)
    assigned_count = serializers.IntegerField(read_only=True)

    class Meta(DeviceSerializer.Meta):
        """The same fields, and the users."""

        fields = (
            *DeviceSerializer.Meta.fields,
            "assigned_to",
            "assigned_count",
        )


class DeviceFilter(serializers.Serializer[Any]):
    """Filters of device lists."""

    status = serializers.ChoiceField(choices=DeviceStatus.choices, required=False)
    device_type = serializers.ChoiceField(choices=DeviceType.choices, required=False)
    assigned_to = serializers.UUIDField(required=False)
    search = serializers.CharField(max_length=200, required=False, allow_blank=True)


class DeviceQuery(DeviceFilter):
    """Filters, chosen devices and order of device lists."""

    id = IdsField(required=False)
    ordering = OrderingField(ORDERINGS, default="name", caseless=CASELESS_FIELDS)


class SelectionSerializer(serializers.Serializer[Any]):
    """Many devices: named by their ids, or all that a list shows with its filters."""

    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_SELECTED, required=False
    )
    filter = DeviceFilter(required=False)
    count = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="with `filter`: the number of devices that the list showed. If it is another "
        "number now, nothing is changed",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require either `ids` or `filter`."""
        if ("ids" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError({"ids": ["Send either `ids` or `filter`."]})
        return attrs


class TransitionSerializer(serializers.Serializer[Any]):
    """The optional fields of a transition."""

    location = serializers.CharField(max_length=250, required=False, allow_blank=True)
    notes = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True)


class StatusSerializer(TransitionSerializer):
    """A transition to a named status."""

    status = serializers.ChoiceField(choices=DeviceStatus.choices)
