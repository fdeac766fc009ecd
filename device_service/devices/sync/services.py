"""Consequences of other services' events."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from devices.assignments.services import assignment_close
from devices.log.actors import PLATFORM
from devices.models import Device
from service_kit.identity.services import known_user_delete


@transaction.atomic
def deleted_user_apply(*, user_id: UUID, version: int) -> None:
    """Delete the copy of a user whose account was deleted, and end the user's assignments.

    A repeated or older event changes nothing.
    """
    if not known_user_delete(user_id=user_id, version=version):
        return
    devices = (
        Device.objects.select_for_update(of=("self",))
        .filter(assignments__user_id=user_id, assignments__ended_at=None)
        .order_by("id")
    )
    for device in devices:
        assignment = device.assignments.get(user_id=user_id, ended_at=None)
        assignment_close(device, assignment, PLATFORM, notes="The account was deleted.")
