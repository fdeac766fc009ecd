"""Report whether this service's copies equal their owners' data."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from service_kit.sync.models import SnapshotCheck
from service_kit.sync.reconcile import assess, copies, digest_now


class Command(BaseCommand):
    """The command `reconcile`."""

    help = (
        "Compare the copies of users, devices and assignments with their owners' last snapshots; "
        "exit status 1 when one differs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare the copies with the last snapshots."""
        checks = {check.subject: check for check in SnapshotCheck.objects.all()}
        owners: dict[str, str] = {}
        for subject, members in copies().items():
            in_order, sentence = assess(checks.get(subject), digest_now(subject, members))
            self.stdout.write(f"{subject}: {sentence}")
            if not in_order:
                check = checks.get(subject)
                owners[subject] = "its owner" if check is None else check.source
        if owners:
            remedy = ", ".join(f"{subject}: in {owner}" for subject, owner in owners.items())
            raise CommandError(
                f"Run `manage.py publish_snapshot` ({remedy}), then this again when it has arrived."
            )
