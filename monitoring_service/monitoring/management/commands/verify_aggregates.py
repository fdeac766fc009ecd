"""Prove that every hour follows from its readings."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.aggregates.verify import hours_that_differ
from monitoring.management.progress import with_progress
from monitoring.models import Device

#: Devices compared by one statement.
DEVICES_AT_ONCE = 100


class Command(BaseCommand):
    """Compare the stored hours of all devices with the hours derived from their readings."""

    help = "Compare every hour with its readings; list those that differ and exit with status 1."

    def handle(self, *args: Any, **options: Any) -> None:
        """List the hours that differ. Raises CommandError (exit status 1) if there are any."""
        keys = list(Device.objects.order_by("key").values_list("key", flat=True))
        parts = [keys[at : at + DEVICES_AT_ONCE] for at in range(0, len(keys), DEVICES_AT_ONCE)]
        differing = 0
        for part in with_progress(
            parts, len(parts), f"times {DEVICES_AT_ONCE} devices", sys.stderr
        ):
            devices = list(Device.objects.filter(key__in=part).order_by("key"))
            for device_id, start, stored, derived in hours_that_differ(devices):
                differing += 1
                self.stdout.write(
                    f"{device_id} {start:%Y-%m-%dT%H:%MZ} hour {stored} readings {derived}"
                )
        if differing:
            raise CommandError(f"{differing} hours differ; rebuild_aggregates restores them")
        self.stdout.write("every hour equals the sum of its readings")
