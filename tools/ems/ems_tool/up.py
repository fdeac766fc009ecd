"""`ems up`: from nothing, or from whatever is there, to the whole platform running."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

from ems_tool import (
    control,
    frontend,
    gateway,
    packages,
    rabbitmq,
    redis,
    services,
    stack,
)
from ems_tool.console import step
from ems_tool.credentials import Secrets
from ems_tool.home import Home
from ems_tool.identity import Identity


def install() -> None:
    """Install the servers and build the dashboard, both at once: each waits for the network."""
    with ThreadPoolExecutor() as pool:
        parts = [pool.submit(packages.ensure, packages.SERVERS), pool.submit(frontend.ensure_built)]
        for part in parts:
            part.result()


def up(home: Home, foreground: bool) -> tuple[Identity, Secrets]:
    """Install, start and migrate; return when everything serves.

    With `foreground`, the supervisor ends everything when this process ends.
    """
    install()
    identity = Identity.current()
    # First: a start that is rejected must not leave its port behind as the one to remember.
    stack.check_ports(home, tuple(home.ports))
    secrets = stack.prepare(home, identity)
    stack.ensure_supervisor(home, owner=os.getpid() if foreground else None)
    start(home, identity, secrets)
    return identity, secrets


def start(home: Home, identity: Identity, secrets: Secrets) -> None:
    """Start everything in order: what waits longest first, each as soon as it can work."""
    rabbitmq.prepare(home, identity, secrets)
    for spec in rabbitmq.specs(home, identity):
        stack.start(home, spec)
    redis.prepare(home, identity, secrets)
    stack.start(home, redis.spec(home, identity))
    stack.start_database(home, identity, secrets)
    with step("Databases up to date"):
        services.migrate(home, identity, secrets)
    gateway.prepare(home, identity)
    for spec in gateway.specs(home, identity):
        stack.start(home, spec)
    for name in services.WEB:
        stack.start(home, services.web_spec(name, home, identity, secrets))
    with step("RabbitMQ and Redis"):
        stack.wait(home, "redis", lambda: redis.is_ready(home, secrets))
        stack.wait(home, "rabbitmq", lambda: rabbitmq.is_ready(home))
    for name in services.WORKERS:
        stack.start(home, services.worker_spec(name, home, identity, secrets))
    with step("Services"):
        for name in services.WEB:
            stack.wait(home, name, _ready(name, home))
        stack.wait(home, "frontend", lambda: gateway.answers(home.ports["frontend"], "/"))
        stack.wait(home, "traefik", lambda: gateway.answers(home.ports["traefik-ping"], "/ping"))


def _ready(name: str, home: Home) -> Callable[[], bool]:
    return lambda: services.is_ready(name, home)


def stay(home: Home) -> None:
    """Stay until Ctrl-C or SIGTERM, or until somebody else ends the platform; then stop all."""
    ended = False

    def end(_: int, __: FrameType | None) -> None:
        nonlocal ended
        ended = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    while not ended and control.is_running(home.run):
        time.sleep(0.5)
    with step("Stopping"), contextlib.suppress(KeyboardInterrupt):
        stack.stop(home)
