"""Reads of the log of changes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from devices.models import LogEntry
from service_kit.api.ordering import Ordering

LATEST_ENTRIES = Ordering.by("-id")


def log_list(
    *,
    device_id: UUID | None = None,
    actor_id: UUID | None = None,
    action: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> QuerySet[LogEntry]:
    """Return the log entries that match all of the filters, newest first.

    Entries of deleted devices are included; `start` is inclusive, `end` exclusive.
    """
    filters = {
        "device_id": device_id,
        "actor_id": actor_id,
        "action": action,
        "occurred_at__gte": start,
        "occurred_at__lt": end,
    }
    set_filters = {name: value for name, value in filters.items() if value is not None}
    return LATEST_ENTRIES.sort(LogEntry.objects.filter(**set_filters))
