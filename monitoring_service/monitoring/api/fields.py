"""Fields and queries that the serializers of several subjects share."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rest_framework import serializers

from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.units import kwh_from_milliwh
from monitoring.calendar import clock

#: Span of one request for raw readings; a file may have any.
MAX_READINGS_SPAN = timedelta(days=366)

#: Years in which the calendars of all zones can be computed, and meters can have measured.
FIRST_YEAR, LAST_YEAR = 1900, 2199


def _in_calendar(value: date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise serializers.ValidationError(f"Must be between {FIRST_YEAR} and {LAST_YEAR}.")


class AwareDateTimeField(serializers.DateTimeField):
    """An instant with an offset; a time without an offset is ambiguous and is rejected."""

    def to_internal_value(self, value: Any) -> datetime:
        """Return the instant. Raises ValidationError without an offset."""
        parsed = super().to_internal_value(value)
        if isinstance(value, str) and datetime.fromisoformat(value.strip()).tzinfo is None:
            raise serializers.ValidationError(
                "Give an offset, e.g. 2026-11-22T10:00:00Z or 2026-11-22T12:00:00+02:00."
            )
        _in_calendar(parsed)
        return parsed


class TimeZoneField(serializers.CharField):
    """An IANA zone name."""

    def to_internal_value(self, value: Any) -> ZoneInfo:  # type: ignore[override]
        """Return the zone. Raises ValidationError if there is none of that name."""
        try:
            return clock.zone(super().to_internal_value(value))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise serializers.ValidationError(
                "Not an IANA time zone; give a name like Europe/Bucharest."
            ) from error


class ChannelQuery(serializers.Serializer[Any]):
    """Query of a channel of a device."""

    device_id = serializers.UUIDField()
    channel = serializers.CharField(
        required=False, max_length=32, default=MAIN_CHANNEL, help_text="code of the channel"
    )


class SpanQuery(ChannelQuery):
    """Query over [start, end)."""

    max_span = MAX_READINGS_SPAN

    start = AwareDateTimeField()
    end = AwareDateTimeField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the query. Raises ValidationError unless 0 < end - start <= `max_span`."""
        if attrs["end"] <= attrs["start"]:
            raise serializers.ValidationError({"end": ["Must be after start."]})
        if attrs["end"] - attrs["start"] > self.max_span:
            hours = self.max_span // timedelta(hours=1)
            raise serializers.ValidationError({"end": [f"At most {hours} hours after start."]})
        return attrs


class KwhField(serializers.FloatField):
    """Milliwatt-hours, written as exact kWh (m³); null without readings, never for 0."""

    def to_representation(self, value: int) -> float | Decimal:  # type: ignore[override]
        """Return the energy (mWh) in kWh, as a Decimal where a double is not exact."""
        return kwh_from_milliwh(value)
