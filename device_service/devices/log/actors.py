"""The actor of a change: services take one, and the log names it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rest_framework.request import Request

from service_kit.identity.authentication import current_user


@dataclass(frozen=True)
class Actor:
    """The user who makes a change; `id` is None for the platform itself."""

    id: UUID | None
    name: str


PLATFORM = Actor(None, "")


def current_actor(request: Request) -> Actor:
    """Return the user of the request in the form that the log stores."""
    user = current_user(request)
    return Actor(user.id, user.username)
