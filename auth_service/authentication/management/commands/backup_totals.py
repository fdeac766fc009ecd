"""Totals of this service's database, to compare a restored database with the saved one."""

from __future__ import annotations

from pathlib import Path

from service_kit.database.backup_totals import BackupTotalsCommand


class Command(BackupTotalsCommand):
    """Print the totals of this service's database as JSON."""

    query_file = Path(__file__).parents[3] / "backup_totals.sql"
