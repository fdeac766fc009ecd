"""Real messages with broken bytes: each is counted with a reason, and no handler fails."""

from __future__ import annotations

import json
import logging
import random
from collections import Counter
from uuid import UUID

import pytest

from energy_contracts.errors import Reason
from energy_contracts.reading import parse_readings
from energy_contracts.schemas import PACKAGE_DIR
from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import store_messages
from monitoring.ledger.selectors import ledger_rejections, ledger_totals
from monitoring.sync.handlers import HANDLERS
from service_kit.broker import Rejected
from service_kit.process.signals import StopFlag
from service_kit.testing.deliveries import handle_bodies, process_bodies

from .conftest import at

pytestmark = pytest.mark.django_db

#: Pieces that are put into a message at a random place.
PIECES = [
    *(bytes([byte]) for byte in b'\x00\x01\xff\\"[]{},:.-eE0 9'),
    *(b"\\ud800", b"\\udfff", b"\\ud83d\\ude00", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\\u0000"),
    *(b'"\\ud800": 1,', b"NaN", b"-Infinity", b"1e400", b"9" * 30, b"9" * 5_000, b"[[" * 3_000),
    *(b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59.9999999-14:00", b"null", b"{}"),
]


def mutated(rng: random.Random, body: bytes) -> bytes:
    """Return the message with up to three pieces, each in place of up to two bytes."""
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(body) + 1)
        body = body[:place] + rng.choice(PIECES) + body[place + rng.choice((0, 0, 1, 2)) :]
    return body


def messages(rng: random.Random, meter: UUID, begin: int) -> list[bytes]:
    """Return single messages and arrays of readings, each reading at an instant of its own."""
    readings = [
        {"device_id": str(meter), "timestamp": at(begin + n), "measurement_value": n / 1_000}
        for n in range(40)
    ]
    for reading in readings:
        if rng.random() < 0.3:
            reading["revision"] = rng.randrange(3)
    single = [json.dumps(reading).encode() for reading in readings[:20]]
    return [*single, json.dumps(readings[20:30]).encode(), json.dumps(readings[30:]).encode()]


def processed(bodies: list[bytes], work) -> list[Rejected]:
    """Return the rejected messages of a batch, as the loop of the consumer does."""
    return process_bodies(bodies, work, StopFlag())


@pytest.mark.parametrize("seed", range(25))
def test_the_ledger_accounts_for_every_broken_message_and_names_a_reason(seed, meter, caplog):
    rng, cache = random.Random(seed), DeviceCache()
    received: list[int] = []

    def work(bodies: list[bytes]) -> list[Rejected]:
        result = store_messages(bodies, cache)
        received.append(result.tally.received)
        return [
            Rejected(reading.body, reading.error.reason, reading.error.detail)
            for reading in result.tally.rejected
        ]

    rejected: list[Rejected] = []
    elements = 0
    for part in range(4):
        batch = [
            mutated(rng, body) if rng.random() < 0.5 else body
            for body in messages(rng, meter, 100 * part)
        ]
        batch += rng.sample(batch, 3)
        elements += sum(len(list(parse_readings(body))) for body in batch)
        rejected += processed(batch, work)

    totals = ledger_totals()
    assert totals["received"] == sum(received) == elements
    assert totals["received"] == sum(
        totals[name] for name in ("stored", "corrected", "duplicates", "rejected")
    )
    assert totals["rejected"] == len(rejected) > 0
    reasons = Counter(str(message.reason) for message in rejected)
    assert ledger_rejections() == reasons
    assert Reason.HANDLER_FAILED not in reasons
    assert all(Reason(reason) for reason in reasons)
    assert all(message.detail for message in rejected)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("seed", range(10))
def test_good_readings_beside_broken_ones_are_all_stored(seed, meter, cache):
    rng = random.Random(seed)
    good = [
        {"device_id": str(meter), "timestamp": at(n), "measurement_value": n / 8} for n in range(60)
    ]
    # Broken readings name another device, so that none of them replaces a good one.
    other = json.dumps({**good[0], "device_id": str(UUID(int=7))}).encode()
    elements = [json.dumps(reading).encode() for reading in good]
    for _ in range(30):
        broken = mutated(rng, other).translate(None, b'[]{},"')
        elements.insert(rng.randrange(len(elements) + 1), b"{" + broken + b"}")

    store_messages([b"[" + b",".join(elements) + b"]"], cache)

    totals = ledger_totals()
    assert (totals["received"], totals["stored"], totals["rejected"]) == (90, 60, 30)


def examples() -> list[bytes]:
    folders = (PACKAGE_DIR / "examples").glob("[!r]*/*.json")
    return [path.read_bytes() for path in sorted(folders)]


@pytest.mark.parametrize("seed", range(10))
def test_a_broken_event_is_rejected_by_its_contract_and_never_fails_a_handler(
    seed, db, caplog, monkeypatch
):
    for push in ("push_access_of_user", "push_access_of_device"):
        monkeypatch.setattr(f"monitoring.sync.handlers.{push}", lambda recipient_id: None)
    rng = random.Random(seed)
    batch = [mutated(rng, body) for body in examples() for _ in range(40)]

    rejected = processed(batch, lambda bodies: handle_bodies(bodies, HANDLERS))

    assert Reason.HANDLER_FAILED not in {message.reason for message in rejected}
    assert len(rejected) > 0
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


#: Well-formed content that a database, or a computation with it, would fail on.
UNSTORABLE = [
    ("device_created", {"name": "a\0b"}, Reason.WRONG_TYPE),
    ("device_created", {"description": "a\0b"}, Reason.WRONG_TYPE),
    ("device_created", {"name": "x" * 151}, Reason.OUT_OF_RANGE),
    ("device_created", {"status": "x" * 33}, Reason.OUT_OF_RANGE),
    ("device_created", {"timezone": "Mars/Olympus"}, Reason.WRONG_TYPE),
    ("device_created", {"timezone": "../../etc/passwd"}, Reason.WRONG_TYPE),
    ("device_created", {"timezone": "Europe"}, Reason.WRONG_TYPE),
    ("device_created", {"interval_seconds": 2**40}, Reason.OUT_OF_RANGE),
    ("device_created", {"interval_seconds": 0}, Reason.OUT_OF_RANGE),
    ("device_created", {"register_digits": 40_000}, Reason.OUT_OF_RANGE),
    ("device_created", {"max_consumption": 1e300}, Reason.OUT_OF_RANGE),
    ("device_created", {"max_consumption": -1}, Reason.OUT_OF_RANGE),
    ("user_created", {"username": "a\0b"}, Reason.WRONG_TYPE),
    ("user_created", {"token_version": 2**63}, Reason.OUT_OF_RANGE),
]


@pytest.mark.parametrize(("event_type", "change", "reason"), UNSTORABLE)
def test_an_event_with_content_that_cannot_be_stored_is_rejected_by_its_contract(
    event_type, change, reason
):
    event = json.loads((PACKAGE_DIR / f"examples/{event_type}/example.json").read_bytes())
    event["data"] |= change

    (rejected,) = handle_bodies([json.dumps(event).encode()], HANDLERS)

    assert rejected.reason == reason
    assert "$" in rejected.detail


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2**63},
        {"version": 2**70},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"occurred_at": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_an_event_with_an_impossible_version_or_time_is_rejected_as_out_of_range(change):
    event = json.loads((PACKAGE_DIR / "examples/device_created/example.json").read_bytes())

    (rejected,) = handle_bodies([json.dumps(event | change).encode()], HANDLERS)

    assert rejected.reason == Reason.OUT_OF_RANGE


def test_readings_beside_a_lone_surrogate_in_an_array_are_stored(meter, cache):
    """Some languages write the half of an emoji so; the rest of the array is good."""
    good = {"device_id": str(meter), "timestamp": at(0), "measurement_value": 1}
    bad = {**good, "device_id": "\ud800"}
    note = {**good, "timestamp": at(10), "note": "\ud800", "\udfff": 1}

    result = store_messages([json.dumps([good, bad, note]).encode()], cache)

    assert [str(reading.error.reason) for reading in result.tally.rejected] == ["wrong_type"]
    assert result.tally.stored == 2
