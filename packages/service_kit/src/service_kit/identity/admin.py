"""The copy of the users in Django's admin, read-only."""

from __future__ import annotations

from django.contrib import admin

from service_kit.adminsite.model_admins import ReadOnlyAdmin
from service_kit.identity.models import KnownUser


@admin.register(KnownUser)
class KnownUserAdmin(ReadOnlyAdmin):
    """The copies of users, read-only."""

    list_display = ("username", "role", "is_active", "deleted", "created_at", "version")
    list_filter = ("role", "is_active", "deleted")
    search_fields = ("username",)
    ordering = ("username",)
