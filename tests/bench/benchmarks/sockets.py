"""Five thousand open sockets on one live process: their cost, and the time to push to all of them.

Each socket has a user and a device of its own. A push is published as ingest publishes it and timed
until each socket has it, on the clock of one machine.
"""

from __future__ import annotations

import asyncio
import json
import resource
import time
from uuid import uuid4

import redis.asyncio
from channels_redis.pubsub import RedisPubSubChannelLayer
from websockets.asyncio.client import ClientConnection, connect

from support import Account, Row, Scratch, percentiles, resident_mb, row, scratch

TITLE = "Open sockets on one live process"
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


async def opened(
    address: str, origin: str, tokens: list[str], devices: list[str]
) -> list[ClientConnection]:
    """Open a socket for each token, subscribed to its device."""
    free = asyncio.Semaphore(OPENING)

    async def open_socket(number: int, token: str, device_id: str) -> ClientConnection:
        # As many sockets come from many addresses; those of one are limited.
        client = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250}"}
        async with free:
            socket = await connect(
                f"ws://{address}/ws/monitoring/",
                origin=origin,
                additional_headers=client,
                open_timeout=60,
                ping_interval=None,
            )
            await socket.send(json.dumps({"type": "authenticate", "token": token}))
            await socket.recv()
            await socket.send(json.dumps({"type": "subscribe", "device_ids": [device_id]}))
            if json.loads(await socket.recv())["device_ids"] != [device_id]:
                raise RuntimeError("a socket was not given its device")
            return socket

    return await asyncio.gather(*map(open_socket, range(len(tokens)), tokens, devices))


async def push_all(
    layer: RedisPubSubChannelLayer, sockets: list[ClientConnection], devices: list[str]
) -> list[float]:
    """Push to all devices; return the seconds until each socket has its frame."""

    async def hear(socket: ClientConnection) -> float:
        frame = json.loads(await socket.recv())
        if frame["type"] != "hourly_updated":
            raise RuntimeError(f"a socket was sent {frame}")
        return time.time() - float(frame["last_reading_at"])

    hearing = [asyncio.create_task(hear(socket)) for socket in sockets]
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
        updates = [[frame["device_id"], frame["start"], json.dumps(frame)] for frame in frames]
        await layer.group_send("live", {"type": "hours", "updates": updates})
    return await asyncio.gather(*hearing)


async def measure(
    service: Scratch, address: str, pid: int, tokens: list[str], devices: list[str]
) -> list[Row]:
    empty = resident_mb(pid)
    begin = time.perf_counter()
    origin = service.env["PUBLIC_ORIGINS"].split(",")[0]
    sockets = await opened(address, origin, tokens, devices)
    seconds = time.perf_counter() - begin
    client = redis.asyncio.Redis.from_url(service.env["REDIS_URL"])
    layer = RedisPubSubChannelLayer(hosts=[service.env["REDIS_URL"]], prefix="live:")
    kilobytes = (resident_mb(pid) - empty) * 1024 / len(sockets)
    rows = [
        row("sockets open", len(sockets), "", at_least=len(tokens)),
        row("opened, authenticated, subscribed", len(sockets) / seconds, "sockets/s"),
        row("memory a socket", kilobytes, "kB"),
        row("connections to Redis, ours included", len(await client.client_list()), ""),
    ]
    # One after the other: what a single push takes when nothing else moves.
    alone = []
    for position in range(min(50, len(sockets))):
        some = slice(position, position + 1)
        alone += await push_all(layer, sockets[some], devices[some])
    together: list[float] = []
    for _ in range(ROUNDS):
        # Longer than the pace of a device, so that none of the next round is held back.
        await asyncio.sleep(1)
        together += await push_all(layer, sockets, devices)
    await client.aclose()
    await layer.flush()
    for what, taken in (("alone", alone), (f"to {len(sockets):,} at once", together)):
        rows += [row(f"push {what}, {name}", ms, "ms") for name, ms in percentiles(taken).items()]
    await asyncio.gather(*(socket.close() for socket in sockets))
    return rows


def run(quick: bool) -> list[Row]:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = 50 if quick else SOCKETS
    accounts = [Account(uuid4()) for _ in range(count)]
    devices = [str(uuid4()) for _ in range(count)]
    with scratch("monitoring_service", "sockets") as service:
        users = [str(account.id) for account in accounts]
        service.execute(_FILL, {"users": users, "devices": devices})
        tokens = [service.token(account) for account in accounts]
        with service.web(live=True) as (address, pid):
            return asyncio.run(measure(service, address, pid, tokens, devices))
