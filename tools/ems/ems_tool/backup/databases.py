"""Access to the databases of the services, as their owners: for dumps, restores and totals."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg2

from ems_tool.configuration.credentials import OWNERS, Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.servers import postgres

#: The order in which databases are saved and restored: services that keep copies come first, so
#: that the later dumps of the owners are newer and their snapshots bring the copies up to date.
SAVED = ("monitoring_service", "device_service", "auth_service")


@contextlib.contextmanager
def connected(home: Home, secrets: Secrets, service: str) -> Iterator[Any]:
    """Yield a connection as the owner of a service's database."""
    address = postgres.url(home, secrets, _owner(service), postgres.database_of(service))
    with contextlib.closing(psycopg2.connect(address, connect_timeout=5)) as connection:
        yield connection


def version(home: Home, secrets: Secrets) -> int:
    """Return the major version of the running PostgreSQL, such as 17."""
    with connected(home, secrets, "auth_service") as connection:
        return int(connection.server_version // 10_000)


def client_command(home: Home, os_user: OsUser, program: str, service: str) -> list[str]:
    """Return the command line of `pg_dump` or `pg_restore` for a service's database."""
    host, _, port = home.address("postgres").rpartition(":")
    argv = [str(postgres.client(home, program)), "--no-password", f"--host={host}"]
    argv += [f"--port={port}", f"--username={_owner(service)}"]
    return os_user.command([*argv, f"--dbname={postgres.database_of(service)}"])


def client_environment(secrets: Secrets, service: str) -> dict[str, str]:
    """Return the environment of a client program; it holds the password."""
    # Not on the command line, which every user of the machine can read.
    return {"PATH": "/usr/bin:/bin", "PGPASSWORD": secrets.postgres[_owner(service)]}


def _owner(service: str) -> str:
    """Return the role that owns a service's tables, which is never PostgreSQL's superuser."""
    return OWNERS.get(service, service)
