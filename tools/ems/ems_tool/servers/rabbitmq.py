"""The private RabbitMQ: its own Erlang name service and node, and the URLs of its users."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
from pathlib import Path

from ems_tool.configuration import settings as operator_settings
from ems_tool.configuration.credentials import DECLARING_METERS, LISTENER, METERS, Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import stop_rank
from ems_tool.install.packages import program
from ems_tool.runtime.process_spec import ProcessSpec
from ems_tool.servers.broker_definitions import definitions
from energy_contracts.names import METERS_VHOST, PLATFORM_VHOST

#: The broker itself; the program of this name on the path is a wrapper that changes the user.
_SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"

_SETTINGS = """\
log.console = true
log.console.level = info
log.file = false
# Publishers are blocked while less than this is free, so that what is accepted can be written.
disk_free_limit.absolute = 1GB
vm_memory_high_watermark.relative = 0.4
heartbeat = 30
# One slow batch must not cost a consumer its messages.
consumer_timeout = 1800000
load_definitions = {definitions}
"""


def settings(definitions_file: Path) -> str:
    """Return the configuration, without the address to listen on."""
    return _SETTINGS.format(definitions=definitions_file)


def url(home: Home, secrets: Secrets, user: str, vhost: str = METERS_VHOST) -> str:
    """Return the URL by which a broker user connects to a virtual host."""
    return _url(home.address("rabbitmq"), secrets, user, vhost)


def _url(address: str, secrets: Secrets, user: str, vhost: str) -> str:
    path = "" if vhost == METERS_VHOST else vhost
    return f"amqp://{user}:{secrets.rabbitmq[user]}@{address}/{path}"


#: The titles of the addresses of `urls`.
TITLES = {"url": "broker for meters", "listener": "listener", "declaring": "declaring meters"}


def urls(address: str, secrets: Secrets) -> dict[str, str]:
    """Return the URLs for programs outside of the platform, by the names of `TITLES`."""
    users = {"url": (METERS, METERS_VHOST), "listener": (LISTENER, PLATFORM_VHOST)}
    if operator_settings.is_on("EMS_DECLARING_CLIENTS"):
        users["declaring"] = (DECLARING_METERS, METERS_VHOST)
    return {
        name: _url(address, secrets, user, vhost)
        for name, (user, vhost) in users.items()
        # Missing if setting or version changed since the last start; the next start adds it.
        if user in secrets.rabbitmq
    }


def prepare(home: Home, os_user: OsUser, secrets: Secrets, tester: bool = False) -> None:
    """Write configuration and definitions."""
    folder = os_user.config_folder(home.path / "rabbitmq", keep=("data", "log"))
    content = json.dumps(definitions(secrets, tester), indent=2) + "\n"
    listing = os_user.config_file(definitions_file(home), content)
    listener = f"listeners.tcp.default = 127.0.0.1:{home.ports['rabbitmq']}\n"
    os_user.config_file(folder / "rabbitmq.conf", listener + settings(listing))
    os_user.config_file(folder / "enabled_plugins", "[].\n")
    os_user.config_file(folder / "advanced.config", "[].\n")
    os_user.config_file(folder / "rabbitmq-env.conf", "")
    # Erlang accepts only a cookie that its owner alone may read.
    os_user.file(folder / ".erlang.cookie", secrets.erlang_cookie, 0o400)


def definitions_file(home: Home) -> Path:
    """Return the path of the file with users, rights and topology."""
    return home.path / "rabbitmq" / "definitions.json"


def environment(home: Home) -> dict[str, str]:
    """Return the environment by which RabbitMQ and its tools find this node and no other."""
    folder = home.path / "rabbitmq"
    ports = home.ports
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        # Users and rights are read at a start: a changed digest makes the supervisor restart it.
        "EMS_DEFINITIONS": hashlib.sha256(definitions_file(home).read_bytes()).hexdigest(),
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        # The machine's own name may not resolve, and may be reachable from outside.
        "RABBITMQ_NODENAME": "ems@localhost",
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "data" / "rabbitmq.pid"),
        "RABBITMQ_DIST_PORT": str(ports["rabbitmq-dist"]),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false"
        ),
        "RABBITMQ_CTL_ERL_ARGS": "-start_epmd false",
        # The script then replaces itself by the broker: signals reach the broker directly.
        "RUNNING_UNDER_SYSTEMD": "1",
    }


def specs(home: Home, os_user: OsUser) -> list[ProcessSpec]:
    """Return the specs of the name service and the broker."""
    folder = home.path / "rabbitmq"
    os_user.folder(folder / "data")
    os_user.folder(folder / "log")
    env = environment(home)
    port = str(home.ports["epmd"])
    return [
        ProcessSpec(
            "epmd",
            os_user.command([program("epmd"), "-address", "127.0.0.1", "-port", port], folder),
            cwd="/",
            env=env,
            rank=stop_rank("epmd"),
        ),
        ProcessSpec(
            "rabbitmq",
            os_user.command([_SERVER], folder),
            cwd=str(folder / "log"),
            env=env,
            rank=stop_rank("rabbitmq"),
            stop_seconds=30.0,
        ),
    ]


def is_ready(home: Home) -> bool:
    """Return whether the broker greets AMQP clients, as it does after importing definitions."""
    with contextlib.suppress(OSError):
        address = ("127.0.0.1", home.ports["rabbitmq"])
        with socket.create_connection(address, timeout=2) as connection:
            connection.settimeout(2)
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            # The first frame is a method frame (1) on channel 0: Connection.Start.
            return connection.recv(3) == b"\x01\x00\x00"
    return False
