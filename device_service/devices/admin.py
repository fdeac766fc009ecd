"""Read-only admin pages of devices; changes go through the API, which logs them."""

from __future__ import annotations

from django.contrib import admin

from devices.models import Assignment, Channel, Device, LogEntry, MeterReplacement
from service_kit.adminsite.model_admins import ReadOnlyAdmin


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    """Devices, deleted ones included."""

    list_display = ("name", "serial_number", "device_type", "status", "location", "deleted_at")
    list_filter = (
        "status",
        "device_type",
        "reading_kind",
        ("deleted_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "serial_number", "manufacturer", "model", "location")
    ordering = ("name",)


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    """Channels besides `main`, which is the device itself."""

    list_display = ("device", "code", "name", "quantity", "flow", "reading_kind")
    list_filter = ("quantity", "flow", "reading_kind")
    list_select_related = ("device",)
    search_fields = ("device__name", "device__serial_number", "=code", "name")
    ordering = ("-id",)


@admin.register(MeterReplacement)
class MeterReplacementAdmin(ReadOnlyAdmin):
    """Replacements of meters."""

    list_display = ("device", "replaced_at", "removed_serial_number", "notes")
    list_filter = ("replaced_at",)
    list_select_related = ("device",)
    search_fields = ("device__name", "device__serial_number", "removed_serial_number")
    ordering = ("-replaced_at",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    """Present and past assignments of devices to users."""

    list_display = ("device", "user_id", "assigned_at", "assigned_by", "ended_at")
    list_filter = ("assigned_at", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("device",)
    search_fields = ("device__name", "device__serial_number", "=user_id")
    ordering = ("-id",)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """The log of changes to devices."""

    list_display = ("occurred_at", "device", "action", "actor_name", "notes")
    list_filter = ("action", "occurred_at")
    list_select_related = ("device",)
    search_fields = ("device__name", "device__serial_number", "actor_name", "request_id")
    ordering = ("-id",)
