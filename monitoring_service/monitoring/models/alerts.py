"""Limits of consumption, and the hours that exceeded them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models


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
