"""The operating-system user that runs the processes.

PostgreSQL does not start as root, and no other process needs to. So root starts everything as an
unprivileged system user; any other user runs everything under their own account.

The system user must not become root through files: settings and logs belong to root, and root
writes nothing in folders of that user, where a link may lead to any file of the machine.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ems_tool import files
from ems_tool.console import EmsError

USER = "ems"


@dataclass(frozen=True)
class OsUser:
    """The user that owns the data and runs the processes."""

    uid: int
    gid: int
    #: Whether commands must be handed over to that user, because this process is root.
    switched: bool

    @classmethod
    def current(cls) -> OsUser:
        """Return the user that runs the processes: for root the system user, else the present user.

        Raises `EmsError` as root on a machine without that user.
        """
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switched=False)
        try:
            entry = pwd.getpwnam(USER)
        except KeyError:
            raise EmsError(f"This machine has no user {USER!r}; `./ems up` creates it.") from None
        return cls(entry.pw_uid, entry.pw_gid, switched=True)

    @classmethod
    def ensure(cls) -> OsUser:
        """Return the user that runs the processes; as root, create the user if missing."""
        if os.geteuid() == 0 and not _has_user():
            _create_user()
        return cls.current()

    def command(self, argv: list[str], *paths: Path) -> list[str]:
        """Return the command that runs `argv` as this user, with access to all `paths`."""
        if not self.switched:
            return argv
        prefix = ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        if all(self.can_enter(path) for path in paths):
            return [*prefix, "--bounding-set=-all", "--no-new-privs", *argv]
        # A folder above a path (such as /root, or one made by mktemp) is closed to this user. Only
        # root's right to read through it is passed on, and only to processes that need it.
        only = "-all,+dac_read_search"
        rights = [f"--inh-caps={only}", f"--ambient-caps={only}", f"--bounding-set={only}"]
        # Without this bit access(2), which Erlang asks before it reads, ignores the right.
        rights.append("--securebits=+no_setuid_fixup")
        return [*prefix, *rights, "--no-new-privs", *argv]

    def can_enter(self, path: Path) -> bool:
        """Return whether this user may enter `path` and every folder above it."""
        real = path.resolve()
        return all(self._may_search(folder) for folder in (real, *real.parents) if folder.is_dir())

    def _may_search(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)

    def folder(self, path: Path, mode: int = 0o700) -> Path:
        """Make and return a folder of data that belongs to this user; root writes nothing in it."""
        files.make_folder(path, mode, self.uid, self.gid)
        return path

    def home_folder(self, path: Path) -> None:
        """Make the folder of an installation, which this user may enter and not change."""
        files.make_folder(path, 0o710 if self.switched else 0o700, os.geteuid(), self.gid)

    def config_folder(self, path: Path, keep: tuple[str, ...] = ()) -> Path:
        """Make and return a folder that this user may read and cannot change.

        Earlier versions made the user its owner: everything in it except `keep` is then deleted.
        """
        if files.make_folder(path, 0o750 if self.switched else 0o700, os.geteuid(), self.gid):
            files.clear_folder(path, keep)
        return path

    def private_folder(self, path: Path) -> Path:
        """As root, make and return a folder that this user cannot even read.

        Earlier versions made the user its owner: then all but its plain files are deleted.
        """
        if files.make_folder(path, 0o700, os.geteuid(), os.getegid()):
            files.adopt_files(path, 0o600, os.geteuid(), os.getegid())
        return path

    def file(self, path: Path, text: str, mode: int = 0o600) -> Path:
        """Write a file that belongs to this user, completely or not at all; return its path."""
        files.write(path, text, mode, self.uid, self.gid)
        return path

    def config_file(self, path: Path, text: str) -> Path:
        """Write a file that this user may read and cannot change; return its path."""
        files.write(path, text, 0o640 if self.switched else 0o600, os.geteuid(), self.gid)
        return path

    def private_file(self, path: Path, text: str) -> Path:
        """As root, write a file that this user cannot even read; return its path."""
        files.write(path, text, 0o600, os.geteuid(), os.getegid())
        return path

    def run(self, argv: list[str], *paths: Path, env: dict[str, str] | None = None) -> None:
        """Run a command as this user. Raises `EmsError` with its output if it fails."""
        done = subprocess.run(
            self.command(argv, *paths),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
        )
        if done.returncode != 0:
            raise EmsError(f"{Path(argv[0]).name} failed:\n{done.stdout.strip()}")


def _create_user() -> None:
    if shutil.which("setpriv") is None or shutil.which("useradd") is None:
        raise EmsError("As root, 'setpriv' (util-linux) and 'useradd' (passwd) are needed.")
    group = ["--gid", USER] if _has_group() else ["--user-group"]
    place = ["--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    subprocess.run(
        ["useradd", "--system", *group, *place, "--comment", "Energy monitoring", USER], check=True
    )


def _has_user() -> bool:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return False
    return True


def _has_group() -> bool:
    try:
        grp.getgrnam(USER)
    except KeyError:
        return False
    return True
