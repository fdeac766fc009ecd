"""The last snapshots of other services, and whether our copies agreed with them."""

from __future__ import annotations

from django.db import models


class SnapshotCheck(models.Model):
    """The owner's digest of one subject, and whether the copy agreed when the digest arrived."""

    subject = models.CharField(max_length=32, primary_key=True)
    source = models.CharField(max_length=64)
    version = models.BigIntegerField()
    taken_at = models.DateTimeField()
    count = models.BigIntegerField()
    versions = models.BigIntegerField()
    digest = models.CharField(max_length=16)
    agreed = models.BooleanField()

    class Meta:
        """The table."""

        db_table = "snapshot_check"

    def __str__(self) -> str:
        """Return the subject."""
        return self.subject
