"""The load of the benchmarks: a steady stream of readings, and probes among them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pika
import psycopg2

from readings import QUEUE, message, open_connection
from steady_publisher import Published
from support import Scratch

#: Seconds between two probes, and between two looks at the table.
PROBE_SECONDS = 0.1
LOOK_SECONDS = 0.005
#: Seconds after which a probe counts as lost.
PATIENCE = 120


def stamp(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


class Stream:
    """A publisher in a process of its own."""

    def __init__(self, url: str, readings_per_second: float, seconds: float, per_message: int):
        argv = [sys.executable, str(Path(__file__).with_name("steady_publisher.py")), url]
        argv += [str(readings_per_second), str(seconds), str(per_message)]
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)

    def wait(self) -> Published:
        """Return the result, when all is confirmed."""
        printed, _ = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError("the publisher failed")
        return Published(**json.loads(printed))

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def stream(
    url: str, readings_per_second: float, seconds: float, per_message: int = 1
) -> Iterator[Stream]:
    stream = Stream(url, readings_per_second, seconds, per_message)
    try:
        yield stream
    finally:
        stream.end()


class Probes(threading.Thread):
    """A reading of one device every tenth of a second, until it is seen in the table."""

    def __init__(self, service: Scratch, device_id: UUID) -> None:
        super().__init__(daemon=True)
        self._service = service
        self._device_id = str(device_id)
        ((self._key,),) = service.execute(
            "SELECT key FROM device WHERE device_id = %s", [self._device_id]
        )
        #: When each was published, and the seconds until its commit was seen.
        self.seen: list[tuple[float, float]] = []
        self.sent = 0
        self._waiting: dict[datetime, float] = {}
        self._instant = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self._ending = threading.Event()

    def run(self) -> None:
        parameters = pika.URLParameters(self._service.env["RABBITMQ_URL"])
        parameters.heartbeat = 0
        with (
            closing(open_connection(parameters)) as broker,
            closing(psycopg2.connect(self._service.url)) as database,
        ):
            channel = broker.channel()
            database.autocommit = True
            due = time.perf_counter()
            while self._waiting or not self._ending.is_set():
                if time.perf_counter() >= due and not self._ending.is_set():
                    due += PROBE_SECONDS
                    self._publish(channel)
                self._look(database)
                time.sleep(LOOK_SECONDS)

    def finish(self) -> None:
        """Send no more readings; return when the last one was seen."""
        self._ending.set()
        self.join(PATIENCE)
        if self.is_alive():
            raise TimeoutError(f"{len(self._waiting)} probes are not stored")

    def _publish(self, channel: pika.adapters.blocking_connection.BlockingChannel) -> None:
        self._instant -= timedelta(seconds=1)
        self._waiting[self._instant] = time.perf_counter()
        body = message(stamp(self._instant), self._device_id, 0.001)
        channel.basic_publish("", QUEUE, body, pika.BasicProperties(delivery_mode=2))
        self.sent += 1

    def _look(self, database: psycopg2.extensions.connection) -> None:
        if not self._waiting:
            return
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT started_at FROM reading WHERE device_key = %s AND started_at = ANY(%s)",
                [self._key, list(self._waiting)],
            )
            now = time.perf_counter()
            for (instant,) in cursor.fetchall():
                sent = self._waiting.pop(instant)
                self.seen.append((sent, now - sent))
