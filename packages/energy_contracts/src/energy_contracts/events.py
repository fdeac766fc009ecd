"""Sync events: past-tense facts about users, devices and assignments.

The envelope is the same for all; `data` has one typed model per event type. `version` counts the
changes of that one user, device or pair: a receiver applies an event only if its version is higher
than what it has, so repeats and any order end in the same state. Fields are only ever added, with
defaults; receivers ignore unknown ones.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from energy_contracts.digest import MAX_COUNT, Digest
from energy_contracts.errors import ContractError, Reason, contract_error
from energy_contracts.reading import cut_times

Role = Literal["admin", "client"]
ReadingKind = Literal["interval", "cumulative"]

# A text with a NUL, or a number that no column holds, would fail in a receiver's database, where
# nobody can say any more what is wrong with the message.
_NO_NUL = r"^[^\x00]*$"
Text = Annotated[str, msgspec.Meta(pattern=_NO_NUL)]
Name = Annotated[str, msgspec.Meta(pattern=_NO_NUL, max_length=150)]
Code = Annotated[str, msgspec.Meta(pattern=_NO_NUL, max_length=32)]
Label = Annotated[str, msgspec.Meta(pattern=_NO_NUL, max_length=64)]
Version = Annotated[int, msgspec.Meta(ge=1, le=MAX_COUNT)]

#: Energies and powers are at most 1,000,000,000 in the API; no sum of them is compared here.
Energy = Annotated[float, msgspec.Meta(ge=0, le=1e12)]

#: The longest interval between two readings: a day, the unit that is reported.
MAX_INTERVAL_SECONDS = 86_400

#: With more digits the largest register would not be a reading's value.
MAX_REGISTER_DIGITS = 9

#: Years in which the clock hours of all zones can be computed.
FIRST_YEAR, LAST_YEAR = 1970, 9998


class EventData(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every event's `data`."""


class UserData(EventData, frozen=True, kw_only=True):
    """A user as every service needs to know them.

    A token whose `ver` is lower than `token_version` is refused everywhere. Events of senders that
    do not know `created_at` yet lack it.
    """

    id: UUID
    username: Name
    role: Role
    is_active: bool
    token_version: Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
    created_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class DeviceData(EventData, frozen=True, kw_only=True):
    """A device as the metering side needs to know it.

    `max_consumption` is kWh per hour (None: no limit), `max_power_kw` the largest believable power.
    `retired_at` is the instant from which on a device in status `retired` measures no more.
    """

    id: UUID
    name: Name
    description: Text = ""
    device_type: Code
    status: Code
    max_consumption: Energy | None = None
    timezone: Label
    interval_seconds: Annotated[int, msgspec.Meta(ge=1, le=MAX_INTERVAL_SECONDS)]
    reading_kind: ReadingKind = "interval"
    register_digits: Annotated[int, msgspec.Meta(ge=1, le=MAX_REGISTER_DIGITS)] | None = None
    max_power_kw: Energy | None = None
    retired_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class DeletedData(EventData, frozen=True, kw_only=True):
    """What was deleted; the receiver keeps a tombstone with the version."""

    id: UUID


class AssignmentData(EventData, frozen=True, kw_only=True):
    """A device given to, or taken from, a user."""

    device_id: UUID
    user_id: UUID


class SnapshotData(EventData, frozen=True, kw_only=True):
    """What the owner's sets came to after the events before this one; the version is the time.

    A receiver compares its copies when it has come so far: a difference is drift, not delay.
    """

    digests: list[Digest]


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

#: The model of `data` of each event type: the complete list of what may be on the exchange.
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


Data = TypeVar("Data", bound=EventData)


class SyncEvent(msgspec.Struct, Generic[Data], frozen=True, kw_only=True):
    """The envelope around one fact."""

    event_id: UUID
    event_type: EventType
    version: Version
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    source: Label
    data: Data


class _Envelope(msgspec.Struct):
    event_id: UUID
    event_type: str
    version: Version
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    source: Label
    data: msgspec.Raw


_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def new_event(
    event_type: EventType, *, version: int, source: str, data: EventData
) -> SyncEvent[Any]:
    """An event that happens now. Raises TypeError when `data` is not of the type's model."""
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
    """The event's JSON."""
    return msgspec.json.encode(event)


def decode_event(body: bytes) -> SyncEvent[Any]:
    """Return the typed event of a message body. Raises ContractError."""
    try:
        envelope = _decode_envelope(body)
        model = EVENT_DATA.get(envelope.event_type)  # type: ignore[call-overload]
        if model is None:
            detail = f"unknown event type {envelope.event_type!r}"
            raise ContractError(Reason.UNKNOWN_EVENT_TYPE, detail)
        data = msgspec.json.decode(envelope.data, type=model)
        occurred_at = _decode_envelope(cut_times(body)).occurred_at
    except msgspec.MsgspecError as error:
        raise contract_error(error) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise ContractError(Reason.NOT_JSON, str(error)) from error
    _check_year(occurred_at, "$.occurred_at")
    if isinstance(data, UserData) and data.created_at is not None:
        _check_year(data.created_at, "$.data.created_at")
    if isinstance(data, DeviceData):
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


def _check_device(data: DeviceData) -> None:
    if data.retired_at is not None:
        _check_year(data.retired_at, "$.data.retired_at")
    if not _is_time_zone(data.timezone):
        detail = f"{data.timezone!r} is not an IANA time zone - at `$.data.timezone`"
        raise ContractError(Reason.WRONG_TYPE, detail)


@lru_cache(maxsize=1024)
def _is_time_zone(name: str) -> bool:
    """Return whether the machine knows the zone; two names mean another one on each machine."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return name not in ("Factory", "localtime")
