"""The reading message: one object or an array of up to 1,000, from a meter to the platform."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from energy_contracts.errors import ContractError, Reason, contract_error
from energy_contracts.units import MAX_READING_KWH

#: Readings one message may carry.
MAX_READINGS = 1_000

#: Bytes one message may have; a larger one is refused unread.
MAX_MESSAGE_BYTES = 1 << 20

#: Largest revision: a signed 32-bit integer, wide enough for Unix seconds.
MAX_REVISION = 2**31 - 1

#: The instant before which no meter's reading is believed: clocks that lost their battery
#: restart at or before the Unix epoch.
EARLIEST = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """Energy used in the interval that began at `timestamp`, or a `cumulative` meter's register.

    `measurement_value` is in kWh. A correction of the same (device, timestamp) carries a higher
    `revision`. Unknown fields are ignored.
    """

    timestamp: Annotated[
        datetime, msgspec.Meta(tz=True, description="Begin of the interval, RFC 3339 with offset")
    ]
    device_id: UUID
    measurement_value: Annotated[
        float, msgspec.Meta(ge=0, le=MAX_READING_KWH, description="kWh; six decimals count")
    ]
    revision: Annotated[int, msgspec.Meta(ge=0, le=MAX_REVISION)] = 0


class RefusedReading(msgspec.Struct, frozen=True):
    """One element that breaks the contract: its JSON as it came, and why."""

    body: bytes
    error: ContractError


_decode_one = msgspec.json.Decoder(Reading).decode
_decode_many = msgspec.json.Decoder(list[Reading]).decode


def parse_readings(body: bytes) -> Iterable[Reading | RefusedReading]:
    """All readings of a message; a bad element never spoils its neighbours."""
    if len(body) > MAX_MESSAGE_BYTES:
        return [_refused(body, Reason.TOO_LARGE, f"{len(body)} bytes, at most {MAX_MESSAGE_BYTES}")]
    try:
        readings = _decode_many(body) if body[:1] == b"[" else [_decode_one(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return list(_parse_leniently(body))
    if len(readings) > MAX_READINGS or any(r.timestamp < EARLIEST for r in readings):
        return list(_parse_leniently(body))
    return readings


def _refused(body: bytes, reason: Reason, detail: str) -> RefusedReading:
    return RefusedReading(body, ContractError(reason, detail))


def _parse_leniently(body: bytes) -> Iterator[Reading | RefusedReading]:
    """Element by element, by a decoder that lets NaN pass.

    Python clients write NaN into JSON; a strict decoder would refuse the whole array for it.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        yield _refused(body, Reason.NOT_JSON, str(error))
        return
    if not isinstance(document, list):
        yield _check(document, body)
    elif len(document) > MAX_READINGS:
        detail = f"{len(document)} readings in one message, at most {MAX_READINGS}"
        yield _refused(body, Reason.TOO_MANY_READINGS, detail)
    else:
        for element in document:
            yield _check(element, json.dumps(element).encode())


def _check(element: Any, body: bytes) -> Reading | RefusedReading:
    try:
        reading = msgspec.convert(element, Reading)
    except msgspec.MsgspecError as error:
        return RefusedReading(body, contract_error(error))
    if reading.measurement_value != reading.measurement_value:
        return _refused(body, Reason.OUT_OF_RANGE, "NaN is not a number - at `$.measurement_value`")
    if reading.timestamp < EARLIEST:
        return _refused(body, Reason.OUT_OF_RANGE, "before 1970 - at `$.timestamp`")
    return reading
