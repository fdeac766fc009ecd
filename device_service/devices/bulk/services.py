"""One action on many devices, in one transaction: devices that may not take it are reported."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.db import transaction

from devices.assignments.services import assignments_create, user_locked
from devices.inventory.lifecycle import ACTIONS
from devices.inventory.selectors import devices_selected
from devices.inventory.services import devices_transition
from devices.log.actors import Actor
from devices.models import Device
from service_kit.identity.models import KnownUser


@transaction.atomic
def devices_act(
    *,
    user: KnownUser,
    actor: Actor,
    action: str,
    selection: dict[str, Any],
    user_id: UUID | None = None,
    location: str | None = None,
    notes: str = "",
) -> dict[str, Any]:
    """Take `action` with the devices of `selection`; return the result for each as JSON values.

    A device that is in the wanted state already is unchanged. One that may not reach it is
    rejected, as is an id without a device. Raises ValidationError for an unknown user, and Conflict
    if the list of devices is another one than the user saw.
    """
    holder = None if user_id is None else user_locked(user_id)
    devices = _locked(user, selection)
    before = {device.id: device.version for device in devices}
    rejections: dict[UUID, str] = {}
    if holder is not None:
        pairs = [(device, holder.id) for device in devices]
        created = assignments_create(actor=actor, pairs=pairs, notes=notes)
        done = {assignment.device_id for assignment in created}
    else:
        rejections = devices_transition(
            actor=actor, devices=devices, target=ACTIONS[action], location=location, notes=notes
        )
        done = {device.id for device in devices if device.version != before[device.id]}
    results = [_result(device, done, rejections) for device in devices]
    results += [
        {"id": str(device_id), "name": "", **_rejected("not_found", "No such device.")}
        for device_id in dict.fromkeys(selection.get("ids", ()))
        if device_id not in before
    ]
    numbers = Counter(result["result"] for result in results)
    counts = {name: numbers[name] for name in ("done", "unchanged", "rejected")}
    return {"action": action, **counts, "results": results}


def _locked(user: KnownUser, selection: dict[str, Any]) -> list[Device]:
    """Return the devices in the order of the list, locked in the order of their ids."""
    ids = list(devices_selected(user=user, **selection).values_list("id", flat=True))
    locked = Device.objects.select_for_update().filter(id__in=ids, deleted_at=None).order_by("id")
    devices = {device.id: device for device in locked}
    return [devices[device_id] for device_id in ids if device_id in devices]


def _result(device: Device, done: set[UUID], rejections: dict[UUID, str]) -> dict[str, Any]:
    result = {"id": str(device.id), "name": device.name}
    if device.id in rejections:
        return {**result, **_rejected("transition_not_allowed", rejections[device.id])}
    return {**result, "result": "done" if device.id in done else "unchanged"}


def _rejected(code: str, detail: str) -> dict[str, Any]:
    return {"result": "rejected", "code": code, "detail": detail}
