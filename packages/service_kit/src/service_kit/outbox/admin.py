"""Published and waiting events in Django's admin, read-only."""

from __future__ import annotations

from django.contrib import admin

from service_kit.adminsite.model_admins import ReadOnlyAdmin
from service_kit.outbox.models import OutboxEvent


class Waiting(admin.EmptyFieldListFilter):
    """Filter of events that are not published yet."""

    title = "waiting"


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    """The events of the outbox, read-only."""

    list_display = ("id", "event_type", "event_id", "published_at")
    list_filter = ("event_type", ("published_at", Waiting))
    search_fields = ("=event_id",)
    ordering = ("-id",)
