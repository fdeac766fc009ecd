"""Handlers of the events of other services, one function for each event type."""

from __future__ import annotations

from devices.sync.services import deleted_user_apply
from energy_contracts.events import DeletedData, SyncEvent
from service_kit.identity.handlers import on_user_saved
from service_kit.identity.services import KNOWN_USERS
from service_kit.sync.dispatch import Handlers
from service_kit.sync.reconcile import Sets, on_snapshot_published


def on_user_deleted(event: SyncEvent[DeletedData]) -> None:
    """Delete the copy of the user and end the user's assignments."""
    deleted_user_apply(user_id=event.data.id, version=event.version)


HANDLERS: Handlers = {
    "user_created": on_user_saved,
    "user_updated": on_user_saved,
    "user_deleted": on_user_deleted,
    "snapshot_published": on_snapshot_published,
}

#: Copies that are compared with the digests of their owners.
COPIES: Sets = {"user": KNOWN_USERS}
