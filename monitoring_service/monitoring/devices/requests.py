"""The channel of a device that a request names, and its fields in the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from monitoring.devices.channels import DeviceChannel
from monitoring.devices.visibility import channel_get
from service_kit.api.requests import current_user


def channel_in_query(request: Request, query: Mapping[str, Any]) -> DeviceChannel:
    """Return the channel that a `ChannelQuery` names, if the user may see its device.

    Raises NotFound and PartNotFound.
    """
    return channel_get(
        user=current_user(request), device_id=query["device_id"], code=query["channel"]
    )


def channel_fields(channel: DeviceChannel) -> dict[str, Any]:
    """Return the fields by which an answer names its channel and the unit of its numbers."""
    return {"channel": channel.code, "quantity": channel.quantity, "unit": channel.unit}
