"""The reading message: one object or an array of up to 1,000, from a meter to the platform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from energy_contracts.errors import ContractError, Reason, contract_error
from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.text import ChannelCode, Serial
from energy_contracts.units import MAX_READING_KWH

#: Readings one message may carry.
MAX_READINGS = 1_000

#: Bytes one message may have; a larger one is rejected without parsing.
MAX_MESSAGE_BYTES = 1 << 20

#: Largest revision: a signed 32-bit integer, wide enough for Unix seconds.
MAX_REVISION = 2**31 - 1

#: The earliest instant of a reading: clocks that lost their battery restart at or before the Unix
#: epoch.
EARLIEST = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


# `gc=False`: readings form no cycles, and the collector need not look at millions of them.
class Reading(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Energy used in the interval that began at `timestamp`, or a `cumulative` meter's register.

    `measurement_value` is in the unit of the channel; a negative one counts in the channel's
    `negative_channel`, and is rejected by a channel without one. A correction of the same (device,
    channel, timestamp) carries a higher `revision`. Unknown fields are ignored.
    """

    timestamp: Annotated[
        datetime, msgspec.Meta(tz=True, description="Begin of the interval, RFC 3339 with offset")
    ]
    device_id: UUID
    measurement_value: Annotated[
        float,
        msgspec.Meta(
            ge=-MAX_READING_KWH,
            le=MAX_READING_KWH,
            description="kWh (m³ of gas and water); six decimals count. Negative only where the"
            " channel has a negative_channel",
        ),
    ]
    revision: Annotated[int, msgspec.Meta(ge=0, le=MAX_REVISION)] = 0
    channel: Annotated[ChannelCode, msgspec.Meta(description="Code of a channel of the device")] = (
        MAIN_CHANNEL
    )
    meter: Annotated[
        Serial | None,
        msgspec.Meta(description="Serial number of the meter; without it the time tells the meter"),
    ] = None


class RejectedReading(msgspec.Struct, frozen=True):
    """An element that breaks the contract: its JSON as received, and the reason."""

    body: bytes
    error: ContractError


_decode_one = msgspec.json.Decoder(Reading).decode
_decode_many = msgspec.json.Decoder(list[Reading]).decode

#: Seven decimals: a time with more digits than a microsecond has, or a long value.
_is_long = re.compile(rb"\.\d{7}").search

# The digit before the colon tells a time of day from `"measurement_value":10.1234567`.
_cut_times = re.compile(rb"(\d:\d\d\.\d{6})\d+").sub

#: A whole flat object or array, a string (the last one may lack its end), opening brackets, a
#: closing one, or a comma.
_tokens = re.compile(
    rb'[\[{](?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+[\]}]'
    rb'|"(?:[^"\\]++|\\.)*+"?|[\[{]++|[\]}]|,',
    re.DOTALL,
).finditer


def parse_readings(body: bytes) -> Iterable[Reading | RejectedReading]:
    """Return all readings of a message; an invalid element does not affect the others."""
    if len(body) > MAX_MESSAGE_BYTES:
        return [
            _rejected(body, Reason.TOO_LARGE, f"{len(body)} bytes, at most {MAX_MESSAGE_BYTES}")
        ]
    exact = cut_times(body) if _is_long(body) else body
    try:
        if exact[:1] != b"[":
            reading = _decode_one(exact)
            return [reading] if reading.timestamp >= EARLIEST else _parse_leniently(body)
        readings = _decode_many(exact)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _parse_leniently(body)
    if len(readings) > MAX_READINGS or any(r.timestamp < EARLIEST for r in readings):
        return _parse_leniently(body)
    return readings


def cut_times(body: bytes) -> bytes:
    """Return the JSON with times of day cut to whole microseconds.

    msgspec rounds: 10:59:59.9999999 would become 11:00, which is in the next hour.
    """
    return _cut_times(rb"\1", body)


def _rejected(body: bytes, reason: Reason, detail: str) -> RejectedReading:
    return RejectedReading(body, ContractError(reason, detail))


def _parse_leniently(body: bytes) -> list[Reading | RejectedReading]:
    """Return the readings of a message, each element decoded separately."""
    text = _as_utf8(body)
    if text.lstrip()[:1] != b"[":
        return [_parse_element(text, body)]
    try:
        elements = _split_array(text)
    except ContractError as error:
        return [RejectedReading(body, error)]
    return [_parse_element(element, element) for element in elements]


def _as_utf8(body: bytes) -> bytes:
    encoding = json.detect_encoding(body)
    if encoding == "utf-8":
        return body
    try:
        return body.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return body


def _split_array(text: bytes) -> list[bytes]:
    """Return the elements of a JSON array as received, without decoding them.

    Only strings and the depth of brackets count, so `[{"a": 1}, {"b": }, "x"]` has three elements,
    of which the second can be rejected alone. Raises ContractError for an array that has no end,
    has an empty element or is followed by something, and for too many elements.
    """
    elements: list[bytes] = []
    start, depth = text.index(b"[") + 1, 0
    for token in _tokens(text, start):
        symbol = token[0]
        if symbol[-1] in b"[{":
            depth += len(symbol)
        elif depth == 0 and (symbol == b"," or symbol == b"]"):
            elements.append(text[start : token.start()].strip())
            start = token.end()
            if len(elements) > MAX_READINGS:
                detail = f"more than {MAX_READINGS} readings in one message"
                raise ContractError(Reason.TOO_MANY_READINGS, detail)
            if symbol == b"]":
                break
        elif symbol in b"]}":
            depth -= 1
            if depth < 0:
                break
    else:
        raise ContractError(Reason.NOT_JSON, "the array has no end")
    if text[start:].strip():
        raise ContractError(Reason.NOT_JSON, "something follows the array")
    if elements == [b""]:
        return []
    if b"" in elements:
        raise ContractError(Reason.NOT_JSON, "the array has an empty element")
    return elements


def _parse_element(element: bytes, body: bytes) -> Reading | RejectedReading:
    """Return the reading of one object, or the reason why the object is not a reading."""
    try:
        reading = _decode_element(element)
    except msgspec.MsgspecError as error:
        return RejectedReading(body, contract_error(error))
    except (ValueError, RecursionError) as error:
        return _rejected(body, Reason.NOT_JSON, str(error))
    if reading.measurement_value != reading.measurement_value:
        return _rejected(
            body, Reason.OUT_OF_RANGE, "NaN is not a number - at `$.measurement_value`"
        )
    if reading.timestamp < EARLIEST:
        return _rejected(body, Reason.OUT_OF_RANGE, "before 1970 - at `$.timestamp`")
    return reading


def _decode_element(element: bytes) -> Reading:
    """Return the reading of a JSON object; a lenient decoder takes objects that are not quite JSON.

    Python clients write NaN into JSON, and bytes or escapes that are no text may stand in a field
    that nobody reads. Raises msgspec.MsgspecError, ValueError and RecursionError.
    """
    exact = cut_times(element)
    try:
        return _decode_one(exact)
    except msgspec.ValidationError:
        raise
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        document = json.loads(exact.decode("utf-8", "surrogateescape"))
    if isinstance(document, dict):
        document = {
            name: _as_text(document[name]) for name in Reading.__struct_fields__ if name in document
        }
    return msgspec.convert(document, Reading)


def _as_text(value: Any) -> Any:
    """Return a string without lone surrogates, on which the decoder would fail."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
