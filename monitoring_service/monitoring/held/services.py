"""Decisions about held jumps, by an administrator, on record."""

from __future__ import annotations

from django.db import transaction

from monitoring.calendar import clock
from monitoring.devices.cache import cached_channel
from monitoring.devices.channels import channels_by_key
from monitoring.held.selectors import ends_in_closed_month, jumps_visible
from monitoring.ingest.hour_writer import derive_again
from monitoring.live.changed_hours import hours_announce
from monitoring.models import HeldDecision, HeldJump
from monitoring.registers.changes import ChangedRegister
from monitoring.storage.closed_months import ClosedMonths, closed_months
from monitoring.storage.epoch import lock_devices_exclusive, raise_epoch
from service_kit.access.authentication import Principal
from service_kit.api.errors import Conflict

Kind = HeldDecision.Kind


@transaction.atomic
def jump_decide(*, jump_id: int, kind: Kind, actor: Principal, note: str = "") -> HeldJump:
    """Accept or dismiss a jump, or undo the decision about it, and record the actor.

    A repetition changes nothing. Raises Conflict if the jump is no longer held, if it is decided
    otherwise, or if its energy cannot change any more because its month is closed.
    """
    lock_devices_exclusive()
    closed = closed_months()
    jump = jumps_visible(actor).filter(pk=jump_id).first()
    if jump is None:
        raise Conflict(
            f"Nothing is held under the number {jump_id}: a later reading, a correction or a "
            "change of the device may have replaced it. Read the list again.",
            code="not_held",
        )
    in_force = None if jump.decision is None else jump.decision.kind
    if in_force == (None if kind == Kind.UNDONE else kind):
        return jump
    if in_force is not None and kind != Kind.UNDONE:
        raise Conflict(
            f"This energy is {in_force} already. Undo that decision first.",
            code="decided_otherwise",
        )
    changes_energy = Kind.ACCEPTED in (in_force, kind)
    if changes_energy and ends_in_closed_month(jump, closed):
        raise Conflict(
            "The raw readings of this month were dropped; its hours cannot change any more.",
            code="month_closed",
        )
    decision = HeldDecision.objects.create(
        device_key=jump.device_key,
        begins_at=jump.begins_at,
        ends_at=jump.ends_at,
        before_milliwh=jump.before_milliwh,
        after_milliwh=jump.after_milliwh,
        kind=kind,
        decided_by=actor.id,
        decided_by_name=actor.username,
        note=note,
    )
    jump.decision = None if kind == Kind.UNDONE else decision
    jump.save(update_fields=["decision"])
    if changes_energy:
        _derive(jump, closed)
    return jump


def _derive(jump: HeldJump, closed: ClosedMonths) -> None:
    """Bring hours and alerts in line with the decision, and push the changes after the commit."""
    channel = channels_by_key([jump.device_key])[jump.device_key]
    entry = cached_channel(channel)
    registers = [ChangedRegister(entry, clock.to_us(at)) for at in (jump.begins_at, jump.ends_at)]
    hours_announce(channel, entry, derive_again(registers, closed))
    # Ingest must learn of the decision before its next batch, or it would derive without it.
    raise_epoch()
