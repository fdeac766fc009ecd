"""Pushes as other processes send them, and bytes that are no push."""

from __future__ import annotations

from uuid import UUID

import redis
from asgiref.sync import async_to_sync
from django.conf import settings

from monitoring.live.pushes import GROUP, LAYER, HoursPush, HourUpdate, Push, send


def send_push(push: Push) -> None:
    async_to_sync(send)(push)


def send_hour(device_id: UUID, start: str, frame: str) -> None:
    send_push(HoursPush([HourUpdate(device_id, start, frame)]))


def send_bytes(data: bytes) -> None:
    """Send bytes of any kind, which the layer would not, to the group of the live processes."""
    prefix = settings.CHANNEL_LAYERS[LAYER]["CONFIG"]["prefix"]
    client = redis.Redis.from_url(settings.CHANNEL_LAYERS[LAYER]["CONFIG"]["hosts"][0]["address"])
    assert client.publish(f"{prefix}__group__{GROUP}", data) > 0, "no live process receives"
    client.close()
