"""Sync events: past-tense facts about users, devices and assignments.

The envelope is the same for all; `data` has one typed model per event type. `version` counts the
changes of that one user, device or pair: a receiver applies an event only if its version is higher
than what it has, so repeats and any order end in the same state. Fields are only ever added, with
defaults; receivers ignore unknown ones.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID, uuid4

import msgspec

from energy_contracts.digest import Digest
from energy_contracts.errors import ContractError, Reason, contract_error

Role = Literal["admin", "client"]
ReadingKind = Literal["interval", "cumulative"]


class EventData(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every event's `data`."""


class UserData(EventData, frozen=True, kw_only=True):
    """A user as every service needs to know them.

    A token whose `ver` is lower than `token_version` is refused everywhere.
    """

    id: UUID
    username: str
    role: Role
    is_active: bool
    token_version: int


class DeviceData(EventData, frozen=True, kw_only=True):
    """A device as the metering side needs to know it.

    `max_consumption` is kWh per hour (None: no limit), `max_power_kw` the largest believable power.
    """

    id: UUID
    name: str
    description: str = ""
    device_type: str
    status: str
    max_consumption: float | None = None
    timezone: str
    interval_seconds: int
    reading_kind: ReadingKind = "interval"
    register_digits: int | None = None
    max_power_kw: float | None = None


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
    version: Annotated[int, msgspec.Meta(ge=1)]
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    source: str
    data: Data


class _Envelope(msgspec.Struct):
    event_id: UUID
    event_type: str
    version: Annotated[int, msgspec.Meta(ge=1)]
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    source: str
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
    """The typed event of a message body. Raises ContractError."""
    try:
        envelope = _decode_envelope(body)
        model = EVENT_DATA.get(envelope.event_type)  # type: ignore[call-overload]
        if model is None:
            detail = f"unknown event type {envelope.event_type!r}"
            raise ContractError(Reason.UNKNOWN_EVENT_TYPE, detail)
        data = msgspec.json.decode(envelope.data, type=model)
    except msgspec.MsgspecError as error:
        raise contract_error(error) from error
    except UnicodeDecodeError as error:
        raise ContractError(Reason.NOT_JSON, str(error)) from error
    return SyncEvent(
        event_id=envelope.event_id,
        event_type=envelope.event_type,  # type: ignore[arg-type]
        version=envelope.version,
        occurred_at=envelope.occurred_at,
        source=envelope.source,
        data=data,
    )
