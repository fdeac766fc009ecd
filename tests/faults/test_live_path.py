"""A dashboard while Redis is restarted, and when malformed pushes are written into it."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
import redis
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from service_kit.testing.waiting import wait_until

from ..support.installation import Installation, Session, World
from ..support.levers import down
from .id_ledger import restarts_of

#: Seconds after which every reading is on the screen.
SHOWN_WITHIN = 10

#: Restarts in a row; a race may spare the first ones.
ROUNDS = int(os.environ.get("FAULT_REDIS_ROUNDS", "3"))

#: The hour in which all readings of a test are.
HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)

ENERGY = Decimal("0.25")


class Screen:
    """One meter's hour as a dashboard shows it: it connects, reads by HTTP, then takes pushes."""

    def __init__(self, world: World, session: Session, device_id: str) -> None:
        self.world, self.session, self.device_id = world, session, device_id
        self.kwh = Decimal(0)
        self.pushes = 0
        self.closed_with: list[int] = []
        self.connected = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Screen:
        self._thread.start()
        assert self.connected.wait(30)
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def shows(self, readings: int) -> None:
        """Fail unless the screen shows all readings in time."""
        wait_until(
            lambda: self.kwh == readings * ENERGY,
            SHOWN_WITHIN,
            f"{self.kwh} kWh are shown instead of {readings * ENERGY}",
        )

    def _run(self) -> None:
        while not self._stop.is_set():
            with suppress(WebSocketException, OSError):
                self._listen()
            self.connected.clear()
            # The dashboard waits up to a second, so that not all come back at once.
            self._stop.wait(random.random())

    def _listen(self) -> None:
        installation = self.world.installation
        url = f"ws://127.0.0.1:{installation.port}/ws/monitoring/"
        with connect(url, origin=installation.url) as socket:
            try:
                self._say(socket, type="authenticate", token=self.session.token)
                self._say(socket, type="subscribe", device_ids=[self.device_id])
                hours = self.world.hours(
                    self.session, self.device_id, HOUR, HOUR + timedelta(hours=1)
                )
                self.kwh = next(iter(hours.values()), Decimal(0))
                self.connected.set()
                while not self._stop.is_set():
                    with suppress(TimeoutError):
                        frame = json.loads(socket.recv(timeout=0.2), parse_float=Decimal)
                        self.kwh = Decimal(frame["total_consumption"])
                        self.pushes += 1
            finally:
                if socket.close_code is not None:
                    self.closed_with.append(socket.close_code)

    @staticmethod
    def _say(socket: ClientConnection, **frame: object) -> None:
        socket.send(json.dumps(frame))
        # A subscription is confirmed when Redis is available again.
        answer = json.loads(socket.recv(timeout=60))
        assert answer["type"] in ("authenticated", "subscribed"), answer


@contextmanager
def redis_of(installation: Installation) -> Iterator[redis.Redis]:
    """Yield a client of Redis with the rights that the services have."""
    port, password = installation.ports["redis"], installation.secrets()["redis"]
    client = redis.Redis(host="127.0.0.1", port=port, password=password)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def screen(world: World) -> Iterator[Screen]:
    client, client_id = world.client("screen")
    with Screen(world, client, world.device(client_id)) as open_screen:
        yield open_screen


def send(screen: Screen, number: int) -> None:
    reading = {
        "device_id": screen.device_id,
        "timestamp": (HOUR + timedelta(seconds=number)).isoformat(),
        "measurement_value": float(ENERGY),
    }
    screen.world.installation.publish(reading)


def test_an_open_page_recovers_when_redis_is_restarted(installation: Installation, screen: Screen):
    """A reading sent during the outage and one after it are shown in time, every time."""
    sent = 1
    send(screen, sent)
    screen.shows(sent)
    for _ in range(ROUNDS):
        closed = len(screen.closed_with)
        with down(installation, "redis"):
            sent += 1
            send(screen, sent)
        screen.shows(sent)
        wait_until(
            lambda closed=closed: len(screen.closed_with) > closed and screen.connected.is_set()
        )
        pushes = screen.pushes
        sent += 1
        send(screen, sent)
        screen.shows(sent)
        assert screen.pushes > pushes, "it was read, not pushed"
    assert set(screen.closed_with) == {1012}


def test_an_open_page_recovers_when_redis_is_killed(installation: Installation, screen: Screen):
    """Readings arrive until the page is connected again, and all of them are shown in time."""
    sent = 0

    def is_connected_again(closed: int) -> bool:
        nonlocal sent
        sent += 1
        send(screen, sent)
        return len(screen.closed_with) > closed and screen.connected.is_set()

    for _ in range(ROUNDS):
        closed = len(screen.closed_with)
        installation.ems("kill", "redis", "KILL")
        wait_until(lambda closed=closed: is_connected_again(closed))
        screen.shows(sent)


MALFORMED = [
    b"\xc1",
    b"not msgpack",
    msgspec.msgpack.encode([]),
    msgspec.msgpack.encode({"type": "of another version"}),
    msgspec.msgpack.encode({"type": "hours", "updates": [{}]}),
    msgspec.msgpack.encode({"type": "alerts", "updates": [["no id", 1, "{}", []]]}),
    msgspec.msgpack.encode({"type": "access", "user_ids": 5}),
]

#: The Redis channel of the group of the live processes.
GROUP_CHANNEL = "live:__group__live"


def test_an_open_page_survives_malformed_pushes(installation: Installation, screen: Screen):
    processes = ("monitoring-live", "monitoring-ingest")
    restarts = {name: restarts_of(installation, name) for name in processes}
    with redis_of(installation) as client:
        try:
            client.zadd("live:devices", {"not-a-uuid": time.time() + 60})
            for number, push in enumerate(MALFORMED, start=1):
                assert client.publish(GROUP_CHANNEL, push) > 0, "no live process receives"
                send(screen, number)
                screen.shows(number)
        finally:
            client.zrem("live:devices", "not-a-uuid")

    assert screen.pushes >= len(MALFORMED) - 1
    assert screen.closed_with == []
    assert {name: restarts_of(installation, name) for name in processes} == restarts
    assert "skipped" in (installation.home / "logs" / "monitoring-live.log").read_text()
