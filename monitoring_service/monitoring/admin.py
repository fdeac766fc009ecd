"""The tables of monitoring_service in Django's admin, read-only.

Readings, hours and ledger have keys of two columns, which Django's admin cannot show. The API and
the dashboard show them.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from monitoring.models import Alert, Assignment, Device, Meter, Mount
from service_kit.adminsite.model_admins import ReadOnlyAdmin


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    """Devices, including unregistered and deleted ones."""

    list_display = ("name", "device_id", "device_type", "status", "registered", "deleted")
    list_filter = ("registered", "deleted", "status", "device_type", "reading_kind")
    search_fields = ("name", "=device_id")
    ordering = ("name",)


class MountedFilter(admin.SimpleListFilter):
    """Chooses meters that are or were mounted, or those that only readings name."""

    title = "mounted"
    parameter_name = "mounted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "is or was mounted"), ("no", "named by readings alone")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Meter]) -> QuerySet[Meter]:
        """Return the chosen meters."""
        if self.value() not in ("yes", "no"):
            return queryset
        mounts = Mount.objects.filter(device_id=OuterRef("device_id"), meter_key=OuterRef("key"))
        chosen = Exists(mounts)
        return queryset.filter(chosen if self.value() == "yes" else ~chosen)


@admin.register(Meter)
class MeterAdmin(ReadOnlyAdmin):
    """Serial numbers; the registers of those that only readings name do not count."""

    list_display = ("serial_number", "device_id")
    list_filter = (MountedFilter,)
    search_fields = ("serial_number", "=device_id")
    ordering = ("serial_number",)


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
