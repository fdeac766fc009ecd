"""The private PostgreSQL: one cluster on loopback, with a database and a role for each service."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from ems_tool import files
from ems_tool.configuration.credentials import OWNERS, SERVICES, Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import stop_rank
from ems_tool.console import EmsError
from ems_tool.runtime.process_spec import ProcessSpec

SUPERUSER = "postgres"
#: The settings, without the addresses to listen on. They are durable: an acknowledged reading must
#: survive a power cut, so fsync and synchronous_commit are on, whatever the distribution's defaults
#: become.
SETTINGS = """\
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '512MB'
work_mem = '16MB'
maintenance_work_mem = '256MB'
effective_cache_size = '4GB'
random_page_cost = 1.1
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = on
min_wal_size = '256MB'
max_wal_size = '2GB'
checkpoint_completion_target = 0.9
huge_pages = 'off'
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_min_duration_statement = '2s'
log_lock_waits = on
# A statement that fails, and the row at fault, may hold a password's hash; the service that sent
# it logs the error.
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
"""


#: Services whose statements hold hashes of passwords.
_SLOW_STATEMENTS_NOT_LOGGED = ("auth_service",)


def database_of(service: str) -> str:
    """Return the name of a service's database: `auth_db` of `auth_service`."""
    return service.removesuffix("_service") + "_db"


def url(home: Home, secrets: Secrets, role: str, database: str) -> str:
    """Return the URL by which a role connects to a database."""
    password = quote(secrets.postgres[role], safe="")
    return f"postgres://{role}:{password}@{home.address('postgres')}/{database}"


def data(home: Home) -> Path:
    """Return the folder of the cluster."""
    return home.path / "postgres"


def binary(name: str) -> Path:
    """Return a program of the newest PostgreSQL on this machine."""
    paths = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    if not paths:
        raise EmsError(f"PostgreSQL's {name} is not installed.")
    return paths[-1]


def binary_for(folder: Path, name: str) -> Path:
    """Return a program of the version that made the cluster; others cannot read its files."""
    # The folder belongs to the service user, and programs of this version are run: a path instead
    # of a number would run any program.
    version = files.read(folder / "PG_VERSION").decode(errors="replace").strip()
    if not version.isascii() or not version.isdigit():
        raise EmsError(f"{folder / 'PG_VERSION'} does not hold a version of PostgreSQL.")
    path = Path(f"/usr/lib/postgresql/{version}/bin/{name}")
    if not path.exists():
        raise EmsError(f"{folder} was made by PostgreSQL {version}, which is not installed.")
    return path


def client(home: Home, name: str) -> Path:
    """Return a client program, in the cluster's version if the cluster is on this machine.

    A newer client would send commands that the server does not know.
    """
    folder = data(home)
    return binary_for(folder, name) if folder.exists() else binary(name)


def prepare(home: Home, os_user: OsUser, secrets: Secrets) -> None:
    """Make the cluster if it does not exist, and write its settings."""
    folder = os_user.folder(data(home))
    if not (folder / "PG_VERSION").exists():
        # An interrupted start may have left files; initdb needs an empty folder.
        if any(folder.iterdir()):
            raise EmsError(f"{folder} is not a PostgreSQL cluster. `./ems reset --yes` removes it.")
        _initdb(folder, os_user, secrets.postgres[SUPERUSER])
    private = f"listen_addresses = '127.0.0.1'\nport = {home.ports['postgres']}\n"
    private += "unix_socket_directories = ''\n"
    # Not in the folder of the cluster, which belongs to the service user.
    os_user.config_file(_settings(home), private + SETTINGS)


def _settings(home: Home) -> Path:
    return home.path / "postgresql.conf"


def _initdb(folder: Path, os_user: OsUser, password: str) -> None:
    with tempfile.NamedTemporaryFile("w", prefix="ems-") as stream:
        stream.write(password)
        stream.flush()
        if os_user.switched:
            os.fchown(stream.fileno(), os_user.uid, os_user.gid)
        argv = [str(binary("initdb")), "--pgdata", str(folder), "--username", SUPERUSER]
        argv += ["--pwfile", stream.name, "--auth", "scram-sha-256"]
        argv += ["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
        os_user.run(argv, folder)


def spec(home: Home, os_user: OsUser) -> ProcessSpec:
    """Return the spec of the cluster."""
    folder = data(home)
    argv = [str(binary_for(folder, "postgres")), "-D", str(folder)]
    argv += ["-c", f"config_file={_settings(home)}"]
    return ProcessSpec(
        name="postgres",
        argv=os_user.command(argv, folder, home.path),
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        rank=stop_rank("postgres"),
        stop_signal="INT",  # the fast shutdown: sessions are rolled back
    )


def connect(home: Home, secrets: Secrets) -> psycopg2.extensions.connection:
    """Return a connection of the cluster's superuser, with a transaction for each statement."""
    connection = psycopg2.connect(url(home, secrets, SUPERUSER, "postgres"), connect_timeout=5)
    connection.autocommit = True
    return connection


def is_ready(home: Home, secrets: Secrets) -> bool:
    """Return whether the cluster accepts connections."""
    with contextlib.suppress(psycopg2.OperationalError):
        connect(home, secrets).close()
        return True
    return False


def is_in_use(home: Home, secrets: Secrets) -> bool:
    """Return whether any service has created tables in its database."""
    names = [database_of(service) for service in SERVICES]
    with contextlib.closing(connect(home, secrets)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname = ANY(%s)", [names])
        databases = [name for (name,) in cursor]
    return any(_has_tables(url(home, secrets, SUPERUSER, name)) for name in databases)


def _has_tables(address: str) -> bool:
    with contextlib.closing(psycopg2.connect(address, connect_timeout=5)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
        return bool(cursor.rowcount)


def create_databases(home: Home, secrets: Secrets, may_create: bool = False) -> None:
    """Create each service's role and database, closed to the other services.

    `may_create` lets the roles create databases of their own, which test runners do.
    """
    connection = connect(home, secrets)
    with contextlib.closing(connection), connection.cursor() as cursor:
        for service in SERVICES:
            owner = OWNERS.get(service, service)
            for account in {service, owner}:
                _ensure_role(cursor, account, secrets.postgres[account], may_create)
            role, name = sql.Identifier(service), sql.Identifier(database_of(service))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database_of(service)])
            if cursor.fetchone() is None:
                statement = sql.SQL("CREATE DATABASE {} OWNER {}")
                cursor.execute(statement.format(name, sql.Identifier(owner)))
            cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
            if service in _SLOW_STATEMENTS_NOT_LOGGED:
                statement = sql.SQL("ALTER DATABASE {} SET log_min_duration_statement = -1")
                cursor.execute(statement.format(name))
            if owner != service:
                # In this order: rights granted before would move to the new owner with the tables.
                _hand_over(home, secrets, service, owner)
                cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, role))
                # A test runs as the owner and takes the service's role to check its rights.
                verb = "GRANT {} TO {}" if may_create else "REVOKE {} FROM {}"
                cursor.execute(sql.SQL(verb).format(role, sql.Identifier(owner)))
        cursor.execute("REVOKE CONNECT ON DATABASE template1 FROM PUBLIC")
        if not may_create:
            cursor.execute("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")


def _ensure_role(cursor: Any, name: str, password: str, may_create: bool) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    verb = "ALTER ROLE {}" if cursor.fetchone() else "CREATE ROLE {}"
    create = "CREATEDB" if may_create else "NOCREATEDB"
    rights = f" LOGIN NOSUPERUSER NOCREATEROLE {create} PASSWORD %s"
    cursor.execute(sql.SQL(verb + rights).format(sql.Identifier(name)), [password])


def _hand_over(home: Home, secrets: Secrets, service: str, owner: str) -> None:
    """Give the owner the tables that the service's own role created in an earlier version."""
    address = url(home, secrets, SUPERUSER, database_of(service))
    connection = psycopg2.connect(address, connect_timeout=5)
    with contextlib.closing(connection), connection, connection.cursor() as cursor:
        statement = sql.SQL("REASSIGN OWNED BY {} TO {}")
        cursor.execute(statement.format(sql.Identifier(service), sql.Identifier(owner)))
