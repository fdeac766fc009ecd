"""Everything secret of one installation: generated once, kept private, never a default."""

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
#: Services whose tables belong to a second role, which migrates: what the service's own role may
#: not do there (change what it recorded) it cannot allow itself either.
OWNERS = {"auth_service": "auth_service_owner", "device_service": "device_service_owner"}
#: Who publishes readings.
METERS = "meters"
#: Who may declare the queue of readings besides, for clients that insist on it; with the same right
#: they could delete it, so that this user exists only where EMS_DECLARING_CLIENTS is on.
DECLARING_METERS = "declaring_meters"
#: Who may listen to sync events, in queues of its own, and do nothing else.
LISTENER = "listener"
#: Who may connect to the broker in every installation.
BROKER_USERS = (*SERVICES, METERS, LISTENER)
#: What an installation has in its folder of keys.
KEY_FOLDERS = ("private", "public")
#: People type these, so nothing in them looks like something else.
_READABLE = "".join(set(string.ascii_letters + string.digits) - set("0O1lI"))


def _secret() -> str:
    return secrets.token_urlsafe(32)


def readable_password() -> str:
    """Return a password of 118 bits that can be copied by hand."""
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
    #: Authenticates backups. In none of them: whoever changed one could authenticate it again.
    backup_key: str = ""

    def complete(self) -> None:
        """Generate what is missing and leave what is there."""
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
    """Return where the secrets of an installation are kept."""
    return home.path / "secrets.json"


def load(home: Home) -> Secrets:
    """Return the secrets of an installation; empty ones if it has none yet."""
    path = path_of(home)
    return Secrets(**json.loads(files.read(path))) if path.exists() else Secrets()


def parse(text: bytes, name: str) -> Secrets:
    """Return the secrets that a file holds. Raises `EmsError` for what no installation has.

    They are written into configurations, where a space or a line break would begin another setting.
    """
    try:
        found = Secrets(**json.loads(text))
    except (ValueError, TypeError):
        found = None
    if found is None or not _is_possible(asdict(found)):
        raise EmsError(f"{name} does not hold the secrets of an installation.")
    return found


def _is_possible(found: dict[str, Any]) -> bool:
    clients = found["clients"]
    if not isinstance(clients, list):
        return False
    groups = [found["django"], found["postgres"], found["rabbitmq"], found["admin"], *clients]
    single = [found["redis"], found["erlang_cookie"], found["backup_key"]]
    return all(
        isinstance(group, dict) and all(map(_is_word, (*group, *group.values())))
        for group in groups
    ) and all(one == "" or _is_word(one) for one in single)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[!-~]{1,200}", value) is not None


def line(title: str, text: str) -> str:
    """Return one line of the credentials as people read them."""
    return f"{title:<18} {text}"


def login(title: str, account: dict[str, str]) -> str:
    """Return the line that says who may sign in, and with which password."""
    return line(title, f"user {account['username']:<10} password {account['password']}")


def login_lines(secrets: Secrets) -> list[str]:
    """Return one line for each person who may sign in to the dashboard."""
    clients = [login("client", account) for account in secrets.clients]
    return [login("administrator", secrets.admin), *clients]


def keys_in(folder: Path) -> dict[str, str]:
    """Return the signing keys of a folder by file name. Raises `EmsError` for a link."""
    return {path.name: files.read(path).decode() for path in sorted(folder.glob("*.pem"))}


def save(home: Home, os_user: OsUser, found: Secrets) -> None:
    """Write the secrets, readable by their owner alone."""
    os_user.private_file(path_of(home), json.dumps(asdict(found), indent=2) + "\n")


def ensure(home: Home, os_user: OsUser) -> Secrets:
    """Load the secrets, generate what is missing, and make the first signing key."""
    found = load(home)
    before = asdict(found)
    found = Secrets(**json.loads(json.dumps(before)))
    found.complete()
    # An earlier version left them to the service user.
    if asdict(found) != before or not files.belongs_to_us(path_of(home)):
        save(home, os_user, found)
    _ensure_signing_key(home, os_user)
    return found


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
    # The public half first: a token must never be signed by a key that nobody can verify.
    os_user.file(home.public_keys / name, public.decode(), 0o644)
    os_user.file(home.private_keys / name, private.decode())
