"""Readings that cannot be stored become dead letters alone, and are counted in the ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.db import connection

from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import store_messages
from monitoring.ingest.unstorable import divide, record
from monitoring.ledger.selectors import ledger_rejections, ledger_totals
from monitoring.models import Reading
from monitoring.sync.services import device_apply
from service_kit.broker import Rejected
from service_kit.database import batches
from service_kit.process.signals import StopFlag
from service_kit.testing.deliveries import process_bodies

from ..conftest import NOON, at, device_data

#: The largest energy of a reading, in kWh; 9,223 of them fit into an hour.
LARGEST = 1e9
FIT = 9_223


def processed(bodies: list[bytes]) -> list[Rejected]:
    """Return the messages of the batch that ingest rejects."""
    cache = DeviceCache()

    def work(part: list[bytes]) -> list[Rejected]:
        result = store_messages(part, cache)
        return [
            Rejected(reading.body, reading.error.reason, reading.error.detail)
            for reading in result.tally.rejected
        ]

    return process_bodies(bodies, work, StopFlag(), divide=divide, record=record)


def reading(device_id: UUID, seconds: int, kwh: float) -> dict[str, object]:
    timestamp = at(seconds // 60).replace(":00+", f":{seconds % 60:02}+")
    return {"device_id": str(device_id), "timestamp": timestamp, "measurement_value": kwh}


def registered() -> UUID:
    device_id = uuid4()
    device_apply(data=device_data(device_id), version=1, occurred_at=NOON)
    return device_id


def balanced() -> dict[str, int]:
    """Return the totals of the ledger, which are checked to add up."""
    totals = ledger_totals()
    assert totals["received"] == sum(
        totals[name] for name in ("stored", "corrected", "duplicates", "rejected")
    )
    assert totals["rejected"] == sum(ledger_rejections().values())
    return totals


def test_readings_beyond_the_largest_sum_of_an_hour_are_rejected_alone(committed):
    meter, witness = registered(), registered()
    instants = [NOON.timestamp() + n * 0.25 for n in range(FIT + 77)]
    readings = [
        {
            "device_id": str(meter),
            "timestamp": NOON.fromtimestamp(instant, NOON.tzinfo).isoformat(),
            "measurement_value": LARGEST,
        }
        for instant in instants
    ]
    arrays = [json.dumps(readings[at : at + 500]).encode() for at in range(0, len(readings), 500)]

    rejected = processed([*arrays, json.dumps(reading(witness, 0, 1)).encode()])

    assert Counter(message.reason for message in rejected) == {"out_of_range": 77}
    assert {json.loads(message.body)["device_id"] for message in rejected} == {str(meter)}
    assert Reading.objects.count() == FIT + 1
    assert balanced() == {
        "received": FIT + 78,
        "stored": FIT + 1,
        "corrected": 0,
        "duplicates": 0,
        "rejected": 77,
    }
    assert ledger_rejections() == {"out_of_range": 77}


@pytest.fixture
def slow(committed, monkeypatch) -> Iterator[None]:
    """Let storing 13 kWh take half a minute, where a statement may take 0.6 seconds."""
    monkeypatch.setitem(
        connection.settings_dict["OPTIONS"],
        "options",
        "-c statement_timeout=600 -c lock_timeout=300 -c timezone=UTC",
    )
    monkeypatch.setattr(batches, "TIMED_OUT_ATTEMPTS", 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(30); RETURN NEW; END $$; "
            "CREATE TRIGGER slow BEFORE INSERT ON reading_default FOR EACH ROW "
            "WHEN (NEW.value_milliwh = 13000000) EXECUTE FUNCTION slow()"
        )
    connection.close()
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER slow ON reading_default; DROP FUNCTION slow()")
    connection.close()


def test_a_reading_that_takes_too_long_is_rejected_without_the_rest_of_its_array(slow):
    meter, witness = registered(), registered()
    array = [reading(meter, n, 13 if n == 5 else n) for n in range(8)]
    array += [[array[0]], {"device_id": str(meter)}]

    rejected = processed([json.dumps(array).encode(), json.dumps(reading(witness, 0, 1)).encode()])

    bodies = {str(message.reason): json.loads(message.body) for message in rejected}
    assert set(bodies) == {"timed_out", "wrong_shape", "missing_field"}
    assert bodies["timed_out"]["measurement_value"] == 13
    assert Reading.objects.count() == 8
    assert balanced()["received"] == 11
    assert ledger_rejections() == {"missing_field": 1, "timed_out": 1, "wrong_shape": 1}


def test_an_array_is_divided_into_messages_that_mean_the_same():
    elements = [reading(uuid4(), n, 0.1 * n) for n in range(3)]
    body = json.dumps([*elements, "nonsense", [elements[0]], None]).encode()

    parts = divide(body)

    assert [json.loads(part)["measurement_value"] for part in parts[:3]] == [0.0, 0.1, 0.2]
    assert [json.loads(part) for part in parts[3:]] == [["nonsense"], [[elements[0]]], [None]]
    assert [divide(part) for part in parts] == [[part] for part in parts]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[1]", b"[1, 2", b"nonsense", b"\xff"])
def test_a_message_without_several_elements_is_not_divided(body):
    assert divide(body) == [body]
