"""What this service does about the events of others, one function an event."""

from __future__ import annotations

from devices.services import user_delete
from energy_contracts.events import DeletedData, SyncEvent
from service_kit.identity.handlers import on_user_saved
from service_kit.identity.services import KNOWN_USERS
from service_kit.sync.dispatch import Handlers
from service_kit.sync.reconcile import Sets, on_snapshot_published


def on_user_deleted(event: SyncEvent[DeletedData]) -> None:
    """The account's assignments end with it."""
    user_delete(user_id=event.data.id, version=event.version)


HANDLERS: Handlers = {
    "user_created": on_user_saved,
    "user_updated": on_user_saved,
    "user_deleted": on_user_deleted,
    "snapshot_published": on_snapshot_published,
}

#: What is compared with its owner's digest.
COPIES: Sets = {"user": KNOWN_USERS}
