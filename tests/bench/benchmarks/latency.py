"""The time between the publishing of a reading and its frame on the socket of a browser.

The reading passes broker, ingest, database, Redis and the live process.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pika
from websockets.sync.client import ClientConnection, connect

from load import stamp, stream
from readings import DEVICES, QUEUE, device_ids, enqueue, fill_devices, message, open_connection
from support import Account, Row, Scratch, percentiles, row, scratch

TITLE = "Publish → browser socket"
#: Devices that the browser looks at, in turn. Pushes are paced to two a second and device: each
#: sends once in two seconds, so that the pace is not what is measured.
WATCHED = 40
READING_SECONDS = 0.05
SECONDS = 30
BACKGROUND_PER_SECOND = 10_000
#: Seconds of the background before and after what is measured.
MARGIN_SECONDS = 3

_SEES = """
INSERT INTO known_user (id, username, role, is_active, token_version, version, deleted)
VALUES (%(user)s, 'user', 'admin', true, 1, 1, false)
"""


def instants_of_their_own() -> Iterator[str]:
    """Yield different instants, so that a frame identifies its reading."""
    begin = datetime.now(UTC).replace(microsecond=0)
    return (stamp(begin - timedelta(seconds=number)) for number in count())


def publish(
    url: str, devices: list[UUID], instants: Iterator[str], seconds: float, sent: dict[str, float]
) -> None:
    """Publish a reading of one device after the other; `sent` receives the time of each."""
    parameters = pika.URLParameters(url)
    parameters.heartbeat = 0
    with closing(open_connection(parameters)) as connection:
        channel = connection.channel()
        begin = time.perf_counter()
        for number in range(round(seconds / READING_SECONDS)):
            time.sleep(max(0.0, begin + number * READING_SECONDS - time.perf_counter()))
            at = next(instants)
            body = message(at, str(devices[number % len(devices)]), 0.001)
            sent[at] = time.perf_counter()
            channel.basic_publish("", QUEUE, body, pika.BasicProperties(delivery_mode=2))


def delays(
    service: Scratch,
    socket: ClientConnection,
    devices: list[UUID],
    instants: Iterator[str],
    seconds: float,
) -> list[float]:
    """Return the seconds until each reading's frame."""
    sent: dict[str, float] = {}
    arguments = (service.env["RABBITMQ_URL"], devices, instants, seconds, sent)
    thread = threading.Thread(target=publish, args=arguments, daemon=True)
    thread.start()
    delays: list[float] = []
    while len(delays) < round(seconds / READING_SECONDS):
        frame = json.loads(socket.recv(timeout=30))
        if frame["last_reading_at"] in sent:
            delays.append(time.perf_counter() - sent.pop(frame["last_reading_at"]))
    thread.join()
    return delays


def watching(service: Scratch, address: str, devices: list[UUID]) -> ClientConnection:
    """Yield the socket of a user who is subscribed to the devices."""
    user = Account(uuid4(), role="admin")
    service.execute(_SEES, {"user": str(user.id)})
    origin = service.env["PUBLIC_ORIGINS"].split(",")[0]
    socket = connect(f"ws://{address}/ws/monitoring/", origin=origin)
    socket.send(json.dumps({"type": "authenticate", "token": service.token(user)}))
    socket.recv(timeout=30)
    ids = [str(device_id) for device_id in devices]
    socket.send(json.dumps({"type": "subscribe", "device_ids": ids}))
    if len(json.loads(socket.recv(timeout=30))["device_ids"]) != len(ids):
        raise RuntimeError("the socket was not given its devices")
    return socket


def run(quick: bool) -> list[Row]:
    seconds, margin = (1, 1) if quick else (SECONDS, MARGIN_SECONDS)
    per_second = 1_000 if quick else BACKGROUND_PER_SECOND
    rows = []
    with scratch("monitoring_service", "latency") as service:
        broker = service.env["RABBITMQ_URL"]
        enqueue(broker, [])
        fill_devices(service, DEVICES + WATCHED)
        devices = device_ids(DEVICES + WATCHED)[DEVICES:]
        with (
            service.worker("consume_measurements"),
            service.web(live=True) as (address, _),
            watching(service, address, devices) as socket,
        ):
            instants = instants_of_their_own()
            # The first one wakes everything up.
            delays(service, socket, devices[-1:], instants, READING_SECONDS)
            for what, background, goal in (
                ("idle", 0, 250),
                (f"under {per_second:,} readings/s", per_second, 1000),
            ):
                with ExitStack() as stack:
                    if background:
                        span = seconds + 2 * margin
                        busy = stack.enter_context(stream(broker, background, span))
                        time.sleep(margin)
                    taken = percentiles(delays(service, socket, devices, instants, seconds))
                    if background:
                        done = busy.wait()
                        rate = done.readings / done.seconds
                        rows.append(row("beside it, readings confirmed", rate, "readings/s"))
                rows += [
                    row(f"{what}, median", taken["median"], "ms"),
                    row(f"{what}, p95", taken["p95"], "ms", at_most=goal),
                    row(f"{what}, longest", taken["longest"], "ms"),
                ]
    return rows
