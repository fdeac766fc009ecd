"""Bad messages become dead letters with their reason; valid messages beside them are stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from service_kit.testing.waiting import wait_until

from ...support.installation import READINGS_QUEUE, Installation, World

DATE = "2026-03-10"


@pytest.fixture(autouse=True)
def no_dead_letters(installation: Installation) -> None:
    """Remove the dead letters of other tests."""
    installation.take_dead_letters()


def normal(body: bytes) -> str:
    """Return a body to compare: a reading may be written again with the same meaning."""
    try:
        return json.dumps(json.loads(body), sort_keys=True)
    except ValueError:
        return repr(body)


def test_bad_messages_are_kept_with_their_reason_and_the_good_ones_are_stored(
    installation: Installation, world: World
):
    client, client_id = world.client("bad")
    meter = world.device(client_id)
    ingest = installation.process("monitoring-ingest")
    before = world.ledger()

    def reading(hour: int, **changes: object) -> dict[str, object]:
        return {
            "timestamp": f"{DATE}T{hour:02}:00:00Z",
            "device_id": meter,
            "measurement_value": 0.5,
            **changes,
        }

    def without(name: str) -> dict[str, object]:
        return {key: value for key, value in reading(9).items() if key != name}

    tomorrow = f"{datetime.now(UTC) + timedelta(hours=30):%Y-%m-%dT%H:%M:%SZ}"
    bad = {
        b"this is not JSON": "not_json",
        json.dumps(without("device_id")).encode(): "missing_field",
        json.dumps(reading(9, measurement_value=float("nan"))).encode(): "out_of_range",
        json.dumps(reading(9, measurement_value="0.5")).encode(): "wrong_type",
        json.dumps(reading(9, timestamp=f"{DATE}T09:00:00")).encode(): "invalid_timestamp",
        json.dumps(reading(9, timestamp=tomorrow)).encode(): "in_future",
        json.dumps(reading(9, measurement_value=-1)).encode(): "out_of_range",
        b"[" + b" " * 1_100_000 + b"]": "too_large",
    }
    array = [reading(1), reading(2, measurement_value=None), reading(3)]

    installation.publish(reading(0), *bad, array, reading(4))
    world.await_received(before, len(bad) + 5)
    expected = sorted([*bad.values(), "wrong_type"])
    wait_until(lambda: installation.depth(f"{READINGS_QUEUE}.dead") == len(expected))

    dead = installation.take_dead_letters()
    assert sorted(reason for reason, _ in dead) == expected
    by_body = {normal(body): reason for reason, body in dead}
    assert {normal(body): reason for body, reason in bad.items()}.items() <= by_body.items()
    assert by_body[normal(json.dumps(array[1]).encode())] == "wrong_type"

    day = world.day(client, meter, DATE)
    stored = [hour["hour"] for hour in day["hourly_data"] if hour["total_consumption"] is not None]
    assert stored == [0, 1, 3, 4]
    assert Decimal(day["total_daily_consumption"]) == Decimal("2.0")
    assert world.received_since(before) == {
        "received": len(bad) + 5,
        "stored": 4,
        "corrected": 0,
        "duplicates": 0,
        "rejected": len(bad) + 1,
    }
    assert installation.process("monitoring-ingest")["restarts"] == ingest["restarts"]


def test_a_conflicting_value_is_a_dead_letter_and_a_higher_revision_corrects(
    installation: Installation, world: World
):
    client, client_id = world.client("conflict")
    meter = world.device(client_id)
    before = world.ledger()
    first = {"timestamp": f"{DATE}T08:00:00Z", "device_id": meter, "measurement_value": 0.5}

    installation.publish(first)
    world.await_received(before, 1)
    installation.publish({**first, "measurement_value": 0.6})
    world.await_received(before, 2)
    wait_until(lambda: installation.depth(f"{READINGS_QUEUE}.dead") == 1)

    assert [reason for reason, _ in installation.take_dead_letters()] == ["conflict"]
    assert world.day(client, meter, DATE)["total_daily_consumption"] == Decimal("0.5")

    installation.publish({**first, "measurement_value": 0.7, "revision": 1})
    world.await_received(before, 3)

    assert world.day(client, meter, DATE)["total_daily_consumption"] == Decimal("0.7")


def test_readings_of_a_deleted_device_are_dead_letters(installation: Installation, world: World):
    _, client_id = world.client("deleted")
    meter = world.device(client_id)
    answer = world.admin.request("DELETE", f"/api/devices/{meter}/")
    assert answer.status_code == 204, answer.text
    wait_until(lambda: world.hours_answer(world.admin, meter).status_code == 404)

    installation.publish(
        {"timestamp": f"{DATE}T08:00:00Z", "device_id": meter, "measurement_value": 0.5}
    )
    wait_until(lambda: installation.depth(f"{READINGS_QUEUE}.dead") == 1)

    assert [reason for reason, _ in installation.take_dead_letters()] == ["device_deleted"]


def test_readings_after_the_retirement_are_dead_letters_and_earlier_ones_count(
    installation: Installation, world: World
):
    client, client_id = world.client("retired")
    meter = world.device(client_id)
    answer = world.admin.request("PUT", f"/api/devices/{meter}/retire/", json={})
    assert answer.status_code == 200, answer.text
    retired = {"status": "retired", "search": meter}
    wait_until(lambda: client.get("/api/monitoring/devices/", **retired).json()["count"] == 1)
    late = {"timestamp": f"{DATE}T08:00:00Z", "device_id": meter, "measurement_value": 0.5}
    soon = f"{datetime.now(UTC) + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"

    installation.publish({**late, "timestamp": soon}, late)
    wait_until(lambda: installation.depth(f"{READINGS_QUEUE}.dead") == 1)

    assert [reason for reason, _ in installation.take_dead_letters()] == ["device_retired"]
    assert world.day(client, meter, DATE)["total_daily_consumption"] == Decimal("0.5")
