"""What counts as a reading, what is refused and why, and that kWh stay exact."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_contracts.errors import Reason
from energy_contracts.reading import (
    MAX_MESSAGE_BYTES,
    MAX_READINGS,
    Reading,
    RefusedReading,
    parse_readings,
)
from energy_contracts.units import kwh_from_milliwh, milliwh_from_kwh

GOOD = {
    "timestamp": "2026-11-22T10:40:00Z",
    "device_id": "4c189959-e674-4eaa-8ebb-98fd953657c5",
    "measurement_value": 0.217,
}


def without(field: str) -> dict[str, object]:
    return {key: value for key, value in GOOD.items() if key != field}


BAD = [
    (without("device_id"), Reason.MISSING_FIELD),
    (without("timestamp"), Reason.MISSING_FIELD),
    (without("measurement_value"), Reason.MISSING_FIELD),
    ({**GOOD, "device_id": "meter-1"}, Reason.WRONG_TYPE),
    ({**GOOD, "device_id": 7}, Reason.WRONG_TYPE),
    ({**GOOD, "measurement_value": "0.217"}, Reason.WRONG_TYPE),
    ({**GOOD, "measurement_value": True}, Reason.WRONG_TYPE),
    ({**GOOD, "measurement_value": None}, Reason.WRONG_TYPE),
    ({**GOOD, "measurement_value": float("nan")}, Reason.OUT_OF_RANGE),
    ({**GOOD, "measurement_value": float("inf")}, Reason.OUT_OF_RANGE),
    ({**GOOD, "measurement_value": -0.001}, Reason.OUT_OF_RANGE),
    ({**GOOD, "measurement_value": 1_000_000_000.000001}, Reason.OUT_OF_RANGE),
    ({**GOOD, "measurement_value": 10**30}, Reason.OUT_OF_RANGE),
    ({**GOOD, "timestamp": "2026-11-22T10:40:00"}, Reason.INVALID_TIMESTAMP),
    ({**GOOD, "timestamp": "yesterday"}, Reason.INVALID_TIMESTAMP),
    ({**GOOD, "timestamp": "2026-02-30T10:40:00Z"}, Reason.INVALID_TIMESTAMP),
    ({**GOOD, "timestamp": 1_763_800_800}, Reason.WRONG_TYPE),
    ({**GOOD, "timestamp": "0001-01-01T00:00:00+05:00"}, Reason.OUT_OF_RANGE),
    ({**GOOD, "revision": -1}, Reason.OUT_OF_RANGE),
    ({**GOOD, "revision": 1.5}, Reason.WRONG_TYPE),
    ({**GOOD, "revision": 2**31}, Reason.OUT_OF_RANGE),
    (17, Reason.WRONG_SHAPE),
    (None, Reason.WRONG_SHAPE),
    ("reading", Reason.WRONG_SHAPE),
]


@pytest.mark.parametrize(("element", "reason"), BAD)
def test_a_bad_reading_is_refused_with_its_reason(element, reason):
    (refused,) = parse_readings(json.dumps(element).encode())

    assert isinstance(refused, RefusedReading)
    assert refused.error.reason == reason


@pytest.mark.parametrize(("element", "reason"), BAD)
def test_a_bad_element_leaves_its_neighbours_in_the_array(element, reason):
    first, refused, last = parse_readings(json.dumps([GOOD, element, GOOD]).encode())

    assert isinstance(first, Reading)
    assert isinstance(last, Reading)
    assert isinstance(refused, RefusedReading)
    assert refused.error.reason == reason
    assert json.dumps(json.loads(refused.body)) == json.dumps(element)


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"{", b"[", b"\xff\xfe", b"\x00", b'{"a":}', b"[" * 100_000]
)
def test_what_is_not_json_is_refused_whole(body):
    (refused,) = parse_readings(body)

    assert isinstance(refused, RefusedReading)
    assert refused.error.reason == Reason.NOT_JSON
    assert refused.body == body


def test_a_message_over_one_mebibyte_is_refused_unread():
    (refused,) = parse_readings(b" " * MAX_MESSAGE_BYTES + b"{}")

    assert isinstance(refused, RefusedReading)
    assert refused.error.reason == Reason.TOO_LARGE


def test_an_array_may_hold_a_thousand_readings_and_no_more():
    assert len(list(parse_readings(json.dumps([GOOD] * MAX_READINGS).encode()))) == MAX_READINGS
    (refused,) = parse_readings(json.dumps([GOOD] * (MAX_READINGS + 1)).encode())

    assert isinstance(refused, RefusedReading)
    assert refused.error.reason == Reason.TOO_MANY_READINGS


def test_a_timestamp_keeps_its_instant_whatever_its_offset():
    (utc,) = parse_readings(json.dumps(GOOD).encode())
    (local,) = parse_readings(
        json.dumps({**GOOD, "timestamp": "2026-11-22T12:40:00+02:00"}).encode()
    )

    assert isinstance(utc, Reading)
    assert isinstance(local, Reading)
    assert utc.timestamp == local.timestamp


def test_unknown_fields_are_ignored():
    (reading,) = parse_readings(json.dumps({**GOOD, "voltage": 231.4}).encode())

    assert isinstance(reading, Reading)


@given(st.integers(min_value=0, max_value=10**15))
def test_six_decimals_survive_the_way_through_json_exactly(energy_milliwh):
    text = str(Decimal(energy_milliwh).scaleb(-6))

    assert milliwh_from_kwh(json.loads(text)) == energy_milliwh
    assert milliwh_from_kwh(json.loads(json.dumps(kwh_from_milliwh(energy_milliwh)))) == (
        energy_milliwh
    )


def test_more_than_six_decimals_are_rounded_to_the_milliwatt_hour():
    assert milliwh_from_kwh(0.1 + 0.2) == 300_000
    assert milliwh_from_kwh(0.1234567) == 123_457
