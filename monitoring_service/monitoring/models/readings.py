"""Readings, the hours and spans they add up to, and what stays of closed months.

Energies are whole milliwatt-hours (column comments in the migrations). Rows of `Reading` and `Hour`
name their device by a four-byte key: with the sixteen bytes of its id, row and index entry would be
half as large again, at thousands of rows a second.
"""

from __future__ import annotations

from django.db import models


class Reading(models.Model):
    """A reading as it arrived; the table is partitioned by month (migration 0002)."""

    pk = models.CompositePrimaryKey("device_key", "started_at")
    device_key = models.IntegerField()
    #: The instant at which the interval began.
    started_at = models.DateTimeField()
    #: Energy of the interval, or the register of a cumulative device.
    value_milliwh = models.BigIntegerField()
    revision = models.IntegerField()
    #: The meter that the reading names; None: it names none.
    meter_key = models.IntegerField(null=True)

    class Meta:
        """Table; migrations with SQL make it and its partitions."""

        db_table = "reading"
        managed = False

    def __str__(self) -> str:
        """Return the key."""
        return f"{self.device_key} {self.started_at}"


class Hour(models.Model):
    """The measured energy and the readings of one clock hour of a device's zone (migration 0020).

    An hour is the sum of its four slots, `quarter_0` to `quarter_3`. A quarter is NULL if it has no
    measured energy. All four are NULL in an hour without measured energy, whose row counts its
    readings alone, and in an hour whose quarters are unknown: its readings were dropped before
    quarters were kept.
    """

    pk = models.CompositePrimaryKey("device_key", "start")
    device_key = models.IntegerField()
    #: Readings that began in the hour.
    reading_count = models.IntegerField()
    #: The UTC instant at which the clock hour begins.
    start = models.DateTimeField()
    energy_milliwh = models.BigIntegerField(null=True)
    quarter_0 = models.BigIntegerField(null=True)
    quarter_1 = models.BigIntegerField(null=True)
    quarter_2 = models.BigIntegerField(null=True)
    quarter_3 = models.BigIntegerField(null=True)

    class Meta:
        """Table; a migration with SQL makes it."""

        db_table = "hour"
        managed = False

    def __str__(self) -> str:
        """Return the key."""
        return f"{self.device_key} {self.start}"

    @property
    def quarters(self) -> tuple[int | None, ...]:
        """Return the measured energies of the four quarters."""
        return self.quarter_0, self.quarter_1, self.quarter_2, self.quarter_3

    @property
    def measured_slots(self) -> int:
        """Return the number of measured quarters; all four where the quarters are unknown."""
        if self.energy_milliwh is None:
            return 0
        return sum(quarter is not None for quarter in self.quarters) or 4


class Span(models.Model):
    """Energy that is known only as the total of more than an hour, in (begins_at, ends_at].

    It is divided evenly when it is read, and is no part of any row of `Hour`.
    """

    pk = models.CompositePrimaryKey("device_key", "begins_at")
    device_key = models.IntegerField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    energy_milliwh = models.BigIntegerField()

    class Meta:
        """Table, and the index that finds the spans of a period."""

        db_table = "span"
        indexes = (models.Index(fields=["device_key", "ends_at"], name="span_end"),)

    def __str__(self) -> str:
        """Return the key."""
        return f"{self.device_key} {self.begins_at}"


class CarriedRegister(models.Model):
    """The value of a cumulative device at the border of a closed month, whose readings are gone."""

    pk = models.CompositePrimaryKey("device_key", "at")
    device_key = models.IntegerField()
    at = models.DateTimeField()
    value_milliwh = models.BigIntegerField()
    #: That of the meter whose registers the value was computed from; the value includes it.
    multiplier = models.DecimalField(max_digits=13, decimal_places=6, default=1, db_default=1)
    #: At the begin of a closed month, the register before it from which its energy was counted.
    counted_since = models.DateTimeField(null=True)

    class Meta:
        """Table."""

        db_table = "carried_register"

    def __str__(self) -> str:
        """Return the key."""
        return f"{self.device_key} {self.at}"


class RemovedReading(models.Model):
    """A reading that an administrator removed, as it was; a trigger rejects changes.

    The row also prevents that the reading is stored again: a reading of its device and instant with
    the same or a lower revision is a duplicate from then on.
    """

    id = models.BigAutoField(primary_key=True)
    device_key = models.IntegerField()
    started_at = models.DateTimeField()
    value_milliwh = models.BigIntegerField()
    revision = models.IntegerField()
    removed_at = models.DateTimeField(auto_now_add=True)
    removed_by = models.UUIDField()
    #: The name at that time, which stays readable after the account is deleted.
    removed_by_name = models.CharField(max_length=150)
    note = models.TextField(blank=True, default="")

    class Meta:
        """Table, and the index by which the cache of devices loads the rows."""

        db_table = "removed_reading"
        indexes = (models.Index(fields=["device_key", "started_at"], name="removed_reading_place"),)

    def __str__(self) -> str:
        """Return device, instant and revision."""
        return f"{self.device_key} {self.started_at} {self.revision}"
