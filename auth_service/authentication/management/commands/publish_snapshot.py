"""Publish every account again, for services that lost data."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from authentication.publishing.snapshot import snapshot_publish


class Command(BaseCommand):
    """The command."""

    help = "Publish the current state of every user again, including deleted users."

    def handle(self, *args: Any, **options: Any) -> None:
        """Append the events to the outbox."""
        self.stdout.write(f"appended {snapshot_publish()} users to the outbox")
