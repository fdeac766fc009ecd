"""The private Redis: live updates, cache, counts of requests. A restart may empty it."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from ems_tool.configuration.credentials import Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import stop_rank
from ems_tool.install.packages import program
from ems_tool.runtime.process_spec import ProcessSpec

# Nothing is evicted: an error of a full Redis is noticed, a message that silently disappears is
# not.
_SETTINGS = """\
bind {bind}
port {port}
protected-mode yes
requirepass {password}
dir {folder}
daemonize no
appendonly no
save ""
maxmemory 512mb
maxmemory-policy noeviction
"""


def url(home: Home, secrets: Secrets) -> str:
    """Return the URL by which the services connect."""
    return f"redis://:{secrets.redis}@{home.address('redis')}/0"


def settings(secrets: Secrets, bind: str, port: int, folder: Path) -> str:
    """Return the configuration of a Redis that works in `folder`."""
    return _SETTINGS.format(bind=bind, port=port, password=secrets.redis, folder=f'"{folder}"')


def prepare(home: Home, os_user: OsUser, secrets: Secrets) -> None:
    """Write the configuration."""
    folder = os_user.config_folder(home.path / "redis")
    text = settings(secrets, "127.0.0.1", home.ports["redis"], folder)
    os_user.config_file(folder / "redis.conf", text)


def spec(home: Home, os_user: OsUser) -> ProcessSpec:
    """Return the spec of Redis."""
    folder = home.path / "redis"
    argv = os_user.command([program("redis-server"), str(folder / "redis.conf")], folder)
    return ProcessSpec(
        "redis", argv, cwd="/", env={"PATH": "/usr/bin:/bin"}, rank=stop_rank("redis")
    )


def is_ready(home: Home, secrets: Secrets) -> bool:
    """Return whether Redis answers."""
    with contextlib.suppress(OSError):
        address = ("127.0.0.1", home.ports["redis"])
        with socket.create_connection(address, timeout=2) as connection:
            connection.sendall(f"AUTH {secrets.redis}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (chunk := connection.recv(100)):
                answer += chunk
            return b"+PONG" in answer
    return False
