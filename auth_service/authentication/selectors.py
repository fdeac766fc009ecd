"""Reads of accounts; a deleted one is found by none of them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from authentication.models import User


def user_list() -> QuerySet[User]:
    """All accounts, by name."""
    return User.objects.filter(deleted=False).order_by(Lower("username"))


def user_find(user_id: UUID) -> User | None:
    """The account of that id."""
    return User.objects.filter(id=user_id, deleted=False).first()


def user_find_by_username(username: str) -> User | None:
    """The account of that name, whatever its case."""
    folded = Lower(Value(User.normalize_username(username)))
    # The database folds both sides: its idea of case is the one that keeps names apart.
    users = User.objects.filter(deleted=False).alias(folded=Lower("username"))
    return users.filter(folded=folded).first()
