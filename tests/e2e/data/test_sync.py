"""A change in one service reaches the others, even if its events are lost or repeated."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import uuid4

import pytest

from service_kit.testing.waiting import wait_until

from ...support.installation import Installation, World

#: Seconds within which the other services must know.
SYNC_SECONDS = 2

OTHERS = ("device_service", "monitoring_service")


def known(installation: Installation, service: str, user_id: str) -> tuple | None:
    rows = installation.query(
        service,
        "SELECT username, role, is_active, deleted, version FROM known_user WHERE id = %s",
        user_id,
    )
    return rows[0] if rows else None


def new_user(world: World) -> tuple[str, str]:
    username = f"sync-{uuid4().hex[:8]}"
    body = {"username": username, "password": f"a-{uuid4().hex}", "role": "client"}
    answer = world.admin.post("/api/users/", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], username


def rename(world: World, user_id: str) -> str:
    username = f"renamed-{uuid4().hex[:8]}"
    answer = world.admin.request("PATCH", f"/api/users/{user_id}/", json={"username": username})
    assert answer.status_code == 200, answer.text
    return username


def is_known_as(installation: Installation, service: str, user_id: str, username: str) -> bool:
    copy = known(installation, service, user_id)
    return copy is not None and copy[0] == username and not copy[3]


def is_deleted(installation: Installation, service: str, user_id: str) -> bool:
    copy = known(installation, service, user_id)
    return copy is not None and copy[3]


def test_a_created_renamed_or_deleted_user_changes_in_other_services_within_two_seconds(
    installation: Installation, world: World
):
    user_id, username = new_user(world)
    opened_at = datetime.fromisoformat(
        world.admin.get(f"/api/users/{user_id}/").json()["created_at"]
    )
    for service in OTHERS:
        wait_until(lambda s=service: is_known_as(installation, s, user_id, username), SYNC_SECONDS)
        created = "SELECT created_at FROM known_user WHERE id = %s", user_id
        assert installation.query(service, *created) == [(opened_at,)]

    username = rename(world, user_id)
    for service in OTHERS:
        wait_until(lambda s=service: is_known_as(installation, s, user_id, username), SYNC_SECONDS)

    assert world.admin.request("DELETE", f"/api/users/{user_id}/").status_code == 204
    for service in OTHERS:
        wait_until(lambda s=service: is_deleted(installation, s, user_id), SYNC_SECONDS)


@pytest.fixture
def broker_down(installation: Installation):
    """A function that resumes the broker, which is paused until then or the test's end."""
    installation.ems("kill", "rabbitmq", "STOP")
    resumed = []

    def resume() -> None:
        installation.ems("kill", "rabbitmq", "CONT")
        resumed.append(True)

    yield resume
    if not resumed:
        resume()


def test_changes_made_while_the_broker_was_unavailable_arrive_after_its_return(
    installation: Installation, world: World, broker_down
):
    user_id, _ = new_user(world)
    username = rename(world, user_id)
    answer = world.admin.post(
        "/api/devices/",
        {"name": "Offline", "device_type": "sensor", "serial_number": uuid4().hex},
    )
    assert answer.status_code == 201, answer.text
    device_id = answer.json()["id"]
    assert known(installation, "monitoring_service", user_id) is None

    broker_down()

    for service in OTHERS:
        # A paused broker answers at once; connections opened meanwhile time out first.
        wait_until(lambda s=service: is_known_as(installation, s, user_id, username), 60)
    wait_until(lambda: world.hours_answer(world.admin, device_id).status_code == 200)


def test_events_delivered_twice_or_backwards_change_nothing(
    installation: Installation, world: World
):
    user_id, _ = new_user(world)
    rename(world, user_id)
    username = rename(world, user_id)
    for service in OTHERS:
        wait_until(lambda s=service: is_known_as(installation, s, user_id, username))
    before = [known(installation, service, user_id) for service in OTHERS]
    events = installation.query(
        "auth_service",
        "SELECT event_type, body FROM outbox_event WHERE body LIKE %s ORDER BY id",
        f"%{user_id}%",
    )
    assert [event_type for event_type, _ in events] == [
        "user_created",
        "user_updated",
        "user_updated",
    ]
    assert [json.loads(body)["version"] for _, body in events] == [1, 2, 3]

    with installation.channel("auth_service", "platform") as channel:
        channel.confirm_delivery()
        for event_type, body in [*reversed(events), *events]:
            channel.basic_publish("sync_exchange", event_type, body.encode())
    marker, name = new_user(world)
    for service in OTHERS:
        wait_until(lambda s=service: is_known_as(installation, s, marker, name))

    assert [known(installation, service, user_id) for service in OTHERS] == before


def test_a_snapshot_restores_the_lost_copy_of_a_receiver(installation: Installation, world: World):
    user_id, username = new_user(world)
    wait_until(lambda: is_known_as(installation, "device_service", user_id, username))
    installation.query(
        "device_service", "DELETE FROM known_user WHERE id = %s RETURNING id", user_id
    )

    installation.ems("manage", "auth_service", "publish_snapshot")

    wait_until(lambda: is_known_as(installation, "device_service", user_id, username))
