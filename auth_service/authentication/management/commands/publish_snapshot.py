"""Make services that lost something whole again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from authentication.services import users_publish_snapshot


class Command(BaseCommand):
    help = "Send the present state of every user again, deleted ones too."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"appended {users_publish_snapshot()} users to the outbox")
