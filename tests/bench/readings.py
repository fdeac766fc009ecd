"""Readings for the benchmarks: make them, queue them, and drain them at the ceilings' speed."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pika
import psycopg2

from energy_contracts.names import dead_letter_queue
from service_kit.broker import (
    BatchConsumer,
    Delivery,
    FastSource,
    PikaSource,
    Rejected,
    Topology,
)
from service_kit.broker.connection import with_own_socket_pair
from service_kit.broker.sources import DeliverySource
from service_kit.process.signals import StopFlag
from support import Scratch

QUEUE = "device_data_queue"
DEVICES = 10_000
INTERVAL = timedelta(minutes=10)
_NAMESPACE = UUID("5e0cde55-7d84-4b8e-a6ac-5d5b8a8d2a11")

#: Every device is registered and has a limit, so that each batch looks for alerts as well.
_FILL = """
INSERT INTO device (device_id, registered, deleted, version, name, description, device_type, status,
    timezone, interval_seconds, reading_kind, max_consumption_milliwh, first_seen_at)
SELECT id::uuid, true, false, 1, 'Meter', '', 'smart_meter', 'deployed', 'UTC', 600, 'interval',
    100000000, now() FROM unnest(%(ids)s::text[]) AS id;
INSERT INTO consumption_limit (device_key, from_hour, limit_milliwh, version)
SELECT key, '1900-01-01T00:00:00Z', max_consumption_milliwh, 1 FROM device;
"""


def open_connection(parameters: pika.URLParameters) -> pika.BlockingConnection:
    """Return a plain connection of pika's."""
    return with_own_socket_pair(lambda: pika.BlockingConnection(parameters))


def device_ids(count: int = DEVICES) -> list[UUID]:
    return [uuid5(_NAMESPACE, str(number)) for number in range(count)]


def fill_devices(scratch: Scratch, count: int = DEVICES) -> None:
    """Register the devices, and make the partitions of the months in use."""
    scratch.execute(_FILL, {"ids": [str(device_id) for device_id in device_ids(count)]})
    scratch.manage("run_maintenance", "--once")


def instants(slots: int) -> list[datetime]:
    """Return the beginnings of the last `slots` intervals."""
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return [end - INTERVAL * (slots - slot) for slot in range(slots)]


def readings(count: int) -> Iterator[bytes]:
    """Yield messages of one reading: interval after interval, its devices in random order."""
    shuffled = random.Random(1)
    ids = [str(device_id) for device_id in device_ids()]
    for instant in instants(-(-count // len(ids))):
        shuffled.shuffle(ids)
        stamp = instant.isoformat().replace("+00:00", "Z")
        for device_id in ids[: min(count, len(ids))]:
            yield message(stamp, device_id, shuffled.randrange(1, 500_000) / 1e6)
        count -= len(ids)


def message(timestamp: str, device_id: str, kwh: float) -> bytes:
    return json.dumps(
        {"timestamp": timestamp, "device_id": device_id, "measurement_value": kwh}
    ).encode()


def arrays(messages: Sequence[bytes], size: int) -> Iterator[bytes]:
    """Yield the same readings, `size` a message; a single one stays as it is."""
    if size == 1:
        yield from messages
        return
    for begin in range(0, len(messages), size):
        yield b"[" + b",".join(messages[begin : begin + size]) + b"]"


def enqueue(url: str, messages: Sequence[bytes]) -> None:
    """Put the messages into the empty queue, confirmed."""
    from service_kit.broker import ConfirmingPublisher, Message

    with closing(open_connection(pika.URLParameters(url))) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        channel.queue_purge(QUEUE)
    publisher = ConfirmingPublisher(url, "bench")
    for begin in range(0, len(messages), 2_000):
        part = [Message("", QUEUE, body, "") for body in messages[begin : begin + 2_000]]
        if publisher.publish(part):
            raise RuntimeError("the broker did not confirm a message")
    publisher.close()


def account(scratch: Scratch) -> tuple[int, int]:
    """Return the numbers of readings that the ledger has received, and stored."""
    ((received, stored),) = scratch.execute(
        "SELECT coalesce(sum(received), 0)::bigint, coalesce(sum(stored), 0)::bigint"
        " FROM ledger_minute"
    )
    return int(received), int(stored)


def depth(url: str) -> int:
    """Return the number of messages that wait in the queue."""
    with closing(open_connection(pika.URLParameters(url))) as connection:
        return int(connection.channel().queue_declare(QUEUE, passive=True).method.message_count)


def drain_with_pika(url: str, count: int) -> float:
    """Return the messages a second that pika alone takes and acknowledges."""
    return _in_own_process(url, count, "pika")


def drain_with_source(url: str, count: int, source: type[DeliverySource]) -> float:
    """Return the messages a second that a consumer without work takes from `source`."""
    return _in_own_process(url, count, source.__name__)


def _in_own_process(url: str, count: int, path: str) -> float:
    argv = [sys.executable, __file__, url, str(count), path]
    return float(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


def _consume(url: str, count: int, source: type[DeliverySource]) -> float:
    stop, taken, begin = StopFlag(heartbeat=False), 0, 0.0

    def process(batch: list[Delivery]) -> list[Rejected]:
        nonlocal taken, begin
        begin = begin or time.perf_counter()
        taken += len(batch)
        if taken >= count:
            stop.set()
        return []

    BatchConsumer(
        url,
        "bench",
        Topology(QUEUE, dead_letter_queue(QUEUE)),
        process,
        stop,
        prefetch=10_000,
        max_batch=2_000,
        source=source,
    ).run()
    return count / (time.perf_counter() - begin)


def _drain(url: str, count: int) -> float:
    with closing(open_connection(pika.URLParameters(url))) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=2_000)
        begin = 0.0
        for taken, (method, _, _) in enumerate(channel.consume(QUEUE), start=1):
            begin = begin or time.perf_counter()
            if taken % 1_000 == 0 or taken == count:
                channel.basic_ack(method.delivery_tag, multiple=True)
            if taken == count:
                break
        seconds = time.perf_counter() - begin
        channel.cancel()
    return count / seconds


def copy_rate(scratch: Scratch, messages: Sequence[bytes], batch: int = 1_000) -> float:
    """Return the rows a second of COPY into a table with the same columns and primary key.

    Batches as large as those of ingest, each committed, their text made beforehand.
    """
    keys = dict(scratch.execute("SELECT device_id::text, key FROM device"))
    texts = []
    for begin in range(0, len(messages), batch):
        rows = map(json.loads, messages[begin : begin + batch])
        texts.append(
            "".join(
                f"{row['timestamp']}\t{row['measurement_value'] * 1e6:.0f}"
                f"\t{keys[row['device_id']]}\t0\n"
                for row in rows
            )
        )
    scratch.execute(
        "DROP TABLE IF EXISTS ceiling; CREATE TABLE ceiling (started_at timestamptz NOT NULL,"
        " value_milliwh bigint NOT NULL, device_key integer NOT NULL, revision integer NOT NULL,"
        " PRIMARY KEY (device_key, started_at))"
    )
    with closing(psycopg2.connect(scratch.url)) as connection, connection.cursor() as cursor:
        begin_at = time.perf_counter()
        for text in texts:
            cursor.copy_expert("COPY ceiling FROM STDIN", io.StringIO(text))
            connection.commit()
        seconds = time.perf_counter() - begin_at
    return len(messages) / seconds


if __name__ == "__main__":
    _url, _count, _path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    _sources = {"FastSource": FastSource, "PikaSource": PikaSource}
    print(_drain(_url, _count) if _path == "pika" else _consume(_url, _count, _sources[_path]))
