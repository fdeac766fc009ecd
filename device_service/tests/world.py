"""Helpers of the tests: users, devices, published and received events, waiting."""

from __future__ import annotations

from itertools import count
from uuid import UUID, uuid4

from django.db import connection

from energy_contracts.events import DeletedData, UserData, decode_event, encode_event, new_event
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
    """Return the body of a new device with the required fields only."""
    return {
        "name": "Flat 12",
        "device_type": "smart_meter",
        "serial_number": f"SN-{next(_numbers)}",
        **values,
    }


def user_saved(user_id: UUID, version: int, **values) -> bytes:
    """Return the body of the event that creates (version 1) or changes an account."""
    data = UserData(
        **{
            "id": user_id,
            "username": f"name-{version}",
            "role": "client",
            "is_active": True,
            "token_version": 1,
            **values,
        }
    )
    event_type = "user_created" if version == 1 else "user_updated"
    return encode_event(new_event(event_type, version=version, source="auth_service", data=data))


def user_deleted(user_id: UUID, version: int) -> bytes:
    """Return the body of the event that deletes an account."""
    data = DeletedData(id=user_id)
    event = new_event("user_deleted", version=version, source="auth_service", data=data)
    return encode_event(event)


def outbox() -> list:
    """Return the decoded events in the outbox, oldest first."""
    return [decode_event(row.body.encode()) for row in OutboxEvent.objects.order_by("id")]


def events_of(subject_id) -> list[tuple[str, int]]:
    """Return types and versions of the events about a device or user, oldest first."""
    return [
        (event.event_type, event.version)
        for event in outbox()
        if getattr(event.data, "id", None) == subject_id
    ]


def events_of_pair(device_id, user_id) -> list[tuple[str, int]]:
    """Return types and versions of the events about a pair, oldest first."""
    return [
        (event.event_type, event.version)
        for event in outbox()
        if (getattr(event.data, "device_id", None), getattr(event.data, "user_id", None))
        == (device_id, user_id)
    ]


def a_lock_is_awaited() -> bool:
    """Return whether a transaction waits for a lock of another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0
