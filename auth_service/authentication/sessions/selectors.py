"""Reads of sessions."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.exceptions import NotFound

from authentication.models import RefreshFamily, User
from service_kit.api.ordering import Ordering

LATEST_USED = Ordering.by("-rotated_at")


def session_list(*, user: User) -> QuerySet[RefreshFamily]:
    """Return the sessions of the user that can be continued, the one used last first."""
    sessions = RefreshFamily.objects.filter(
        user=user,
        token_version=user.token_version,
        revoked_at=None,
        expires_at__gt=timezone.now(),
    )
    return LATEST_USED.sort(sessions)


def session_get(*, user: User, session_id: UUID) -> RefreshFamily:
    """Return a session of the user. Raises NotFound for another's, and for one that has ended."""
    session = session_list(user=user).filter(id=session_id).first()
    if session is None:
        raise NotFound
    return session
