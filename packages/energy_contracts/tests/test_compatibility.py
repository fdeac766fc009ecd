"""Programs of the last release and of this one read each other's messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from energy_contracts.compatibility import Schema, breaking_changes, losses
from energy_contracts.digest import Digest, ReceivedDigest
from energy_contracts.errors import ContractError, Reason, UnknownEventType
from energy_contracts.events import (
    EVENT_DATA,
    RECEIVED_DATA,
    SnapshotData,
    decode_event,
    encode_event,
    new_event,
)
from energy_contracts.live import LiveFrame
from energy_contracts.reading import Reading, parse_readings
from energy_contracts.released import RELEASED_DIR, released_schemas
from energy_contracts.schemas import PACKAGE_DIR, schemas

RELEASED_EXAMPLES = sorted((RELEASED_DIR / "examples").glob("*/*.json"))
EXAMPLES = sorted((PACKAGE_DIR / "examples").glob("*/*.json"))


decode_frame = msgspec.json.Decoder(LiveFrame).decode


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_schemas_of_today_break_no_program_of_the_last_release():
    assert released_schemas(), "the copy of the last release is empty"
    assert breaking_changes(released_schemas(), schemas()) == []


def definition(changed: dict[str, Schema], message: str, name: str) -> Schema:
    return changed[message]["$defs"][name]


def device(changed: dict[str, Schema]) -> Schema:
    return definition(changed, "device_created", "DeviceData")


def remove_message(changed: dict[str, Schema]) -> None:
    del changed["device_deleted"]


def remove_field(changed: dict[str, Schema]) -> None:
    del device(changed)["properties"]["retired_at"]


def add_required_field(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["serial_number"] = {"type": "string"}
    device(changed)["required"].append("serial_number")


def require_field(changed: dict[str, Schema]) -> None:
    device(changed)["required"].append("retired_at")


def make_field_optional(changed: dict[str, Schema]) -> None:
    device(changed)["required"].remove("timezone")


def change_type(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["interval_seconds"] = {"type": "string"}


def remove_null(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["max_consumption"] = {"type": "number", "default": None}


def add_null(changed: dict[str, Schema]) -> None:
    field = device(changed)["properties"]["name"]
    device(changed)["properties"]["name"] = {"anyOf": [field, {"type": "null"}]}


def lower_maximum(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["interval_seconds"]["maximum"] = 3_600


def raise_maximum_for_older_receivers(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["interval_seconds"]["maximum"] = 172_800


def raise_minimum(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["interval_seconds"]["minimum"] = 60


def shorten_text(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["name"]["maxLength"] = 100


def change_pattern(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["name"]["pattern"] = "^[a-z]*$"


def change_format(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["id"]["format"] = "uri"


def change_default(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["reading_kind"]["default"] = "cumulative"


def remove_enumeration_value(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["reading_kind"]["enum"] = ["interval"]


def make_text_an_enumeration(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["status"] = {"enum": ["deployed"]}


def reject_unknown_fields_and_remove_one(changed: dict[str, Schema]) -> None:
    device(changed)["additionalProperties"] = False
    del device(changed)["properties"]["description"]


def narrow_list_element(changed: dict[str, Schema]) -> None:
    digest = definition(changed, "snapshot_published", "Digest")
    digest["properties"]["count"]["maximum"] = 9


def allow_fewer_readings(changed: dict[str, Schema]) -> None:
    changed["reading"]["oneOf"][1]["maxItems"] = 500


def remove_the_array_of_readings(changed: dict[str, Schema]) -> None:
    del changed["reading"]["oneOf"][1]


Mutation = Callable[[dict[str, Schema]], None]

BREAKING: list[tuple[Mutation, str]] = [
    (remove_message, "device_deleted: the message was removed"),
    (remove_field, "device_created.data.retired_at: the field was removed"),
    (add_required_field, "device_created.data.serial_number: the field is required"),
    (require_field, "device_created.data.retired_at: the field is required"),
    (make_field_optional, "device_created.data.timezone: the field is required: a receiver of"),
    (change_type, "device_created.data.interval_seconds: integer is not accepted"),
    (remove_null, "device_created.data.max_consumption: null is not accepted"),
    (add_null, "device_created.data.name: null is not accepted: a receiver of"),
    (lower_maximum, "device_created.data.interval_seconds: maximum is 3600, was 86400"),
    (
        raise_maximum_for_older_receivers,
        "device_created.data.interval_seconds: maximum is 86400, was 172800: a receiver of",
    ),
    (raise_minimum, "device_created.data.interval_seconds: minimum is 60, was 1"),
    (shorten_text, "device_created.data.name: maxLength is 100, was 150"),
    (change_pattern, "device_created.data.name: pattern is"),
    (change_format, "device_created.data.id: format is uri, was uuid"),
    (change_default, "device_created.data.reading_kind: the default changed"),
    (remove_enumeration_value, "device_created.data.reading_kind: the value 'cumulative' was"),
    (make_text_an_enumeration, "device_created.data.status: the value any text was removed"),
    (reject_unknown_fields_and_remove_one, "data.description: unknown fields are rejected"),
    (narrow_list_element, "snapshot_published.data.digests[].count: maximum is 9"),
    (allow_fewer_readings, "reading: maxItems is 500, was 1000"),
    (remove_the_array_of_readings, "reading: array is not accepted"),
]


@pytest.mark.parametrize(
    ("mutate", "sentence"), BREAKING, ids=[mutate.__name__ for mutate, _ in BREAKING]
)
def test_a_breaking_change_is_named(mutate: Mutation, sentence: str):
    changed = deepcopy(schemas())
    mutate(changed)

    assert any(sentence in text for text in breaking_changes(schemas(), changed))


def add_message(changed: dict[str, Schema]) -> None:
    changed["site_created"] = {"type": "object"}


def add_optional_field(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["serial_number"] = {"type": "string", "default": ""}


def add_enumeration_value(changed: dict[str, Schema]) -> None:
    device(changed)["properties"]["reading_kind"]["enum"].append("delta")


def allow_more_readings(changed: dict[str, Schema]) -> None:
    changed["reading"]["oneOf"][1]["maxItems"] = 2_000


def describe_better(changed: dict[str, Schema]) -> None:
    device(changed)["description"] = "Another text."


@pytest.mark.parametrize(
    "mutate",
    [add_message, add_optional_field, add_enumeration_value, allow_more_readings, describe_better],
)
def test_an_addition_breaks_nothing(mutate: Mutation):
    changed = deepcopy(schemas())
    mutate(changed)

    assert breaking_changes(schemas(), changed) == []


@pytest.mark.parametrize("event_type", EVENT_DATA)
def test_a_receiver_accepts_all_that_a_sender_of_its_release_sends(event_type):
    received = msgspec.json.schema(RECEIVED_DATA[event_type])

    assert losses(msgspec.json.schema(EVENT_DATA[event_type]), received) == []
    assert '"enum"' not in json.dumps(received), "a receiver keeps unknown values"


@pytest.mark.parametrize("path", RELEASED_EXAMPLES, ids=name_of)
def test_a_message_of_the_last_release_is_decoded(path: Path):
    name, body = path.parent.name, path.read_bytes()

    jsonschema.Draft202012Validator(schemas()[name]).validate(json.loads(body))
    if name == "reading":
        assert all(isinstance(reading, Reading) for reading in parse_readings(body))
    elif name == "live_frame":
        decode_frame(body)
    else:
        assert decode_event(body).event_type == name


#: Objects whose keys are data, codes of channels, and no fields.
MAPS = ("opening", "closing")


def with_unknown_fields(value: Any) -> Any:
    """Return the JSON value with an unknown field in each of its objects."""
    if isinstance(value, list):
        return [with_unknown_fields(element) for element in value]
    if isinstance(value, dict):
        known = {
            name: element if name in MAPS else with_unknown_fields(element)
            for name, element in value.items()
        }
        return {**known, "of_the_next_release": {"nested": [1, None]}}
    return value


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_unknown_fields_change_nothing(path: Path):
    body = path.read_bytes()
    newer = json.dumps(with_unknown_fields(json.loads(body))).encode()

    if path.parent.name == "reading":
        assert list(parse_readings(newer)) == list(parse_readings(body))
    elif path.parent.name == "live_frame":
        assert decode_frame(newer) == decode_frame(body)
    else:
        assert decode_event(newer) == decode_event(body)


@pytest.mark.parametrize(
    ("example", "field", "value"),
    [
        ("user_created", "role", "operator"),
        ("user_updated", "role", ""),
        ("device_created", "reading_kind", "delta"),
        ("device_created", "status", "lent"),
        ("device_updated", "device_type", "heat_pump"),
    ],
)
def test_an_unknown_value_of_an_enumeration_stays_text(example, field, value):
    body = json.loads((PACKAGE_DIR / f"examples/{example}/example.json").read_bytes())
    body["data"][field] = value

    assert getattr(decode_event(json.dumps(body).encode()).data, field) == value


def test_a_digest_of_an_unknown_subject_is_decoded_beside_the_known_ones():
    body = json.loads((PACKAGE_DIR / "examples/snapshot_published/example.json").read_bytes())
    body["data"]["digests"][0]["subject"] = "site"

    digests = decode_event(json.dumps(body).encode()).data.digests

    assert [digest.subject for digest in digests] == ["site", "assignment"]


def test_an_unknown_event_type_is_no_broken_message():
    body = json.loads((PACKAGE_DIR / "examples/user_created/example.json").read_bytes())
    body["event_type"] = "site_created"
    body["data"] = {"id": 7}

    with pytest.raises(UnknownEventType) as unknown:
        decode_event(json.dumps(body).encode())
    assert unknown.value.event_type == "site_created"

    del body["version"]
    with pytest.raises(ContractError) as broken:
        decode_event(json.dumps(body).encode())
    assert broken.value.reason == Reason.MISSING_FIELD


def test_a_received_digest_agrees_with_the_same_digest_of_our_own():
    values: dict[str, Any] = {"subject": "user", "count": 1, "versions": 2, "digest": "0" * 16}
    event = new_event(
        "snapshot_published", version=1, source="x", data=SnapshotData(digests=[Digest(**values)])
    )

    (received,) = decode_event(encode_event(event)).data.digests

    assert received.agrees_with(Digest(**values))
    for change in ({"subject": "device"}, {"count": 2}, {"versions": 3}, {"digest": "1" * 16}):
        assert not received.agrees_with(ReceivedDigest(**{**values, **change}))
