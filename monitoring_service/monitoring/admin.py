"""The tables of monitoring_service in Django's admin, read-only.

Readings, hours and ledger have keys of two columns, which Django's admin cannot show. The API and
the dashboard show them.
"""

from __future__ import annotations

from django.contrib import admin

from monitoring.models import Alert, Assignment, Device
from service_kit.adminsite.model_admins import ReadOnlyAdmin


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    """Devices, including unregistered and deleted ones."""

    list_display = ("name", "device_id", "device_type", "status", "registered", "deleted")
    list_filter = ("registered", "deleted", "status", "device_type", "reading_kind")
    search_fields = ("name", "=device_id")
    ordering = ("name",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    """Assignments, including ended ones, the latest first."""

    list_display = ("device_id", "user_id", "active", "version")
    list_filter = ("active",)
    search_fields = ("=device_id", "=user_id")
    ordering = ("-id",)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Alerts, including withdrawn ones, the latest hour first; energies in milliwatt-hours."""

    list_display = ("start", "device_key", "energy_milliwh", "limit_milliwh", "acknowledged_at")
    list_filter = (
        "start",
        ("acknowledged_at", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("=device_key",)
    ordering = ("-start", "-id")
