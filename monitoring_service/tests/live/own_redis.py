"""A Redis of a single test, which the test may restart and send malformed messages to."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.test import override_settings

from monitoring.live import publisher
from monitoring.live.pushes import LAYER
from service_kit.testing.waiting import wait_until


class OwnRedis:
    """A redis-server without persistence, as the platform runs it."""

    def __init__(self, folder: Path) -> None:
        # Not a port, which any connection of the machine may take between two starts.
        self._socket = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None, "redis-server is not installed"
        argv = [program, "--port", "0", "--unixsocket", str(self._socket), "--save", ""]
        self._process = subprocess.Popen(argv, cwd="/", stdout=subprocess.DEVNULL)
        wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    """Start a Redis that the live process and the publishers of the test use."""
    # Not pytest's folder: the path of a socket may have 107 bytes.
    with tempfile.TemporaryDirectory() as folder:
        server = OwnRedis(Path(folder))
        server.start()
        publisher._redis.cache_clear()
        layers = deepcopy(settings.CHANNEL_LAYERS)
        layers[LAYER]["CONFIG"]["hosts"][0]["address"] = server.url
        with override_settings(REDIS_URL=server.url, CHANNEL_LAYERS=layers):
            yield server
        publisher._redis.cache_clear()
        server.kill()
