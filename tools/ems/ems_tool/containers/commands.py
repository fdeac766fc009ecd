"""The commands of the containers' setup image, from `prepare` to `restore`.

`python -m ems_tool.containers prepare` runs before all other containers. It writes the secrets and
settings that a native start makes into volumes, one for each reader, so that no container sees
another's secrets. It replaces no secret that exists.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ems_tool.backup import archive, restoring, saving, totals
from ems_tool.configuration import credentials
from ems_tool.configuration.credentials import SERVICES, Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import BY_NAME, Kind, of_kind
from ems_tool.console import EmsError, err, fail, note, out, step
from ems_tool.demo import demo_data
from ems_tool.platform import services
from ems_tool.servers import broker_definitions, gateway, postgres, rabbitmq, redis

#: The folder that only this program reads, and the folder below which it finds the volumes.
_HOME = Path("/ems")
_VOLUMES = Path("/volumes")
#: The folder at which a volume is mounted in the container that reads it.
MOUNTED = Path("/run/ems")
#: The broker user that may see RabbitMQ's management pages and change nothing.
OPERATOR = "operator"
#: The settings that a service reads from files: secrets, and names that follow from the domain.
SETTINGS = (
    "DJANGO_SECRET_KEY",
    "DATABASE_URL",
    "RABBITMQ_URL",
    "REDIS_URL",
    "DJANGO_ALLOWED_HOSTS",
    "PUBLIC_ORIGINS",
)
_PATIENCE_SECONDS = 300.0
_LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"


@dataclass(frozen=True)
class Containers(Home):
    """An installation whose processes have names in the containers' network."""

    #: The public name with TLS; empty for an installation without TLS.
    domain: str = ""
    #: Further host names of this machine.
    names: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls) -> Containers:
        """Return the installation that the compose file's variables describe. Raises `EmsError`."""
        domain = os.environ.get("DOMAIN", "").strip()
        port = os.environ.get("HTTP_PORT") or "80"
        if not port.isdigit() or not 1 <= int(port) <= 65535:
            raise EmsError(f"HTTP_PORT is {port!r}; it must be a port from 1 to 65535.")
        if domain and not os.environ.get("ACME_EMAIL"):
            raise EmsError("DOMAIN is set: ACME_EMAIL must be an address for Let's Encrypt.")
        hosts = os.environ.get("EMS_HOSTS", "").split(",")
        names = tuple(host.strip() for host in hosts if host.strip())
        return cls(_HOME, int(port), domain=domain, names=names)

    def address(self, name: str) -> str:
        """Return the `host:port` at which the other containers reach a container."""
        return f"{name}:{BY_NAME[name].container_port}"

    @property
    def public(self) -> set[str]:
        """Return the host names that people use."""
        return {self.domain} if self.domain else {"localhost", "127.0.0.1", *self.names}

    @property
    def hosts(self) -> set[str]:
        """Return the host names under which requests are answered.

        The demo uses the gateway's name, Prometheus the names of the processes, health checks this
        machine's.
        """
        web = {process.name for process in of_kind(Kind.WEB)}
        return self.public | {"traefik", "localhost", "127.0.0.1", *web}

    @property
    def origins(self) -> list[str]:
        """Return the origins of the installation's pages, as browsers send them."""
        if self.domain:
            return [f"https://{self.domain}"]
        port = "" if self.gateway_port == 80 else f":{self.gateway_port}"
        return sorted(f"http://{name}{port}" for name in self.public)

    @property
    def url(self) -> str:
        """Return the address that people open."""
        return self.origins[-1]

    @property
    def api_url(self) -> str:
        """Return the gateway's address in the containers' network."""
        return f"http://{self.address('traefik')}"


def _ensure_secrets(home: Containers, os_user: OsUser) -> Secrets:
    secrets = credentials.ensure(home, os_user)
    if OPERATOR not in secrets.rabbitmq:
        secrets.rabbitmq[OPERATOR] = credentials.readable_password()
        credentials.save(home, os_user, secrets)
    return secrets


def prepare(home: Containers, os_user: OsUser) -> None:
    """Generate the secrets that are missing, and write the files that each container reads."""
    secrets = _ensure_secrets(home, os_user)
    for service in SERVICES:
        environment = services.environment_of(service, home, secrets)
        _write(service, {name: environment[name] for name in SETTINGS})
        migrating = services.environment_of(service, home, secrets, arguments=["migrate"])
        migration = {
            name: migrating.get(name, "") for name in ("DATABASE_URL", "DATABASE_SERVICE_ROLE")
        }
        if service == "auth_service":
            migration["ADMIN_PASSWORD"] = secrets.admin["password"]
        _write(f"migration/{service}", migration)
    _write(
        "postgres",
        {
            "password": secrets.postgres[postgres.SUPERUSER],
            "postgresql.conf": f"listen_addresses = '*'\n{postgres.SETTINGS}",
        },
    )
    port = BY_NAME["redis"].container_port or 0
    settings = redis.settings(secrets, "* -::*", port, Path("/tmp"))  # noqa: S108
    _write("redis", {"redis.conf": settings, "password": secrets.redis})
    _write(
        "rabbitmq",
        {
            "rabbitmq.conf": rabbitmq.settings(MOUNTED / "definitions.json")
            + "management.tcp.port = 15672\n",
            "enabled_plugins": "[rabbitmq_management,rabbitmq_prometheus].\n",
            "definitions.json": json.dumps(definitions(secrets), indent=2) + "\n",
        },
    )
    _write("traefik", {"traefik.yml": _gateway(home), "dynamic.yml": gateway.routes()})


def definitions(secrets: Secrets) -> dict[str, object]:
    """Return RabbitMQ's definitions, with a user that may only see the management pages."""
    content = broker_definitions.definitions(secrets, quorum=True)
    operator = broker_definitions.user(OPERATOR, secrets.rabbitmq[OPERATOR])
    content["users"].append(operator | {"tags": ["monitoring"]})
    nothing = {"configure": "^$", "write": "^$", "read": "^$"}
    content["permissions"] += [
        {"user": OPERATOR, "vhost": vhost} | nothing for vhost in broker_definitions.queues()
    ]
    return content


def _gateway(home: Containers) -> str:
    tls = {
        "EMS_TLS_ADDRESS": ":8443",
        "EMS_ACME_EMAIL": os.environ.get("ACME_EMAIL", ""),
        "EMS_ACME_SERVER": os.environ.get("ACME_SERVER") or _LETS_ENCRYPT,
        "EMS_CERTIFICATES": "/certificates",
    }
    dynamic = MOUNTED / "dynamic.yml"
    return gateway.configuration(":8080", "127.0.0.1:8082", dynamic, **(tls if home.domain else {}))


def _write(volume: str, files: dict[str, str]) -> None:
    """Write files that every user with access to this volume may read."""
    os_user = OsUser(os.getuid(), os.getgid(), switched=False)
    folder = _VOLUMES / volume
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        os_user.file(folder / name, text, 0o444)


def make_databases(home: Containers) -> None:
    """Create each service's roles and database as soon as PostgreSQL answers.

    Raises `EmsError` if PostgreSQL does not answer for minutes.
    """
    secrets = credentials.load(home)
    _await_postgres(home, secrets)
    postgres.create_databases(home, secrets)


def _await_postgres(home: Containers, secrets: Secrets) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not postgres.is_ready(home, secrets):
        if time.monotonic() > end:
            raise EmsError("PostgreSQL does not answer; see its log.")
        time.sleep(1)


def save(home: Containers, os_user: OsUser) -> None:
    """Write a backup to standard output while the platform runs. Raises `EmsError`."""
    if sys.stdout.isatty():
        raise EmsError("A backup is not text: send it to a file, `… backup > FILE`.")
    secrets = _made(home)
    if not secrets.backup_key:
        raise EmsError("There is no key for backups yet; `docker compose up -d` makes it.")
    if not postgres.is_ready(home, secrets):
        raise EmsError("PostgreSQL does not run; `docker compose up -d postgres` starts it.")
    saving.write(home, os_user, secrets, sys.stdout.buffer)
    note("The backup holds passwords and keys besides the data: keep it as safe as those.")
    note("A restore asks for the key for backups that `credentials` shows. The file does not hold")
    note("it: keep it elsewhere, too.")


def load(home: Containers, os_user: OsUser, source: IO[bytes], *, key: str | None) -> None:
    """Fill a new, empty installation from the backup that `source` holds.

    The backup must be one that `key` authenticates; without a key any backup is accepted. The
    totals are compared; monitoring_service's own command derives the hours later. Raises `EmsError`
    where an installation is in use, for a file that is no such backup, and for differences.
    """
    # A ZIP is read from its end, so it is copied from the pipe to a file that ends with us.
    with tempfile.TemporaryFile(dir=home.path) as file:
        shutil.copyfileobj(source, file)
        with archive.opened(file, key) as saved:
            secrets, made = saved.secrets(), credentials.load(home)
            _await_postgres(home, made)
            if postgres.is_in_use(home, made):
                raise EmsError("There are data here; `docker compose down -v` deletes them.")
            # The cluster was created with this password.
            secrets.postgres[postgres.SUPERUSER] = made.postgres[postgres.SUPERUSER]
            secrets.backup_key = key or made.backup_key
            restoring.put_secrets(home, os_user, saved, secrets)
            prepare(home, os_user)
            make_databases(home)
            secrets = credentials.load(home)
            restoring.put_databases(home, os_user, secrets, saved)
            totals.compare(home, secrets, saved.manifest)
    note(f"Restored as of {saved.manifest.taken_at}, with the saved totals.")


def _backup_key(unauthenticated: bool) -> str | None:
    key = os.environ.get(restoring.KEY, "").strip()
    if not unauthenticated and not key:
        raise EmsError(restoring.NO_KEY)
    return None if unauthenticated else key


def play_demo(home: Containers, os_user: OsUser) -> None:
    """Create the demo's accounts, devices and history as soon as the platform answers.

    Raises `EmsError` if the platform does not answer for minutes.
    """
    secrets = credentials.load(home)
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            demo_data.fill(home, os_user, secrets)
            return
        except EmsError as error:
            if time.monotonic() > end:
                raise
            note(str(error))
        # Slower than the gateway's limit of sign-ins.
        time.sleep(10)


def _made(home: Containers) -> Secrets:
    secrets = credentials.load(home)
    if not secrets.admin:
        raise EmsError("There is no installation here; `docker compose up -d` makes it.")
    return secrets


def show(home: Containers, as_json: bool) -> None:
    """Print the address and the logins. Raises `EmsError` before there are any."""
    secrets = _made(home)
    host, _, port = (os.environ.get("AMQP_BIND") or "127.0.0.1:5672").rpartition(":")
    host = "127.0.0.1" if host in ("", "0.0.0.0") else host
    urls = rabbitmq.urls(f"{host}:{port}", secrets)
    operator = {"username": OPERATOR, "password": secrets.rabbitmq[OPERATOR]}
    if as_json:
        document = {"url": home.url, "admin": secrets.admin, "clients": secrets.clients}
        document |= {"broker": urls | {"management": operator}}
        document |= {"backup": {"key": secrets.backup_key}}
        print(json.dumps(document, indent=2))
        return
    out.print(credentials.line("address", home.url), markup=False)
    for text in (
        *credentials.login_lines(secrets),
        credentials.login("RabbitMQ's pages", operator),
    ):
        out.print(text, markup=False)
    for name, url in urls.items():
        text = credentials.line(rabbitmq.TITLES[name], url)
        out.print(text, markup=False, soft_wrap=True)
    out.print(credentials.line("key for backups", secrets.backup_key), markup=False)


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    parser = argparse.ArgumentParser(prog="ems_tool.containers")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("prepare", "databases", "demo", "backup"):
        commands.add_parser(name)
    commands.add_parser("restore").add_argument("--unauthenticated", action="store_true")
    commands.add_parser("credentials").add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    os_user = OsUser(os.getuid(), os.getgid(), switched=False)
    try:
        home = Containers.from_environment()
        if options.command == "prepare":
            with step("Secrets and settings"):
                prepare(home, os_user)
            err.print("`docker compose run --rm credentials` shows the logins.", markup=False)
        elif options.command == "databases":
            with step("Databases"):
                make_databases(home)
        elif options.command == "demo":
            play_demo(home, os_user)
        elif options.command == "backup":
            save(home, os_user)
        elif options.command == "restore":
            load(home, os_user, sys.stdin.buffer, key=_backup_key(options.unauthenticated))
        else:
            show(home, options.json)
    except EmsError as error:
        fail(str(error))
        return 1
    except PermissionError as error:
        fail(f"{error.filename} cannot be written: another user made its volume.")
        return 1
    return 0
