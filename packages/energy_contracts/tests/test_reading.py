"""Readings are parsed or rejected with a reason, and kWh stay exact."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_contracts.errors import Reason
from energy_contracts.reading import (
    MAX_MESSAGE_BYTES,
    MAX_READINGS,
    Reading,
    RejectedReading,
    parse_readings,
)
from energy_contracts.units import SURELY_WHOLE, kwh_from_milliwh, milliwh_from_kwh

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
    ({**GOOD, "measurement_value": float("-inf")}, Reason.OUT_OF_RANGE),
    ({**GOOD, "measurement_value": -1_000_000_000.000001}, Reason.OUT_OF_RANGE),
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
    ({**GOOD, "channel": "Export"}, Reason.WRONG_TYPE),
    ({**GOOD, "channel": "export\n"}, Reason.WRONG_TYPE),
    ({**GOOD, "channel": ""}, Reason.WRONG_TYPE),
    ({**GOOD, "channel": "x" * 33}, Reason.WRONG_TYPE),
    ({**GOOD, "channel": None}, Reason.WRONG_TYPE),
    ({**GOOD, "meter": ""}, Reason.OUT_OF_RANGE),
    ({**GOOD, "meter": "\0"}, Reason.WRONG_TYPE),
    ({**GOOD, "meter": 4711}, Reason.WRONG_TYPE),
    (17, Reason.WRONG_SHAPE),
    (None, Reason.WRONG_SHAPE),
    ("reading", Reason.WRONG_SHAPE),
]


@pytest.mark.parametrize(("element", "reason"), BAD)
def test_a_bad_reading_is_rejected_with_its_reason(element, reason):
    (rejected,) = parse_readings(json.dumps(element).encode())

    assert isinstance(rejected, RejectedReading)
    assert rejected.error.reason == reason


@pytest.mark.parametrize(("element", "reason"), BAD)
def test_a_bad_element_leaves_its_neighbours_in_the_array(element, reason):
    first, rejected, last = parse_readings(json.dumps([GOOD, element, GOOD]).encode())

    assert isinstance(first, Reading)
    assert isinstance(last, Reading)
    assert isinstance(rejected, RejectedReading)
    assert rejected.error.reason == reason
    assert json.dumps(json.loads(rejected.body)) == json.dumps(element)


def good_with(field: bytes) -> bytes:
    """A good reading's JSON with one more field in front."""
    return b"{" + field + b", " + json.dumps(GOOD).encode()[1:]


#: Elements that no decoder understands, or that only some do.
UNDECODABLE = [
    (b'{"device_id": "\\ud800"}', Reason.WRONG_TYPE),
    (good_with(b'"x": 1').replace(b"4c189959", b"\\ud8009959"), Reason.WRONG_TYPE),
    (good_with(b'"x": 1').replace(b"4c189959", b"\xff\xfe"), Reason.WRONG_TYPE),
    (good_with(b'"x": 1').replace(b"T10", b"\\udfffT10"), Reason.INVALID_TIMESTAMP),
    (good_with(b'"x": 1').replace(b"T10", b"\x00T10"), Reason.NOT_JSON),
    (good_with(b'"x": 1').replace(b"T10", b"\\u0000T10"), Reason.INVALID_TIMESTAMP),
    (good_with(b'"x": 1').replace(b"0.217", b"1" * 5_000), Reason.OUT_OF_RANGE),
    (good_with(b'"x": 1').replace(b"0.217", b"1e400"), Reason.OUT_OF_RANGE),
    (good_with(b'"revision": ' + b"1" * 5_000), Reason.OUT_OF_RANGE),
    (good_with(b'"x": ' + b"[" * 5_000 + b"]" * 5_000), Reason.NOT_JSON),
    (good_with(b'"x": \x01'), Reason.NOT_JSON),
    (b'{"a": }', Reason.NOT_JSON),
    (b"nonsense", Reason.NOT_JSON),
    (b'{"a": 1} {"b": 2}', Reason.MISSING_FIELD),
    (b"{]", Reason.NOT_JSON),
]


@pytest.mark.parametrize(("element", "reason"), UNDECODABLE)
def test_an_element_that_cannot_be_decoded_is_rejected_alone(element, reason):
    good = json.dumps(GOOD).encode()

    first, rejected, last = parse_readings(b"[" + good + b", " + element + b"\n," + good + b"]")

    assert isinstance(first, Reading)
    assert isinstance(last, Reading)
    assert isinstance(rejected, RejectedReading)
    assert rejected.error.reason == reason
    assert rejected.body == element, "as it came"


@pytest.mark.parametrize(("element", "reason"), UNDECODABLE)
def test_an_object_that_cannot_be_decoded_is_rejected_with_its_reason(element, reason):
    (rejected,) = parse_readings(element)

    assert isinstance(rejected, RejectedReading)
    assert rejected.error.reason == reason
    assert rejected.body == element


@pytest.mark.parametrize(
    "field",
    [
        b'"note": "\\ud800"',
        b'"\\ud800": 1',
        b'"note": "\xff"',
        b'"\xff": 1',
        b'"note": "\\u0000"',
        b'"note": NaN',
        b'"note": ",]}[{\\\\\\""',
        b'"note": {"a": [1, {"b": 2}], "c": "]"}',
    ],
)
def test_a_field_that_is_not_read_may_hold_any_value(field):
    readings = parse_readings(b"[" + good_with(field) + b"," + good_with(field) + b"]")

    assert [type(reading) for reading in readings] == [Reading, Reading]
    assert [type(reading) for reading in parse_readings(good_with(field))] == [Reading]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_message_in_another_unicode_encoding_is_understood(encoding):
    readings = parse_readings(json.dumps([GOOD, 17, GOOD]).encode(encoding))

    assert [type(reading) for reading in readings] == [Reading, RejectedReading, Reading]


@pytest.mark.parametrize(
    "body", [b"[%s", b"[%s]]", b"[%s] x", b"[%s,]", b"[%s,,%s]", b"[%s}", b'[%s, "]']
)
def test_an_array_without_a_clear_end_or_element_is_rejected_whole(body):
    body = body.replace(b"%s", json.dumps(GOOD).encode())

    (rejected,) = parse_readings(body)

    assert isinstance(rejected, RejectedReading)
    assert rejected.error.reason == Reason.NOT_JSON
    assert rejected.body == body


@given(st.data())
def test_any_bytes_in_one_element_leave_its_neighbours(data):
    """The bytes neither end their element nor the array: brackets balanced, no comma or quote."""
    good = json.dumps(GOOD).encode()
    rubbish = data.draw(st.binary(min_size=1, max_size=40)).translate(None, b'[]{},"\\')
    place = data.draw(st.integers(0, len(good) - 1))
    mutated = good[:place] + rubbish + good[place + data.draw(st.integers(0, 1)) :]
    if mutated.count(b'"') % 2 or mutated.count(b"{") != mutated.count(b"}"):
        return

    first, _, last = parse_readings(b"[" + good + b"," + mutated + b"," + good + b"]")

    assert isinstance(first, Reading)
    assert isinstance(last, Reading)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_fail(body):
    for message in (body, b"[" + body + b"]", b"{" + body + b"}"):
        for reading in parse_readings(message):
            if isinstance(reading, RejectedReading):
                assert reading.error.reason in Reason
                assert reading.error.detail


@pytest.mark.parametrize("digits", ["9999999", "99999951", "9" * 40])
def test_digits_beyond_the_microsecond_are_cut_and_never_reach_the_next_hour(digits):
    text = json.dumps({**GOOD, "timestamp": f"2026-11-22T10:59:59.{digits}Z"}).encode()
    expected = datetime(2026, 11, 22, 10, 59, 59, 999_999, tzinfo=UTC)

    for body in (text, b"[" + text + b"]", b"[NaN, " + text + b"]"):
        (reading,) = (r for r in parse_readings(body) if isinstance(r, Reading))
        assert reading.timestamp == expected


def test_cutting_a_time_leaves_long_values_alone():
    text = json.dumps({**GOOD, "timestamp": "2026-11-22T10:00:00.1234567Z"}).encode()

    (reading,) = parse_readings(text.replace(b"0.217", b"10.1234567"))

    assert isinstance(reading, Reading)
    assert reading.measurement_value == 10.1234567
    assert reading.timestamp.microsecond == 123_456


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"{", b"[", b"\xff\xfe", b"\x00", b'{"a":}', b"[" * 100_000]
)
def test_a_message_that_is_not_json_is_rejected_whole(body):
    (rejected,) = parse_readings(body)

    assert isinstance(rejected, RejectedReading)
    assert rejected.error.reason == Reason.NOT_JSON
    assert rejected.body == body


def test_a_message_over_one_mebibyte_is_rejected_unread():
    (rejected,) = parse_readings(b" " * MAX_MESSAGE_BYTES + b"{}")

    assert isinstance(rejected, RejectedReading)
    assert rejected.error.reason == Reason.TOO_LARGE


def test_an_array_may_hold_a_thousand_readings_and_no_more():
    assert len(list(parse_readings(json.dumps([GOOD] * MAX_READINGS).encode()))) == MAX_READINGS
    (rejected,) = parse_readings(json.dumps([GOOD] * (MAX_READINGS + 1)).encode())

    assert isinstance(rejected, RejectedReading)
    assert rejected.error.reason == Reason.TOO_MANY_READINGS


def test_a_timestamp_keeps_its_instant_whatever_its_offset():
    (utc,) = parse_readings(json.dumps(GOOD).encode())
    (local,) = parse_readings(
        json.dumps({**GOOD, "timestamp": "2026-11-22T12:40:00+02:00"}).encode()
    )

    assert isinstance(utc, Reading)
    assert isinstance(local, Reading)
    assert utc.timestamp == local.timestamp


def test_a_reading_without_channel_and_meter_is_one_of_main_and_encoded_as_it_came():
    (reading,) = parse_readings(json.dumps(GOOD).encode())

    assert isinstance(reading, Reading)
    assert (reading.channel, reading.meter) == ("main", None)
    assert json.loads(msgspec.json.encode(reading)) == GOOD


def test_a_reading_may_name_its_channel_and_the_serial_number_of_its_meter():
    named = {**GOOD, "channel": "export-2_b", "meter": "E-4711 / ü"}

    (reading,) = parse_readings(json.dumps(named).encode())

    assert isinstance(reading, Reading)
    assert (reading.channel, reading.meter) == ("export-2_b", "E-4711 / ü")
    assert json.loads(msgspec.json.encode(reading)) == named


def test_unknown_fields_are_ignored():
    (reading,) = parse_readings(json.dumps({**GOOD, "voltage": 231.4}).encode())

    assert isinstance(reading, Reading)


@given(st.integers(min_value=0, max_value=10**15))
def test_six_decimals_survive_json_exactly(energy_milliwh):
    text = str(Decimal(energy_milliwh).scaleb(-6))

    assert milliwh_from_kwh(json.loads(text)) == energy_milliwh
    # As the encoder of the answers writes it; the largest value is a Decimal, which `json` rejects.
    assert milliwh_from_kwh(json.loads(str(kwh_from_milliwh(energy_milliwh)))) == energy_milliwh


def test_more_than_six_decimals_are_rounded_to_the_milliwatt_hour():
    assert milliwh_from_kwh(0.1 + 0.2) == 300_000
    assert milliwh_from_kwh(0.1234567) == 123_457


@given(st.integers(0, 10**16), st.sampled_from(["", "5", "25", "49", "50", "51", "75"]))
def test_a_number_is_rounded_half_even_as_it_is_written(energy_milliwh, more):
    """Up to fifteen digits: more of them no JSON reader can tell apart."""
    whole, decimals = divmod(energy_milliwh, 10**6)
    text = f"{whole}.{decimals:06}{more}"
    if len(text.lstrip("0.").replace(".", "")) > 15 or Decimal(text) > 10**9:
        return
    expected = int((Decimal(text) * 10**6).to_integral_value("ROUND_HALF_EVEN"))

    assert milliwh_from_kwh(json.loads(text)) == expected
    assert milliwh_from_kwh(Decimal(text)) == expected


@given(st.integers(0, 10**15))
def test_no_value_with_six_decimals_takes_the_slow_path(energy_milliwh):
    product = float(Decimal(energy_milliwh).scaleb(-6)) * 10**6

    assert abs(product - energy_milliwh) < SURELY_WHOLE


@given(st.decimals(0, 10**9, allow_nan=False))
def test_a_file_and_a_message_round_the_same_number_alike(energy_kwh):
    message = json.loads(f"{energy_kwh:f}")

    assert milliwh_from_kwh(energy_kwh) == milliwh_from_kwh(message)
