"""Requests to replay and to discard dead letters, which are the record of them too."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


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
