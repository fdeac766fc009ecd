"""Schemas, examples and models of messages agree, and each has its counterparts."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import get_args

import jsonschema
import msgspec
import pytest
from msgspec import structs

from energy_contracts.errors import ContractError, Reason
from energy_contracts.events import (
    EVENT_DATA,
    AssignmentData,
    DeletedData,
    EventType,
    decode_event,
    encode_event,
    new_event,
)
from energy_contracts.live import LiveFrame
from energy_contracts.reading import Reading, parse_readings
from energy_contracts.schemas import PACKAGE_DIR, schema_text, schemas

NAMES = ["reading", "live_frame", *EVENT_DATA]
EXAMPLES = sorted((PACKAGE_DIR / "examples").glob("*/*.json"))


def test_every_event_type_has_a_model():
    assert set(get_args(EventType)) == set(EVENT_DATA)


@pytest.mark.parametrize("name", NAMES)
def test_no_event_lacks_its_committed_schema(name):
    committed = PACKAGE_DIR / "schemas" / f"{name}.schema.json"

    assert committed.read_text() == schema_text(schemas()[name]), (
        "run `python -m energy_contracts.schemas` and read the difference: only additions "
        "with a default keep old receivers working"
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_event_lacks_an_example(name):
    assert [path for path in EXAMPLES if path.parent.name == name]


def test_no_schema_or_example_is_an_orphan():
    schema_files = {path.name for path in (PACKAGE_DIR / "schemas").iterdir()}

    assert schema_files == {f"{name}.schema.json" for name in NAMES}
    assert {path.parent.name for path in EXAMPLES} == {*NAMES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_example_satisfies_schema_and_model(path: Path):
    name, body = path.parent.name, path.read_bytes()

    jsonschema.Draft202012Validator(schemas()[name]).validate(json.loads(body))

    if name == "reading":
        assert all(isinstance(reading, Reading) for reading in parse_readings(body))
    elif name == "live_frame":
        frame = msgspec.json.decode(body, type=LiveFrame)
        assert msgspec.json.decode(msgspec.json.encode(frame)) == json.loads(body)
    else:
        event = decode_event(body)
        assert event.event_type == name
        assert decode_event(encode_event(event)) == event


def test_every_live_frame_has_an_example():
    types = {frame.__struct_config__.tag for frame in get_args(LiveFrame)}

    assert {
        path.stem.partition(".")[0] for path in EXAMPLES if path.parent.name == "live_frame"
    } == types


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_rejects_a_message_without_its_fields(name):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schemas()[name]).validate({})


def test_an_event_ignores_fields_it_does_not_know_yet():
    body = json.loads((PACKAGE_DIR / "examples/user_created/example.json").read_bytes())
    body["data"]["shoe_size"] = 43
    body["trace"] = "x"

    assert decode_event(json.dumps(body).encode()).data.username == body["data"]["username"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"event_type": 7}, Reason.WRONG_TYPE),
        ({"event_type": "x" * 65}, Reason.OUT_OF_RANGE),
        ({"version": 0}, Reason.OUT_OF_RANGE),
        ({"occurred_at": "2026-11-22T10:40:00"}, Reason.INVALID_TIMESTAMP),
        ({"data": {"id": "8d8ac610-566d-4ef0-9c22-186b2a5ed793"}}, Reason.MISSING_FIELD),
        ({"data": []}, Reason.WRONG_SHAPE),
    ],
)
def test_a_broken_event_is_rejected_with_its_reason(change, reason):
    body = json.loads((PACKAGE_DIR / "examples/user_created/example.json").read_bytes())

    with pytest.raises(ContractError) as rejection:
        decode_event(json.dumps({**body, **change}).encode())

    assert rejection.value.reason == reason


def test_a_user_event_without_the_time_of_creation_is_decoded():
    body = json.loads((PACKAGE_DIR / "examples/user_created/example.json").read_bytes())
    del body["data"]["created_at"]

    assert decode_event(json.dumps(body).encode()).data.created_at is None
    jsonschema.Draft202012Validator(schemas()["user_created"]).validate(body)


@pytest.mark.parametrize(
    ("created_at", "reason"),
    [
        ("2026-11-22T10:40:00", Reason.INVALID_TIMESTAMP),
        ("yesterday", Reason.INVALID_TIMESTAMP),
        ("9999-12-31T23:59:59-23:00", Reason.OUT_OF_RANGE),
        ("0001-01-01T00:00:00+23:00", Reason.OUT_OF_RANGE),
        (1_763_808_000, Reason.WRONG_TYPE),
    ],
)
def test_a_time_of_creation_that_no_copy_can_store_is_rejected(created_at, reason):
    body = json.loads((PACKAGE_DIR / "examples/user_created/example.json").read_bytes())
    body["data"]["created_at"] = created_at

    with pytest.raises(ContractError, match="created_at") as rejection:
        decode_event(json.dumps(body).encode())

    assert rejection.value.reason == reason


def test_a_device_of_an_older_sender_has_no_channels_and_no_meters():
    data = decode_event((PACKAGE_DIR / "examples/device_created/example.json").read_bytes()).data

    assert (data.channels, data.meters) == ((), ())


def test_the_quantity_and_flow_of_a_newer_sender_stay_text():
    body = json.loads(CHANNELS.read_bytes())
    body["data"]["channels"][1] |= {"quantity": "hydrogen", "flow": "vented", "colour": "green"}

    _, channel = decode_event(json.dumps(body).encode()).data.channels

    assert (channel.quantity, channel.flow) == ("hydrogen", "vented")


@pytest.mark.parametrize("mounted_at", ["0001-01-01T00:00:00+01:00", "9999-12-31T00:00:00Z"])
def test_a_meter_mounted_in_a_year_that_no_copy_can_store_is_rejected(mounted_at):
    body = json.loads(CHANNELS.read_bytes())
    body["data"]["meters"][1]["mounted_at"] = mounted_at

    with pytest.raises(ContractError, match="meters") as rejection:
        decode_event(json.dumps(body).encode())

    assert rejection.value.reason == Reason.OUT_OF_RANGE


def test_registers_of_meters_and_their_factor_are_decimals_on_both_sides_and_numbers_between():
    """A double would make the largest register inexact, and a factor of 0.1 no tenth."""
    body = json.loads(CHANNELS.read_bytes(), parse_float=Decimal)
    sent = decode_event(CHANNELS.read_bytes())
    largest = Decimal("123456789012.000001")
    meter = structs.replace(
        sent.data.meters[1], opening={"main": largest}, multiplier=Decimal("0.1")
    )
    event = structs.replace(sent, data=structs.replace(sent.data, meters=(meter,)))

    (received,) = decode_event(encode_event(event)).data.meters

    assert sent.data.meters[0].closing == body["data"]["meters"][0]["closing"]
    assert (received.opening, received.multiplier) == ({"main": largest}, Decimal("0.1"))
    assert b'"opening":{"main":123456789012.000001}' in encode_event(event)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("multiplier", 0),
        ("multiplier", 1e7),
        ("multiplier", "NaN"),
        ("opening", {"main": -1}),
        ("closing", {"main": "Infinity"}),
        ("closing", {"main": 1e13}),
    ],
)
def test_a_meter_with_a_number_that_nobody_can_count_by_is_rejected(field, value):
    body = json.loads(CHANNELS.read_bytes())
    body["data"]["meters"][1][field] = value

    with pytest.raises(ContractError, match="meters") as rejection:
        decode_event(json.dumps(body).encode())

    assert rejection.value.reason == Reason.OUT_OF_RANGE


def test_an_event_cannot_be_made_with_the_data_of_another_type():
    with pytest.raises(TypeError):
        new_event("user_created", version=1, source="auth_service", data=DeletedData(id=USER))
    assert (
        new_event(
            "device_assigned",
            version=1,
            source="device_service",
            data=AssignmentData(device_id=USER, user_id=USER),
        ).occurred_at.utcoffset()
        is not None
    )


CHANNELS = PACKAGE_DIR / "examples/device_updated/channels_and_meters.json"
USER = "8d8ac610-566d-4ef0-9c22-186b2a5ed793"
