"""Totals of the databases, to compare a restored installation with the saved one.

Each service owns its query: the file `backup_totals.sql` in its folder, which the service's command
`manage.py backup_totals` runs, too. A backup carries the queries of its totals, so that the totals
can be compared before the migrations of a newer version change any table.
"""

from __future__ import annotations

from typing import Any

import psycopg2

from ems_tool.backup import databases
from ems_tool.backup.archive import Manifest
from ems_tool.configuration.credentials import Secrets
from ems_tool.configuration.home import ROOT, Home
from ems_tool.console import EmsError, note
from ems_tool.servers import postgres


def query_of(service: str) -> str:
    """Return the query of a service's totals: one row of integers and decimal text."""
    return (ROOT / service / "backup_totals.sql").read_text()


def count(cursor: Any, query: str) -> dict[str, Any]:
    """Return the totals of the database that `cursor` is connected to."""
    cursor.execute(query)
    rows = cursor.fetchall()
    if len(rows) != 1:
        raise EmsError("A query of totals must return one row.")
    return dict(zip((column.name for column in cursor.description), rows[0], strict=True))


def compare(home: Home, secrets: Secrets, manifest: Manifest) -> None:
    """Compare the restored databases with the saved totals, before any migration.

    Raises `EmsError` naming the totals that differ.
    """
    for service, saved in manifest.totals.items():
        database = postgres.database_of(service)
        query = manifest.queries.get(service)
        try:
            with databases.connected(home, secrets, service) as connection:
                connection.set_session(readonly=True)
                restored = count(connection.cursor(), query or query_of(service))
        except psycopg2.Error as error:
            if query is not None or not isinstance(error, psycopg2.ProgrammingError):
                raise EmsError(f"The totals of {database} cannot be counted: {error}") from error
            # An old backup without queries, whose tables today's query does not know.
            note(f"The totals of {database} are not compared: the backup is of an older version.")
            continue
        if query is None:
            saved = {name: total for name, total in saved.items() if name in restored}
        differing = [
            f"{name}: {restored.get(name)}, saved {total}"
            for name, total in saved.items()
            if restored.get(name) != total
        ]
        if differing:
            raise EmsError(f"{database} differs: {'; '.join(differing)}")
        note(", ".join(f"{total} {name.replace('_', ' ')}" for name, total in restored.items()))
