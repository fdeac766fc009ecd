"""The ledger that accounts for each reading received."""

from __future__ import annotations

from django.db import models


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
