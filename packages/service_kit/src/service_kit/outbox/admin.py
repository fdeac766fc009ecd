"""What was told to the other services, and what waits to be."""

from __future__ import annotations

from django.contrib import admin

from service_kit.adminsite.model_admins import ReadOnlyAdmin
from service_kit.outbox.models import OutboxEvent


class Waiting(admin.EmptyFieldListFilter):
    title = "waiting"


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "event_type", "event_id", "published_at")
    list_filter = ("event_type", ("published_at", Waiting))
    search_fields = ("=event_id",)
    ordering = ("-id",)
