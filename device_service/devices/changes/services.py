"""The change of a device that every subject makes in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils.timezone import now
from rest_framework.exceptions import ValidationError

from devices.log.actors import Actor
from devices.log.services import log_append
from devices.models import Device, LogAction
from devices.publishing.events import PUBLISHED_RELATIONS, device_saved
from service_kit.outbox.services import outbox_append

#: Field and message for each unique constraint. The id of a deleted device stays taken: other
#: services hold its last version and would ignore a new device of that id as an old event.
UNIQUE_CONSTRAINTS = {
    "device_serial_number_unique": ("serial_number", "Another device has this serial number."),
    "device_pkey": ("id", "A device has or had this id. An id is never used again."),
}


def device_change(
    device: Device,
    actor: Actor,
    action: LogAction,
    values: Mapping[str, object],
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
    notes: str = "",
) -> None:
    """Store the values that differ, with version, log entry and event.

    `old` and `new` are logged beside these values: of rows that belong to the device and are
    stored already. If nothing differs, nothing is written. Requires: a lock on the device.
    """
    before = {field: getattr(device, field) for field in values}
    changed = [field for field in values if values[field] != before[field]]
    if not changed and not old and not new:
        return
    for field in changed:
        setattr(device, field, values[field])
    device.version += 1
    device.updated_at = now()
    device.save(update_fields=[*changed, "retired_at", "version", "updated_at"])
    log_append(
        device,
        actor,
        action,
        old={**{field: before[field] for field in changed}, **(old or {})},
        new={**{field: values[field] for field in changed}, **(new or {})},
        notes=notes,
    )
    prefetch_related_objects([device], *PUBLISHED_RELATIONS)
    outbox_append([device_saved(device, "device_updated")])


@contextmanager
def uniqueness_checked() -> Iterator[None]:
    """Turn a violated unique constraint into a ValidationError of its field.

    The constraint decides, because a check before the insert cannot see a concurrent insert.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        for constraint, (field, message) in UNIQUE_CONSTRAINTS.items():
            if constraint in str(error):
                raise ValidationError({field: [message]}, code="unique") from error
        raise
