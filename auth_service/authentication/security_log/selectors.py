"""Reads of the security log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from authentication.models import SecurityEvent
from service_kit.api.ordering import Ordering
from service_kit.api.search import rows_matching

#: Fields of a log entry that `search` looks through.
SEARCHED_EVENT_FIELDS = ("actor_name", "subject_name", "request_id")

LATEST_EVENTS = Ordering.by("-id")


def security_event_list(
    *,
    kind: Collection[str] = (),
    actor_id: UUID | None = None,
    subject_id: UUID | None = None,
    address: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    search: str = "",
) -> QuerySet[SecurityEvent]:
    """Return the log entries that match all of the filters, newest first.

    An empty `kind` means every kind; `since` is inclusive, `until` exclusive.
    """
    filters = {
        "kind__in": kind or None,
        "actor_id": actor_id,
        "subject_id": subject_id,
        "address": address,
        "occurred_at__gte": since,
        "occurred_at__lt": until,
    }
    set_filters = {name: value for name, value in filters.items() if value is not None}
    events = SecurityEvent.objects.filter(**set_filters)
    return LATEST_EVENTS.sort(rows_matching(events, search, fields=SEARCHED_EVENT_FIELDS))
