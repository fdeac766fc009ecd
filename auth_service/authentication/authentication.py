"""Bearer tokens checked against the accounts themselves."""

from __future__ import annotations

from uuid import UUID

from authentication.models import User
from authentication.selectors import user_find
from service_kit.authentication import BearerAuthentication


class UserAuthentication(BearerAuthentication):
    """auth_service needs no copy of the users: it has them."""

    def user(self, user_id: UUID) -> User | None:
        return user_find(user_id)
