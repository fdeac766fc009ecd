"""A value is sent in kWh, exact to six decimals, or rejected with its reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_simulator.readings import Reading, ValueRejected, kwh_text, messages, value_to_mwh
from energy_contracts.units import milliwh_from_kwh

DEVICE = "4c189959-e674-4eaa-8ebb-98fd953657c5"
WH, KWH = 1_000, 1_000_000


@pytest.mark.parametrize(
    ("text", "unit", "sent"),
    [
        ("30.70", WH, "0.0307"),
        ("0.001", WH, "0.000001"),
        ("20016", WH, "20.016"),
        ("0.1", KWH, "0.1"),
        ("0", KWH, "0"),
        ("-0.0", KWH, "0"),
        ("1000", WH, "1"),
        ("1e3", KWH, "1000"),
        ("0.3000000000", KWH, "0.3"),
        (" 2.5 ", KWH, "2.5"),
        ("1000000000", KWH, "1000000000"),
        ("999999999.999999", KWH, "999999999.999999"),
        ("0.30000000000000004", KWH, "0.3"),
        ("0.0001", WH, "0"),
        ("0.0015", WH, "0.000002"),
        ("0.0025", WH, "0.000002"),
        ("0." + "3" * 80, KWH, "0.333333"),
        ("1e-9999999999", KWH, "0"),
    ],
)
def test_a_value_is_sent_with_six_decimals_rounded_half_to_even(
    text: str, unit: int, sent: str
) -> None:
    assert kwh_text(value_to_mwh(text, unit)) == sent


@pytest.mark.parametrize(
    ("text", "unit", "reason"),
    [
        ("-0.1", KWH, "negative"),
        ("1000000000.000001", KWH, "above 1,000,000,000"),
        ("1e99", KWH, "above 1,000,000,000"),
        ("1e9999999999", KWH, "above 1,000,000,000"),
        ("NaN", KWH, "not a decimal number"),
        ("Infinity", KWH, "not a decimal number"),
        ("1_000", KWH, "not a decimal number"),
        ("1,5", KWH, "not a decimal number"),
        ("٣", KWH, "not a decimal number"),
        ("0x10", KWH, "not a decimal number"),
        ("on", KWH, "not a decimal number"),
    ],
)
def test_a_value_that_cannot_be_sent_is_rejected_with_its_reason(
    text: str, unit: int, reason: str
) -> None:
    with pytest.raises(ValueRejected, match=reason):
        value_to_mwh(text, unit)


@given(st.integers(min_value=0, max_value=10**15), st.integers(min_value=6, max_value=12))
def test_a_value_is_rounded_as_the_platform_rounds_it_in_a_message(digits, decimals) -> None:
    text = str(Decimal(digits).scaleb(-decimals))

    assert value_to_mwh(text, KWH) == milliwh_from_kwh(json.loads(text))


def test_a_reading_has_the_three_fields_of_the_wire() -> None:
    reading = Reading(datetime(2026, 11, 22, 10, 40, tzinfo=UTC), DEVICE, 217_000)

    assert json.loads(reading.json(), parse_float=Decimal) == {
        "timestamp": "2026-11-22T10:40:00Z",
        "device_id": DEVICE,
        "measurement_value": Decimal("0.217"),
    }


def test_readings_are_packed_in_their_order_and_one_alone_is_no_array() -> None:
    readings = [Reading(datetime(2026, 1, 1, tzinfo=UTC), DEVICE, value) for value in range(5)]

    packed = list(messages(readings, batch=2))

    assert [message.readings for message in packed] == [2, 2, 1]
    assert [type(json.loads(message.body)) for message in packed] == [list, list, dict]
    sent = b"".join(message.body for message in packed).decode()
    assert [sent.index(reading.json()) for reading in readings] == sorted(
        sent.index(reading.json()) for reading in readings
    )
    assert len({message.message_id for message in packed}) == len(packed)
