"""The live process behind a real server, and a browser's end of its sockets."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from django.conf import settings
from django.db import connection
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


@contextmanager
def serving() -> Iterator[str]:
    """Serve the application of the live process in a thread of this process."""
    from config.asgi import application
    from config.live_worker import LiveWorker

    options = LiveWorker.CONFIG_KWARGS
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="warning", **options))
    # A daemon, so that a server that does not stop fails its test and does not hold pytest.
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        loop = server.servers[0].get_loop()
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}/ws/monitoring/"
    finally:
        server.should_exit = True
        thread.join(20)
        # The server's thread leaves a connection, with which the test database cannot be dropped.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert not thread.is_alive(), f"the server did not stop: {asyncio.all_tasks(loop)}"


@pytest.fixture(scope="module")
def url(django_db_setup, django_db_blocker) -> Iterator[str]:
    """Serve one live process for the tests of a module; return its address."""
    with django_db_blocker.unblock(), serving() as address, django_db_blocker.block():
        yield address


class Socket:
    """The client's end of a websocket, open for the block."""

    def __init__(self, url: str, origin: str | None = None, **options: object) -> None:
        self.opening = connect(url, origin=origin or settings.PUBLIC_ORIGINS[0], **options)
        self.connection: ClientConnection

    def __enter__(self) -> Socket:
        self.connection = self.opening.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.opening.__exit__(*error)

    def say(self, **frame: object) -> None:
        self.connection.send(json.dumps(frame))

    def hear(self, timeout: float = 10) -> dict:
        return json.loads(self.connection.recv(timeout=timeout))

    def closed_with(self) -> int:
        """Skip frames until the end; return the close code, 1006 without a close frame."""
        try:
            while True:
                self.connection.recv(timeout=10)
        except ConnectionClosed as closed:
            return 1006 if closed.rcvd is None else closed.rcvd.code

    def listen(self, token: str, *device_ids: object, **options: object) -> dict:
        self.say(type="authenticate", token=token)
        assert self.hear()["type"] == "authenticated"
        self.say(
            type="subscribe", device_ids=[str(device_id) for device_id in device_ids], **options
        )
        return self.hear()
