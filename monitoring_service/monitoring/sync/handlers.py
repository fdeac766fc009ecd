"""What monitoring_service does about each sync event, one function an event."""

from __future__ import annotations

from energy_contracts.events import (
    AssignmentData,
    DeletedData,
    ReceivedDeviceData,
    ReceivedUserData,
    SyncEvent,
)
from monitoring.live.publisher import access_changed, device_group, user_group
from monitoring.sync.services import assignment_apply, device_apply, device_delete
from service_kit.identity import handlers as identity
from service_kit.identity.services import KNOWN_USERS
from service_kit.sync.dispatch import Handlers
from service_kit.sync.reconcile import Sets, on_snapshot_published


def on_user_saved(event: SyncEvent[ReceivedUserData]) -> None:
    """An open socket of the user is checked again: they may have been disabled or demoted."""
    identity.on_user_saved(event)
    access_changed(user_group(event.data.id))


def on_user_deleted(event: SyncEvent[DeletedData]) -> None:
    """As above: the socket closes."""
    identity.on_user_deleted(event)
    access_changed(user_group(event.data.id))


def on_device_saved(event: SyncEvent[ReceivedDeviceData]) -> None:
    """`device_created` and `device_updated` carry the same full state."""
    device_apply(data=event.data, version=event.version, occurred_at=event.occurred_at)


def on_device_deleted(event: SyncEvent[DeletedData]) -> None:
    """Whoever watches the device live no longer may."""
    device_delete(device_id=event.data.id, version=event.version)
    access_changed(device_group(event.data.id))


def on_device_assigned(event: SyncEvent[AssignmentData]) -> None:
    """The user may see the device from now on, its past included."""
    data = event.data
    assignment_apply(
        device_id=data.device_id, user_id=data.user_id, active=True, version=event.version
    )


def on_device_unassigned(event: SyncEvent[AssignmentData]) -> None:
    """The user's open socket stops at once."""
    data = event.data
    assignment_apply(
        device_id=data.device_id, user_id=data.user_id, active=False, version=event.version
    )
    access_changed(user_group(data.user_id))


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

#: What is compared with its owner's digest; an unclaimed device (version 0) is nobody's copy.
COPIES: Sets = {
    "user": KNOWN_USERS,
    "device": "SELECT device_id::text AS key, version, NOT deleted AS alive FROM device"
    " WHERE version > 0",
    "assignment": "SELECT device_id || ':' || user_id AS key, version, active AS alive"
    " FROM assignment",
}
