"""Sync events: past-tense facts about users, devices and assignments.

The envelope is the same for all events; `data` has one typed model for each event type. `version`
counts the changes of that one user, device or pair: a receiver applies an event only if its version
is higher than the version it has, so repeated and reordered events end in the same state.

The sender is strict, the receiver is tolerant. `EVENT_DATA` has the models that this release
sends: their enumerations are `Literal`, so a wrong value fails the type check. `RECEIVED_DATA` has
the models into which this release decodes: an unknown value of an enumeration stays text, an
unknown field is ignored, an unknown event type raises `UnknownEventType`. So a newer sender breaks
no older receiver. Fields are only added, with defaults; `energy_contracts.compatibility` checks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from energy_contracts.digest import MAX_COUNT, Digest, ReceivedDigest
from energy_contracts.errors import ContractError, Reason, UnknownEventType, contract_error
from energy_contracts.reading import cut_times
from energy_contracts.text import ChannelCode, Code, Label, Name, Text

Role = Literal["admin", "client"]
ReadingKind = Literal["interval", "cumulative"]
#: Electricity, heat and cooling are in kWh, gas and water in m³.
Quantity = Literal["electricity", "heat", "cooling", "gas", "water"]
Flow = Literal["consumed", "imported", "exported", "produced", "charged", "discharged"]

Version = Annotated[int, msgspec.Meta(ge=1, le=MAX_COUNT)]

#: Kilowatt-hours and kilowatts are at most 1,000,000,000 in the API; no sum of them is compared
#: here.
Energy = Annotated[float, msgspec.Meta(ge=0, le=1e12)]

#: Registers of meters, which are counted by, and their factor: JSON numbers, read and written as
#: decimals. `decode_event` checks their ranges, which msgspec checks for floats alone.
MAX_ENERGY, MAX_MULTIPLIER = 10**12, 10**6
ExactEnergy = Annotated[
    Decimal, msgspec.Meta(extra_json_schema={"minimum": 0, "maximum": MAX_ENERGY})
]
Multiplier = Annotated[
    Decimal, msgspec.Meta(extra_json_schema={"exclusiveMinimum": 0, "maximum": MAX_MULTIPLIER})
]

#: The longest interval between two readings, in seconds: a day, the unit that is reported.
MAX_INTERVAL_SECONDS = 86_400

#: With more digits the largest register would exceed the largest value of a reading.
MAX_REGISTER_DIGITS = 9

#: Years in which the clock hours of all zones can be computed.
FIRST_YEAR, LAST_YEAR = 1970, 9998


class EventData(msgspec.Struct, frozen=True, kw_only=True):
    """Base class of every event's `data`."""


class ReceivedUserData(EventData, frozen=True, kw_only=True):
    """A user as a receiver decodes it: a role that `Role` does not list grants nothing."""

    id: UUID
    username: Name
    role: Code
    is_active: bool
    token_version: Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
    created_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class UserData(ReceivedUserData, frozen=True, kw_only=True):
    """A user, with the fields that every service needs.

    Every service rejects a token whose `ver` is lower than `token_version`. Events of senders that
    do not know `created_at` yet lack it.
    """

    role: Role


class ReceivedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of a device as a receiver decodes it; energies are in the unit of the quantity."""

    code: ChannelCode
    name: Name = ""
    quantity: Code = "electricity"
    flow: Code = "consumed"
    reading_kind: Code = "interval"
    interval_seconds: Annotated[int, msgspec.Meta(ge=1, le=MAX_INTERVAL_SECONDS)] | None = None
    register_digits: Annotated[int, msgspec.Meta(ge=1, le=MAX_REGISTER_DIGITS)] | None = None
    register_wraps_at: ExactEnergy | None = None
    max_power: Energy | None = None
    negative_channel: ChannelCode | None = None


class Channel(ReceivedChannel, frozen=True, kw_only=True):
    """A channel: one series of a device.

    `interval_seconds` is null if it is that of the device. `max_power` is the largest plausible
    rate per hour. `negative_channel` receives the absolute value of negative readings.
    """

    quantity: Quantity = "electricity"
    flow: Flow = "consumed"
    reading_kind: ReadingKind = "interval"


class MountedMeter(msgspec.Struct, frozen=True, kw_only=True):
    """A meter that is or was mounted at a device.

    `mounted_at` is null for the first meter of the device, `removed_at` for the present one.
    `opening` and `closing` are its registers then, by the code of the channel; a missing value is
    unknown. `register_digits` is that of its register for the channel `main`. Each difference of
    its registers is multiplied by `multiplier`.
    """

    id: UUID
    serial_number: Text
    mounted_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    removed_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    opening: Mapping[ChannelCode, ExactEnergy] = {}
    closing: Mapping[ChannelCode, ExactEnergy] = {}
    register_digits: Annotated[int, msgspec.Meta(ge=1, le=MAX_REGISTER_DIGITS)] | None = None
    multiplier: Multiplier = Decimal(1)


class ReceivedDeviceData(EventData, frozen=True, kw_only=True):
    """A device as a receiver decodes it.

    Readings of a device whose `reading_kind` is none of `ReadingKind` are not counted. An older
    sender leaves out `channels`, which means the channel `main` alone, and `meters`.
    """

    id: UUID
    name: Name
    description: Text = ""
    device_type: Code
    status: Code
    max_consumption: Energy | None = None
    timezone: Label
    interval_seconds: Annotated[int, msgspec.Meta(ge=1, le=MAX_INTERVAL_SECONDS)]
    reading_kind: Code = "interval"
    register_digits: Annotated[int, msgspec.Meta(ge=1, le=MAX_REGISTER_DIGITS)] | None = None
    max_power_kw: Energy | None = None
    retired_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    channels: tuple[ReceivedChannel, ...] = ()
    meters: tuple[MountedMeter, ...] = ()


class DeviceData(ReceivedDeviceData, frozen=True, kw_only=True):
    """A device, with the fields that monitoring_service needs.

    `max_consumption` is kWh per hour (None: no limit), `max_power_kw` the largest plausible power.
    `retired_at` is the instant at which a device in status `retired` stopped measuring.
    `channels` begin with `main`, whose fields are those of the device; `meters` are in the order of
    time, the present one last.
    """

    reading_kind: ReadingKind = "interval"
    channels: tuple[Channel, ...] = ()


class DeletedData(EventData, frozen=True, kw_only=True):
    """The id of a deleted user or device; the receiver keeps a tombstone with the version."""

    id: UUID


class AssignmentData(EventData, frozen=True, kw_only=True):
    """A device given to, or taken from, a user."""

    device_id: UUID
    user_id: UUID


class ReceivedSnapshotData(EventData, frozen=True, kw_only=True):
    """A snapshot as a receiver decodes it: it ignores digests of unknown subjects."""

    digests: Sequence[ReceivedDigest]


class SnapshotData(ReceivedSnapshotData, frozen=True, kw_only=True):
    """Digests of the owner's sets after all events before this one.

    The version is the time in milliseconds since 1970. A receiver compares its copies when it
    handles this event, so a difference is drift and not delay.
    """

    digests: Sequence[Digest]


EventType = Literal[
    "user_created",
    "user_updated",
    "user_deleted",
    "device_created",
    "device_updated",
    "device_deleted",
    "device_assigned",
    "device_unassigned",
    "snapshot_published",
]

#: The model of `data` that this release sends, for each event type on the exchange.
EVENT_DATA: dict[EventType, type[EventData]] = {
    "user_created": UserData,
    "user_updated": UserData,
    "user_deleted": DeletedData,
    "device_created": DeviceData,
    "device_updated": DeviceData,
    "device_deleted": DeletedData,
    "device_assigned": AssignmentData,
    "device_unassigned": AssignmentData,
    "snapshot_published": SnapshotData,
}

#: The model into which this release decodes `data`, for each event type that it knows.
RECEIVED_DATA: dict[str, type[EventData]] = {
    "user_created": ReceivedUserData,
    "user_updated": ReceivedUserData,
    "user_deleted": DeletedData,
    "device_created": ReceivedDeviceData,
    "device_updated": ReceivedDeviceData,
    "device_deleted": DeletedData,
    "device_assigned": AssignmentData,
    "device_unassigned": AssignmentData,
    "snapshot_published": ReceivedSnapshotData,
}

Data = TypeVar("Data", bound=EventData)


class SyncEvent(msgspec.Struct, Generic[Data], frozen=True, kw_only=True):
    """A sync event: the envelope with type, version and time, around the data of one change."""

    event_id: UUID
    event_type: EventType
    version: Version
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    source: Label
    data: Data


class _Envelope(msgspec.Struct):
    event_id: UUID
    event_type: Label
    version: Version
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    source: Label
    data: msgspec.Raw


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def new_event(
    event_type: EventType, *, version: int, source: str, data: EventData
) -> SyncEvent[Any]:
    """Return a new event whose time is now.

    Raises: TypeError for `data` of another event type.
    """
    if not isinstance(data, EVENT_DATA[event_type]):
        expected = EVENT_DATA[event_type].__name__
        raise TypeError(f"{event_type} carries {expected}, not {type(data).__name__}")
    return SyncEvent(
        event_id=uuid4(),
        event_type=event_type,
        version=version,
        occurred_at=datetime.now(UTC),
        source=source,
        data=data,
    )


def encode_event(event: SyncEvent[Any]) -> bytes:
    """Return the event's JSON, decimals as numbers."""
    return _encode(event)


def decode_event(body: bytes) -> SyncEvent[Any]:
    """Return the typed event of a message body.

    Raises: UnknownEventType for a sound event of a type that this release does not know,
        ContractError for a broken message.
    """
    try:
        envelope = _decode_envelope(body)
        model = RECEIVED_DATA.get(envelope.event_type)
        if model is None:
            raise UnknownEventType(envelope.event_type)
        data = msgspec.json.decode(envelope.data, type=model)
        occurred_at = _decode_envelope(cut_times(body)).occurred_at
    except msgspec.MsgspecError as error:
        raise contract_error(error) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise ContractError(Reason.NOT_JSON, str(error)) from error
    _check_year(occurred_at, "$.occurred_at")
    if isinstance(data, ReceivedUserData) and data.created_at is not None:
        _check_year(data.created_at, "$.data.created_at")
    if isinstance(data, ReceivedDeviceData):
        _check_device(data)
    return SyncEvent(
        event_id=envelope.event_id,
        event_type=envelope.event_type,  # type: ignore[arg-type]
        version=envelope.version,
        occurred_at=occurred_at,
        source=envelope.source,
        data=data,
    )


def _check_year(instant: datetime, path: str) -> None:
    """Raise ContractError for a year in which not all zones can be computed."""
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ContractError(Reason.OUT_OF_RANGE, f"year {instant.year} - at `{path}`")


def _check_device(data: ReceivedDeviceData) -> None:
    """Raise ContractError for an instant, a number or a zone that no receiver can compute with."""
    if data.retired_at is not None:
        _check_year(data.retired_at, "$.data.retired_at")
    for meter in data.meters:
        for instant in filter(None, (meter.mounted_at, meter.removed_at)):
            _check_year(instant, "$.data.meters")
        for value in (*meter.opening.values(), *meter.closing.values()):
            _check_range(value, MAX_ENERGY, "$.data.meters")
        _check_range(meter.multiplier, MAX_MULTIPLIER, "$.data.meters", or_zero=False)
    for channel in data.channels:
        if channel.register_wraps_at is not None:
            _check_range(channel.register_wraps_at, MAX_ENERGY, "$.data.channels")
    if not _is_time_zone(data.timezone):
        detail = f"{data.timezone!r} is not an IANA time zone - at `$.data.timezone`"
        raise ContractError(Reason.WRONG_TYPE, detail)


def _check_range(value: Decimal, largest: int, path: str, *, or_zero: bool = True) -> None:
    """Raise ContractError for a decimal that is no number, negative, or larger than `largest`."""
    if not value.is_finite() or not 0 <= value <= largest or (value == 0 and not or_zero):
        least = "0" if or_zero else "more than 0"
        detail = f"{value} is not within {least} and {largest} - at `{path}`"
        raise ContractError(Reason.OUT_OF_RANGE, detail)


@lru_cache(maxsize=1024)
def _is_time_zone(name: str) -> bool:
    """Return whether the machine knows the zone; two names depend on the machine."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return name not in ("Factory", "localtime")
