"""Derive the hours of devices again whose hours follow former rules; runs after the migrations."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from monitoring.aggregates.rebuild import device_hours_rebuild
from monitoring.models import READING_KINDS, RULES_VERSION, Device

#: Seconds between two lines of progress.
EVERY_SECONDS = 5


class Command(BaseCommand):
    """Derive the hours of each device whose rules have an older version, one device at a time.

    Each device is a transaction of its own that also notes the new version. So the command can be
    interrupted and started again, and continues with the devices that are left. Readings may arrive
    meanwhile.
    """

    help = "Derive again, by the present rules, the hours of devices that an upgrade left."

    def handle(self, *args: Any, **options: Any) -> None:
        """Derive the hours, and write the progress to stdout."""
        outdated = Device.objects.filter(
            rules_version__lt=RULES_VERSION, reading_kind__in=READING_KINDS
        ).order_by("key")
        keys = list(outdated.values_list("key", flat=True))
        reported = time.monotonic()
        for done, key in enumerate(keys, start=1):
            device_hours_rebuild(Device.objects.get(key=key))
            if time.monotonic() - reported >= EVERY_SECONDS:
                reported = time.monotonic()
                self.stdout.write(f"hours of {done} of {len(keys)} devices derived again")
                self.stdout.flush()
        if keys:
            self.stdout.write(f"hours of {len(keys)} devices derived again by the present rules")
