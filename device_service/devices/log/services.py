"""Writes to the log, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from devices.log.actors import Actor
from devices.models import Device, LogAction, LogEntry
from devices.publishing.events import json_number
from service_kit.http.request_id import current_request_id


def log_append(device: Device, actor: Actor, action: LogAction, **details: Any) -> None:
    """Write an entry; `details` are the optional values of `log_entry`."""
    log_entry(device, actor, action, **details).save(force_insert=True)


def log_entry(
    device: Device,
    actor: Actor,
    action: LogAction,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
    notes: str = "",
) -> LogEntry:
    """Return an entry, not stored yet; `old` and `new` are the changed fields with their values."""
    return LogEntry(
        device=device,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        old_values={field: _json_value(value) for field, value in (old or {}).items()},
        new_values={field: _json_value(value) for field, value in (new or {}).items()},
        notes=notes,
        request_id=current_request_id(),
    )


def _json_value(value: object) -> object:
    """Return `value` as the API writes it."""
    if isinstance(value, Decimal):
        return json_number(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
