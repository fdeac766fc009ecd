"""The secrets of one installation: generated once, readable by their owner alone, no defaults.

Containers and native installations hold the same secrets; backups include all but their own key.
"""

from __future__ import annotations

import json
import re
import secrets
import string
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ems_tool import files
from ems_tool.configuration import settings
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError

SERVICES = ("auth_service", "device_service", "monitoring_service")
#: Services whose tables belong to a second role, which migrates: the service's own role may not
#: change what it recorded, and as no owner it cannot grant itself that right.
OWNERS = {"auth_service": "auth_service_owner", "device_service": "device_service_owner"}
#: The broker user that publishes readings.
METERS = "meters"
#: The broker user that may declare the queue of readings, too, for clients that insist on it. The
#: same right allows deleting the queue, so the user exists only if EMS_DECLARING_CLIENTS is on.
DECLARING_METERS = "declaring_meters"
#: The broker user that may listen to sync events, in queues of its own, and do nothing else.
LISTENER = "listener"
#: The broker users of every installation.
BROKER_USERS = (*SERVICES, METERS, LISTENER)
#: The folders below an installation's `keys`.
KEY_FOLDERS = ("private", "public")
#: Characters that people can type and cannot mistake for others.
_READABLE = "".join(set(string.ascii_letters + string.digits) - set("0O1lI"))


def _secret() -> str:
    return secrets.token_urlsafe(32)


def readable_password() -> str:
    """Return a password of 118 bits that people can copy by hand."""
    return "".join(secrets.choice(_READABLE) for _ in range(20))


@dataclass
class Secrets:
    """The passwords and keys of one installation."""

    django: dict[str, str] = field(default_factory=dict)
    postgres: dict[str, str] = field(default_factory=dict)
    rabbitmq: dict[str, str] = field(default_factory=dict)
    redis: str = ""
    erlang_cookie: str = ""
    admin: dict[str, str] = field(default_factory=dict)
    clients: list[dict[str, str]] = field(default_factory=list)
    #: Authenticates backups. No backup holds it: a changed backup could be authenticated again.
    backup_key: str = ""

    def complete(self) -> None:
        """Generate the secrets that are missing, and leave the others."""
        for service in SERVICES:
            self.django.setdefault(service, secrets.token_urlsafe(48))
            self.postgres.setdefault(service, _secret())
        for role in ("postgres", *OWNERS.values()):
            self.postgres.setdefault(role, _secret())
        for user in BROKER_USERS:
            self.rabbitmq.setdefault(user, _secret())
        if settings.is_on("EMS_DECLARING_CLIENTS"):
            self.rabbitmq.setdefault(DECLARING_METERS, _secret())
        self.redis = self.redis or _secret()
        cookie = "".join(secrets.choice(string.ascii_uppercase) for _ in range(32))
        self.erlang_cookie = self.erlang_cookie or cookie
        self.admin = self.admin or {"username": "admin", "password": readable_password()}
        self.backup_key = self.backup_key or readable_password()


def path_of(home: Home) -> Path:
    """Return the path of the file that holds the secrets of an installation."""
    return home.path / "secrets.json"


def load(home: Home) -> Secrets:
    """Return the secrets of an installation, which are empty before its first start."""
    path = path_of(home)
    return Secrets(**json.loads(files.read(path))) if path.exists() else Secrets()


def parse(text: bytes, name: str) -> Secrets:
    """Return the secrets of a JSON text; errors call the text `name`.

    Raises `EmsError` for values that no installation has: secrets are written into configurations,
    where a space or a line break would begin another setting.
    """
    try:
        secrets = Secrets(**json.loads(text))
    except (ValueError, TypeError):
        secrets = None
    if secrets is None or not _is_possible(asdict(secrets)):
        raise EmsError(f"{name} does not hold the secrets of an installation.")
    return secrets


def _is_possible(fields: dict[str, Any]) -> bool:
    clients = fields["clients"]
    if not isinstance(clients, list):
        return False
    groups = [fields["django"], fields["postgres"], fields["rabbitmq"], fields["admin"], *clients]
    single = [fields["redis"], fields["erlang_cookie"], fields["backup_key"]]
    return all(
        isinstance(group, dict) and all(map(_is_word, (*group, *group.values())))
        for group in groups
    ) and all(secret == "" or _is_word(secret) for secret in single)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[!-~]{1,200}", value) is not None


def line(title: str, text: str) -> str:
    """Return one line of the credentials in the form that `./ems credentials` prints."""
    return f"{title:<18} {text}"


def login(title: str, account: dict[str, str]) -> str:
    """Return the line with the user name and password of an account."""
    return line(title, f"user {account['username']:<10} password {account['password']}")


def login_lines(secrets: Secrets) -> list[str]:
    """Return one line for each account that may sign in to the dashboard."""
    clients = [login("client", account) for account in secrets.clients]
    return [login("administrator", secrets.admin), *clients]


def keys_in(folder: Path) -> dict[str, str]:
    """Return the signing keys of a folder by file name. Raises `EmsError` for a link."""
    return {path.name: files.read(path).decode() for path in sorted(folder.glob("*.pem"))}


def save(home: Home, os_user: OsUser, secrets: Secrets) -> None:
    """Write the secrets, readable by their owner alone."""
    os_user.private_file(path_of(home), json.dumps(asdict(secrets), indent=2) + "\n")


def ensure(home: Home, os_user: OsUser) -> Secrets:
    """Return the secrets; generate and save those that are missing, and the first signing key."""
    loaded = load(home)
    before = asdict(loaded)
    complete = Secrets(**json.loads(json.dumps(before)))
    complete.complete()
    # An earlier version made the service user the owner of the file.
    if asdict(complete) != before or not files.belongs_to_us(path_of(home)):
        save(home, os_user, complete)
    _ensure_signing_key(home, os_user)
    return complete


def _ensure_signing_key(home: Home, os_user: OsUser) -> None:
    os_user.config_folder(home.path / "keys", keep=KEY_FOLDERS)
    os_user.folder(home.private_keys)
    os_user.folder(home.public_keys)
    if any(home.private_keys.glob("*.pem")):
        return
    key = Ed25519PrivateKey.generate()
    name = f"{secrets.token_hex(8)}.pem"
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # The public half first: a token signed before it exists could not be verified.
    os_user.file(home.public_keys / name, public.decode(), 0o644)
    os_user.file(home.private_keys / name, private.decode())
