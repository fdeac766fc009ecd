"""What tests of this service speak of: users, devices, and what others were told."""

from __future__ import annotations

import time
from itertools import count
from uuid import uuid4

from energy_contracts.events import decode_event
from service_kit.identity.models import KnownUser
from service_kit.outbox.models import OutboxEvent

_numbers = count(1)


def make_user(role: str = "client", **values) -> KnownUser:
    user_id = uuid4()
    return KnownUser.objects.create(
        **{
            "id": user_id,
            "username": f"{role}-{user_id.hex[:6]}",
            "role": role,
            "is_active": True,
            "token_version": 1,
            "version": 1,
            **values,
        }
    )


def device_body(**values) -> dict:
    """The least a new device needs."""
    return {
        "name": "Flat 12",
        "device_type": "smart_meter",
        "serial_number": f"SN-{next(_numbers)}",
        **values,
    }


def outbox() -> list:
    """Everything that waits for the relay, decoded, in order."""
    return [decode_event(row.body.encode()) for row in OutboxEvent.objects.order_by("id")]


def told(subject_id) -> list[tuple[str, int]]:
    """Event types and versions about a device, oldest first."""
    return [
        (event.event_type, event.version)
        for event in outbox()
        if getattr(event.data, "id", None) == subject_id
    ]


def told_of_pair(device_id, user_id) -> list[tuple[str, int]]:
    """Event types and versions about a pair, oldest first."""
    return [
        (event.event_type, event.version)
        for event in outbox()
        if (getattr(event.data, "device_id", None), getattr(event.data, "user_id", None))
        == (device_id, user_id)
    ]


def wait_until(condition, seconds: float = 20):
    """What `condition` returns once it is true. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {condition}")
