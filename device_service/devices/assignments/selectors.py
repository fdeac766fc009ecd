"""Reads of assignments; a client gets only their own."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject, Lower

from devices.models import Assignment, Device
from service_kit.access.permissions import Permission, has_permission
from service_kit.api.ordering import Ordering
from service_kit.identity.models import KnownUser

#: Users of a device that a list names; the page of the device lists them all.
SHOWN_USERS = 5

#: The name of an assignment's user.
_USERNAME = Subquery(KnownUser.objects.filter(id=OuterRef("user_id")).values("username"))

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


def users_named(usernames: Iterable[str]) -> QuerySet[KnownUser]:
    """Return the users of these names; the case of letters does not count, as at a login."""
    names = {name.lower() for name in usernames}
    users = KnownUser.objects.filter(deleted=False).alias(lowered=Lower("username"))
    return users.filter(lowered__in=names)


def with_present_users(devices: QuerySet[Device], *, user: KnownUser) -> QuerySet[Device]:
    """Return the devices with `assigned_to` and `assigned_count`.

    `assigned_to` holds the first of the present users, `assigned_count` is the number of them all.
    A user who may not see all devices learns of their own assignment only.
    """
    present = _present_users(user).annotate(username=_USERNAME)
    first = present.order_by("username", "id").values(
        person=JSONObject(user_id="user_id", username="username")
    )
    number = present.order_by().values("device").annotate(number=Count("id")).values("number")
    return devices.annotate(
        assigned_to=ArraySubquery(first[:SHOWN_USERS]),
        assigned_count=Coalesce(Subquery(number), 0),
    )


def with_usernames(devices: QuerySet[Device], *, user: KnownUser) -> QuerySet[Device]:
    """Return the devices with `assigned_to`, the names of all present users, for a file."""
    named = _present_users(user).annotate(username=_USERNAME)
    names = named.order_by("username", "id").values("username")
    return devices.annotate(assigned_to=ArraySubquery(names))


def _present_users(user: KnownUser) -> QuerySet[Assignment]:
    """Return the present assignments of the outer query's device that `user` may see."""
    present = Assignment.objects.filter(device=OuterRef("pk"), ended_at=None)
    if not has_permission(user, Permission.READ_ALL_DEVICES):
        present = present.filter(user_id=user.id)
    return present


def _with_username(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Return the assignments with `username`, which is "" for a deleted user."""
    return assignments.annotate(username=_USERNAME)
