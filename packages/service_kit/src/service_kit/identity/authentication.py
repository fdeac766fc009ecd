"""Authentication of services that hold a copy of the users."""

from __future__ import annotations

from uuid import UUID

from service_kit.authentication import BearerAuthentication
from service_kit.identity.models import KnownUser


class KnownUserAuthentication(BearerAuthentication):
    """Bearer tokens, checked against the copy of the users."""

    def user_by_id(self, user_id: UUID) -> KnownUser | None:
        """Return the copy of that user, None for an unknown or deleted one."""
        return KnownUser.objects.filter(id=user_id, deleted=False).first()
