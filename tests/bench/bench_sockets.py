"""Five thousand open sockets on one live process: what they cost, and how fast a push reaches all.

Runs the live process as an installation does (gunicorn, one uvicorn worker) on a database of its
own that it fills and drops again. Each socket has a user and a device of its own. A push is
published as ingest publishes it and timed until each socket has it, on the clock of one machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shlex
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import psycopg2
import redis.asyncio
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "monitoring_service"
DATABASE = "bench_sockets"
SOCKETS = 5_000
ROUNDS = 5

#: Sockets that are opened at the same time.
OPENING = 50

_FILL = """
INSERT INTO known_user (id, username, role, is_active, token_version, version, deleted)
SELECT id::uuid, 'user', 'client', true, 1, 1, false FROM unnest(%(users)s::text[]) AS id;
INSERT INTO device (device_id, registered, deleted, version, name, description, device_type, status,
    timezone, interval_seconds, reading_kind, first_seen_at)
SELECT id::uuid, true, false, 1, 'Meter', '', 'smart_meter', 'deployed', 'UTC', 600, 'interval',
    now() FROM unnest(%(devices)s::text[]) AS id;
INSERT INTO assignment (user_id, device_id, version, active)
SELECT u::uuid, d::uuid, 1, true FROM unnest(%(users)s::text[], %(devices)s::text[]) AS p (u, d);
"""


@dataclass(frozen=True)
class Account:
    """Whom a token is issued to."""

    id: UUID
    username: str = "user"
    role: str = "client"
    token_version: int = 1


def environment() -> dict[str, str]:
    """The service's environment for tests: the caller's, else that of `./ems infra`."""
    if "DATABASE_URL" in os.environ:
        return dict(os.environ)
    printed = subprocess.run(
        [str(ROOT / "ems"), "infra", "monitoring_service"],
        check=True,
        capture_output=True,
        text=True,
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


@contextmanager
def live_process(env: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The live process; its port and its worker's process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    argv += ["--worker-class", "uvicorn_worker.UvicornWorker", "--no-control-socket"]
    process = subprocess.Popen(
        [*argv, "--log-level", "error", "config.asgi:application"],
        cwd=SERVICE,
        env={**env, "LOG_LEVEL": "ERROR"},
    )
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/health/live").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield port, int(children[0])
    finally:
        process.terminate()
        process.wait()


def resident_mb(pid: int) -> float:
    """Megabytes of memory that the process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


async def opened(
    port: int, origin: str, tokens: list[str], devices: list[str]
) -> list[ClientConnection]:
    """A socket a token, each subscribed to its device."""
    free = asyncio.Semaphore(OPENING)

    async def one(token: str, device_id: str) -> ClientConnection:
        async with free:
            url = f"ws://127.0.0.1:{port}/ws/monitoring/"
            found = await connect(url, origin=origin, open_timeout=60, ping_interval=None)
            await found.send(json.dumps({"type": "authenticate", "token": token}))
            await found.recv()
            await found.send(json.dumps({"type": "subscribe", "device_ids": [device_id]}))
            if json.loads(await found.recv())["device_ids"] != [device_id]:
                raise RuntimeError("a socket was not given its device")
            return found

    return await asyncio.gather(*map(one, tokens, devices))


async def push_all(
    client: redis.asyncio.Redis, sockets: list[ClientConnection], devices: list[str]
) -> list[float]:
    """Seconds from publishing until each socket has its frame."""

    async def hear(one: ClientConnection) -> float:
        frame = json.loads(await one.recv())
        return time.time() - float(frame["last_reading_at"])

    hearing = [asyncio.create_task(hear(one)) for one in sockets]
    for begin in range(0, len(devices), 500):
        frames = [
            {
                "type": "hourly_updated",
                "device_id": device_id,
                "start": "2026-03-10T12:00:00Z",
                "total_consumption": 0.217,
                "measurement_count": 3,
                "last_reading_at": str(time.time()),
            }
            for device_id in devices[begin : begin + 500]
        ]
        await client.publish("live:push", json.dumps({"hours": frames}))
    return await asyncio.gather(*hearing)


async def measure(
    port: int, pid: int, env: dict[str, str], tokens: list[str], devices: list[str]
) -> list[dict[str, Any]]:
    """One row a figure."""
    empty = resident_mb(pid)
    begin = time.perf_counter()
    sockets = await opened(port, env["PUBLIC_ORIGINS"].split(",")[0], tokens, devices)
    seconds = time.perf_counter() - begin
    client = redis.asyncio.Redis.from_url(env["REDIS_URL"])
    rows = [
        {"what": "sockets open", "value": len(sockets), "unit": ""},
        {"what": "opened, authenticated, subscribed", "value": round(seconds, 1), "unit": "s"},
        {
            "what": "memory a socket",
            "value": round((resident_mb(pid) - empty) * 1024 / len(sockets), 1),
            "unit": "kB",
        },
        {
            "what": "connections to Redis, ours included",
            "value": len(await client.client_list()),
            "unit": "",
        },
    ]
    # One after the other: what a single push takes when nothing else moves.
    alone = []
    for position in range(50):
        some = slice(position, position + 1)
        alone += await push_all(client, sockets[some], devices[some])
    together: list[float] = []
    for _ in range(ROUNDS):
        # Longer than the pace of a device, so that none of the next round is held back.
        await asyncio.sleep(1)
        together += await push_all(client, sockets, devices)
    await client.aclose()
    for what, taken in (("alone", alone), (f"to {len(sockets):,} at once", together)):
        cuts = statistics.quantiles(taken, n=20)
        rows += [
            {"what": f"push {what}, median", "value": round(cuts[9] * 1000, 1), "unit": "ms"},
            {"what": f"push {what}, p95", "value": round(cuts[18] * 1000, 1), "unit": "ms"},
        ]
    await asyncio.gather(*(one.close() for one in sockets))
    return rows


def run(sockets: int = SOCKETS) -> list[dict[str, Any]]:
    """One row a figure: what, value, unit."""
    sys.path[:0] = [
        str(ROOT / "packages/service_kit/src"),
        str(ROOT / "packages/energy_contracts/src"),
    ]
    from service_kit.testing import TokenIssuer

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    env = environment()
    accounts = [Account(uuid4()) for _ in range(sockets)]
    devices = [str(uuid4()) for _ in range(sockets)]
    with tempfile.TemporaryDirectory() as keys, database(env["DATABASE_URL"]) as url:
        issuer = TokenIssuer(Path(keys), kid=uuid4().hex)
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
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            users = [str(account.id) for account in accounts]
            cursor.execute(_FILL, {"users": users, "devices": devices})
            connection.commit()
        tokens = [issuer.token(account) for account in accounts]
        with live_process(env) as (port, pid):
            return asyncio.run(measure(port, pid, env, tokens, devices))


def main() -> None:
    """Print the rows as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="One live process")
    for title in ("what", "value", "unit"):
        table.add_column(title, justify="right" if title == "value" else "left")
    for row in run():
        table.add_row(*(str(row[name]) for name in ("what", "value", "unit")))
    Console().print(table)


if __name__ == "__main__":
    main()
