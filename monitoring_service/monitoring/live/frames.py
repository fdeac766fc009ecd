"""Live frames of changed hours and alerts, encoded as the sockets send them."""

from __future__ import annotations

from typing import cast

from energy_contracts.live import AlertFrame, HourlyUpdated
from energy_contracts.units import kwh_from_milliwh
from monitoring.alerts.services import ChangedAlert
from monitoring.api import exact_json
from monitoring.devices.visibility import AlertRecipients
from monitoring.ingest.results import ChangedHour
from monitoring.live.pushes import AlertUpdate, HourUpdate


def hour_update(hour: ChangedHour) -> HourUpdate:
    """Return the update of an hour, with its `hourly_updated` frame."""
    value = hour.last_reading_milliwh
    frame = HourlyUpdated(
        device_id=hour.device_id,
        start=hour.start,
        # An hour that lost its last reading is unknown, not 0.
        total_consumption=_kwh(hour.energy_milliwh) if hour.reading_count else None,
        measurement_count=hour.reading_count,
        covers_hours=hour.covers_hours,
        last_reading_at=hour.last_reading_at,
        last_reading_value=None if value is None else _kwh(value),
    )
    return HourUpdate(hour.device_id, hour.start.isoformat(), _encode(frame))


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
    )
    return AlertUpdate(alert.device_id, alert.alert_id, _encode(frame), device.user_ids)


def _encode(frame: HourlyUpdated | AlertFrame) -> str:
    return exact_json.encode(frame).decode()


def _kwh(energy_milliwh: int) -> float:
    # A Decimal where a double is not exact; the encoder writes it as a number.
    return cast("float", kwh_from_milliwh(energy_milliwh))
