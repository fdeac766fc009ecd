"""The private RabbitMQ: its own Erlang name service, node, users, queues and rights."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import socket
from pathlib import Path
from typing import Any

from ems_tool.configuration import settings as operator_settings
from ems_tool.configuration.credentials import DECLARING_METERS, LISTENER, METERS, Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import stop_rank
from ems_tool.install.packages import program
from ems_tool.runtime.process_spec import ProcessSpec
from energy_contracts.names import (
    DEAD_LETTER_EXCHANGE,
    LISTENER_PREFIX,
    READINGS_QUEUE,
    SYNC_EXCHANGE,
    dead_letter_queue,
    sync_queue,
)

#: Services that keep copies of other services' data, each with a queue of its own.
SYNCED = ("device_service", "monitoring_service")
_DEAD = dead_letter_queue("")
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


def queues() -> list[str]:
    """Return every queue of the platform, each followed by its queue of dead letters."""
    names = [READINGS_QUEUE, *(sync_queue(service) for service in SYNCED)]
    return [name for base in names for name in (base, dead_letter_queue(base))]


def url(home: Home, secrets: Secrets, user: str) -> str:
    """Return the URL by which a broker user connects."""
    return f"amqp://{user}:{secrets.rabbitmq[user]}@{home.address('rabbitmq')}/"


#: The titles of the addresses of `urls`.
TITLES = {"url": "broker for meters", "listener": "listener", "declaring": "declaring meters"}


def urls(address: str, secrets: Secrets) -> dict[str, str]:
    """Return the URLs for programs outside of the platform, by the names of `TITLES`."""
    users = {"url": METERS, "listener": LISTENER}
    if operator_settings.is_on("EMS_DECLARING_CLIENTS"):
        users["declaring"] = DECLARING_METERS
    return {
        name: f"amqp://{user}:{secrets.rabbitmq[user]}@{address}/"
        for name, user in users.items()
        # Missing if setting or version changed since the last start; the next start adds it.
        if user in secrets.rabbitmq
    }


def password_hash(password: str) -> str:
    """Return the form in which RabbitMQ stores a password: salt and SHA-256 of salt and password.

    The salt follows from the password (a long random one), so that the definitions of an
    installation are the same at every start.
    """
    salt = hashlib.sha256(b"salt:" + password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _only(*names: str) -> str:
    """Return the pattern that matches these names only."""
    return f"^({'|'.join(re.escape(name) for name in names)})$" if names else "^$"


def _rights() -> dict[str, tuple[str, str, str]]:
    """Return each user's patterns (configure, write, read); `amq.default` is the nameless exchange.

    Declaring needs the same right as deleting, `configure`: meters have none, or one stolen
    password could delete the queue with all readings in it.
    """
    rights = {"auth_service": (_only(SYNC_EXCHANGE), _only(SYNC_EXCHANGE), _only())}
    for service in SYNCED:
        own = [DEAD_LETTER_EXCHANGE, *_with_dead_letters(sync_queue(service))]
        writes = list(own)
        if service == "monitoring_service":
            own += _with_dead_letters(READINGS_QUEUE)
            # Dead letters that are sent again go through the nameless exchange, as readings do.
            writes = [*own, "amq.default"]
        rights[service] = (
            _only(SYNC_EXCHANGE, *own),
            _only(SYNC_EXCHANGE, *writes),
            _only(SYNC_EXCHANGE, *own),
        )
    rights[METERS] = (_only(), _only("amq.default"), _only())
    queues_of_its_own = f"^{re.escape(LISTENER_PREFIX)}"
    rights[LISTENER] = (
        queues_of_its_own,
        # Binding a queue needs the rights to write it and to read the exchange.
        queues_of_its_own,
        f"{queues_of_its_own}|{_only(SYNC_EXCHANGE)}",
    )
    return rights


def _with_dead_letters(queue: str) -> list[str]:
    return [queue, dead_letter_queue(queue)]


def _declaring_rights() -> tuple[str, str, str]:
    """Return the rights of the user for clients that declare; none while the setting is off.

    An import of definitions deletes no user: one that existed is left without a password and
    without rights.
    """
    if operator_settings.is_on("EMS_DECLARING_CLIENTS"):
        return (_only(READINGS_QUEUE), _only("amq.default"), _only())
    return (_only(), _only(), _only())


def definitions(secrets: Secrets, tester: bool = False, quorum: bool = False) -> dict[str, Any]:
    """Return users, rights and topology as RabbitMQ imports them at every start.

    Queues and exchange are plain durable ones, so that a client that knows only their names may
    declare them; all further properties are policies. `tester` gives the user `meters` every right,
    for tests that declare queues of their own. `quorum` (RabbitMQ 4) makes quorum the default type
    of queues.
    """
    rights = _rights()
    if tester:
        rights[METERS] = (".*", ".*", ".*")
    users = [user(name, secrets.rabbitmq[name]) for name in rights]
    if DECLARING_METERS in secrets.rabbitmq:
        rights[DECLARING_METERS] = _declaring_rights()
        users.append(user(DECLARING_METERS, secrets.rabbitmq[DECLARING_METERS]))
        if not operator_settings.is_on("EMS_DECLARING_CLIENTS"):
            users[-1]["password_hash"] = ""
    return {
        "vhosts": [{"name": "/"} | (_QUORUM if quorum else {})],
        "users": users,
        "permissions": [
            {"user": name, "vhost": "/", "configure": configure, "write": write, "read": read}
            for name, (configure, write, read) in rights.items()
        ],
        "exchanges": [
            {"name": SYNC_EXCHANGE, "vhost": "/", "type": "topic", **_DURABLE},
            {"name": DEAD_LETTER_EXCHANGE, "vhost": "/", "type": "direct", **_DURABLE},
        ],
        "queues": [{"name": name, "vhost": "/", **_DURABLE} for name in queues()],
        "bindings": [
            *(_binding(SYNC_EXCHANGE, "#", sync_queue(service)) for service in SYNCED),
            # The broker dead-letters by the name of the queue, a consumer by the dead letters'.
            *(
                _binding(DEAD_LETTER_EXCHANGE, key, dead_letter_queue(name))
                for name in queues()
                if not name.endswith(_DEAD)
                for key in _with_dead_letters(name)
            ),
        ],
        "policies": _policies(quorum),
    }


def _binding(exchange: str, key: str, queue: str) -> dict[str, Any]:
    return {
        "source": exchange,
        "vhost": "/",
        "destination": queue,
        "destination_type": "queue",
        "routing_key": key,
        "arguments": {},
    }


def user(name: str, password: str) -> dict[str, Any]:
    """Return a user as the broker's definitions hold it, without tags."""
    return {
        "name": name,
        "password_hash": password_hash(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
    }


def _policies(quorum: bool) -> list[dict[str, Any]]:
    policies = []
    for name in queues():
        rules: dict[str, Any] = {}
        if not name.endswith(_DEAD):
            # Messages that a consumer rejects without a reason go to the dead letters, too.
            rules = {
                "dead-letter-exchange": DEAD_LETTER_EXCHANGE,
                "dead-letter-routing-key": name,
            }
            policies.append(_policy(f"{name}.dead-letters", name, 1, "queues", rules))
        if quorum:
            # After 20 deliveries a quorum queue drops or dead-letters a message: good readings
            # after 20 crashes of a consumer, dead letters after being shown 20 times. Only one
            # policy applies to a queue, so this one repeats the other's rules.
            rules = rules | {"delivery-limit": -1}
            policies.append(_policy(f"{name}.quorum", name, 2, "quorum_queues", rules))
    # The queue of a listener that has gone must not fill the disk: the broker would stop all
    # publishers.
    policies.append(
        {
            "name": "listeners",
            "vhost": "/",
            "pattern": f"^{re.escape(LISTENER_PREFIX)}",
            "apply-to": "queues",
            "priority": 1,
            "definition": {
                "expires": 24 * 3_600_000,
                "max-length-bytes": 50_000_000,
                "overflow": "drop-head",
            },
        }
    )
    return policies


def _policy(
    name: str, queue: str, priority: int, kind: str, rules: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": "/",
        "pattern": _only(queue),
        "apply-to": kind,
        "priority": priority,
        "definition": rules,
    }


_QUORUM: dict[str, Any] = {"metadata": {"default_queue_type": "quorum"}}
_DURABLE: dict[str, Any] = {"durable": True, "auto_delete": False, "arguments": {}}


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
    """Return the environment in which RabbitMQ and its tools find this node and no other."""
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
    """Return how to run the name service and the broker."""
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
