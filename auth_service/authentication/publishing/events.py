"""The sync events that inform the other services about accounts."""

from __future__ import annotations

from typing import Any, Literal, cast

from django.conf import settings

from authentication.models import User
from energy_contracts.events import DeletedData, Role, SyncEvent, UserData, new_event


def user_event(event_type: Literal["user_created", "user_updated"], user: User) -> SyncEvent[Any]:
    """Return the event that carries the user's complete current state."""
    return new_event(
        event_type,
        version=user.version,
        source=settings.SERVICE_NAME,
        data=UserData(
            id=user.id,
            username=user.username,
            role=cast(Role, user.role),
            is_active=user.is_active,
            token_version=user.token_version,
            created_at=user.created_at,
        ),
    )


def user_deleted_event(user: User) -> SyncEvent[Any]:
    """Return the event of the user's deletion."""
    return new_event(
        "user_deleted",
        version=user.version,
        source=settings.SERVICE_NAME,
        data=DeletedData(id=user.id),
    )


def user_state_event(user: User) -> SyncEvent[Any]:
    """Return the event with which a service without earlier events is up to date."""
    return user_deleted_event(user) if user.deleted else user_event("user_updated", user)
