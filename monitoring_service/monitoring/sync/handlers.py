"""Apply sync events: one function for each event type."""

from __future__ import annotations

from energy_contracts.events import (
    AssignmentData,
    DeletedData,
    ReceivedDeviceData,
    ReceivedUserData,
    SyncEvent,
)
from monitoring.live.publisher import push_access_of_device, push_access_of_user
from monitoring.sync.services import assignment_apply, device_apply, device_delete
from service_kit.identity import handlers as identity
from service_kit.identity.services import KNOWN_USERS
from service_kit.sync.dispatch import Handlers
from service_kit.sync.reconcile import Sets, on_snapshot_published


def on_user_saved(event: SyncEvent[ReceivedUserData]) -> None:
    """Copy the user and check the user's open sockets again: the account may have lost rights."""
    identity.on_user_saved(event)
    push_access_of_user(event.data.id)


def on_user_deleted(event: SyncEvent[DeletedData]) -> None:
    """Delete the copy of the user and close the user's open sockets."""
    identity.on_user_deleted(event)
    push_access_of_user(event.data.id)


def on_device_saved(event: SyncEvent[ReceivedDeviceData]) -> None:
    """Copy the device; `device_created` and `device_updated` carry the same full state."""
    device_apply(data=event.data, version=event.version, occurred_at=event.occurred_at)


def on_device_deleted(event: SyncEvent[DeletedData]) -> None:
    """Delete the copy of the device and end its live updates."""
    device_delete(device_id=event.data.id, version=event.version)
    push_access_of_device(event.data.id)


def on_device_assigned(event: SyncEvent[AssignmentData]) -> None:
    """Let the user see the device and its past from now on."""
    data = event.data
    assignment_apply(
        device_id=data.device_id, user_id=data.user_id, active=True, version=event.version
    )


def on_device_unassigned(event: SyncEvent[AssignmentData]) -> None:
    """End the user's right to see the device, and its live updates at once."""
    data = event.data
    assignment_apply(
        device_id=data.device_id, user_id=data.user_id, active=False, version=event.version
    )
    push_access_of_user(data.user_id)


HANDLERS: Handlers = {
    "user_created": on_user_saved,
    "user_updated": on_user_saved,
    "user_deleted": on_user_deleted,
    "device_created": on_device_saved,
    "device_updated": on_device_saved,
    "device_deleted": on_device_deleted,
    "device_assigned": on_device_assigned,
    "device_unassigned": on_device_unassigned,
    "snapshot_published": on_snapshot_published,
}

#: The copies that are compared with the digests of their owners. Unregistered devices (version 0)
#: are left out: no owner knows them.
COPIES: Sets = {
    "user": KNOWN_USERS,
    "device": "SELECT device_id::text AS key, version, NOT deleted AS alive FROM device"
    " WHERE version > 0",
    "assignment": "SELECT device_id || ':' || user_id AS key, version, active AS alive"
    " FROM assignment",
}
