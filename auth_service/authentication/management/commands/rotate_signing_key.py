"""A new key signs from now on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from authentication.keys import signing_key_rotate


class Command(BaseCommand):
    help = "Sign with a new key; the old one verifies until its last token has run out."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rotation = signing_key_rotate()
        except OSError as error:
            raise CommandError(f"the folders of the keys must be writable: {error}") from error
        self.stdout.write(f"{rotation.kid} signs now")
        for kid in rotation.retired:
            self.stdout.write(f"{kid} verifies until {rotation.verify_until:%Y-%m-%d %H:%M:%SZ}")
