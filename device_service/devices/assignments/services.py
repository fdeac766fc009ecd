"""Writes of assignments: change, log entry and event in one transaction.

A function that locks a user and a device locks the user first, so that no two writers deadlock.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.timezone import now
from rest_framework.exceptions import NotFound, ValidationError

from devices.access.selectors import device_locked
from devices.log.actors import Actor
from devices.log.services import log_append
from devices.models import Assignment, Device, LogAction
from devices.publishing.events import assignment_state
from service_kit.identity.models import KnownUser
from service_kit.outbox.services import outbox_append


@transaction.atomic
def assignment_create(
    *, actor: Actor, device_id: UUID, user_id: UUID, notes: str = ""
) -> tuple[Assignment, bool]:
    """Assign the device to the user; return the present assignment and whether it is new.

    An inactive user may have a device, because access is checked in each request. The lock on the
    user makes a concurrent deletion of the user wait, and then end this assignment too.

    Raises NotFound, and ValidationError for an unknown or deleted user.
    """
    users = KnownUser.objects.select_for_update(no_key=True).filter(id=user_id, deleted=False)
    if actor.id is None or users.first() is None:
        raise ValidationError({"user_id": ["No such user is known here (yet)."]})
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
