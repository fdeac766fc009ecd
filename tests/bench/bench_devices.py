"""Lists of 100,000 devices: what a page costs, wherever it is, with and without the cache.

Runs device_service as an installation does (gunicorn, one process) on a database of its own that
it fills and drops again. Everything is measured by one client, one request after the other, in the
same run; the ceiling is the same service's answer to somebody who has no device.
"""

from __future__ import annotations

import os
import shlex
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import psycopg2

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "device_service"
DATABASE = "bench_devices"
DEVICES = 100_000
REPETITIONS = 60
IMPORTED = 10_000

_FILL = """
INSERT INTO known_user VALUES
    (%(admin)s, 'admin', 'admin', true, 1, 1, false),
    (%(owner)s, 'owner', 'client', true, 1, 1, false),
    (%(nobody)s, 'nobody', 'client', true, 1, 1, false);
INSERT INTO device (id, name, description, device_type, serial_number, manufacturer, model,
    location, status, timezone, interval_seconds, reading_kind, specifications, created_at,
    updated_at, version)
SELECT gen_random_uuid(), 'Meter of flat ' || n, 'in the cellar', 'smart_meter', 'SN-' || n, 'Acme',
    'M1', 'Street ' || n / 30, CASE WHEN n %% 3 = 0 THEN 'in_stock' ELSE 'deployed' END, 'UTC', 600,
    'interval', '{}', now() - n * interval '1 minute', now(), 1
FROM generate_series(1, %(devices)s) AS n;
INSERT INTO assignment (device_id, user_id, assigned_at, assigned_by, version)
SELECT id, %(owner)s, now(), %(admin)s, 1 FROM device ORDER BY id LIMIT 20;
"""


@dataclass(frozen=True)
class Account:
    """Whom a token is issued to."""

    id: UUID
    username: str
    role: str
    token_version: int = 1


def environment() -> dict[str, str]:
    """The service's environment for tests: the caller's, else that of `./ems infra`."""
    if "DATABASE_URL" in os.environ:
        return dict(os.environ)
    printed = subprocess.run(
        [str(ROOT / "ems"), "infra", "device_service"], check=True, capture_output=True, text=True
    ).stdout
    words = [shlex.split(line)[1] for line in printed.splitlines() if line.startswith("export ")]
    return {**os.environ, **dict(word.split("=", 1) for word in words)}


@contextmanager
def database(url: str) -> Iterator[str]:
    """A database of our own on the same server, dropped afterwards; its address."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        try:
            yield urlsplit(url)._replace(path=f"/{DATABASE}").geturl()
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def fill(url: str, accounts: dict[str, Account]) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        ids = {name: str(account.id) for name, account in accounts.items()}
        cursor.execute(_FILL, {**ids, "devices": DEVICES})
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def service(env: dict[str, str], cache_seconds: int) -> Iterator[str]:
    """The web process as an installation runs it; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8"]
    argv += ["--worker-class", "gthread", "--keep-alive", "75", "--no-control-socket"]
    process = subprocess.Popen(
        [*argv, "--log-level", "error", "config.wsgi:application"],
        cwd=SERVICE,
        env={**env, "DEVICE_LIST_CACHE_SECONDS": str(cache_seconds), "LOG_LEVEL": "ERROR"},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(f"{url}/health/ready").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def medians(questions: dict[str, list[tuple[httpx.Client, str]]]) -> dict[str, list[float]]:
    """Milliseconds of the median answer, for each client that is asked the question.

    All are asked in turn, again and again, so that whatever else the machine does meets all alike.
    """
    taken: dict[str, list[list[float]]] = {
        what: [[] for _ in one] for what, one in questions.items()
    }
    for repetition in range(REPETITIONS + 3):
        for what, clients in questions.items():
            if what == "search" and repetition % 6:
                continue
            for position, (client, path) in enumerate(clients):
                begin = time.perf_counter()
                client.get(path.format(repetition=repetition)).raise_for_status()
                taken[what][position].append((time.perf_counter() - begin) * 1000)
    return {what: [statistics.median(one[1:]) for one in lists] for what, lists in taken.items()}


def pages(client: httpx.Client) -> dict[str, str]:
    """Pages of the whole list by what they are, as paths."""
    first = client.get("/api/devices/").json()
    last = client.get("/api/devices/?page=last").json()
    last_page = DEVICES // 50
    return {
        "first page": "/api/devices/",
        # A parameter that means nothing makes each another address, which no cache has seen.
        "first page, never asked for": "/api/devices/?nothing={repetition}",
        "second page, by its link": first["next"],
        "middle page, by its number": f"/api/devices/?page={last_page // 2}",
        "last but one, by its link": last["previous"],
        "last page, by its number": f"/api/devices/?page={last_page}",
        "first page, newest first": "/api/devices/?ordering=-created_at",
        "last page, newest first": f"/api/devices/?ordering=-created_at&page={last_page}",
        "last page in stock": "/api/devices/in_stock/?page=last",
        "search": "/api/devices/?search=flat+77777",
    }


def measure_lists(addresses: list[str], tokens: dict[str, str]) -> dict[str, list[float]]:
    """Medians of every question at every address."""
    with ExitStack() as stack:
        clients = [
            {
                name: stack.enter_context(
                    httpx.Client(
                        base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60
                    )
                )
                for name, token in tokens.items()
            }
            for address in addresses
        ]
        asked = [
            {
                "nothing (ceiling)": (one["nobody"], "/api/devices/"),
                "a client's 20 devices": (one["owner"], "/api/devices/"),
                **{what: (one["admin"], path) for what, path in pages(one["admin"]).items()},
            }
            for one in clients
        ]
        return medians({what: [one[what] for one in asked] for what in asked[0]})


def measure_bulk(url: str, token: str) -> dict[str, float]:
    """Seconds of an import of 10,000 rows, and of the export of everything."""
    rows = [f"Imported {n},smart_meter,IMPORTED-{n},Hall {n}" for n in range(IMPORTED)]
    body = "\n".join(["name,device_type,serial_number,location", *rows]).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    found = {}
    with httpx.Client(base_url=url, headers=headers, timeout=120) as client:
        for name, query in (("dry run of an import", "?dry_run=true"), ("import", "")):
            begin = time.perf_counter()
            client.post(f"/api/devices/import/{query}", content=body).raise_for_status()
            found[f"{name}, {IMPORTED:,} rows"] = (time.perf_counter() - begin) * 1000
        begin = time.perf_counter()
        lines = client.get("/api/devices/export/").raise_for_status().text.count("\n")
        found[f"export, {lines - 1:,} rows"] = (time.perf_counter() - begin) * 1000
    return found


def run() -> list[dict[str, Any]]:
    """One row a question: milliseconds (median) with and without the cache, and their ratios."""
    sys.path[:0] = [
        str(ROOT / "packages/service_kit/src"),
        str(ROOT / "packages/energy_contracts/src"),
    ]
    from service_kit.testing import TokenIssuer

    env = environment()
    roles = {"admin": "admin", "owner": "client", "nobody": "client"}
    accounts = {name: Account(uuid4(), name, role) for name, role in roles.items()}
    with tempfile.TemporaryDirectory() as keys, database(env["DATABASE_URL"]) as url:
        issuer = TokenIssuer(Path(keys), kid=uuid4().hex)
        tokens = {name: issuer.token(account) for name, account in accounts.items()}
        env |= {
            "DATABASE_URL": url,
            "JWT_PUBLIC_KEYS_DIR": keys,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=SERVICE,
            env=env,
            check=True,
        )
        fill(url, accounts)
        with service(env, 0) as plain, service(env, 60) as cached:
            medians_of = measure_lists([plain, cached], tokens)
        with service(env, 60) as address:
            bulk = measure_bulk(address, tokens["admin"])
    ceiling, _ = medians_of["nothing (ceiling)"]
    lists = [
        {
            "what": what,
            "ms": round(ms, 2),
            "times_ceiling": round(ms / ceiling, 2),
            "ms_cached": round(ms_cached, 2),
            "cache_pays": round(ms / ms_cached, 2),
        }
        for what, (ms, ms_cached) in medians_of.items()
    ]
    return [*lists, *({"what": what, "ms": round(ms, 2)} for what, ms in bulk.items())]


def main() -> None:
    """Print the rows as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Lists of {DEVICES:,} devices, 50 a page")
    for title in ("what", "ms", "× ceiling", "ms, cached", "cache pays ×"):
        table.add_column(title, justify="left" if title == "what" else "right")
    for row in run():
        names = ("what", "ms", "times_ceiling", "ms_cached", "cache_pays")
        table.add_row(*(str(row.get(name, "")) for name in names))
    Console().print(table)


if __name__ == "__main__":
    main()
