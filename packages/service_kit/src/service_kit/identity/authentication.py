"""Authentication of services that hold a copy of the users."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from rest_framework.request import Request

from service_kit.access.authentication import BearerAuthentication
from service_kit.api import requests
from service_kit.identity.models import KnownUser


def current_user(request: Request) -> KnownUser:
    """Return the copy of the user whose access token the request carries."""
    return cast(KnownUser, requests.current_user(request))


class KnownUserAuthentication(BearerAuthentication):
    """Bearer tokens, checked against the copy of the users."""

    def user_by_id(self, user_id: UUID) -> KnownUser | None:
        """Return the copy of that user, None for an unknown or deleted one."""
        return KnownUser.objects.filter(id=user_id, deleted=False).first()
