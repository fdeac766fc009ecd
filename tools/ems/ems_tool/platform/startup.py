"""`ems up`: from nothing, or from whatever is there, to the whole platform running."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

from ems_tool.configuration.credentials import Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import step
from ems_tool.install import frontend, packages
from ems_tool.platform import lifecycle, services
from ems_tool.runtime import control_socket
from ems_tool.servers import gateway, rabbitmq, redis


def install() -> None:
    """Install the servers and build the dashboard, both at once: each waits for the network."""
    with ThreadPoolExecutor() as pool:
        parts = [pool.submit(packages.ensure, packages.SERVERS), pool.submit(frontend.ensure_built)]
        for part in parts:
            part.result()


def up(home: Home, foreground: bool) -> tuple[OsUser, Secrets]:
    """Install, start and migrate; return when everything serves.

    With `foreground`, the supervisor ends everything when this process ends.
    """
    install()
    os_user = OsUser.current()
    # First: a start that is rejected must not leave its port behind as the one to remember.
    lifecycle.check_ports(home, tuple(home.ports))
    secrets = lifecycle.prepare(home, os_user)
    lifecycle.ensure_supervisor(home, owner=os.getpid() if foreground else None)
    start(home, os_user, secrets)
    return os_user, secrets


def start(home: Home, os_user: OsUser, secrets: Secrets) -> None:
    """Start everything in order: what waits longest first, each as soon as it can work."""
    rabbitmq.prepare(home, os_user, secrets)
    for spec in rabbitmq.specs(home, os_user):
        lifecycle.start(home, spec)
    redis.prepare(home, os_user, secrets)
    lifecycle.start(home, redis.spec(home, os_user))
    lifecycle.start_database(home, os_user, secrets)
    with step("Databases up to date"):
        services.migrate(home, os_user, secrets)
    gateway.prepare(home, os_user)
    for spec in gateway.specs(home, os_user):
        lifecycle.start(home, spec)
    for name in services.WEB:
        lifecycle.start(home, services.web_spec(name, home, os_user, secrets))
    with step("RabbitMQ and Redis"):
        lifecycle.wait(home, "redis", lambda: redis.is_ready(home, secrets))
        lifecycle.wait(home, "rabbitmq", lambda: rabbitmq.is_ready(home))
    for name in services.WORKERS:
        lifecycle.start(home, services.worker_spec(name, home, os_user, secrets))
    with step("Services"):
        for name in services.WEB:
            lifecycle.wait(home, name, _ready(name, home))
        lifecycle.wait(home, "frontend", lambda: gateway.answers(home.ports["frontend"], "/"))
        lifecycle.wait(
            home, "traefik", lambda: gateway.answers(home.ports["traefik-ping"], "/ping")
        )


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
    while not ended and control_socket.is_running(home.run):
        time.sleep(0.5)
    with step("Stopping"), contextlib.suppress(KeyboardInterrupt):
        lifecycle.stop(home)
