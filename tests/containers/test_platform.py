"""The compose file brought up for real: healthy, complete, and whole again after every outage."""

from __future__ import annotations

import time
from uuid import uuid4

import httpx
import pytest

from ..e2e.installation import World, eventually
from ..e2e.test_gateway import status_of
from ..e2e.test_main_job import (
    dutch_meters,
    home,
    test_every_hour_is_the_sum_of_its_readings,
    test_the_days_on_which_the_clock_changes_have_23_and_25_hours,
    test_three_recorded_phases_add_up_exactly,
)
from .composed import Composed
from .files import health_command, services

__all__ = [
    "dutch_meters",
    "home",
    "test_every_hour_is_the_sum_of_its_readings",
    "test_the_days_on_which_the_clock_changes_have_23_and_25_hours",
    "test_three_recorded_phases_add_up_exactly",
]

#: What runs when no profile is asked for.
RUNNING = [
    name
    for name, one in services().items()
    if one["restart"] == "unless-stopped" and "profiles" not in one
]
pytestmark = pytest.mark.timeout(1200)


def await_health(installation: Composed, names: list[str], seconds: float = 240) -> None:
    """Wait until each container's own check passes."""
    end = time.monotonic() + seconds
    for name in names:
        command = health_command(name)
        while True:
            done = installation.compose("exec", "-T", name, *command, check=False)
            if done.returncode == 0:
                break
            assert time.monotonic() < end, f"{name}: {done.stdout}{done.stderr}"
            time.sleep(1)


def reading_counts(world: World, client, meter: str, kwh: float, hour: int) -> bool:
    day = world.day(client, meter, "2026-03-01")
    found = day["hourly_data"][hour]["total_consumption"]
    return found is not None and float(found) == kwh


@pytest.fixture(scope="module")
def meter(installation: Composed, world: World):
    client, client_id = world.client("tenant")
    return client, world.device(client_id)


def send(installation: Composed, meter: str, kwh: float, hour: int) -> None:
    moment = f"2026-03-01T{hour:02}:00:00Z"
    reading = {"device_id": meter, "timestamp": moment, "measurement_value": kwh}
    eventually(lambda: _sent(installation, reading), 120, "the broker takes no reading")


def _sent(installation: Composed, reading: dict) -> bool:
    try:
        installation.publish(reading)
    except Exception:
        return False
    return True


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
    assert status_of(installation, "/api/..%2fhealth/live") == 400


def test_the_administrator_signs_in_with_what_the_credentials_say(world: World):
    assert world.admin.get("/api/auth/me/").json()["role"] == "admin"


def test_a_client_that_knows_only_the_queues_name_may_declare_it(installation: Composed, meter):
    send(installation, meter[1], 0.5, 8)

    world = World(installation)
    eventually(lambda: reading_counts(world, meter[0], meter[1], 0.5, 8), 60)


def test_a_dead_letter_is_there_however_often_it_is_looked_at(installation: Composed, world: World):
    mark = uuid4().hex
    installation.publish({"nonsense": mark})

    def letters() -> list[str]:
        answer = world.admin.get("/api/monitoring/ingestion/dead-letters/")
        return [one["body"] for one in answer.json()["results"] if mark in str(one["body"])]

    eventually(letters, 60)
    # A quorum queue would drop it after twenty looks, unless told not to.
    for _ in range(25):
        eventually(letters, 10)


def test_a_container_can_write_nothing_and_is_not_root(installation: Composed):
    for name in ("auth-web", "monitoring-ingest", "frontend", "traefik", "redis"):
        who = installation.compose("exec", "-T", name, "id", "-u").stdout
        assert who.strip() == "10001", name
        wrote = installation.compose("exec", "-T", name, "touch", "/written", check=False)
        assert wrote.returncode != 0, name


def test_no_service_sees_anothers_database_or_settings(installation: Composed):
    for name, other in (("device-web", "auth_db"), ("monitoring-web", "device_db")):
        code = (
            "import psycopg2; url = open('/run/ems/DATABASE_URL').read();"
            f"psycopg2.connect(url.rsplit('/', 1)[0] + '/{other}')"
        )
        done = installation.compose("exec", "-T", name, "python", "-c", code, check=False)
        assert "permission denied for database" in done.stderr + done.stdout
        seen = installation.compose("exec", "-T", name, "ls", "/keys", "/run/ems").stdout
        assert "private" not in seen


@pytest.mark.parametrize("server", ["postgres", "rabbitmq", "redis"])
def test_a_server_that_comes_back_is_found_again(installation: Composed, meter, server):
    hour = {"postgres": 9, "rabbitmq": 10, "redis": 11}[server]
    installation.compose("restart", "-t", "30", server)

    send(installation, meter[1], 0.25, hour)
    world = World(installation)
    eventually(lambda: reading_counts(world, meter[0], meter[1], 0.25, hour), 120)
    await_health(installation, [server, "auth-web", "monitoring-web", "monitoring-ingest"])


def test_every_service_may_be_restarted(installation: Composed, meter):
    names = [name for name in RUNNING if name not in ("postgres", "rabbitmq", "redis")]
    for name in names:
        installation.compose("restart", "-t", "15", name)

    await_health(installation, names)
    send(installation, meter[1], 0.125, 12)
    eventually(lambda: httpx.get(installation.url).status_code == 200, 60)
    world = World(installation)
    eventually(lambda: reading_counts(world, meter[0], meter[1], 0.125, 12), 120)


def test_down_and_up_keep_the_data_and_the_passwords(installation: Composed, meter):
    installation.compose("down")
    installation.compose("up", "-d", "--no-build")
    await_health(installation, RUNNING)

    # The administrator of before, whose password is asked for anew.
    del installation.credentials
    world = World(installation)
    client = installation.session(meter[0].username, meter[0].password)
    for hour, kwh in ((8, 0.5), (9, 0.25), (10, 0.25), (11, 0.25), (12, 0.125)):
        assert reading_counts(world, client, meter[1], kwh, hour)
