"""Handlers of the user events, one function for each event."""

from __future__ import annotations

from energy_contracts.events import DeletedData, ReceivedUserData, SyncEvent
from service_kit.identity.services import known_user_apply, known_user_delete


def on_user_saved(event: SyncEvent[ReceivedUserData]) -> None:
    """Store the user's full state, which both `user_created` and `user_updated` carry."""
    known_user_apply(user=event.data, version=event.version)


def on_user_deleted(event: SyncEvent[DeletedData]) -> None:
    """Store a tombstone; it also ends the user's tokens, because the lookup of users skips it."""
    known_user_delete(user_id=event.data.id, version=event.version)
