"""Tell the present state of all devices and assignments again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from devices.snapshot import snapshot_publish


class Command(BaseCommand):
    help = (
        "Append events with the present state of every device and assignment, deleted and ended "
        "ones too, to the outbox: a receiver that lost everything is whole again after them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{snapshot_publish()} events appended")
