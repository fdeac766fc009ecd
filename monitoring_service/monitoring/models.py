"""Readings, the hours they add up to, and the ledger that accounts for each of them.

Energies are whole milliwatt-hours (column comments in the migrations). Rows of `Reading` and `Hour`
name their device by a four-byte key: with the sixteen bytes of its id, row and index entry would be
half as large again, at thousands of rows a second.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from django.db import models
from django.utils import timezone

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


class Reading(models.Model):
    """A reading as it arrived; the table is partitioned by month (migration 0002)."""

    pk = models.CompositePrimaryKey("device_key", "started_at")
    device_key = models.IntegerField()
    #: The instant at which the interval began.
    started_at = models.DateTimeField()
    #: Energy of the interval, or the register of a cumulative device.
    value_milliwh = models.BigIntegerField()
    revision = models.IntegerField()

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


class ConsumptionLimit(models.Model):
    """The limit of an hour's energy of a device, from one clock hour on until its next row.

    None: no limit. The first limit of the lowest version is stored at `FIRST_HOUR` and applies to
    the whole past; rows of lower versions are ignored. `version` is that of the device's event: of
    several changes within an hour the highest version applies, in whatever order they arrive.
    """

    #: Before any reading's hour.
    FIRST_HOUR = datetime(1900, 1, 1, tzinfo=UTC)

    pk = models.CompositePrimaryKey("device_key", "from_hour")
    device_key = models.IntegerField()
    from_hour = models.DateTimeField()
    limit_milliwh = models.BigIntegerField(null=True)
    version = models.BigIntegerField(default=0)

    class Meta:
        """Table."""

        db_table = "consumption_limit"

    def __str__(self) -> str:
        """Return the key."""
        return f"{self.device_key} {self.from_hour}"


class Alert(models.Model):
    """An hour that used more than its device's limit: at most one alert for each device and hour.

    `withdrawn_at` is set while a correction has the hour back under its limit.
    """

    device_key = models.IntegerField()
    start = models.DateTimeField()
    limit_milliwh = models.BigIntegerField()
    #: The hour's energy as the last batch that touched the alert left it.
    energy_milliwh = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.UUIDField(null=True)

    class Meta:
        """Table, one row for each device and hour, and the index of the list of alerts."""

        db_table = "alert"
        constraints = (
            # After a crash or a repetition, a second alert of the same hour cannot be written.
            models.UniqueConstraint(fields=["device_key", "start"], name="alert_one_an_hour"),
        )
        indexes = (models.Index(fields=["-start", "-id"], name="alert_latest"),)

    def __str__(self) -> str:
        """Return device and hour."""
        return f"{self.device_key} {self.start}"


class LedgerMinute(models.Model):
    """The readings received in one minute, by outcome; each ingest process has a shard."""

    pk = models.CompositePrimaryKey("minute", "shard")
    minute = models.DateTimeField()
    shard = models.SmallIntegerField()
    received = models.BigIntegerField()
    stored = models.BigIntegerField()
    corrected = models.BigIntegerField()
    duplicates = models.BigIntegerField()
    rejected = models.BigIntegerField()

    class Meta:
        """Table, and the balance of its counts."""

        db_table = "ledger_minute"
        constraints = (
            # The database rejects a batch whose tally does not balance, so that a fault of the
            # program that loses a reading cannot be committed.
            models.CheckConstraint(
                name="ledger_balances",
                condition=models.Q(
                    received=models.F("stored")
                    + models.F("corrected")
                    + models.F("duplicates")
                    + models.F("rejected")
                ),
            ),
        )

    def __str__(self) -> str:
        """Return the minute."""
        return str(self.minute)


class LedgerRejection(models.Model):
    """The readings rejected in one minute for one reason; each ingest process has a shard."""

    pk = models.CompositePrimaryKey("minute", "shard", "reason")
    minute = models.DateTimeField()
    shard = models.SmallIntegerField()
    reason = models.CharField(max_length=32)
    rejected = models.BigIntegerField()

    class Meta:
        """Table."""

        db_table = "ledger_rejection"

    def __str__(self) -> str:
        """Return minute and reason."""
        return f"{self.minute} {self.reason}"


class DeadLetterReplay(models.Model):
    """A request to replay dead letters, and its progress in the maintenance process.

    `message_ids` chooses letters by id, else `reason` those of one reason, else all that the
    platform wrote. `total`: letters in the queue when the work began, None before. `remaining`:
    those of them that have not been replayed; `left`: those of `remaining` that were read and not
    chosen. `failed`: letters that the queue of readings did not accept at the last attempt; they
    are tried again.
    """

    id = models.BigAutoField(primary_key=True)
    requested_at = models.DateTimeField(default=timezone.now)
    requested_by = models.UUIDField()
    message_ids = models.JSONField(null=True)
    reason = models.CharField(max_length=64, blank=True)
    total = models.BigIntegerField(null=True)
    remaining = models.BigIntegerField(null=True)
    replayed = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)
    #: Only letters that may be stored now: a message that is not JSON can only come back.
    only_retryable = models.BooleanField(default=False, db_default=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Table."""

        db_table = "dead_letter_replay"

    def __str__(self) -> str:
        """Return the number of the request and its progress."""
        return f"{self.id}: {self.replayed} of {self.total}"


class DeadLetterDiscard(models.Model):
    """A request to discard dead letters, done in the maintenance process; the record of it.

    `message_ids` chooses letters by id, else `reason` those of one reason, else all; those that
    arrived after the request are kept. `discarded` are their numbers by reason. `pending` are the
    ids of letters that are counted and may not have left the queue yet. The database accepts no
    deletion of a row, and no change of a finished one.
    """

    id = models.BigAutoField(primary_key=True)
    requested_at = models.DateTimeField(default=timezone.now)
    requested_by = models.UUIDField()
    #: The name at that time, which stays readable after the account is deleted.
    requested_by_name = models.CharField(max_length=150)
    message_ids = models.JSONField(null=True)
    reason = models.CharField(max_length=64, blank=True)
    discarded = models.JSONField(default=dict)
    pending = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Table."""

        db_table = "dead_letter_discard"

    def __str__(self) -> str:
        """Return the number of the request and of the letters."""
        return f"{self.id}: {sum(self.discarded.values())}"
