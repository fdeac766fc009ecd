"""A real broker, and a link to it that a test can cut."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pika
import pytest

from device_simulator.publisher.session import with_own_socket_pair

REPOSITORY = Path(__file__).resolve().parents[2]
DEVICE = "4c189959-e674-4eaa-8ebb-98fd953657c5"


def absent(what: str) -> None:
    """Skip, but never in CI, where a silently skipped test would look like a passed one."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(autouse=True)
def _no_broker_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test names its broker; the one in the environment is asked for by `broker_url`."""
    monkeypatch.delenv("RABBITMQ_URL", raising=False)


@pytest.fixture(scope="session")
def broker_url() -> str:
    url = os.environ.get("RABBITMQ_URL")
    if not url:
        absent("RABBITMQ_URL names no broker")
    return url


@pytest.fixture(scope="session")
def real_readings() -> Path:
    named = os.environ.get("REAL_READINGS_DIR")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        absent(f"REAL_READINGS_DIR: the recorded meters are not in {folder}")
    return folder


class Broker:
    """A queue of the test, seen from the broker."""

    def __init__(self, url: str, queue: str) -> None:
        self.url = url
        self.queue = queue
        parameters = pika.URLParameters(url)
        self._connection = with_own_socket_pair(lambda: pika.BlockingConnection(parameters))
        self.channel = self._connection.channel()

    def ready(self) -> int:
        declared = self.channel.queue_declare(self.queue, durable=True)
        return declared.method.message_count

    def deliveries(self) -> list[tuple[pika.BasicProperties, bytes]]:
        """Take everything out of the queue."""
        deliveries: list[tuple[pika.BasicProperties, bytes]] = []
        count = self.ready()
        if count:
            for _method, properties, body in self.channel.consume(self.queue, auto_ack=True):
                deliveries.append((properties, body))
                if len(deliveries) == count:
                    break
            self.channel.cancel()
        return deliveries

    def readings(self) -> list[dict]:
        """Take every reading out of the queue; numbers as Decimal."""
        readings: list[dict] = []
        for _properties, body in self.deliveries():
            content = json.loads(body, parse_float=Decimal, parse_int=Decimal)
            readings += content if isinstance(content, list) else [content]
        return readings

    def arguments(self, *more: object) -> list[object]:
        """Return arguments of the command that name this queue."""
        return ["--rabbitmq", self.url, "--queue", self.queue, *more]

    def close(self) -> None:
        self.channel.queue_delete(self.queue)
        self._connection.close()


@pytest.fixture
def broker(broker_url: str) -> Iterator[Broker]:
    broker = Broker(broker_url, f"simulator-test-{uuid.uuid4()}")
    broker.ready()
    yield broker
    broker.close()


class Link:
    """A TCP relay to the broker: `cut` ends what is open and what comes, until `mend`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port or 5672)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        login = parts.netloc.rpartition("@")[0]
        self.url = urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{self.port}"))
        self.connections = 0
        self.to_broker = 0
        """Bytes passed on to the broker."""
        self.swallow_answers = threading.Event()
        """Set: what the broker says is lost, so no confirmation arrives."""
        self._cut = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            self._cut.set()
            for each in self._open:
                # Wakes the thread that reads from it; close alone would leave it waiting.
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def mend(self) -> None:
        self.swallow_answers.clear()
        self._cut.clear()

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                if self._cut.is_set():
                    client.close()
                    continue
                upstream = socket.create_connection(self._target)
                self._open |= {client, upstream}
            for source, sink in ((client, upstream), (upstream, client)):
                threading.Thread(
                    target=self._pass, args=(source, sink, client), daemon=True
                ).start()

    def _pass(self, source: socket.socket, sink: socket.socket, client: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if source is client:
                    self.to_broker += len(data)
                elif self.swallow_answers.is_set():
                    continue
                sink.sendall(data)
        except OSError:
            pass
        with self._lock:
            self._open -= {source, sink}
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def link(broker_url: str) -> Iterator[Link]:
    link = Link(broker_url)
    yield link
    link.close()


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until a condition holds; fail after a generous time."""

    def wait(condition: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "the condition never became true"
            time.sleep(0.02)

    return wait


@pytest.fixture
def start():
    """Start the command as its own process; a process that still runs at the end is killed."""
    started: list[subprocess.Popen] = []

    def begin(*arguments: object) -> subprocess.Popen:
        command = [sys.executable, "-m", "device_simulator", *map(str, arguments)]
        environment = {k: v for k, v in os.environ.items() if k != "RABBITMQ_URL"}
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**environment, "COLUMNS": "200"},
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def finish(start):
    """Run the command to its end: exit status, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        process = start(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    return run
