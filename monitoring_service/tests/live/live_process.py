"""A live process as installations run it, and sockets that send it bytes of any kind."""

from __future__ import annotations

import http.client
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from service_kit.testing.waiting import wait_until


class Live(NamedTuple):
    """A live process: gunicorn with one worker, whose process id is `pid`."""

    url: str
    port: int
    pid: int
    log: Path

    def resident_mb(self) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@pytest.fixture(scope="module")
def live(issuer, django_db_setup, tmp_path_factory) -> Iterator[Live]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("live") / "live.log"
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path=f"/{connection.settings_dict['NAME']}"
    )
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(database),
        # The key of the tests is one that an installation would reject.
        "EMS_MODE": "development",
        "JWT_PUBLIC_KEYS_DIR": str(settings.JWT_PUBLIC_KEYS_DIR),
    }
    argv = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    argv += ["--no-control-socket", "--worker-class", "config.live_worker.LiveWorker"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*argv, "config.asgi:application"],
            cwd=Path(__file__).parents[2],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until(lambda: answers(port) or process.poll() is not None, seconds=30)
            assert process.poll() is None, log.read_text()
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            address = f"ws://127.0.0.1:{port}/ws/monitoring/"
            yield Live(address, port, int(children.split()[0]), log)
        finally:
            process.terminate()
            process.wait(30)


def answers(port: int) -> bool:
    request = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(request), suppress(OSError, http.client.HTTPException):
        request.request("GET", "/health/live")
        return request.getresponse().status == 200
    return False


@contextmanager
def raw_socket(port: int, *headers: str, path: str = "/ws/monitoring/") -> Iterator[socket.socket]:
    """Open a websocket to which the test writes any bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connected:
        lines = [
            f"GET {path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Extensions: permessage-deflate",
            f"Origin: {settings.PUBLIC_ORIGINS[0]}",
            *headers,
        ]
        connected.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = connected.recv(4096)
            assert part, answer
            answer += part
        assert b" 101 " in answer, answer
        assert b"permessage-deflate" not in answer
        yield connected


def frame(opcode: int, payload: bytes, *, final: bool = True, length: int | None = None) -> bytes:
    """Return a frame as a client sends it; `length` is the length that its head claims."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if final else 0) | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65_536:
        head += bytes([0x80 | 126]) + struct.pack("!H", size)
    else:
        head += bytes([0x80 | 127]) + struct.pack("!Q", size)
    return head + bytes(4) + payload


def send(connected: socket.socket, data: bytes) -> None:
    """Send until the other end closes or stops reading."""
    with suppress(ConnectionError, TimeoutError):
        connected.sendall(data)


def read_to_the_end(connected: socket.socket) -> bytes:
    taken = b""
    with suppress(ConnectionResetError):
        while part := connected.recv(65_536):
            taken += part
    return taken


def close_code(taken: bytes) -> int | None:
    """Return the code of the close frame in the bytes of a server, None without one."""
    while len(taken) >= 2:
        opcode, size, head = taken[0] & 0x0F, taken[1], 2
        if size == 126:
            size, head = struct.unpack("!H", taken[2:4])[0], 4
        if opcode == 8:
            return struct.unpack("!H", taken[head : head + 2])[0] if size else 1005
        taken = taken[head + size :]
    return None


def handshake(port: int, *headers: str, path: str = "/ws/monitoring/") -> tuple[int, bytes]:
    """Return status and body of the answer to the request for a websocket."""
    request = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(request):
        request.putrequest("GET", path)
        for name, value in (
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ):
            request.putheader(name, value)
        for line in headers:
            name, _, value = line.partition(": ")
            request.putheader(name, value.encode("latin-1"))
        request.endheaders()
        answer = request.getresponse()
        return answer.status, answer.read() if answer.status != 101 else b""
