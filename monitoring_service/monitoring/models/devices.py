"""Copies of devices, channels and meters, and of the rights to see devices, from sync events."""

from __future__ import annotations

from typing import get_args

from django.db import models
from django.db.models import Func, Value

from energy_contracts.events import ReadingKind

#: Version of the rules by which hours follow from readings (docs/how-energy-is-counted.md). The
#: hours of devices with a lower one are derived again after an upgrade.
RULES_VERSION = 2

#: Kinds of readings that this release knows how to count.
READING_KINDS = frozenset(get_args(ReadingKind))

#: The quantity and the flow of a channel until an event tells them.
DEFAULT_QUANTITY, DEFAULT_FLOW = "electricity", "consumed"


class Device(models.Model):
    """The copy of a device, from sync events, or from its readings alone.

    A device that sends before it is registered has `registered` false and is visible to nobody. A
    deleted one stays as a tombstone: its version makes late events of older versions ineffective.

    The row is the channel `main` too: readings and hours name the channel by the device's key.
    Further channels are rows of `Channel`.
    """

    key = models.AutoField(primary_key=True)
    device_id = models.UUIDField(unique=True)
    registered = models.BooleanField(default=False)
    deleted = models.BooleanField(default=False)
    version = models.BigIntegerField(default=0)
    name = models.CharField(max_length=200, default="")
    description = models.TextField(default="")
    device_type = models.CharField(max_length=32, default="")
    status = models.CharField(max_length=32, default="")
    #: Limit of one hour's energy; None: no limit.
    max_consumption_milliwh = models.BigIntegerField(null=True)
    timezone = models.CharField(max_length=64)
    interval_seconds = models.PositiveIntegerField(default=600)
    #: Any text: readings of a kind that this release does not know are not counted.
    reading_kind = models.CharField(max_length=32, default="interval")
    register_digits = models.PositiveSmallIntegerField(null=True)
    max_power_kw = models.FloatField(null=True)
    # Defaults in the database, because the former release inserts devices during an upgrade.
    channel_name = models.CharField(max_length=150, default="", db_default="")
    quantity = models.CharField(
        max_length=32, default=DEFAULT_QUANTITY, db_default=DEFAULT_QUANTITY
    )
    flow = models.CharField(max_length=32, default=DEFAULT_FLOW, db_default=DEFAULT_FLOW)
    #: The value at which the register begins at 0 again; None: unknown, or `register_digits` say.
    register_wraps_at_milliwh = models.BigIntegerField(null=True)
    #: Code of the channel that takes the absolute value of negative readings.
    negative_channel = models.CharField(max_length=32, null=True)
    #: Version of the event from which channels and meters were copied; 0: from none.
    parts_version = models.BigIntegerField(default=0, db_default=0)
    #: Readings that began then or later are rejected; None: the device is not retired.
    retired_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    #: The rules by which its hours were derived.
    rules_version = models.PositiveSmallIntegerField(
        default=RULES_VERSION, db_default=RULES_VERSION
    )

    class Meta:
        """Table."""

        db_table = "device"

    def __str__(self) -> str:
        """Return the name, or the id if the device has no name."""
        return self.name or str(self.device_id)

    @property
    def kind_is_known(self) -> bool:
        """Return whether this release knows how the device's readings become energy."""
        return self.reading_kind in READING_KINDS


class Channel(models.Model):
    """The copy of a channel other than `main`, which is the row of the device.

    A channel that left the events of its device is `removed`, and keeps its key, readings and
    hours. `version` is that of the device's last event with the channel; 0: it is known from its
    readings alone. Values of enumerations are any text, as for a device.
    """

    #: From the sequence of `Device.key`, so that a key names one series of readings.
    key = models.IntegerField(
        primary_key=True, db_default=Func(Value("device_key_seq"), function="nextval")
    )
    device_id = models.UUIDField()
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=150, default="")
    quantity = models.CharField(max_length=32, default=DEFAULT_QUANTITY)
    flow = models.CharField(max_length=32, default=DEFAULT_FLOW)
    reading_kind = models.CharField(max_length=32, default="interval")
    #: None: that of the device.
    interval_seconds = models.PositiveIntegerField(null=True)
    register_digits = models.PositiveSmallIntegerField(null=True)
    register_wraps_at_milliwh = models.BigIntegerField(null=True)
    #: The largest plausible rate per hour, in the unit of the quantity.
    max_power = models.FloatField(null=True)
    negative_channel = models.CharField(max_length=32, null=True)
    removed = models.BooleanField(default=False)
    version = models.BigIntegerField(default=0)

    class Meta:
        """Table, one row for each code of a device."""

        db_table = "channel"
        constraints = (
            models.UniqueConstraint(fields=["device_id", "code"], name="channel_code_unique"),
        )

    def __str__(self) -> str:
        """Return the device and the code."""
        return f"{self.device_id} {self.code}"


class Meter(models.Model):
    """A serial number at a device, from the events of the device or from readings that name it.

    Readings name their meter by `key`. A meter without a row in `Mount` is unknown to the owner of
    the devices: its registers do not count until it is mounted.
    """

    key = models.AutoField(primary_key=True)
    device_id = models.UUIDField()
    serial_number = models.TextField()

    class Meta:
        """Table, one row for each serial number of a device."""

        db_table = "meter"
        constraints = (
            models.UniqueConstraint(fields=["device_id", "serial_number"], name="meter_unique"),
        )

    def __str__(self) -> str:
        """Return the serial number."""
        return self.serial_number


class Mount(models.Model):
    """The time in which a meter is or was mounted at a device; the copy of the device's history.

    `mounted_at` is None for the first meter, `removed_at` for the present one. `opening` and
    `closing` are its registers then by the code of the channel, in whole milliwatt-hours of the
    counter. `register_digits` is that of the channel `main`. A difference of registers is
    multiplied by `multiplier`.
    """

    pk = models.CompositePrimaryKey("device_id", "id")
    device_id = models.UUIDField()
    id = models.UUIDField()
    meter_key = models.IntegerField()
    mounted_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    opening = models.JSONField(default=dict)
    closing = models.JSONField(default=dict)
    register_digits = models.PositiveSmallIntegerField(null=True)
    multiplier = models.DecimalField(max_digits=13, decimal_places=6, default=1)

    class Meta:
        """Table."""

        db_table = "mount"

    def __str__(self) -> str:
        """Return the device and the instant."""
        return f"{self.device_id} {self.mounted_at}"


class Assignment(models.Model):
    """The right of a user to see a device; an ended right stays, because of its version."""

    device_id = models.UUIDField()
    user_id = models.UUIDField()
    version = models.BigIntegerField()
    active = models.BooleanField()

    class Meta:
        """Table, one row for each user and device, and the index of a device's users."""

        db_table = "assignment"
        constraints = (
            models.UniqueConstraint(fields=["user_id", "device_id"], name="assignment_pair"),
        )
        indexes = (models.Index(fields=["device_id"], name="assignment_device"),)

    def __str__(self) -> str:
        """Return the user and the device."""
        return f"{self.user_id} sees {self.device_id}"
