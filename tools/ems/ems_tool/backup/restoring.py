"""Restore an installation from a backup; the containers' `restore` uses the same steps."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

from ems_tool import files
from ems_tool.backup import archive, databases, totals
from ems_tool.configuration import credentials
from ems_tool.configuration.credentials import Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError, step
from ems_tool.install import packages
from ems_tool.platform import lifecycle, services, startup
from ems_tool.servers import postgres

#: The variable that holds the backup key of the installation that was saved.
KEY = "EMS_BACKUP_KEY"
NO_KEY = (
    f"{KEY} is not set. Without the key for backups it cannot be checked whether the file was"
    " changed since it was made. `credentials` of the installation that was saved shows the key."
    " Where the key is lost, or the file is of an earlier version, --unauthenticated restores the"
    " file unchecked."
)


def load(home: Home, file: Path, *, key: str | None, verify: bool) -> archive.Manifest:
    """Make an installation from a backup, migrate it to this version, and stop it.

    The backup must be one that `key` authenticates; without a key any backup is accepted. `verify`
    compares the totals with those saved and derives the hours from the readings. Raises `EmsError`
    where an installation exists, for a file that is no such backup, and for differences.
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
        # Demo devices must never appear among the real meters of a restored installation.
        os_user.private_file(home.path / "without-demo", "")
        lifecycle.ensure_supervisor(home)
        try:
            startup.start_database(home, os_user, secrets)
            put_databases(home, os_user, secrets, backup)
            if verify:
                totals.compare(home, secrets, backup.manifest)
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
    """Write the saved secrets and signing keys in place of any that exist."""
    keys = {folder: backup.keys(folder.name) for folder in (home.private_keys, home.public_keys)}
    credentials.save(home, os_user, saved)
    os_user.config_folder(home.path / "keys", keep=credentials.KEY_FOLDERS)
    for folder, mode in ((home.private_keys, 0o600), (home.public_keys, 0o644)):
        os_user.folder(folder)
        # The folder is the service user's: a link in it must not lead root to another file.
        files.clear_folder(folder)
        for name, text in keys[folder].items():
            os_user.file(folder / name, text, mode)


def put_databases(home: Home, os_user: OsUser, secrets: Secrets, backup: archive.Backup) -> None:
    """Fill the empty databases. Raises `EmsError`; each database is then filled or unchanged."""
    # Dumps are read by the version that wrote them and by newer ones.
    wrote, reads = backup.manifest.postgresql, databases.version(home, secrets)
    if wrote > reads:
        raise EmsError(
            f"The backup was written by PostgreSQL {wrote}, and here is {reads}, which cannot read"
            f" it; restore it where PostgreSQL {wrote} or a newer one is."
        )
    for service in databases.SAVED:
        with step(f"Restoring {postgres.database_of(service)}"):
            _restore(home, os_user, secrets, service, backup)


def _restore(
    home: Home, os_user: OsUser, secrets: Secrets, service: str, backup: archive.Backup
) -> None:
    # A dump is executed. The owner of this one database executes it, who can neither read files
    # nor start programs nor reach another database; and the client program does not run as root.
    restore = subprocess.Popen(
        [
            *databases.client_command(home, os_user, "pg_restore", service),
            *("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"),
        ],
        cwd="/",
        env=databases.client_environment(secrets, service),
        stdin=subprocess.PIPE,
    )
    assert restore.stdin is not None  # noqa: S101 - for mypy
    try:
        # A pg_restore that gives up closes the pipe and writes its reason itself.
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
