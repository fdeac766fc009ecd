"""Reads of assignments; a client gets only their own."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from devices.models import Assignment, Device
from service_kit.access.permissions import Permission, has_permission
from service_kit.api.ordering import Ordering
from service_kit.identity.models import KnownUser

LATEST_ASSIGNMENTS = Ordering.by("-assigned_at")


def assignment_list(
    *, user: KnownUser, device: Device, history: bool = False
) -> QuerySet[Assignment]:
    """Return the device's assignments, newest first; with `history` the ended ones too.

    Users who may not see all devices get their own assignments only.
    """
    assignments = Assignment.objects.filter(device=device)
    if not has_permission(user, Permission.READ_ALL_DEVICES):
        assignments = assignments.filter(user_id=user.id)
    if not history:
        assignments = assignments.filter(ended_at=None)
    return LATEST_ASSIGNMENTS.sort(_with_username(assignments))


def assignment_get(*, assignment_id: int) -> Assignment:
    """Return the assignment with its `username`."""
    return _with_username(Assignment.objects.filter(id=assignment_id)).get()


def _with_username(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Return the assignments with `username`, which is "" for a deleted user."""
    usernames = KnownUser.objects.filter(id=OuterRef("user_id")).values("username")
    return assignments.annotate(username=Subquery(usernames))
