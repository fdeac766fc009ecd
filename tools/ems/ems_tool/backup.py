"""`ems backup` and `ems restore`: all that an installation cannot make again, in one file.

A ZIP with a dump of each database, the secrets and the signing keys. Each dump and the totals
beside it are of one instant, so that a restored database can be compared with what was saved.
Installations of containers write and read the same file: `ems_tool.containers`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg2

from ems_tool import credentials, packages, postgres, services, stack
from ems_tool.console import EmsError, note, step
from ems_tool.credentials import Secrets
from ems_tool.home import Home
from ems_tool.identity import Identity

#: Raised when an older `ems` could not read the file any more.
FORMAT = 1

#: In this order: who keeps copies first. What the owners are newer in, their snapshots then tell.
_SAVED = ("monitoring_service", "device_service", "auth_service")

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

_MANIFEST, _SECRETS, _KEYS = "manifest.json", "secrets.json", "keys/"


def save(home: Home, secrets: Secrets, file: Path) -> None:
    """Write the backup of an installation whose PostgreSQL runs; nothing else has to stop.

    Raises `EmsError`; then there is no file.
    """
    if file.exists():
        raise EmsError(f"{file} is there already; choose another name.")
    if not postgres.is_ready(home, secrets):
        raise EmsError("PostgreSQL does not run; `./ems up --detach` starts it.")
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        # Whoever reads it can sign tokens and reach every database.
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            write(home, secrets, stream)
        unfinished.replace(file)
    except OSError as error:
        raise EmsError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def write(home: Home, secrets: Secrets, stream: IO[bytes]) -> None:
    """Write a backup to a stream, which may be a pipe; one that broke off is told when read."""
    # Dumps are compressed as they are.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        _write(home, secrets, archive)


def _write(home: Home, secrets: Secrets, archive: zipfile.ZipFile) -> None:
    totals = {}
    for service in _SAVED:
        with (
            step(f"Saving {postgres.database_of(service)}"),
            archive.open(_dump_of(service), "w", force_zip64=True) as target,
        ):
            totals[service] = _dump(home, secrets, service, target)
    archive.writestr(_SECRETS, credentials.path_of(home).read_text())
    for folder in (home.private_keys, home.public_keys):
        for path in sorted(folder.iterdir()):
            archive.writestr(f"{_KEYS}{folder.name}/{path.name}", path.read_text())
    manifest = {
        "format": FORMAT,
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": _version(home, secrets),
        "totals": totals,
    }
    # Last: a file that has it is whole.
    archive.writestr(_MANIFEST, json.dumps(manifest, indent=2) + "\n")


def _dump_of(service: str) -> str:
    return f"{postgres.database_of(service)}.dump"


def _dump(home: Home, secrets: Secrets, service: str, target: IO[bytes]) -> dict[str, Any]:
    """Write the dump of a database and return its totals of the same instant."""
    with _connected(home, secrets, service) as connection, connection.cursor() as cursor:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone() or ("",)
        totals = _counted(cursor, service)
        dump = subprocess.Popen(
            [
                *_client(home, "pg_dump", service),
                *("--format=custom", f"--snapshot={snapshot}"),
                # Migrations give the services' roles their rights again.
                "--no-privileges",
            ],
            env=_environment(secrets),
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


def load(home: Home, identity: Identity, file: Path, *, verify: bool) -> None:
    """Make an installation from a backup, up to date with this version, and stop it again.

    `verify` derives the hours from the readings and compares the totals with those saved. Raises
    `EmsError` where an installation is already, for a file that is no backup, and for differences.
    """
    if home.path.exists() and any(home.path.iterdir()):
        raise EmsError(f"{home.path} is not empty; `./ems reset --yes` deletes what is there.")
    with opened(file) as (archive, manifest):
        stack.check_ports(home, tuple(home.ports))
        stack.settle(home, identity)
        put_secrets(home, identity, archive)
        packages.ensure(packages.SERVERS)
        secrets = stack.prepare(home, identity)
        # Not a start of the demo: strangers among real meters.
        identity.private_file(home.path / "without-demo", "")
        stack.ensure_supervisor(home)
        try:
            stack.start_database(home, identity, secrets)
            put_databases(home, secrets, archive, manifest)
            if verify:
                compare(home, secrets, manifest["totals"])
            with step("Databases up to date"):
                services.migrate(home, identity, secrets)
            if verify:
                with step("Deriving the hours from the readings"):
                    arguments = ["verify_aggregates"]
                    services.run_manage("monitoring_service", home, identity, secrets, arguments)
            # The owners' dumps are a little younger than the copies.
            for service in ("auth_service", "device_service"):
                services.run_manage(service, home, identity, secrets, ["publish_snapshot"])
        finally:
            stack.stop(home)
    note(f"restored as of {manifest['taken_at']}" + (", verified" if verify else ""))


@contextlib.contextmanager
def opened(file: Path | IO[bytes]) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """Open a backup; give it and its manifest. Raises `EmsError` for a file that is none."""
    try:
        archive = zipfile.ZipFile(file)
        manifest = json.loads(archive.read(_MANIFEST))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        name = file if isinstance(file, Path) else "What came"
        raise EmsError(f"{name} is no complete backup: {error}") from error
    with archive:
        if manifest["format"] > FORMAT:
            raise EmsError("The backup was made by a newer version of this command.")
        yield archive, manifest


def put_secrets(home: Home, identity: Identity, archive: zipfile.ZipFile) -> None:
    """Write the saved secrets, and the signing keys beside those that are there."""
    identity.private_file(credentials.path_of(home), archive.read(_SECRETS).decode())
    identity.config_folder(home.path / "keys", keep=credentials.KEY_FOLDERS)
    for folder, mode in ((home.private_keys, 0o600), (home.public_keys, 0o644)):
        identity.folder(folder)
        prefix = f"{_KEYS}{folder.name}/"
        for name in archive.namelist():
            if name.startswith(prefix):
                # The last part alone: a name in an archive may lead anywhere.
                path = folder / Path(name).name
                identity.file(path, archive.read(name).decode(), mode)


def put_databases(
    home: Home, secrets: Secrets, archive: zipfile.ZipFile, manifest: dict[str, Any]
) -> None:
    """Fill the empty databases. Raises `EmsError`; a database is then filled or as it was."""
    # Dumps are read by the version that wrote them and by newer ones. Older backups do not say it.
    wrote, reads = manifest.get("postgresql", 0), _version(home, secrets)
    if wrote > reads:
        raise EmsError(
            f"The backup was written by PostgreSQL {wrote}, and here is {reads}, which cannot read"
            f" it; restore it where PostgreSQL {wrote} or a newer one is."
        )
    for service in _SAVED:
        with (
            step(f"Restoring {postgres.database_of(service)}"),
            archive.open(_dump_of(service)) as source,
        ):
            _restore(home, secrets, service, source)


def _restore(home: Home, secrets: Secrets, service: str, source: IO[bytes]) -> None:
    restore = subprocess.Popen(
        [*_client(home, "pg_restore", service), "--exit-on-error", "--single-transaction"],
        env=_environment(secrets),
        stdin=subprocess.PIPE,
    )
    assert restore.stdin is not None  # noqa: S101 - for mypy
    # It says itself why it does not want the rest.
    with contextlib.suppress(BrokenPipeError), restore.stdin:
        while chunk := source.read(1 << 20):
            restore.stdin.write(chunk)
    if restore.wait() != 0:
        raise EmsError(f"pg_restore of {postgres.database_of(service)} failed; see above.")


def compare(home: Home, secrets: Secrets, saved: dict[str, dict[str, Any]]) -> None:
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


@contextlib.contextmanager
def _connected(home: Home, secrets: Secrets, service: str) -> Iterator[Any]:
    address = postgres.url(home, secrets, postgres.SUPERUSER, postgres.database_of(service))
    with contextlib.closing(psycopg2.connect(address, connect_timeout=5)) as connection:
        yield connection


def _version(home: Home, secrets: Secrets) -> int:
    """Return the major version of PostgreSQL that runs: 17."""
    with _connected(home, secrets, "auth_service") as connection:
        return int(connection.server_version // 10_000)


def _client(home: Home, program: str, service: str) -> list[str]:
    host, _, port = home.address("postgres").rpartition(":")
    argv = [str(postgres.client(home, program)), "--no-password", f"--host={host}"]
    argv.append(f"--port={port}")
    return [*argv, f"--username={postgres.SUPERUSER}", f"--dbname={postgres.database_of(service)}"]


def _environment(secrets: Secrets) -> dict[str, str]:
    # Not on the command line, which everybody on the machine can read.
    return {"PATH": "/usr/bin:/bin", "PGPASSWORD": secrets.postgres[postgres.SUPERUSER]}
