"""Shared code of the benchmarks: rows of results, scratch databases, measured processes."""

from __future__ import annotations

import json
import os
import shlex
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import psycopg2
from rich.console import Console

from service_kit.testing import TokenIssuer
from service_kit.testing.waiting import wait_until

ROOT = Path(__file__).parents[2]

#: Seconds that a measurement waits for a change, on a slow machine too.
PATIENCE_SECONDS = 300


class Row(TypedDict, total=False):
    """A figure with its ratio to a ceiling: value / ceiling, both measured in the same run.

    `goal` is a bound of the ratio, or of the value if there is no ratio.
    """

    what: str
    value: float
    unit: str
    ceiling: float
    ratio: float
    goal: str
    reached: bool


def row(
    what: str,
    value: float,
    unit: str,
    *,
    ceiling: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Row:
    """Return a figure with its ratio to a ceiling of the same run, or alone without a ceiling."""
    result = Row(what=what, value=value, unit=unit)
    ratio = value
    if ceiling is not None:
        ratio = value / ceiling
        result |= Row(ceiling=ceiling, ratio=ratio)
    if at_least is not None:
        result |= Row(goal=f"≥ {at_least:g}", reached=ratio >= at_least)
    if at_most is not None:
        result |= Row(goal=f"≤ {at_most:g}", reached=ratio <= at_most)
    return result


@dataclass(frozen=True)
class Account:
    """The user of a token."""

    id: UUID
    username: str = "user"
    role: str = "client"
    token_version: int = 1


_console = Console()
_status = _console.status("")


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show that `what` is being measured."""
    with _status:
        note(f"{what} …")
        yield


def note(text: str) -> None:
    """Show the progress."""
    if _console.is_terminal:
        _status.update(text)
    else:
        _console.print(f"  {text}", markup=False)


@cache
def environment(service: str) -> dict[str, str]:
    """Return the service's environment for tests, on the servers of EMS_HOME and EMS_PORT."""
    printed = subprocess.run(
        [str(ROOT / "ems"), "infra", service], check=True, capture_output=True, text=True
    ).stdout
    words = [shlex.split(line)[1] for line in printed.splitlines() if line.startswith("export ")]
    return {**os.environ, **dict(word.split("=", 1) for word in words)}


def server_pids() -> dict[str, int]:
    """Return the process numbers of the servers by name."""
    printed = subprocess.run(
        [str(ROOT / "ems"), "status", "--json"], check=True, capture_output=True, text=True
    ).stdout
    return {process["name"]: process["pid"] for process in json.loads(printed)["processes"]}


class Scratch:
    """A service on a database of its own, with a signer of its own."""

    def __init__(self, service: str, env: dict[str, str], keys: Path) -> None:
        self.folder = ROOT / service
        self.env = env | {
            "JWT_PUBLIC_KEYS_DIR": str(keys),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "ERROR",
            "EMS_REQUESTS_PER_MINUTE": "1000000",
        }
        self._issuer = TokenIssuer(keys, kid=uuid4().hex)

    @property
    def url(self) -> str:
        return self.env["DATABASE_URL"]

    def token(self, account: Account) -> str:
        return self._issuer.token(account)

    def manage(self, *arguments: str) -> None:
        """Run a command of the service to its end."""
        argv = [sys.executable, "manage.py", *arguments]
        subprocess.run(argv, cwd=self.folder, env=self.env, check=True, stdout=subprocess.DEVNULL)

    @contextmanager
    def worker(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command of the service until the end of the block."""
        argv = [sys.executable, "manage.py", *arguments]
        with subprocess.Popen(argv, cwd=self.folder, env=self.env) as process:
            try:
                yield process
            finally:
                process.terminate()
                process.wait()

    @contextmanager
    def web(self, *, live: bool = False, **settings: str) -> Iterator[tuple[str, int]]:
        """Run the web (or live) process; yield host:port and its worker's process number."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        argv = [sys.executable, "-m", "gunicorn", "--bind", address, "--workers", "1"]
        argv += ["--no-control-socket", "--log-level", "error"]
        if live:
            argv += ["--worker-class", "config.live_worker.LiveWorker", "config.asgi:application"]
        else:
            argv += ["--worker-class", "gthread", "--threads", "8", "--keep-alive", "75"]
            argv += ["config.wsgi:application"]
        with subprocess.Popen(argv, cwd=self.folder, env=self.env | settings) as process:
            try:
                url = f"http://{address}/health/live"
                wait_until(lambda: _answers(url), problem=f"{url} does not answer")
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
                yield address, int(children.split()[0])
            finally:
                process.terminate()
                process.wait()

    def execute(self, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        """Run a statement in a transaction of its own; return its rows."""
        with closing(psycopg2.connect(self.url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []


def _answers(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(url).is_success
    return False


@contextmanager
def scratch(service: str, name: str) -> Iterator[Scratch]:
    """Yield a migrated service on a new database, which is dropped afterwards."""
    env = environment(service)
    with (
        tempfile.TemporaryDirectory() as keys,
        closing(psycopg2.connect(env["DATABASE_URL"])) as connection,
    ):
        connection.autocommit = True
        cursor = connection.cursor()
        database = f"bench_{name}"
        drop = f"DROP DATABASE IF EXISTS {database} WITH (FORCE)"
        cursor.execute(drop)
        cursor.execute(f"CREATE DATABASE {database}")
        try:
            url = urlsplit(env["DATABASE_URL"])._replace(path=f"/{database}").geturl()
            database = Scratch(service, env | {"DATABASE_URL": url}, Path(keys))
            database.manage("migrate", "--verbosity", "0")
            yield database
        finally:
            cursor.execute(drop)


def resident_mb(pid: int) -> float:
    """Return the megabytes of memory that the process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def peak_mb(pid: int) -> float:
    """Return the largest memory in megabytes that the process has held so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def processor_seconds(leader: int) -> float:
    """Return the seconds of processor time that the process and its descendants have used."""
    ticks = 0
    waiting = [leader]
    while waiting:
        pid = waiting.pop()
        with suppress(OSError):  # the process has ended; its parent counts its time from now on
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
            children = Path(f"/proc/{pid}/task").glob("*/children")
            waiting += [int(child) for listing in children for child in listing.read_text().split()]
    return ticks / os.sysconf("SC_CLK_TCK")


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and longest, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return {
        "median": cuts[9] * 1000,
        "p95": cuts[18] * 1000,
        "longest": max(seconds) * 1000,
    }
