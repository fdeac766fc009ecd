"""Restore hours from their readings."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from monitoring.aggregates.rebuild import ALL_TIME, device_hours_rebuild
from monitoring.management.progress import with_progress
from monitoring.models import Device


def instant(text: str) -> datetime:
    """Return the instant of a date or date and time; without an offset it is UTC."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date, e.g. 2026-11-01") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


class Command(BaseCommand):
    """Derive the hours of one device or of all from their readings again."""

    help = "Derive hours again from their readings, device by device; safe while readings arrive."

    def add_arguments(self, parser: Any) -> None:
        """Add --device, and --from and --to, which bound the starts of the hours."""
        parser.add_argument("--device", type=UUID, help="only this device (its id)")
        parser.add_argument(
            "--from", type=instant, dest="begin", default=ALL_TIME[0], metavar="DATE"
        )
        parser.add_argument("--to", type=instant, dest="end", default=ALL_TIME[1], metavar="DATE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Derive the hours. Raises CommandError for a missing device or an empty period."""
        begin, end = options["begin"], options["end"]
        if begin >= end:
            raise CommandError("--from must be before --to")
        devices = Device.objects.order_by("key")
        if options["device"] is not None:
            devices = devices.filter(device_id=options["device"])
            if not devices.exists():
                raise CommandError(f"no device {options['device']}")
        total = devices.count()
        for device in with_progress(devices.iterator(), total, "devices", sys.stderr):
            device_hours_rebuild(device, begin, end)
        self.stdout.write(f"hours of {total} devices derived again")
