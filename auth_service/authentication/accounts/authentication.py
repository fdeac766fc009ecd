"""Authentication of requests against the accounts themselves."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from rest_framework.request import Request

from authentication.accounts.selectors import user_find
from authentication.models import User
from service_kit.access.authentication import BearerAuthentication
from service_kit.access.tokens import VerifiedAccessToken
from service_kit.api import requests


class UserAuthentication(BearerAuthentication):
    """Bearer tokens, checked against the accounts: auth_service needs no copy of the users."""

    def user_by_id(self, user_id: UUID) -> User | None:
        """Return the account of that id, None if it is unknown or deleted."""
        return user_find(user_id=user_id)


def current_user(request: Request) -> User:
    """Return the account whose access token the request carries."""
    return cast(User, requests.current_user(request))


def current_session_id(request: Request) -> UUID | None:
    """Return the session of the request's access token, None for a token that names none.

    Tokens of a former release name none.
    """
    named = cast(VerifiedAccessToken, request.auth).get("sid", "")
    try:
        return UUID(named)
    except ValueError:
        return None
