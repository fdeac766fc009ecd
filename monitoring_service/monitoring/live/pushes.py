"""Messages from the processes that change data to the live processes, over Channels' layer.

All live processes are members of one group, with one channel each. A push is a hint that may be
lost: the layer keeps nothing for a process that is not connected.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from channels.layers import get_channel_layer

from energy_contracts.names import MAIN_CHANNEL

#: The layer's name in CHANNEL_LAYERS. Not "default": Channels would subscribe a channel of the
#: default layer for each socket.
LAYER = "live"

#: The group that all live processes are members of.
GROUP = "live"

#: Redis sorted set of the device ids that some socket is subscribed to. The score is the Unix time
#: at which the entry expires, so that those of a live process which died soon count no more.
SUBSCRIBED_KEY = "live:devices"
SUBSCRIBED_SECONDS = 90


class HourUpdate(msgspec.Struct, frozen=True, array_like=True):
    """The frame of an hour or a period, encoded once for all sockets.

    `start`: the begin of the hour, or both ends of the period; a frame replaces a waiting one of
    the same device and start.
    """

    device_id: UUID
    start: str
    frame: str
    #: Last, and with a default: a process of a former release sends and reads three elements.
    channel: str = MAIN_CHANNEL


class AlertUpdate(msgspec.Struct, frozen=True, array_like=True):
    """The `alert` frame of an alert, and the clients who may see its device."""

    device_id: UUID
    alert_id: int
    frame: str
    user_ids: list[UUID]


class HoursPush(msgspec.Struct, frozen=True, tag="hours"):
    """Hours that changed."""

    updates: list[HourUpdate]


class AlertsPush(msgspec.Struct, frozen=True, tag="alerts"):
    """Alerts that were opened or withdrawn."""

    updates: list[AlertUpdate]


class AccessPush(msgspec.Struct, frozen=True, tag="access"):
    """Users and devices whose access changed: their sockets are checked again."""

    user_ids: list[UUID] = []
    device_ids: list[UUID] = []


class Heartbeat(msgspec.Struct, frozen=True, tag="heartbeat"):
    """A live process's message to itself, which proves that it receives the group's messages."""

    channel: str
    number: int


Push = HoursPush | AlertsPush | AccessPush | Heartbeat


def encode(push: Push) -> dict[str, Any]:
    """Return the push as a message for the layer, which serializes it as msgpack."""
    message: dict[str, Any] = msgspec.to_builtins(push)
    return message


def decode(message: object) -> Push:
    """Return the push of a message. Raises msgspec.ValidationError for any other message."""
    push: Push = msgspec.convert(message, Push)
    return push


async def send(push: Push) -> None:
    """Send a push to all live processes. Raises redis.RedisError or OSError."""
    layer = get_channel_layer(LAYER)
    if layer is None:
        raise LookupError(f"CHANNEL_LAYERS has no layer {LAYER!r}")
    await layer.group_send(GROUP, encode(push))
