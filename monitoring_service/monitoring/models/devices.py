"""Copies of devices and of the rights to see them, kept by sync events."""

from __future__ import annotations

from typing import get_args

from django.db import models

from energy_contracts.events import ReadingKind

#: Version of the rules by which hours follow from readings (docs/how-energy-is-counted.md). The
#: hours of devices with a lower one are derived again after an upgrade.
RULES_VERSION = 2

#: Kinds of readings that this release knows how to count.
READING_KINDS = frozenset(get_args(ReadingKind))


class Device(models.Model):
    """The copy of a device, from sync events, or from its readings alone.

    A device that sends before it is registered has `registered` false and is visible to nobody. A
    deleted one stays as a tombstone: its version makes late events of older versions ineffective.
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
