"""`ems backup` and `ems restore`: all that an installation cannot make again, in one file.

A dump of each database, the secrets and the signing keys; `ems_tool.backup.archive` is the file.
Each dump and the totals beside it are of one instant, so that a restored database can be compared
with what was saved. `ems_tool.containers` writes and reads the same file.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg2

from ems_tool import files
from ems_tool.backup import archive
from ems_tool.configuration import credentials
from ems_tool.configuration.credentials import OWNERS, Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError, note, step
from ems_tool.install import packages
from ems_tool.platform import lifecycle, services, startup
from ems_tool.servers import postgres

#: In this order: who keeps copies first. What the owners are newer in, their snapshots then tell.
_SAVED = ("monitoring_service", "device_service", "auth_service")

#: The variable that tells a restore the key of the installation that was saved.
KEY = "EMS_BACKUP_KEY"
NO_KEY = (
    f"{KEY} is not set, and without the key for backups nobody can tell whether the file was"
    " changed since it was made. `credentials` of the installation that was saved shows the key."
    " Where it is lost, or the file is of an earlier version, --unauthenticated restores it"
    " unchecked."
)

#: What is counted to see that nothing is missing; readings through their hours, which is quick
#: however many there are, and `restore --verify` derives the hours from the readings.
_TOTALS = {
    "auth_service": """
        SELECT (SELECT count(*) FROM user_account) AS users,
               (SELECT coalesce(sum(version), 0)::bigint FROM user_account) AS changes,
               (SELECT count(*) FROM security_event) AS security_events""",
    "device_service": """
        SELECT (SELECT count(*) FROM device) AS devices,
               (SELECT count(*) FROM assignment) AS assignments,
               (SELECT count(*) FROM device_log) AS log_entries""",
    "monitoring_service": """
        SELECT (SELECT count(*) FROM hour) AS hours,
               (SELECT coalesce(sum(energy_milliwh), 0)::text FROM hour) AS milliwatt_hours,
               (SELECT coalesce(sum(reading_count), 0)::bigint FROM hour) AS readings,
               (SELECT coalesce(sum(received), 0)::bigint FROM ledger_minute) AS received,
               (SELECT count(*) FROM alert) AS alerts""",
}


def save(home: Home, os_user: OsUser, secrets: Secrets, file: Path) -> None:
    """Write the backup of an installation whose PostgreSQL runs; nothing else has to stop.

    Raises `EmsError`; then there is no file.
    """
    if file.exists():
        raise EmsError(f"{file} is there already; choose another name.")
    if not postgres.is_ready(home, secrets):
        raise EmsError("PostgreSQL does not run; `./ems up --detach` starts it.")
    try:
        # Whoever reads it can sign tokens and reach every database.
        place = file.absolute().parent.resolve() / file.name
        with files.replacing_private(place) as stream:
            write(home, os_user, secrets, stream)
    except OSError as error:
        raise EmsError(f"{file} cannot be written: {error.strerror}.") from error


def write(home: Home, os_user: OsUser, secrets: Secrets, stream: IO[bytes]) -> None:
    """Write a backup to a stream, which may be a pipe; one that broke off is rejected."""
    writer, totals = archive.Writer(stream, secrets.backup_key), {}
    try:
        for service in _SAVED:
            with step(f"Saving {postgres.database_of(service)}"), writer.dump(service) as target:
                totals[service] = _dump(home, os_user, secrets, service, target)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        version = _version(home, secrets)
        writer.finish(home, secrets, archive.Manifest(archive.FORMAT, now, version, totals))
    except BaseException:
        writer.abandon()
        raise


def _dump(
    home: Home, os_user: OsUser, secrets: Secrets, service: str, target: IO[bytes]
) -> dict[str, Any]:
    """Write the dump of a database and return its totals of the same instant."""
    with _connected(home, secrets, service) as connection, connection.cursor() as cursor:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone() or ("",)
        totals = _counted(cursor, service)
        dump = subprocess.Popen(
            [
                *_client(home, os_user, "pg_dump", service),
                *("--format=custom", f"--snapshot={snapshot}"),
                # Migrations give the services' roles their rights again.
                "--no-privileges",
            ],
            cwd="/",
            env=_environment(secrets, service),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert dump.stdout is not None  # noqa: S101 - for mypy
        with dump.stdout:
            while chunk := dump.stdout.read(1 << 20):
                target.write(chunk)
        if dump.wait() != 0:
            raise EmsError(f"pg_dump of {postgres.database_of(service)} failed; see above.")
    return totals


def load(home: Home, file: Path, *, key: str | None, verify: bool) -> archive.Manifest:
    """Make an installation from a backup, up to date with this version, and stop it again.

    The backup must be one that `key` authenticates; without a key any is taken. `verify` derives
    the hours from the readings and compares the totals with those saved. Raises `EmsError` where an
    installation is already, for a file that is no such backup, and for differences.
    """
    if home.path.exists() and any(home.path.iterdir()):
        raise EmsError(f"{home.path} is not empty; `./ems reset --yes` deletes what is there.")
    with archive.opened(file, key) as backup:
        saved = backup.secrets()
        lifecycle.check_ports(home, tuple(home.ports))
        packages.ensure(packages.SERVERS)
        os_user = OsUser.ensure()
        lifecycle.settle(home, os_user)
        saved.backup_key = key or ""
        put_secrets(home, os_user, backup, saved)
        secrets = lifecycle.prepare(home, os_user)
        # Not a start of the demo: strangers among real meters.
        os_user.private_file(home.path / "without-demo", "")
        lifecycle.ensure_supervisor(home)
        try:
            startup.start_database(home, os_user, secrets)
            put_databases(home, os_user, secrets, backup)
            if verify:
                compare(home, secrets, backup.manifest.totals)
            with step("Databases up to date"):
                services.migrate(home, os_user, secrets)
            if verify:
                with step("Deriving the hours from the readings"):
                    arguments = ["verify_aggregates"]
                    services.run_manage("monitoring_service", home, os_user, secrets, arguments)
            # The owners' dumps are a little younger than the copies.
            for service in ("auth_service", "device_service"):
                services.run_manage(service, home, os_user, secrets, ["publish_snapshot"])
        finally:
            lifecycle.stop(home)
    return backup.manifest


def put_secrets(home: Home, os_user: OsUser, backup: archive.Backup, saved: Secrets) -> None:
    """Write the saved secrets and signing keys, in place of any that are there."""
    keys = {folder: backup.keys(folder.name) for folder in (home.private_keys, home.public_keys)}
    credentials.save(home, os_user, saved)
    os_user.config_folder(home.path / "keys", keep=credentials.KEY_FOLDERS)
    for folder, mode in ((home.private_keys, 0o600), (home.public_keys, 0o644)):
        os_user.folder(folder)
        for old in folder.iterdir():
            old.unlink()
        for name, text in keys[folder].items():
            os_user.file(folder / name, text, mode)


def put_databases(home: Home, os_user: OsUser, secrets: Secrets, backup: archive.Backup) -> None:
    """Fill the empty databases. Raises `EmsError`; a database is then filled or as it was."""
    # Dumps are read by the version that wrote them and by newer ones.
    wrote, reads = backup.manifest.postgresql, _version(home, secrets)
    if wrote > reads:
        raise EmsError(
            f"The backup was written by PostgreSQL {wrote}, and here is {reads}, which cannot read"
            f" it; restore it where PostgreSQL {wrote} or a newer one is."
        )
    for service in _SAVED:
        with step(f"Restoring {postgres.database_of(service)}"):
            _restore(home, os_user, secrets, service, backup)


def _restore(
    home: Home, os_user: OsUser, secrets: Secrets, service: str, backup: archive.Backup
) -> None:
    # What a dump holds is executed. So it is by the owner of this one database, who may neither
    # read files nor start programs nor reach another database; and the program does not run as
    # root.
    restore = subprocess.Popen(
        [
            *_client(home, os_user, "pg_restore", service),
            *("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"),
        ],
        cwd="/",
        env=_environment(secrets, service),
        stdin=subprocess.PIPE,
    )
    assert restore.stdin is not None  # noqa: S101 - for mypy
    # It says itself why it does not want the rest.
    try:
        with contextlib.suppress(BrokenPipeError), restore.stdin, backup.dump(service) as source:
            while chunk := source.read(1 << 20):
                restore.stdin.write(chunk)
    except archive.BROKEN as error:
        restore.kill()
        restore.wait()
        name = postgres.database_of(service)
        raise EmsError(f"The dump of {name} in the backup is damaged: {error}.") from error
    if restore.wait() != 0:
        raise EmsError(f"pg_restore of {postgres.database_of(service)} failed; see above.")


def compare(home: Home, secrets: Secrets, saved: dict[str, dict[str, int | str]]) -> None:
    """Compare what the databases hold with the totals saved. Raises `EmsError` naming those."""
    for service, expected in saved.items():
        with _connected(home, secrets, service) as connection, connection.cursor() as cursor:
            found = _counted(cursor, service)
        differing = [
            f"{name}: {found.get(name)}, saved {total}"
            for name, total in expected.items()
            if found.get(name) != total
        ]
        if differing:
            raise EmsError(f"{postgres.database_of(service)} differs: {'; '.join(differing)}")
        note(", ".join(f"{total} {name.replace('_', ' ')}" for name, total in found.items()))


def _counted(cursor: Any, service: str) -> dict[str, Any]:
    cursor.execute(_TOTALS[service])
    return dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True))


def _owner(service: str) -> str:
    """Return who owns a service's tables: never PostgreSQL's superuser, whatever they hold."""
    return OWNERS.get(service, service)


@contextlib.contextmanager
def _connected(home: Home, secrets: Secrets, service: str) -> Iterator[Any]:
    address = postgres.url(home, secrets, _owner(service), postgres.database_of(service))
    with contextlib.closing(psycopg2.connect(address, connect_timeout=5)) as connection:
        yield connection


def _version(home: Home, secrets: Secrets) -> int:
    """Return the major version of PostgreSQL that runs: 17."""
    with _connected(home, secrets, "auth_service") as connection:
        return int(connection.server_version // 10_000)


def _client(home: Home, os_user: OsUser, program: str, service: str) -> list[str]:
    host, _, port = home.address("postgres").rpartition(":")
    argv = [str(postgres.client(home, program)), "--no-password", f"--host={host}"]
    argv += [f"--port={port}", f"--username={_owner(service)}"]
    return os_user.command([*argv, f"--dbname={postgres.database_of(service)}"])


def _environment(secrets: Secrets, service: str) -> dict[str, str]:
    # Not on the command line, which everybody on the machine can read.
    return {"PATH": "/usr/bin:/bin", "PGPASSWORD": secrets.postgres[_owner(service)]}
