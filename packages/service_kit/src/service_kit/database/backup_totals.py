"""The command `backup_totals` of each service: totals of its database, as one JSON object.

The query is the file `backup_totals.sql` in the service's folder, so that only the service knows
its tables. `./ems backup` runs the same query in the snapshot that it dumps.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection


class BackupTotalsCommand(BaseCommand):
    """Print the totals that are compared between the saved and the restored database."""

    help = "Print totals of the database as JSON, to compare a restored database with a saved one."
    #: The service's query: one row, whose columns are integers or decimal text.
    query_file: Path

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the query and print its row."""
        with connection.cursor() as cursor:
            cursor.execute(self.query_file.read_text())
            names = [column.name for column in cursor.description]
            (row,) = cursor.fetchall()
        self.stdout.write(json.dumps(dict(zip(names, row, strict=True)), indent=2))
