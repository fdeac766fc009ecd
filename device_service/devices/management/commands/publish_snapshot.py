"""The command that publishes the state of all devices and assignments again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from devices.publishing.snapshot import snapshot_publish


class Command(BaseCommand):
    """Publishes a snapshot."""

    help = (
        "Append events with the present state of every device and assignment, deleted and ended "
        "ones included, to the outbox. They restore a receiver that lost its copy."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Append the events and print their number."""
        self.stdout.write(f"{snapshot_publish()} events appended")
