"""Tables of devices, their assignments to users, and the log of their changes."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.timezone import now

#: Digits of an energy or power: up to 1,000,000,000 with six decimals.
MAX_DIGITS = 16
DECIMAL_PLACES = 6

#: The longest interval between two readings in seconds: one day.
MAX_INTERVAL_SECONDS = 86_400

#: Characters of a free text.
MAX_TEXT = 5_000


class DeviceStatus(models.TextChoices):
    """The states of a device."""

    IN_STOCK = "in_stock"
    RESERVED = "reserved"
    DEPLOYED = "deployed"
    MAINTENANCE = "maintenance"
    RETIRED = "retired"


class DeviceType(models.TextChoices):
    """Kinds of devices, for people and filters; the platform treats all kinds alike."""

    SMART_METER = "smart_meter"
    SUB_METER = "sub_meter"
    SENSOR = "sensor"
    GATEWAY = "gateway"
    ACTUATOR = "actuator"
    OTHER = "other"


class ReadingKind(models.TextChoices):
    """The meaning of a reading: the energy of an interval, or a register."""

    INTERVAL = "interval"
    CUMULATIVE = "cumulative"


def installation_time_zone() -> str:
    """Return the time zone of a device that is created without one."""
    return str(settings.DEVICE_TIME_ZONE)


class Device(models.Model):
    """A device; a deleted one stays as a tombstone with its last version.

    `version` counts the changes; receivers of events compare it. `max_consumption` is in kWh per
    hour (null: no limit), `max_power_kw` is the largest plausible power in kW.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=150)
    description = models.TextField(blank=True, default="")
    device_type = models.CharField(max_length=16, choices=DeviceType.choices)
    serial_number = models.CharField(max_length=100)
    manufacturer = models.CharField(max_length=150, blank=True, default="")
    model = models.CharField(max_length=150, blank=True, default="")
    location = models.CharField(max_length=250, blank=True, default="")
    status = models.CharField(
        max_length=16, choices=DeviceStatus.choices, default=DeviceStatus.IN_STOCK
    )
    max_consumption = models.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True
    )
    timezone = models.CharField(max_length=64, default=installation_time_zone)
    interval_seconds = models.PositiveIntegerField(default=600)
    reading_kind = models.CharField(
        max_length=16, choices=ReadingKind.choices, default=ReadingKind.INTERVAL
    )
    register_digits = models.PositiveSmallIntegerField(null=True)
    max_power_kw = models.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True
    )
    purchase_date = models.DateField(null=True)
    deploy_date = models.DateField(null=True)
    last_maintenance_date = models.DateField(null=True)
    #: When it was retired; monitoring_service rejects its readings from then on.
    retired_at = models.DateTimeField(null=True)
    specifications = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True)
    version = models.BigIntegerField(default=1)

    class Meta:
        """Unique serial numbers, and an index for each order of the device list."""

        db_table = "device"
        constraints = (
            # A deleted device's number is free: a meter may be registered again after a mistake.
            models.UniqueConstraint(
                fields=["serial_number"],
                condition=Q(deleted_at=None),
                name="device_serial_number_unique",
            ),
            models.CheckConstraint(
                condition=Q(status__in=DeviceStatus.values), name="device_status_known"
            ),
            models.CheckConstraint(
                condition=Q(interval_seconds__range=(1, MAX_INTERVAL_SECONDS)),
                name="device_interval_in_range",
            ),
        )
        indexes = (
            # One index for each order of the list; without it each page would sort all rows.
            # The text itself is in the index too, because PostgreSQL skips rows in an index alone
            # only if the index holds every column that the order mentions.
            *(
                models.Index(
                    Lower(field),
                    F("id"),
                    name=f"device_{field}",
                    include=[field],
                    condition=Q(deleted_at=None),
                )
                for field in ("name", "serial_number", "location")
            ),
            *(
                models.Index(F(field), F("id"), name=name, condition=Q(deleted_at=None))
                for field, name in (
                    ("device_type", "device_device_type"),
                    ("status", "device_status_only"),
                    ("created_at", "device_created_at"),
                    ("updated_at", "device_updated_at"),
                )
            ),
            models.Index(
                F("status"),
                Lower("name"),
                F("id"),
                name="device_status",
                condition=Q(deleted_at=None),
            ),
        )

    def __str__(self) -> str:
        """Return the name with the serial number."""
        return f"{self.name} ({self.serial_number})"


class Assignment(models.Model):
    """A period in which a user has a device; ended ones stay as history.

    `version` counts the changes of the pair of device and user over all its periods, so it rises
    further when the same device is assigned to the same user again.
    """

    id = models.BigAutoField(primary_key=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="assignments")
    #: Not a foreign key, because the history stays when the copy of the user is deleted.
    user_id = models.UUIDField()
    assigned_at = models.DateTimeField(default=now)
    assigned_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    version = models.BigIntegerField()

    class Meta:
        """At most one present assignment for each device and user."""

        db_table = "assignment"
        constraints = (
            models.UniqueConstraint(
                fields=["device", "user_id"],
                condition=Q(ended_at=None),
                name="assignment_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["device", "user_id", "version"], name="assignment_version_unique"
            ),
        )
        indexes = (
            # Every request of a client selects the devices that the client has now.
            models.Index(
                fields=["user_id", "device"], name="assignment_present", condition=Q(ended_at=None)
            ),
        )

    def __str__(self) -> str:
        """Return the ids of the device and the user."""
        return f"{self.device_id} to {self.user_id}"


class LogAction(models.TextChoices):
    """Kinds of changes in the log."""

    CREATED = "created"
    UPDATED = "updated"
    STATUS_CHANGED = "status_changed"
    DELETED = "deleted"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"


class LogEntry(models.Model):
    """A change of a device, written in the transaction of the change.

    A trigger of the database rejects updates and deletions. `actor_id` is null when the platform
    itself acted. `old_values` and `new_values` hold the changed fields as JSON.
    """

    id = models.BigAutoField(primary_key=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="log_entries")
    occurred_at = models.DateTimeField(default=now)
    actor_id = models.UUIDField(null=True)
    #: The name at that time, so that the log names the actor after the account is deleted.
    actor_name = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=16, choices=LogAction.choices)
    old_values = models.JSONField(default=dict)
    new_values = models.JSONField(default=dict)
    notes = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        """Indexes for the filters of the log."""

        db_table = "device_log"
        verbose_name_plural = "log entries"
        indexes = (
            models.Index(fields=["device", "-id"], name="device_log_of_device"),
            models.Index(fields=["actor_id", "-id"], name="device_log_of_actor"),
            models.Index(fields=["occurred_at"], name="device_log_time"),
        )

    def __str__(self) -> str:
        """Return the action and the id of the device."""
        return f"{self.action} {self.device_id}"
