"""Held jumps: rises of a register that its device cannot use, and the decisions about them.

Energies and registers are whole milliwatt-hours.
"""

from __future__ import annotations

from django.db import models


class HeldDecision(models.Model):
    """A decision about a jump, by an administrator; a trigger rejects changes of a row.

    It belongs to the jump between exactly these two registers with exactly these values. Of several
    decisions about a jump the latest is in force; after "undone" the jump is open again.
    """

    class Kind(models.TextChoices):
        """The decisions."""

        ACCEPTED = "accepted"
        DISMISSED = "dismissed"
        UNDONE = "undone"

    id = models.BigAutoField(primary_key=True)
    device_key = models.IntegerField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    before_milliwh = models.BigIntegerField()
    after_milliwh = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.UUIDField()
    #: The name at that time, which stays readable after the account is deleted.
    decided_by_name = models.CharField(max_length=150)
    note = models.TextField(blank=True, default="")

    class Meta:
        """Table, and the index by which decisions of a device and of a jump are read."""

        db_table = "held_decision"
        indexes = (
            models.Index(fields=["device_key", "begins_at", "ends_at"], name="held_decision_place"),
        )

    def __str__(self) -> str:
        """Return device, instant and decision."""
        return f"{self.device_key} {self.begins_at} {self.kind}"


class HeldJump(models.Model):
    """A rise between two registers that count, above what the device can use in that time.

    The rows follow from the registers and the configuration of the device, like its hours, and are
    written with them. A row whose registers change is replaced by one with another id.
    """

    id = models.BigAutoField(primary_key=True)
    device_key = models.IntegerField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    #: The registers at the begin and at the end.
    before_milliwh = models.BigIntegerField()
    after_milliwh = models.BigIntegerField()
    first_seen_at = models.DateTimeField(auto_now_add=True)
    #: The decision in force; None: the jump is open.
    decision = models.ForeignKey(HeldDecision, models.PROTECT, null=True, related_name="+")

    class Meta:
        """Table, one row for each jump, and the indexes of the list and of the open jumps."""

        db_table = "held_jump"
        constraints = (
            models.UniqueConstraint(
                fields=["device_key", "begins_at", "ends_at"], name="held_jump_place"
            ),
        )
        indexes = (
            models.Index(fields=["-begins_at", "-id"], name="held_jump_latest"),
            models.Index(
                fields=["-begins_at", "-id"],
                name="held_jump_open",
                condition=models.Q(decision=None),
            ),
        )

    def __str__(self) -> str:
        """Return device and instants."""
        return f"{self.device_key} {self.begins_at} {self.ends_at}"

    @property
    def energy_milliwh(self) -> int:
        """Return the energy that counts if the jump is accepted."""
        return self.after_milliwh - self.before_milliwh

    @property
    def state(self) -> str:
        """Return the decision in force: accepted or dismissed; open if there is none."""
        return "open" if self.decision is None else self.decision.kind
