"""Save an installation: a dump of each database, the secrets and the signing keys, in one file.

Each dump and its totals are of one instant. Only PostgreSQL has to run. The containers' `backup`
writes the same file.
"""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ems_tool import files
from ems_tool.backup import archive, databases, totals
from ems_tool.configuration.credentials import Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError, step
from ems_tool.servers import postgres


def save(home: Home, os_user: OsUser, secrets: Secrets, file: Path) -> None:
    """Write the backup of an installation while it runs.

    Raises `EmsError`, and leaves no file then.
    """
    if file.exists():
        raise EmsError(f"{file} is there already; choose another name.")
    if not postgres.is_ready(home, secrets):
        raise EmsError("PostgreSQL does not run; `./ems up --detach` starts it.")
    try:
        # Private: a reader of the file can sign tokens and reach every database.
        target = file.absolute().parent.resolve() / file.name
        with files.replacing_private(target) as stream:
            write(home, os_user, secrets, stream)
    except OSError as error:
        raise EmsError(f"{file} cannot be written: {error.strerror}.") from error


def write(home: Home, os_user: OsUser, secrets: Secrets, stream: IO[bytes]) -> None:
    """Write a backup to a stream, which may be a pipe; a restore rejects an incomplete backup."""
    writer = archive.Writer(stream, secrets.backup_key)
    queries = {service: totals.query_of(service) for service in databases.SAVED}
    counted: dict[str, dict[str, int | str]] = {}
    try:
        for service, query in queries.items():
            with step(f"Saving {postgres.database_of(service)}"), writer.dump(service) as target:
                counted[service] = _dump(home, os_user, secrets, service, query, target)
        taken_at = datetime.now(UTC).isoformat(timespec="seconds")
        version = databases.version(home, secrets)
        manifest = archive.Manifest(archive.FORMAT, taken_at, version, counted, queries)
        writer.finish(home, secrets, manifest)
    except BaseException:
        writer.abandon()
        raise


def _dump(
    home: Home, os_user: OsUser, secrets: Secrets, service: str, query: str, target: IO[bytes]
) -> dict[str, Any]:
    """Write the dump of a database and return its totals of the same instant."""
    connected = databases.connected(home, secrets, service)
    with connected as connection, connection.cursor() as cursor:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone() or ("",)
        counted = totals.count(cursor, query)
        dump = subprocess.Popen(
            [
                *databases.client_command(home, os_user, "pg_dump", service),
                *("--format=custom", f"--snapshot={snapshot}"),
                # Migrations give the services' roles their rights again.
                "--no-privileges",
            ],
            cwd="/",
            env=databases.client_environment(secrets, service),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert dump.stdout is not None  # noqa: S101 - for mypy
        with dump.stdout:
            while chunk := dump.stdout.read(1 << 20):
                target.write(chunk)
        if dump.wait() != 0:
            raise EmsError(f"pg_dump of {postgres.database_of(service)} failed; see above.")
    return counted
