"""The table of events, which are written in the transaction of their change."""

from __future__ import annotations

from django.db import models


class OutboxEvent(models.Model):
    """A sync event, ready to send; `published_at` is set once the broker has confirmed it."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    event_type = models.CharField(max_length=64)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)
    #: The request that made the change, where requests are traced (W3C Trace Context).
    traceparent = models.TextField(null=True)

    class Meta:
        """The table and its index of waiting events."""

        db_table = "outbox_event"
        indexes = (
            # Only what waits is indexed: the relay's poll stays as cheap in a year as today.
            models.Index(
                fields=["id"], name="outbox_waiting", condition=models.Q(published_at=None)
            ),
        )

    def __str__(self) -> str:
        """Return the type and the id."""
        return f"{self.event_type} {self.event_id}"
