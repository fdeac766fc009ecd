"""Reads of accounts; no read returns a deleted account."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from rest_framework.exceptions import NotFound

from authentication.models import User
from service_kit.api.ordering import Ordering
from service_kit.api.search import rows_matching

#: Fields of an account that `search` looks through.
SEARCHED_USER_FIELDS = ("username", "email", "first_name", "last_name", "phone")

USERS_BY_NAME = Ordering.by("username", caseless=("username",))


def user_list(
    *,
    role: str | None = None,
    is_active: bool | None = None,
    search: str = "",
    ordering: Ordering = USERS_BY_NAME,
) -> QuerySet[User]:
    """Return the accounts that match all of the filters, in the given order."""
    users = User.objects.filter(deleted=False)
    if role is not None:
        users = users.filter(role=role)
    if is_active is not None:
        users = users.filter(is_active=is_active)
    return ordering.sort(rows_matching(users, search, fields=SEARCHED_USER_FIELDS))


def user_get(*, user_id: UUID) -> User:
    """Return the account of that id. Raises NotFound."""
    user = user_find(user_id=user_id)
    if user is None:
        raise NotFound
    return user


def user_find(*, user_id: UUID) -> User | None:
    """Return the account of that id, or None."""
    return User.objects.filter(id=user_id, deleted=False).first()


def user_find_by_username(*, username: str) -> User | None:
    """Return the account of that name in any case of letters, or None."""
    lowered = Lower(Value(User.normalize_username(username)))
    # The database lowers both sides, as in the unique constraint: Python has other rules of case.
    users = User.objects.filter(deleted=False).alias(lowered=Lower("username"))
    return users.filter(lowered=lowered).first()
