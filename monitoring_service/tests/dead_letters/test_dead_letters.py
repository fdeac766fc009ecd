"""The list of dead letters: the reason, device and arrival of each."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from uuid import uuid4

import psycopg2
import pytest
from django.db import connection as database

from monitoring.dead_letters import selectors as dead_letters_module
from monitoring.models import Device
from service_kit.broker import Rejected

from .queues import consumer, message, no_answer_waits

__all__ = ["consumer", "no_answer_waits"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_answer_waits")]

URL = "/api/monitoring/ingestion/"
REPLAY = f"{URL}dead-letters/replay/"


def connection_parameters() -> dict[str, object]:
    parameters = database.settings_dict
    return {
        "host": parameters["HOST"],
        "port": parameters["PORT"],
        "dbname": parameters["NAME"],
        "user": parameters["USER"],
        "password": parameters["PASSWORD"],
    }


def test_dead_letters_are_listed_with_reason_and_body(api, admin, consumer):
    consumer.dead_letters.publish(
        [
            Rejected(b'{"x": 1}', "missing_field", "no timestamp"),
            Rejected(b"\xff" * 9_000, "not_json", "no"),
        ]
    )
    client = api(admin)

    answer = client.get(f"{URL}dead-letters/").json()

    assert answer["count"] == 2
    first, second = answer["results"]
    assert first["message_id"]
    assert {
        name: first[name] for name in ("reason", "detail", "body", "body_truncated", "size")
    } == {
        "reason": "missing_field",
        "detail": "no timestamp",
        "body": '{"x": 1}',
        "body_truncated": False,
        "size": 8,
    }
    assert second["body_truncated"] is True
    assert len(second["body"]) == 2_000
    of_reason = client.get(f"{URL}dead-letters/", {"reason": "not_json"}).json()["results"]
    assert [letter["size"] for letter in of_reason] == [9_000]


@pytest.mark.parametrize(
    ("rejected", "field", "retryable"),
    [
        (Rejected(b"[", "not_json", "the array has no end"), None, False),
        (
            Rejected(b"{}", "missing_field", "missing required field `timestamp`"),
            "timestamp",
            False,
        ),
        (
            Rejected(b"{}", "out_of_range", "Expected `float` >= 0.0 - at `$.measurement_value`"),
            "measurement_value",
            False,
        ),
        (Rejected(b"{}", "in_future", "more than 24 h in the future"), None, True),
        (Rejected(b"{}", "implausible", "more than 5 kW over its interval"), None, True),
        (Rejected(b"{}", "unknown_channel", "not 'export' - at `$.channel`"), "channel", True),
        (Rejected(b"{}", "device_retired", "the device was retired"), None, False),
        (Rejected(b"{}", "conflict", "another value came first"), None, False),
    ],
    ids=lambda value: value.reason if isinstance(value, Rejected) else "",
)
def test_a_dead_letter_names_its_field_and_whether_a_retry_can_help(
    rejected, field, retryable, api, admin, consumer
):
    consumer.dead_letters.publish([rejected])

    (letter,) = api(admin).get(f"{URL}dead-letters/").json()["results"]

    assert (letter["field"], letter["retryable"]) == (field, retryable)


def test_a_dead_letter_names_its_arrival_and_its_device(api, admin, meter, consumer):
    stranger = uuid4()
    bodies = [
        json.dumps(message(meter, 0, -1)).encode(),
        b'{"measurement_value": NaN, "device_id" : "%s", ' % str(meter).upper().encode(),
        json.dumps(message(stranger, 0, -1)).encode(),
        json.dumps([message(meter, 0, -1), message(stranger, 0, -1)]).encode(),
        b'{"device_id": "123456789-1234-1234-1234-1234567890"}',
    ]
    begin = datetime.now(UTC).replace(microsecond=0)
    consumer.dead_letters.publish([Rejected(body, "wrong_shape", "") for body in bodies])

    letters = api(admin).get(f"{URL}dead-letters/").json()["results"]

    name = Device.objects.get(device_id=meter).name
    assert [(letter["device_id"], letter["device_name"]) for letter in letters] == [
        (str(meter), name),
        (str(meter), name),
        (str(stranger), None),
        (None, None),
        (None, None),
    ]
    assert name
    for letter in letters:
        assert begin <= datetime.fromisoformat(letter["dead_lettered_at"]) <= datetime.now(UTC)


def test_a_list_of_dead_letters_is_unavailable_while_a_replay_holds_the_queue(
    api, admin, consumer, monkeypatch
):
    monkeypatch.setattr(dead_letters_module, "LOCK_TIMEOUT", "100ms")
    with closing(psycopg2.connect(**connection_parameters())) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [dead_letters_module.LOCK_KEY])

        answer = api(admin).get(f"{URL}dead-letters/")

    assert answer.status_code == 503
    assert "being sent again" in answer.json()["detail"]
