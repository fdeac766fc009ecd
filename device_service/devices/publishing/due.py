"""The snapshot after an upgrade: receivers get what the events of former releases did not carry.

A migration that adds such data puts a row into the table `snapshot_due`. The snapshot is published
after all migrations, because it reads the tables as this release knows them.
"""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction

from devices.publishing.snapshot import snapshot_publish


def publish_if_due(using: str, **_signal: Any) -> None:
    """Publish a snapshot if a migration asked for it; an interrupted one is published again."""
    connection = connections[using]
    if "snapshot_due" not in connection.introspection.table_names():
        # The migrations went back to before the table.
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM snapshot_due)")
        (is_due,) = cursor.fetchone()
    if not is_due:
        return
    with transaction.atomic(using=using):
        snapshot_publish()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM snapshot_due")
