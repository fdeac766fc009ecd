"""Live frames of changed hours and alerts, encoded as the sockets send them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, overload

from energy_contracts.live import AlertFrame, HourlyUpdated, HourQuality, PeriodUpdated
from energy_contracts.units import kwh_from_milliwh
from monitoring.alerts.services import ChangedAlert
from monitoring.api import exact_json
from monitoring.devices.visibility import AlertRecipients
from monitoring.ingest.results import ChangedHour, ChangedPeriod
from monitoring.live.pushes import AlertUpdate, HourUpdate
from monitoring.storage.known_energy import HourOfChannel, KnownEnergy, known_hours


def hour_updates(changes: Sequence[ChangedHour | ChangedPeriod]) -> list[HourUpdate]:
    """Return the updates of hours and periods, with `hourly_updated` and `period_updated` frames.

    Energy of spans in the hours is read here, beside the way of the readings.
    """
    hours = [change for change in changes if isinstance(change, ChangedHour)]
    periods = [change for change in changes if isinstance(change, ChangedPeriod)]
    known = known_hours(
        [
            HourOfChannel(
                hour.channel.key, hour.channel.hours, hour.start, hour.energy_milliwh, hour.slots
            )
            for hour in hours
        ]
    )
    updates = [_hour_update(hour, each) for hour, each in zip(hours, known, strict=True)]
    return updates + [_period_update(period) for period in periods]


def _period_update(period: ChangedPeriod) -> HourUpdate:
    frame = PeriodUpdated(
        device_id=period.device_id,
        start=period.start,
        end=period.end,
        last_reading_at=period.last_reading_at,
        last_reading_value=_kwh(period.last_reading_milliwh),
        channel=period.channel.code,
    )
    key = f"{period.start.isoformat()}/{period.end.isoformat()}"
    return HourUpdate(period.device_id, key, _encode(frame), channel=period.channel.code)


def _hour_update(hour: ChangedHour, known: KnownEnergy) -> HourUpdate:
    frame = HourlyUpdated(
        device_id=hour.device_id,
        start=hour.start,
        # An hour that lost its last reading is unknown, not 0.
        total_consumption=_kwh(known.energy_milliwh),
        measurement_count=hour.reading_count,
        covers_hours=known.hours,
        last_reading_at=hour.last_reading_at,
        last_reading_value=_kwh(hour.last_reading_milliwh),
        estimated=_kwh(known.estimated_milliwh),
        quality=HourQuality(*known.quality),
        channel=hour.channel.code,
    )
    return HourUpdate(
        hour.device_id, hour.start.isoformat(), _encode(frame), channel=hour.channel.code
    )


def alert_update(alert: ChangedAlert, device: AlertRecipients) -> AlertUpdate:
    """Return the update of an alert, with its `alert` frame and the clients who may see it."""
    frame = AlertFrame(
        id=alert.alert_id,
        device_id=alert.device_id,
        device_name=device.name,
        timezone=device.timezone,
        start=alert.start,
        limit=_kwh(alert.limit_milliwh),
        total_consumption=_kwh(alert.energy_milliwh),
        withdrawn=alert.withdrawn,
        unit=device.unit,
    )
    return AlertUpdate(alert.device_id, alert.alert_id, _encode(frame), device.user_ids)


def _encode(frame: HourlyUpdated | PeriodUpdated | AlertFrame) -> str:
    return exact_json.encode(frame).decode()


@overload
def _kwh(energy_milliwh: int) -> float: ...
@overload
def _kwh(energy_milliwh: int | None) -> float | None: ...
def _kwh(energy_milliwh: int | None) -> float | None:
    # A Decimal where a double is not exact; the encoder writes it as a number.
    return None if energy_milliwh is None else cast("float", kwh_from_milliwh(energy_milliwh))
