"""Replace the signing key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from authentication.tokens.rotation import signing_key_rotate


class Command(BaseCommand):
    """The command."""

    help = "Sign with a new key; tokens of the previous key stay valid until they expire."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate the key, and print how long the previous keys stay valid."""
        try:
            rotation = signing_key_rotate()
        except OSError as error:
            raise CommandError(f"the folders of the keys must be writable: {error}") from error
        self.stdout.write(f"{rotation.kid} signs now")
        for kid in rotation.retired:
            self.stdout.write(f"{kid} verifies until {rotation.verify_until:%Y-%m-%d %H:%M:%SZ}")
