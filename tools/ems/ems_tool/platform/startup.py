"""The order in which the processes of an installation start; `ems up` and the start for tests."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

from ems_tool.configuration.credentials import Secrets
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import Kind, Process, of_kind
from ems_tool.console import note, step
from ems_tool.install import frontend, packages
from ems_tool.platform import lifecycle, services
from ems_tool.runtime import control_socket
from ems_tool.servers import gateway, postgres, rabbitmq, redis


def up(home: Home, foreground: bool) -> tuple[OsUser, Secrets]:
    """Install, migrate and start everything; return when all processes serve.

    A process that was stopped by hand is started again, and named. With `foreground`, the
    supervisor ends everything when this process ends.
    """
    _install()
    os_user = OsUser.ensure()
    # First: a start that is rejected must not leave its port behind as the one to remember.
    lifecycle.check_ports(home, tuple(home.ports))
    stopped_by_hand = lifecycle.stopped_by_hand(home)
    secrets = lifecycle.prepare(home, os_user)
    lifecycle.ensure_supervisor(home, owner=os.getpid() if foreground else None)
    _start(home, os_user, secrets)
    if stopped_by_hand:
        note(f"Started again after being stopped by hand: {', '.join(stopped_by_hand)}.")
    return os_user, secrets


def start_for_tests(home: Home, os_user: OsUser, owner: int | None = None) -> Secrets:
    """Start the servers alone, with the rights that tests need; return the secrets.

    The supervisor stops them when the process `owner` ends.
    """
    # First: a start that is rejected must not leave its port behind as the one to remember.
    ports = [name for process in of_kind(Kind.SERVER) for name in process.offsets]
    lifecycle.check_ports(home, tuple(ports))
    secrets = lifecycle.prepare(home, os_user)
    lifecycle.ensure_supervisor(home, owner)
    start_servers(home, os_user, secrets, tester=True)
    await_servers(home, secrets)
    return secrets


def start_servers(home: Home, os_user: OsUser, secrets: Secrets, tester: bool = False) -> None:
    """Start the servers; return when PostgreSQL has every role and database.

    RabbitMQ and Redis may still be starting: `await_servers` waits for them. `tester` gives the
    roles the rights that tests need: to create databases and queues.
    """
    # RabbitMQ takes longest, so it starts first and is waited for last.
    rabbitmq.prepare(home, os_user, secrets, tester)
    for spec in rabbitmq.specs(home, os_user):
        lifecycle.start(home, spec)
    redis.prepare(home, os_user, secrets)
    lifecycle.start(home, redis.spec(home, os_user))
    start_database(home, os_user, secrets, tester)


def start_database(home: Home, os_user: OsUser, secrets: Secrets, tester: bool = False) -> None:
    """Start PostgreSQL and create the roles and databases that are missing."""
    with step("PostgreSQL"):
        postgres.prepare(home, os_user, secrets)
        lifecycle.start(home, postgres.spec(home, os_user))
        lifecycle.wait(home, "postgres", lambda: postgres.is_ready(home, secrets))
        postgres.create_databases(home, secrets, may_create=tester)


def await_servers(home: Home, secrets: Secrets) -> None:
    """Wait until RabbitMQ and Redis serve."""
    with step("RabbitMQ and Redis"):
        lifecycle.wait(home, "redis", lambda: redis.is_ready(home, secrets))
        lifecycle.wait(home, "rabbitmq", lambda: rabbitmq.is_ready(home))


def stay(home: Home) -> None:
    """Wait for Ctrl-C or SIGTERM, or until another command ends the platform; then stop it."""
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


def _install() -> None:
    """Install the servers and build the dashboard, both at once: each waits for the network."""
    with ThreadPoolExecutor() as pool:
        parts = [pool.submit(packages.ensure, packages.SERVERS), pool.submit(frontend.ensure_built)]
        for part in parts:
            part.result()


def _start(home: Home, os_user: OsUser, secrets: Secrets) -> None:
    """Start all processes in order: each as soon as it can work, the slowest first."""
    start_servers(home, os_user, secrets)
    with step("Databases up to date"):
        services.migrate(home, os_user, secrets)
    gateway.prepare(home, os_user)
    for spec in gateway.specs(home, os_user):
        lifecycle.start(home, spec)
    for process in of_kind(Kind.WEB):
        lifecycle.start(home, services.web_spec(process, home, os_user, secrets))
    await_servers(home, secrets)
    for process in of_kind(Kind.WORKER):
        lifecycle.start(home, services.worker_spec(process, home, os_user, secrets))
    with step("Services"):
        for process in of_kind(Kind.WEB):
            _await_web(process, home)
        lifecycle.wait(home, "frontend", lambda: gateway.answers(home.ports["frontend"], "/"))
        ping = home.ports["traefik-ping"]
        lifecycle.wait(home, "traefik", lambda: gateway.answers(ping, "/ping"))


def _await_web(process: Process, home: Home) -> None:
    lifecycle.wait(home, process.name, lambda: services.is_ready(process.name, home))
