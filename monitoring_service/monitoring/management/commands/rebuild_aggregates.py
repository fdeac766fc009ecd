"""Sum hours anew from their readings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from monitoring.models import Device
from monitoring.services import device_hours_rebuild


class Command(BaseCommand):
    help = "Sum hours anew from their readings, device by device; safe while readings arrive."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--device", type=UUID, help="only this device (its id)")

    def handle(self, *args: Any, **options: Any) -> None:
        devices = Device.objects.order_by("key")
        if options["device"] is not None:
            devices = devices.filter(device_id=options["device"])
            if not devices.exists():
                raise CommandError(f"no device {options['device']}")
        for device in devices.iterator():
            device_hours_rebuild(device)
        self.stdout.write(f"hours of {devices.count()} devices summed anew")
