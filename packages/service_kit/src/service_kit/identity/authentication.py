"""Bearer tokens checked against the copy of the users."""

from __future__ import annotations

from uuid import UUID

from service_kit.authentication import BearerAuthentication
from service_kit.identity.models import KnownUser


class KnownUserAuthentication(BearerAuthentication):
    """For services that hold a copy of the users."""

    def user(self, user_id: UUID) -> KnownUser | None:
        return KnownUser.objects.filter(id=user_id, deleted=False).first()
