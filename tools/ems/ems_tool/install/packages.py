"""The distribution's packages: missing ones are installed without starting their services."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ems_tool.console import EmsError, step

#: Folders of servers that are on the path of root, but not of every user.
_MORE = "/usr/sbin:/sbin:/usr/local/sbin"
#: Programs of snaps see neither /tmp nor hidden folders, where the tests' files are.
SNAPS = "/snap/bin"
_POLICY = Path("/usr/sbin/policy-rc.d")
_CLUSTERS = Path("/etc/postgresql-common/createcluster.conf")
#: By package: a file, or programs any one of which shows that the package is installed.
SERVERS = {
    "postgresql": "/usr/lib/postgresql/*/bin/postgres",
    "rabbitmq-server": "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "redis-server": "redis-server",
    "nginx": "nginx",
}
#: Browsers that the tests drive, the first one first. Ubuntu's repository has none of them.
BROWSERS = ("chromium", "google-chrome")
#: Clients that the tests use from outside.
CLIENTS = {"chromium": " ".join(BROWSERS), "curl": "curl"}
#: System services that come with those packages.
_UNITS = {
    "postgresql": ["postgresql.service"],
    "rabbitmq-server": ["rabbitmq-server.service", "epmd.service", "epmd.socket"],
    "redis-server": ["redis-server.service"],
    "nginx": ["nginx.service"],
}


def find(name: str) -> str | None:
    """Return the path of a program, None if it is not installed."""
    folders = [folder for folder in os.environ.get("PATH", "").split(":") if folder != SNAPS]
    return shutil.which(name, path=":".join([*folders, "/usr/bin", "/bin", _MORE]))


def program(*names: str) -> str:
    """Return the path of the first of some programs. Raises `EmsError` if none is installed."""
    for name in names:
        if (path := find(name)) is not None:
            return path
    raise EmsError(f"{' or '.join(names)} is not installed.")


def missing(packages: dict[str, str]) -> list[str]:
    """Return the packages that are not installed, of a dictionary such as `SERVERS`."""
    return [package for package, mark in packages.items() if not _is_installed(mark)]


def _is_installed(mark: str) -> bool:
    if not mark.startswith("/"):
        return any(find(name) is not None for name in mark.split())
    return any(Path("/").glob(mark.lstrip("/")))


def ensure(packages: dict[str, str]) -> None:
    """Install the packages that are missing, of a dictionary such as `SERVERS`.

    Raises `EmsError` with the names of the packages if they cannot be installed from here.
    """
    names = missing(packages)
    if not names:
        return
    if "chromium" in names and _distribution() == "ubuntu":
        raise EmsError(
            "The tests drive a browser, and Ubuntu has Chromium as a snap alone, which sees none "
            "of their files. Install Google Chrome from its .deb, then run this again. Parts that "
            "need no browser run by their names: `./ems test --list`."
        )
    prefix = _root_prefix(names)
    with step(f"Installing {', '.join(names)}"), _nothing_starts(prefix):
        _apt(prefix, "update", "-qq")
        if "postgresql" in names:
            _install_postgresql_common(prefix)
        _apt(prefix, "install", "-y", "-qq", "--no-install-recommends", *names)
    _disable(prefix, names)
    left = missing(packages)
    if left:
        raise EmsError(f"apt-get succeeded, yet these are not installed: {', '.join(left)}.")


def _distribution() -> str:
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release()["ID"]
    return ""


def _root_prefix(names: list[str]) -> list[str]:
    listing = " ".join(names)
    if find("apt-get") is None:
        raise EmsError(
            f"These are missing here: {listing}. On Debian and Ubuntu this command installs them; "
            "elsewhere install PostgreSQL 15 or newer, RabbitMQ 3.10 or newer, Redis 7 and nginx, "
            "or use `docker compose up`."
        )
    if os.geteuid() == 0:
        return []
    if find("sudo") is None:
        raise EmsError(
            "Not root, and no sudo. As root, run:\n"
            f"  apt-get install --no-install-recommends {listing}\nthen run this command again."
        )
    return ["sudo"]


def _run(argv: list[str], text: str | None = None) -> None:
    done = subprocess.run(
        argv, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise EmsError(f"`{' '.join(argv)}` failed:\n{tail}")


def _apt(prefix: list[str], *arguments: str) -> None:
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=l"]
    # Another apt-get, such as the nightly one, may hold the lock: wait for it.
    options = ["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold"]
    _run([*prefix, *quiet, "apt-get", *options, *arguments])


@contextlib.contextmanager
def _nothing_starts(prefix: list[str]) -> Iterator[None]:
    """Keep the packages' scripts from starting services, unless a policy exists already."""
    if _POLICY.exists():
        yield
        return
    _run([*prefix, "tee", str(_POLICY)], "#!/bin/sh\nexit 101\n")
    try:
        _run([*prefix, "chmod", "755", str(_POLICY)])
        yield
    finally:
        _run([*prefix, "rm", "-f", str(_POLICY)])


def _install_postgresql_common(prefix: list[str]) -> None:
    # The server's package makes a cluster of its own unless this file forbids it. The file is
    # edited before the server is installed and restored afterwards, so that a PostgreSQL that is
    # installed later makes its cluster as usual.
    if not _CLUSTERS.exists():
        _apt(prefix, "install", "-y", "-qq", "--no-install-recommends", "postgresql-common")
    before = _CLUSTERS.read_text()
    try:
        _run([*prefix, "tee", str(_CLUSTERS)], before + "\ncreate_main_cluster = false\n")
        _apt(prefix, "install", "-y", "-qq", "--no-install-recommends", "postgresql")
    finally:
        _run([*prefix, "tee", str(_CLUSTERS)], before)


def _disable(prefix: list[str], names: list[str]) -> None:
    # A unit or script that does not exist needs no disabling: failures are ignored.
    for name in names:
        if find("update-rc.d") is not None:
            subprocess.run([*prefix, "update-rc.d", name, "disable"], capture_output=True)
        for unit in _UNITS.get(name, []):
            # In a container the units are enabled although systemd itself does not run.
            for tool in ("systemctl", "deb-systemd-helper"):
                if find(tool) is not None:
                    subprocess.run([*prefix, tool, "disable", unit], capture_output=True)
                    break
