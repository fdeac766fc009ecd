"""The private servers, started for real below a folder that nobody else may enter."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest

from ems_tool.backup import archive, databases, restoring, saving, totals
from ems_tool.configuration import credentials
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError
from ems_tool.containers import commands
from ems_tool.development.ephemeral import free_port
from ems_tool.platform import lifecycle, services, startup
from ems_tool.runtime import control_socket, process_table
from ems_tool.servers import postgres, rabbitmq, redis
from ems_tool.servers.broker_definitions import queues
from energy_contracts.names import PLATFORM_VHOST
from service_kit.broker import queue_depths
from service_kit.testing.waiting import wait_until


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[tuple[Home, credentials.Secrets]]:
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    home, os_user = Home(closed / "home", free_port()), OsUser.ensure()
    secrets = lifecycle.prepare(home, os_user)
    lifecycle.ensure_supervisor(home)
    startup.start_servers(home, os_user, secrets)
    startup.await_servers(home, secrets)
    yield home, secrets
    lifecycle.stop(home)


def listeners() -> dict[int, set[str]]:
    """Return the addresses of every listening TCP port (hexadecimal, as the kernel has them)."""
    addresses: dict[int, set[str]] = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                address, _, port = fields[1].rpartition(":")
                addresses.setdefault(int(port, 16), set()).add(address)
    return addresses


def test_nothing_listens_beyond_loopback(running):
    home, _ = running
    loopback = {"0100007F", "00000000000000000000000001000000"}

    addresses = listeners()

    for name in ("postgres", "rabbitmq", "redis", "epmd", "rabbitmq-dist"):
        assert addresses[home.ports[name]] <= loopback, name


def test_no_server_runs_as_root(running):
    home, _ = running
    leaders = [process["pid"] for process in control_socket.processes(home.run).values()]

    owners = {
        os.stat(f"/proc/{entry.pid}").st_uid for pid in leaders for entry in process_table.tree(pid)
    }

    assert len(leaders) == 4
    assert 0 not in owners or os.geteuid() != 0


def test_data_belong_to_the_service_user_and_are_closed_to_everybody_else(running):
    home, _ = running
    user = OsUser.current()

    assert home.path.stat().st_mode & 0o067 == 0
    for folder in (postgres.data(home), home.path / "rabbitmq" / "data", home.private_keys):
        assert folder.stat().st_mode & 0o077 == 0
        assert folder.stat().st_uid == user.uid


def test_root_owns_nothing_in_a_folder_where_the_service_user_could_replace_it(running):
    home, _ = running
    user = OsUser.current()

    for folder in (home.path, *(path for path in home.path.rglob("*") if path.is_dir())):
        entry = folder.lstat()
        if entry.st_uid == user.uid:
            owners = {path.lstat().st_uid for path in folder.iterdir()}
            assert owners <= {user.uid}, folder
        else:
            assert not entry.st_mode & 0o022, folder


def test_a_committed_row_is_on_disk(running):
    home, secrets = running
    with contextlib.closing(postgres.connect(home, secrets)) as connection:
        cursor = connection.cursor()
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == ("on",), name


def test_a_service_reaches_its_own_database_and_no_other(running):
    home, secrets = running
    own = postgres.url(home, secrets, "auth_service", "auth_db")
    psycopg2.connect(own).close()

    for other in ("device_db", "monitoring_db", "postgres", "template1"):
        with pytest.raises(psycopg2.OperationalError, match="permission denied"):
            psycopg2.connect(postgres.url(home, secrets, "auth_service", other))


@pytest.mark.parametrize("service", ["auth_service", "device_service"])
def test_the_tables_belong_to_a_role_that_no_process_of_the_service_has(running, service):
    home, secrets = running
    own = services.environment_of(service, home, secrets)["DATABASE_URL"]
    migrate = ["migrate", "--noinput"]
    owners = services.environment_of(service, home, secrets, arguments=migrate)

    with contextlib.closing(psycopg2.connect(own)) as connection, connection.cursor() as cursor:
        for forbidden in ("CREATE TABLE x ()", f"SET ROLE {service}_owner"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(forbidden)
            connection.rollback()
    with (
        contextlib.closing(psycopg2.connect(owners["DATABASE_URL"])) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE TABLE x ()")
    assert owners["DATABASE_SERVICE_ROLE"] == service


@pytest.mark.parametrize("service", ["auth_service", "device_service"])
def test_tables_that_the_service_once_made_are_handed_over(running, service):
    home, secrets = running
    database = postgres.database_of(service)
    with contextlib.closing(postgres.connect(home, secrets)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"ALTER DATABASE {database} OWNER TO {service}")

        postgres.create_databases(home, secrets)

        cursor.execute(
            "SELECT rolname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba"
            " WHERE datname = %s",
            [database],
        )
        assert cursor.fetchone() == (f"{service}_owner",)
    psycopg2.connect(postgres.url(home, secrets, service, database)).close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'verysecret', 1 / 0",
        "CREATE TEMPORARY TABLE secret (hash text UNIQUE);"
        " INSERT INTO secret VALUES ('verysecret'), ('verysecret')",
        "CREATE TEMPORARY TABLE secret (hash text CHECK (hash <> 'verysecret'));"
        " INSERT INTO secret VALUES ('verysecret')",
        "SET statement_timeout = 100; SELECT 'verysecret', pg_sleep(60)",
        "SELECT 'verysecret', pg_sleep(2.2)",
    ],
    ids=["error", "unique", "check", "timeout", "slow"],
)
def test_no_log_of_the_database_holds_the_values_of_a_statement(running, statement):
    home, secrets = running
    address = postgres.url(home, secrets, "auth_service", "auth_db")
    written_after = f"after_{uuid4().hex}"
    with contextlib.closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        with contextlib.suppress(psycopg2.Error):
            cursor.execute(statement)
        connection.rollback()
        with pytest.raises(psycopg2.errors.UndefinedTable):
            cursor.execute(f"SELECT FROM {written_after}")

    def text() -> str:
        return (home.logs / "postgres.log").read_text()

    wait_until(lambda: written_after in text())
    assert "verysecret" not in text()


def test_a_password_is_asked_for(running):
    home, secrets = running
    address = postgres.url(home, secrets, "auth_service", "auth_db")

    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(address.replace(secrets.postgres["auth_service"], "guess"))
    wrong = credentials.Secrets(redis="guess")
    assert not redis.is_ready(home, wrong)


def test_every_queue_is_there_at_once(running):
    home, secrets = running
    for vhost, names in queues().items():
        url = rabbitmq.url(home, secrets, "monitoring_service", vhost)

        assert queue_depths(url, names) == dict.fromkeys(names, 0)


def test_starting_again_over_running_servers_changes_nothing(running):
    home, secrets = running
    before = control_socket.processes(home.run)

    startup.start_servers(home, OsUser.current(), secrets)
    startup.await_servers(home, secrets)

    assert control_socket.processes(home.run) == before


def dump_that_reads_a_file(home: Home, secrets: credentials.Secrets, path: Path) -> bytes:
    """Return a dump whose restore reads a file of the server, which its superuser may."""
    with contextlib.closing(postgres.connect(home, secrets)) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE DATABASE forged")
        address = postgres.url(home, secrets, postgres.SUPERUSER, "forged")
        with contextlib.closing(psycopg2.connect(address)) as forged, forged:
            forged.cursor().execute(
                f"CREATE MATERIALIZED VIEW leak AS SELECT pg_read_file('{path}') AS content"
            )
        argv = [str(postgres.client(home, "pg_dump")), "--format=custom", f"--dbname={address}"]
        dump = subprocess.run(argv, capture_output=True, check=True).stdout
        cursor.execute("DROP DATABASE forged")
    return dump


def test_nothing_in_a_backup_runs_with_the_rights_of_the_superuser(running, tmp_path):
    home, secrets = running
    dump = dump_that_reads_a_file(home, secrets, home.path / "postgresql.conf")
    with open(tmp_path / "forged", "wb") as stream:
        writer = archive.Writer(stream, "key")
        for service in credentials.SERVICES:
            with writer.dump(service) as target:
                target.write(dump)
        counted = {service: {} for service in credentials.SERVICES}
        version = databases.version(home, secrets)
        moment = "2026-11-28T01:00:00+00:00"
        writer.finish(home, secrets, archive.Manifest(archive.FORMAT, moment, version, counted))

    with (
        archive.opened(tmp_path / "forged", "key") as forged,
        pytest.raises(EmsError, match="pg_restore of monitoring_db failed"),
    ):
        restoring.put_databases(home, OsUser.current(), secrets, forged)

    address = postgres.url(home, secrets, postgres.SUPERUSER, "monitoring_db")
    with contextlib.closing(psycopg2.connect(address)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM pg_matviews")
        assert cursor.fetchone() == (0,)


class Contained(commands.Containers):
    """An installation of containers whose PostgreSQL is the one that runs here."""

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self.gateway_port}" if name == "postgres" else super().address(name)


def of_an_older_version(file: io.BytesIO, key: str) -> io.BytesIO:
    """Return the backup without the queries that counted it, and with a total long dropped."""
    older = io.BytesIO()
    writer = archive.Writer(older, key)
    with zipfile.ZipFile(file) as source:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                assert set(manifest.pop("queries")) == set(credentials.SERVICES)
                manifest["totals"]["auth_service"]["long_dropped"] = 7
                content = json.dumps(manifest).encode()
            writer.zip.writestr(name, content)
    writer.close()
    return older


@pytest.mark.parametrize("age", ["of this version", "of an older version"])
def test_containers_restore_a_native_backup_that_its_key_authenticates_and_no_other(
    running, tmp_path, monkeypatch, age
):
    home, secrets = running
    services.migrate(home, OsUser.current(), secrets)
    file = io.BytesIO()
    saving.write(home, OsUser.current(), secrets, file)
    if age == "of an older version":
        file = of_an_older_version(file, secrets.backup_key)
    with contextlib.closing(postgres.connect(home, secrets)) as connection:
        for service in credentials.SERVICES:
            connection.cursor().execute(f"DROP DATABASE {postgres.database_of(service)}")
    os_user = OsUser(os.getuid(), os.getgid(), switched=False)
    here = Contained(tmp_path / "contained", home.ports["postgres"])
    monkeypatch.setattr(commands, "_VOLUMES", tmp_path / "volumes")
    (tmp_path / "volumes" / "migration").mkdir(parents=True)
    os_user.folder(here.path)
    own = credentials.Secrets(postgres={"postgres": secrets.postgres["postgres"]})
    credentials.save(here, os_user, own)
    commands.prepare(here, os_user)
    commands.make_databases(here)
    own = credentials.load(here)

    file.seek(0)
    with pytest.raises(EmsError, match="The backup key does not fit"):
        commands.load(here, os_user, file, key=own.backup_key)
    assert credentials.load(here) == own

    file.seek(0)
    commands.load(here, os_user, file, key=secrets.backup_key)

    restored = credentials.load(here)
    assert restored.backup_key == secrets.backup_key
    assert restored.admin == secrets.admin
    assert credentials.keys_in(here.private_keys) == credentials.keys_in(home.private_keys)


def manifest_of(counted: dict[str, int], query: str = "") -> archive.Manifest:
    return archive.Manifest(
        archive.FORMAT,
        "2026-11-28T01:00:00+00:00",
        15,
        totals={"auth_service": counted},
        queries={"auth_service": query} if query else {},
    )


def test_totals_are_compared_by_the_query_that_counted_them(running, monkeypatch, tmp_path):
    home, secrets = running
    monkeypatch.setattr(totals, "ROOT", tmp_path)  # today's queries count something else

    totals.compare(home, secrets, manifest_of({"users": 3}, "SELECT 3 AS users"))
    for query, word in (
        ("SELECT 2 AS users", "auth_db differs: users: 2, saved 3"),
        ("SELECT count(*) AS users FROM gone", "totals of auth_db cannot be counted"),
        ("SELECT 3 AS users UNION ALL SELECT 3", "must return one row"),
        ("CREATE TABLE planted (id int)", "cannot be counted: cannot execute"),
    ):
        with pytest.raises(EmsError, match=word):
            totals.compare(home, secrets, manifest_of({"users": 3}, query))


def test_totals_of_tables_that_are_gone_are_named_as_not_compared(
    running, monkeypatch, tmp_path, capsys
):
    home, secrets = running
    monkeypatch.setattr(totals, "ROOT", tmp_path)
    (tmp_path / "auth_service").mkdir()
    (tmp_path / "auth_service" / "backup_totals.sql").write_text("SELECT count(*) FROM later")

    totals.compare(home, secrets, manifest_of({"users": 3}))

    assert "totals of auth_db are not compared" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["postgres", "rabbitmq", "redis"])
def test_a_killed_server_comes_back_with_its_data(running, name):
    home, secrets = running
    ready = {
        "postgres": lambda: postgres.is_ready(home, secrets),
        "rabbitmq": lambda: rabbitmq.is_ready(home),
        "redis": lambda: redis.is_ready(home, secrets),
    }[name]
    before = control_socket.processes(home.run)[name]

    request = {"do": "signal", "name": name, "signal": int(signal.SIGKILL)}
    control_socket.ask(home.run, request)

    wait_until(lambda: control_socket.processes(home.run)[name]["pid"] not in (None, before["pid"]))
    wait_until(ready, seconds=90)
    if name == "rabbitmq":
        url = rabbitmq.url(home, secrets, "monitoring_service", PLATFORM_VHOST)
        assert None not in queue_depths(url, queues()[PLATFORM_VHOST]).values()
    if name == "postgres":
        psycopg2.connect(postgres.url(home, secrets, "device_service", "device_db")).close()


def test_down_leaves_no_process_and_no_port(running):
    home, _ = running
    leaders = [process["pid"] for process in control_socket.processes(home.run).values()]
    everyone = [entry for pid in leaders for entry in process_table.tree(pid)]
    assert len(everyone) > len(leaders)

    lifecycle.stop(home)

    assert [entry for entry in everyone if process_table.is_alive(entry)] == []
    assert not set(home.ports.values()) & set(listeners())
