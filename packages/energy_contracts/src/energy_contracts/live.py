"""Frames that the live process sends to a browser over the websocket.

monitoring_service builds the frames. The dashboard checks them against the schema that is generated
from these classes. Fields and frame types are only added.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from energy_contracts.names import MAIN_CHANNEL

#: RFC 3339 in UTC.
Instant = Annotated[datetime, msgspec.Meta(tz=True)]

#: Exact, with at most six decimals: a number may have more digits than a double holds.
EnergyKwh = Annotated[
    float, msgspec.Meta(description="kWh (m³ of gas and water); at most six decimals")
]


class Authenticated(msgspec.Struct, frozen=True, tag="authenticated"):
    """The token of an `authenticate` frame is accepted until it expires."""

    expires_at: Instant


class Subscribed(msgspec.Struct, frozen=True, tag="subscribed", omit_defaults=True):
    """The devices of the socket, after a `subscribe` frame or after the user's rights changed."""

    device_ids: list[UUID]
    alerts: Annotated[
        bool, msgspec.Meta(description="Whether alerts of all visible devices are sent")
    ] = False
    channels: Annotated[
        list[str] | None,
        msgspec.Meta(description="Codes of the channels whose hours are sent; left out: `main`"),
    ] = None


class Pong(msgspec.Struct, frozen=True, tag="pong"):
    """The answer to a `ping` frame."""


class ErrorFrame(msgspec.Struct, frozen=True, tag="error"):
    """A frame of the client was rejected; the socket stays open unless a close code follows."""

    code: Annotated[
        str, msgspec.Meta(description="bad_frame, not_authenticated, too_many or unknown_type")
    ]
    detail: str


class HourQuality(msgspec.Struct, frozen=True):
    """Numbers of the hour's quarter-hours by what is known about their energy."""

    measured: Annotated[int, msgspec.Meta(ge=0)]
    estimated: Annotated[int, msgspec.Meta(ge=0)]
    missing: Annotated[int, msgspec.Meta(ge=0)]


class HourlyUpdated(msgspec.Struct, frozen=True, tag="hourly_updated"):
    """The state of an hour of a device after its readings changed."""

    device_id: UUID
    start: Annotated[datetime, msgspec.Meta(tz=True, description="Begin of the hour")]
    total_consumption: Annotated[
        EnergyKwh | None,
        msgspec.Meta(description="Null where nothing is known of the hour, or any more"),
    ]
    measurement_count: Annotated[int, msgspec.Meta(ge=0)]
    covers_hours: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            description="1 if any energy of the hour is known, 0 if none is",
        ),
    ]
    last_reading_at: Annotated[
        Instant | None, msgspec.Meta(description="Null where the device has no reading left")
    ]
    last_reading_value: EnergyKwh | None
    estimated: Annotated[
        EnergyKwh | None,
        msgspec.Meta(description="Part of the energy that is known only as a longer time's total"),
    ] = None
    #: Null in frames of a former release.
    quality: HourQuality | None = None
    channel: Annotated[str, msgspec.Meta(description="Code of the channel")] = MAIN_CHANNEL


class PeriodUpdated(msgspec.Struct, frozen=True, tag="period_updated"):
    """Energy of a device changed in a period: read it again over HTTP.

    Sent where the hours are too many for a frame each, and where the last reading changed alone.
    """

    device_id: UUID
    start: Annotated[datetime, msgspec.Meta(tz=True, description="Begin of the period")]
    end: Annotated[datetime, msgspec.Meta(tz=True, description="End of the period, not in it")]
    last_reading_at: Annotated[
        Instant | None, msgspec.Meta(description="Null where the device has no reading left")
    ]
    last_reading_value: EnergyKwh | None
    channel: Annotated[str, msgspec.Meta(description="Code of the channel")] = MAIN_CHANNEL


class AlertFrame(msgspec.Struct, frozen=True, tag="alert"):
    """An alert was opened, or withdrawn by later readings."""

    id: int
    device_id: UUID
    device_name: str
    timezone: Annotated[str, msgspec.Meta(description="IANA name of the device's zone")]
    start: Annotated[datetime, msgspec.Meta(tz=True, description="Begin of the hour")]
    limit: EnergyKwh
    total_consumption: EnergyKwh
    withdrawn: bool
    channel: Annotated[str, msgspec.Meta(description="Code of the channel")] = MAIN_CHANNEL
    unit: Annotated[str, msgspec.Meta(description="Of limit and consumption: kWh or m³")] = "kWh"


#: Every frame that a socket sends.
LiveFrame = (
    Authenticated | Subscribed | Pong | ErrorFrame | HourlyUpdated | PeriodUpdated | AlertFrame
)
