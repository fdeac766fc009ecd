"""Prove that every hour is the sum of its readings."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.selectors import hours_that_differ


class Command(BaseCommand):
    help = "Compare every hour with the sum of its readings; exits 1 and lists what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        differing = hours_that_differ()
        for device_id, start, stored, summed in differing:
            self.stdout.write(
                f"{device_id} {start:%Y-%m-%dT%H:%MZ} hour {stored} readings {summed}"
            )
        if differing:
            raise CommandError(f"{len(differing)} hours differ; rebuild_aggregates restores them")
        self.stdout.write("every hour equals the sum of its readings")
