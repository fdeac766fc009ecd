"""Tables of devices, their assignments to users, and the log of their changes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.timezone import now

from devices.channel_kinds import MAIN_FIELDS, Flow, Quantity, ReadingKind
from energy_contracts.names import MAIN_CHANNEL

#: Digits of an energy or power: up to 1,000,000,000 with six decimals.
MAX_DIGITS = 16
DECIMAL_PLACES = 6

#: The longest interval between two readings in seconds: one day.
MAX_INTERVAL_SECONDS = 86_400

#: Characters of a channel's code.
MAX_CODE = 32

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


def installation_time_zone() -> str:
    """Return the time zone of a device that is created without one."""
    return str(settings.DEVICE_TIME_ZONE)


class Device(models.Model):
    """A device; a deleted one stays as a tombstone with its last version.

    `version` counts the changes; receivers of events compare it. `max_consumption` is in kWh per
    hour (null: no limit), `max_power_kw` is the largest plausible power in kW.

    The row is the channel `main` too (`MAIN_FIELDS`); further channels are rows of `Channel`. Its
    `serial_number` and `register_digits` are those of its present meter.
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
    # Defaults in the database, because the former release inserts devices during an upgrade.
    channel_name = models.CharField(max_length=150, blank=True, default="", db_default="")
    quantity = models.CharField(
        max_length=16,
        choices=Quantity.choices,
        default=Quantity.ELECTRICITY,
        db_default=Quantity.ELECTRICITY,
    )
    flow = models.CharField(
        max_length=16, choices=Flow.choices, default=Flow.CONSUMED, db_default=Flow.CONSUMED
    )
    register_wraps_at = models.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True
    )
    negative_channel = models.CharField(max_length=MAX_CODE, null=True)
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

    def main_channel(self) -> Channel:
        """Return the channel `main`, which has no row of its own."""
        fields = {name: getattr(self, field) for name, field in MAIN_FIELDS.items()}
        return Channel(device=self, code=MAIN_CHANNEL, **fields)

    def all_channels(self) -> list[Channel]:
        """Return `main` and behind it the other channels in the order of their codes."""
        return [self.main_channel(), *sorted(self.channels.all(), key=attrgetter("code"))]

    def all_meters(self) -> list[Meter]:
        """Return the meters in the order of time, the present one last.

        A meter has the id of the replacement that mounted it, the first meter that of the device.
        For example, one replacement of A by B gives A, removed then, and B, mounted then.
        """
        meters = [Meter(id=self.id, serial_number=self.serial_number)]
        for replacement in sorted(self.replacements.all(), key=attrgetter("replaced_at")):
            former = meters[-1]
            former.serial_number = replacement.removed_serial_number
            former.register_digits = replacement.removed_register_digits
            former.removed_at = replacement.replaced_at
            former.closing = replacement.closing
            meters.append(
                Meter(
                    id=replacement.id,
                    serial_number=self.serial_number,
                    mounted_at=replacement.replaced_at,
                    opening=replacement.opening,
                    multiplier=replacement.multiplier,
                    notes=replacement.notes,
                )
            )
        meters[-1].register_digits = self.register_digits
        return meters


@dataclass
class Meter:
    """A meter that is or was mounted at a device.

    `mounted_at` is None for the first one, `removed_at` for the present one. `opening` and
    `closing` are registers by the code of the channel; a missing one is unknown.
    """

    id: uuid.UUID
    serial_number: str
    mounted_at: datetime | None = None
    removed_at: datetime | None = None
    opening: dict[str, float] = field(default_factory=dict)
    closing: dict[str, float] = field(default_factory=dict)
    register_digits: int | None = None
    multiplier: Decimal = Decimal(1)
    notes: str = ""


class Channel(models.Model):
    """A further channel of a device: one series with a quantity and a flow.

    `interval_seconds` is null if it is that of the device. Energies are in the unit of the
    quantity, `max_power` is the largest plausible rate per hour. `negative_channel` is the code of
    the channel that receives the absolute value of negative readings.
    """

    id = models.BigAutoField(primary_key=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="channels")
    code = models.CharField(max_length=MAX_CODE)
    name = models.CharField(max_length=150, blank=True, default="")
    quantity = models.CharField(
        max_length=16, choices=Quantity.choices, default=Quantity.ELECTRICITY
    )
    flow = models.CharField(max_length=16, choices=Flow.choices, default=Flow.CONSUMED)
    reading_kind = models.CharField(
        max_length=16, choices=ReadingKind.choices, default=ReadingKind.INTERVAL
    )
    interval_seconds = models.PositiveIntegerField(null=True)
    register_digits = models.PositiveSmallIntegerField(null=True)
    register_wraps_at = models.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True
    )
    max_power = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    negative_channel = models.CharField(max_length=MAX_CODE, null=True)

    class Meta:
        """One channel for each code; the device itself is `main`."""

        db_table = "channel"
        constraints = (
            models.UniqueConstraint(fields=["device", "code"], name="channel_code_unique"),
            models.CheckConstraint(
                condition=~Q(code=MAIN_CHANNEL), name="channel_main_is_the_device"
            ),
        )

    def __str__(self) -> str:
        """Return the code with the device."""
        return f"{self.code} of {self.device_id}"


class MeterReplacement(models.Model):
    """The replacement of a device's meter by another one.

    The row describes the removed meter; the mounted one is described by the next replacement, the
    latest one by the device. So a corrected serial number has one place. `closing` and `opening`
    are the registers of the removed and of the mounted meter then, by the code of the channel.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="replacements")
    replaced_at = models.DateTimeField()
    removed_serial_number = models.CharField(max_length=100)
    removed_register_digits = models.PositiveSmallIntegerField(null=True)
    closing = models.JSONField(default=dict)
    opening = models.JSONField(default=dict)
    #: Energy for each unit of the mounted meter's register.
    multiplier = models.DecimalField(max_digits=13, decimal_places=DECIMAL_PLACES, default=1)
    notes = models.TextField(blank=True, default="")

    class Meta:
        """One replacement at a time, and the index of a serial number's past."""

        db_table = "meter_replacement"
        constraints = (
            models.UniqueConstraint(
                fields=["device", "replaced_at"], name="meter_replacement_instant_unique"
            ),
        )
        indexes = (
            models.Index(
                fields=["removed_serial_number", "replaced_at"], name="meter_replacement_removed"
            ),
        )

    def __str__(self) -> str:
        """Return the device and the instant."""
        return f"{self.device_id} at {self.replaced_at}"


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
    METER_REPLACED = "meter_replaced"
    METER_RESTORED = "meter_restored"


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
