"""The broker's definitions: virtual hosts, users, rights, queues, exchanges and policies.

RabbitMQ imports the definitions at every start. Meters have the virtual host `/`, services have
`platform`. A meter's user has no right in `platform`, so its password opens no queue there.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from ems_tool.configuration import settings
from ems_tool.configuration.credentials import DECLARING_METERS, LISTENER, METERS, Secrets
from energy_contracts.names import (
    DEAD_LETTER_EXCHANGE,
    LISTENER_PREFIX,
    METERS_VHOST,
    PLATFORM_VHOST,
    READINGS_QUEUE,
    SYNC_EXCHANGE,
    dead_letter_queue,
    sync_queue,
)

#: Services that keep copies of other services' data, each with a queue of its own.
SYNCED = ("device_service", "monitoring_service")
_DEAD = dead_letter_queue("")

#: Patterns of the names that a user may configure, write to and read from.
Rights = tuple[str, str, str]


def queues() -> dict[str, list[str]]:
    """Return every queue by virtual host, a consumed queue followed by that of its dead letters.

    The dead letters of readings are in the platform's virtual host, where no meter can write. The
    queue of the same name in the meters' one holds for a moment what the broker itself moved, until
    the ingest process takes it over.
    """
    synced = [name for service in SYNCED for name in _with_dead_letters(sync_queue(service))]
    return {
        METERS_VHOST: _with_dead_letters(READINGS_QUEUE),
        PLATFORM_VHOST: [dead_letter_queue(READINGS_QUEUE), *synced],
    }


def password_hash(password: str) -> str:
    """Return a password as RabbitMQ stores it: salt and SHA-256 of salt and password.

    The salt follows from the password (a long random one), so that the definitions of an
    installation are the same at every start.
    """
    salt = hashlib.sha256(b"salt:" + password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _only(*names: str) -> str:
    """Return the pattern that matches these names only."""
    return f"^({'|'.join(re.escape(name) for name in names)})$" if names else "^$"


def _rights() -> dict[tuple[str, str], Rights]:
    """Return the rights by user and virtual host; `amq.default` is the nameless exchange.

    Declaring needs the same right as deleting, `configure`: meters have none, or one stolen
    password could delete the queue with all readings in it.
    """
    rights = {
        (METERS, METERS_VHOST): (_only(), _only("amq.default"), _only()),
        ("auth_service", PLATFORM_VHOST): (_only(SYNC_EXCHANGE), _only(SYNC_EXCHANGE), _only()),
        # An import deletes no right: those of before the platform had its own virtual host end so.
        ("auth_service", METERS_VHOST): (_only(), _only(), _only()),
        (LISTENER, METERS_VHOST): (_only(), _only(), _only()),
    }
    for service in SYNCED:
        synced = _with_dead_letters(sync_queue(service))
        own = [SYNC_EXCHANGE, DEAD_LETTER_EXCHANGE, *synced]
        # Before services had a virtual host of their own, this queue was in the meters' one: what
        # was in it at the update is taken over, then the queue is deleted.
        rights[service, METERS_VHOST] = (_only(*synced), _only(), _only(*synced))
        if service == "monitoring_service":
            own.append(dead_letter_queue(READINGS_QUEUE))
            readings = [DEAD_LETTER_EXCHANGE, *_with_dead_letters(READINGS_QUEUE)]
            rights[service, METERS_VHOST] = (
                _only(*synced, *readings),
                # Dead letters are sent again through the nameless exchange, as readings are.
                _only(*readings, "amq.default"),
                _only(*synced, *readings),
            )
        rights[service, PLATFORM_VHOST] = (_only(*own), _only(*own), _only(*own))
    queues_of_its_own = f"^{re.escape(LISTENER_PREFIX)}"
    rights[LISTENER, PLATFORM_VHOST] = (
        queues_of_its_own,
        # Binding a queue needs the rights to write it and to read the exchange.
        queues_of_its_own,
        f"{queues_of_its_own}|{_only(SYNC_EXCHANGE)}",
    )
    return rights


def _with_dead_letters(queue: str) -> list[str]:
    return [queue, dead_letter_queue(queue)]


def _declaring_rights() -> Rights:
    """Return the rights of the user for clients that declare; none while the setting is off.

    An import of definitions deletes no user: one that existed is left without a password and
    without rights.
    """
    if settings.is_on("EMS_DECLARING_CLIENTS"):
        return (_only(READINGS_QUEUE), _only("amq.default"), _only())
    return (_only(), _only(), _only())


def definitions(secrets: Secrets, tester: bool = False, quorum: bool = False) -> dict[str, Any]:
    """Return virtual hosts, users, rights and topology.

    Queues and exchanges are plain durable ones, so that a client that knows only their names may
    declare them; all further properties are policies. `tester` gives the user `meters` every right,
    for tests that declare queues of their own. `quorum` (RabbitMQ 4) makes quorum the default type
    of queues.
    """
    rights = _rights()
    if tester:
        rights |= {(METERS, vhost): (".*", ".*", ".*") for vhost in queues()}
    names = dict.fromkeys(name for name, _ in rights)
    users = [user(name, secrets.rabbitmq[name]) for name in names]
    if DECLARING_METERS in secrets.rabbitmq:
        rights[DECLARING_METERS, METERS_VHOST] = _declaring_rights()
        users.append(user(DECLARING_METERS, secrets.rabbitmq[DECLARING_METERS]))
        if not settings.is_on("EMS_DECLARING_CLIENTS"):
            users[-1]["password_hash"] = ""
    return {
        "vhosts": [{"name": vhost} | (_QUORUM if quorum else {}) for vhost in queues()],
        "users": users,
        "permissions": [
            {"user": name, "vhost": vhost, "configure": configure, "write": write, "read": read}
            for (name, vhost), (configure, write, read) in rights.items()
        ],
        "exchanges": [
            {"name": SYNC_EXCHANGE, "vhost": PLATFORM_VHOST, "type": "topic", **_DURABLE},
            *(
                {"name": DEAD_LETTER_EXCHANGE, "vhost": vhost, "type": "direct", **_DURABLE}
                for vhost in queues()
            ),
        ],
        "queues": [
            {"name": name, "vhost": vhost, **_DURABLE}
            for vhost, names in queues().items()
            for name in names
        ],
        "bindings": [
            *(
                _binding(PLATFORM_VHOST, SYNC_EXCHANGE, "#", sync_queue(service))
                for service in SYNCED
            ),
            # The broker dead-letters by the name of the queue, a consumer by the dead letters'.
            *(
                _binding(vhost, DEAD_LETTER_EXCHANGE, key, name)
                for vhost, names in queues().items()
                for name in names
                if name.endswith(_DEAD)
                for key in (name.removesuffix(_DEAD), name)
            ),
        ],
        "policies": [
            policy
            for vhost, names in queues().items()
            for name in names
            for policy in _policies(vhost, name, quorum)
        ]
        + [_LISTENERS],
    }


def _binding(vhost: str, exchange: str, key: str, queue: str) -> dict[str, Any]:
    return {
        "source": exchange,
        "vhost": vhost,
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


def _policies(vhost: str, name: str, quorum: bool) -> list[dict[str, Any]]:
    policies = []
    rules: dict[str, Any] = {}
    if not name.endswith(_DEAD):
        # A message that a consumer rejects without a reason goes to the dead letters too.
        rules = {"dead-letter-exchange": DEAD_LETTER_EXCHANGE, "dead-letter-routing-key": name}
        policies.append(_policy(vhost, f"{name}.dead-letters", name, 1, "queues", rules))
    if quorum:
        # After 20 deliveries a quorum queue drops or dead-letters a message: good readings
        # after 20 crashes of a consumer, dead letters after being shown 20 times. Only one
        # policy applies to a queue, so this one repeats the other's rules.
        rules = rules | {"delivery-limit": -1}
        policies.append(_policy(vhost, f"{name}.quorum", name, 2, "quorum_queues", rules))
    return policies


def _policy(
    vhost: str, name: str, queue: str, priority: int, kind: str, rules: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": vhost,
        "pattern": _only(queue),
        "apply-to": kind,
        "priority": priority,
        "definition": rules,
    }


#: The queue of a listener that has gone must not fill the disk: the broker would stop all
#: publishers.
_LISTENERS: dict[str, Any] = {
    "name": "listeners",
    "vhost": PLATFORM_VHOST,
    "pattern": f"^{re.escape(LISTENER_PREFIX)}",
    "apply-to": "queues",
    "priority": 1,
    "definition": {
        "expires": 24 * 3_600_000,
        "max-length-bytes": 50_000_000,
        "overflow": "drop-head",
    },
}
_QUORUM: dict[str, Any] = {"metadata": {"default_queue_type": "quorum"}}
_DURABLE: dict[str, Any] = {"durable": True, "auto_delete": False, "arguments": {}}
