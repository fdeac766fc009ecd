"""The compose file brought up for real: healthy, and complete again after every outage."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx
import pika
import pytest

from service_kit.broker.connection import with_own_socket_pair
from service_kit.testing.waiting import wait_until

from ..e2e.data.test_main_job import (
    dutch_meters,
    home,
    test_every_hour_is_the_sum_of_its_readings,
    test_the_days_on_which_the_clock_changes_have_23_and_25_hours,
    test_three_recorded_phases_add_up_exactly,
)
from ..support.installation import World
from .composed import Composed
from .files import health_command, services

__all__ = [
    "dutch_meters",
    "home",
    "test_every_hour_is_the_sum_of_its_readings",
    "test_the_days_on_which_the_clock_changes_have_23_and_25_hours",
    "test_three_recorded_phases_add_up_exactly",
]

#: Services that run without a profile.
RUNNING = [
    name
    for name, service in services().items()
    if service["restart"] == "unless-stopped" and "profiles" not in service
]
SERVERS = ("postgres", "rabbitmq", "redis")
pytestmark = pytest.mark.timeout(1200)


def await_health(installation: Composed, names: list[str], seconds: float = 240) -> None:
    """Wait until each container's own check passes."""

    def is_healthy(name: str) -> bool:
        done = installation.compose("exec", "-T", name, *health_command(name), check=False)
        return done.returncode == 0

    for name in names:
        wait_until(lambda name=name: is_healthy(name), seconds, f"{name} is not healthy")


def reading_counts(world: World, client, meter: str, kwh: float, hour: int) -> bool:
    """Return whether the hour has the energy that was sent; False while a process restarts."""
    try:
        day = world.day(client, meter, "2026-03-01")
    except (AssertionError, httpx.HTTPError):
        return False
    energy = day["hourly_data"][hour]["total_consumption"]
    return energy is not None and float(energy) == kwh


@pytest.fixture(scope="module")
def meter(installation: Composed, world: World):
    client, client_id = world.client("tenant")
    return client, world.device(client_id)


def send(installation: Composed, meter: str, kwh: float, hour: int) -> None:
    moment = f"2026-03-01T{hour:02}:00:00Z"
    reading = {"device_id": meter, "timestamp": moment, "measurement_value": kwh}
    wait_until(lambda: _sent(installation, reading), 120, "the broker takes no reading")


def _sent(installation: Composed, reading: dict) -> bool:
    try:
        installation.publish(reading)
    except Exception:
        return False
    return True


def test_a_domain_without_an_address_for_its_certificates_is_rejected_before_anything_starts(
    installation: Composed,
):
    composed = Composed("ems-test-rejected", (1, 2, 3, 4))
    composed.environment["DOMAIN"] = "energy.example.org"

    done = composed.compose("config", check=False)

    assert done.returncode != 0
    assert "ACME_EMAIL must say" in done.stdout + done.stderr


def test_every_container_becomes_healthy(installation: Composed):
    await_health(installation, RUNNING)


def test_the_gateway_serves_the_dashboard_and_nothing_internal(installation: Composed):
    page = httpx.get(installation.url)

    assert page.status_code == 200
    assert "<div id=" in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for path in ("/health/live", "/health/ready", "/metrics", "/ping", "/api/rawdata"):
        answer = httpx.get(f"{installation.url}{path}")
        assert answer.status_code == 404 or "<div id=" in answer.text, path
    assert installation.status_of("/api/..%2fhealth/live") == 400


def test_the_administrator_signs_in_with_the_printed_credentials(world: World):
    assert world.admin.get("/api/auth/me/").json()["role"] == "admin"


def test_a_client_that_knows_only_the_queues_name_may_declare_it(
    installation: Composed, world: World, meter
):
    send(installation, meter[1], 0.25, 8)
    url = installation.credentials["broker"]["declaring"]
    reading = {
        "device_id": meter[1],
        "timestamp": "2026-03-01T08:10:00Z",
        "measurement_value": 0.25,
    }

    parameters = pika.URLParameters(url)
    with with_own_socket_pair(lambda: pika.BlockingConnection(parameters)) as connection:
        channel = connection.channel()
        channel.queue_declare("device_data_queue", durable=True)
        channel.basic_publish("", "device_data_queue", json.dumps(reading).encode())

    wait_until(lambda: reading_counts(world, meter[0], meter[1], 0.5, 8), 60)


def test_a_dead_letter_stays_after_more_than_twenty_inspections(
    installation: Composed, world: World
):
    mark = uuid4().hex
    installation.publish({"nonsense": mark})

    def letters() -> list[str]:
        answer = world.admin.get("/api/monitoring/ingestion/dead-letters/")
        return [
            letter["body"] for letter in answer.json()["results"] if mark in str(letter["body"])
        ]

    wait_until(letters, 60)
    # A quorum queue drops a message after twenty deliveries, unless configured otherwise.
    for _ in range(25):
        wait_until(letters, 10)


@pytest.mark.parametrize("name", ["auth-web", "frontend", "traefik", "redis"])
def test_a_container_can_write_nothing_and_is_not_root(installation: Composed, name):
    attempt = "id -u; touch /written && echo wrote it; true"
    output = installation.compose("exec", "-T", name, "sh", "-c", attempt).stdout

    assert output.split() == ["10001"]


@pytest.mark.parametrize(
    ("name", "other"), [("device-web", "auth_db"), ("monitoring-web", "device_db")]
)
def test_no_service_sees_anothers_database_or_the_signing_keys(installation: Composed, name, other):
    attempt = (
        "import os, psycopg2; print(sorted(os.listdir('/keys')), flush=True)\n"
        "url = open('/run/ems/DATABASE_URL').read()\n"
        f"psycopg2.connect(url.rsplit('/', 1)[0] + '/{other}')"
    )
    done = installation.compose("exec", "-T", name, "python", "-c", attempt, check=False)

    assert "['public']" in done.stdout
    assert "permission denied for database" in done.stderr + done.stdout


def started(installation: Composed, name: str) -> str:
    """Return when the container's first process began, nothing while it does not run."""
    stat = installation.compose("exec", "-T", name, "cat", "/proc/1/stat", check=False).stdout
    return stat.split()[21] if stat else ""


def restart(installation: Composed, name: str) -> None:
    before = started(installation, name)
    installation.compose("stop", "-t", "30", name)
    # Some engines start what it depends on again, and give up when that has ended too soon.
    wait_until(lambda: installation.compose("start", name, check=False).returncode == 0, 60)
    # An engine may call a container started that still waits for its turn.
    wait_until(lambda: started(installation, name) not in ("", before), 60)


@pytest.mark.parametrize(("server", "hour"), [("postgres", 9), ("rabbitmq", 10), ("redis", 11)])
def test_services_reconnect_to_a_restarted_server(
    installation: Composed, world: World, meter, server, hour
):
    restart(installation, server)

    send(installation, meter[1], 0.25, hour)
    wait_until(lambda: reading_counts(world, meter[0], meter[1], 0.25, hour), 120)
    await_health(installation, [server, "auth-web", "monitoring-web", "monitoring-ingest"])


def test_a_reading_counts_after_each_service_was_restarted(
    installation: Composed, world: World, meter
):
    for name in RUNNING:
        if name not in SERVERS:
            restart(installation, name)
            await_health(installation, [name])

    send(installation, meter[1], 0.125, 12)

    wait_until(lambda: reading_counts(world, meter[0], meter[1], 0.125, 12), 60)


def test_down_and_up_keep_the_data_and_the_passwords(installation: Composed, world: World, meter):
    send(installation, meter[1], 0.75, 15)
    wait_until(lambda: reading_counts(world, meter[0], meter[1], 0.75, 15), 60)

    installation.compose("down")
    installation.compose("up", "-d", "--no-build")
    await_health(installation, RUNNING)

    # The former passwords, printed again.
    known = installation.credentials
    del installation.credentials
    assert installation.credentials == known
    assert World(installation).admin.get("/api/auth/me/").status_code == 200
    client = installation.session(meter[0].username, meter[0].password)
    assert reading_counts(world, client, meter[1], 0.75, 15)
