"""Writes of assignments: change, log entry and event in one transaction.

A function that locks a user and a device locks the user first, so that no two writers deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from rest_framework.exceptions import NotFound, ValidationError

from devices.access.selectors import device_locked
from devices.assignments.selectors import users_named
from devices.log.actors import Actor
from devices.log.services import log_append, log_entry
from devices.models import Assignment, Device, LogAction, LogEntry
from devices.publishing.events import assignment_state
from service_kit.identity.models import KnownUser
from service_kit.outbox.services import outbox_append

#: Rows that one statement of many assignments inserts.
BULK_SIZE = 1_000


@transaction.atomic
def assignment_create(
    *, actor: Actor, device_id: UUID, user_id: UUID, notes: str = ""
) -> tuple[Assignment, bool]:
    """Assign the device to the user; return the present assignment and whether it is new.

    An inactive user may have a device, because access is checked in each request. The lock on the
    user makes a concurrent deletion of the user wait, and then end this assignment too.

    Raises NotFound, and ValidationError for an unknown or deleted user.
    """
    user_locked(user_id)
    if actor.id is None:
        raise ValueError("the platform itself assigns no device")
    device = device_locked(device_id)
    periods = device.assignments.filter(user_id=user_id)
    latest = periods.order_by("-version").first()
    if latest is not None and latest.ended_at is None:
        return latest, False
    assignment = Assignment.objects.create(
        device=device,
        user_id=user_id,
        assigned_by=actor.id,
        version=1 if latest is None else latest.version + 1,
    )
    log_append(device, actor, LogAction.ASSIGNED, new={"user_id": user_id}, notes=notes)
    outbox_append([assignment_state(assignment)])
    return assignment, True


def assignments_create(
    *, actor: Actor, pairs: Sequence[tuple[Device, UUID]], notes: str = ""
) -> list[Assignment]:
    """Assign each device to the user beside it; return the assignments that are new.

    Requires: a transaction with locks on the users, then on the devices, unless they are new in it.
    """
    if actor.id is None:
        raise ValueError("the platform itself assigns no device")
    if not pairs:
        return []
    latest: dict[tuple[UUID, UUID], Assignment] = {
        (assignment.device_id, assignment.user_id): assignment
        for assignment in Assignment.objects.filter(
            device__in=[device for device, _ in pairs], user_id__in={user for _, user in pairs}
        ).order_by("version")
    }
    created, entries = [], []
    for device, user_id in pairs:
        before = latest.get((device.id, user_id))
        if before is not None and before.ended_at is None:
            continue
        assignment = Assignment(
            device=device,
            user_id=user_id,
            assigned_by=actor.id,
            version=1 if before is None else before.version + 1,
        )
        created.append(assignment)
        entries.append(
            log_entry(device, actor, LogAction.ASSIGNED, new={"user_id": user_id}, notes=notes)
        )
    Assignment.objects.bulk_create(created, batch_size=BULK_SIZE)
    LogEntry.objects.bulk_create(entries, batch_size=BULK_SIZE)
    for begin in range(0, len(created), BULK_SIZE):
        outbox_append([assignment_state(each) for each in created[begin : begin + BULK_SIZE]])
    return created


def user_locked(user_id: UUID) -> KnownUser:
    """Return the user, locked as `users_locked` does. Raises ValidationError for an unknown one.

    Requires: a transaction.
    """
    users = _locked(KnownUser.objects.filter(id=user_id, deleted=False))
    if not users:
        raise ValidationError({"user_id": ["No such user is known here (yet)."]})
    return users[0]


def users_locked(usernames: Iterable[str]) -> dict[str, KnownUser]:
    """Return the users of these names by the name in lower case, locked; unknown ones are left out.

    A concurrent deletion of a user waits until the end of the transaction, and then ends the
    assignments that the transaction makes. Requires: a transaction.
    """
    return {user.username.lower(): user for user in _locked(users_named(usernames))}


@transaction.atomic
def assignment_end(*, actor: Actor, device_id: UUID, user_id: UUID) -> None:
    """End the user's assignment of the device. Raises NotFound when the user has none."""
    device = device_locked(device_id)
    assignment = device.assignments.filter(user_id=user_id, ended_at=None).first()
    if assignment is None:
        raise NotFound
    assignment_close(device, assignment, actor)


def assignment_close(device: Device, assignment: Assignment, actor: Actor, notes: str = "") -> None:
    """End the assignment. Requires: a lock on the device."""
    assignment.ended_at = now()
    assignment.ended_by = actor.id
    assignment.version += 1
    assignment.save(update_fields=["ended_at", "ended_by", "version"])
    log_append(
        device, actor, LogAction.UNASSIGNED, old={"user_id": assignment.user_id}, notes=notes
    )
    outbox_append([assignment_state(assignment)])


def _locked(users: QuerySet[KnownUser]) -> list[KnownUser]:
    return list(users.select_for_update(no_key=True).order_by("id"))
