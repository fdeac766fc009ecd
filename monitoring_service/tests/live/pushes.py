"""Pushes as other processes send them, and bytes that are no push."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast
from uuid import UUID

import redis
from asgiref.sync import async_to_sync
from django.conf import settings

from monitoring.devices.cache import CachedDevice, cached_device
from monitoring.live.pushes import GROUP, LAYER, HoursPush, HourUpdate, Push, send
from monitoring.models import Device


def channel_of(device_id: UUID) -> CachedDevice:
    """Return the channel `main` of a device as ingest names it in a push, also of no device."""
    device = Device.objects.filter(device_id=device_id).first()
    if device is not None:
        return cached_device(device)
    no_device = SimpleNamespace(device_id=device_id, key=-1, code="main", hours=None)
    return cast(CachedDevice, no_device)


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
