"""Reads of held jumps: those of registered devices."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from monitoring.calendar import clock
from monitoring.devices.channels import keys_among
from monitoring.devices.visibility import (
    channel_get,
    channels_get,
    channels_visible,
    devices_visible,
)
from monitoring.models import HeldJump
from monitoring.storage.closed_months import ClosedMonths
from service_kit.access.authentication import Principal
from service_kit.api.ordering import Ordering

LATEST_JUMPS = Ordering.by("-begins_at")

#: The states of a jump, with the decisions that are in force in each.
STATES = {
    "open": Q(decision=None),
    "accepted": Q(decision__kind="accepted"),
    "dismissed": Q(decision__kind="dismissed"),
}


def jump_list(
    *,
    user: Principal,
    device_id: UUID | None = None,
    channel: str | None = None,
    state: str | None = None,
) -> QuerySet[HeldJump]:
    """Return the jumps that the user may see and that match all filters, the latest first.

    Raises NotFound for a device that the user may not see, or a channel that it does not have.
    """
    if device_id is None:
        jumps = jumps_visible(user, channel)
    elif channel is None:
        keys = [each.key for each in channels_get(user=user, device_id=device_id)]
        jumps = _jumps().filter(device_key__in=keys)
    else:
        key = channel_get(user=user, device_id=device_id, code=channel).key
        jumps = _jumps().filter(device_key=key)
    if state is not None:
        jumps = jumps.filter(STATES[state])
    return LATEST_JUMPS.sort(jumps)


def jumps_visible(user: Principal, code: str | None = None) -> QuerySet[HeldJump]:
    """Return the jumps of the devices that the user may see, with their decisions.

    `code`: of the channels with this code alone.
    """
    devices, channels = devices_visible(user), channels_visible(user)
    return _jumps().filter(keys_among(devices, channels, code))


def _jumps() -> QuerySet[HeldJump]:
    return HeldJump.objects.select_related("decision")


def ends_in_closed_month(jump: HeldJump, closed: ClosedMonths) -> bool:
    """Return whether a register of the jump was dropped with its month."""
    return clock.to_us(jump.ends_at) - 1 in closed


def closed_ids(jumps: Iterable[HeldJump], closed: ClosedMonths) -> set[int]:
    """Return the ids of the jumps whose energy cannot count any more."""
    return {jump.id for jump in jumps if ends_in_closed_month(jump, closed)}
