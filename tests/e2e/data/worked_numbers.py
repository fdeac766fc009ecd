"""Worked cases of the numbers, as a table: readings of a device, and the answers of the API.

Instants are UTC, on 10 November 2026 unless the day is named; energies are kWh. An expected energy
is `0.5`, or `0.5 ~0.5` if 0.5 kWh of it are estimated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

DAY = "2026-11-10"

#: Points of a series by their begin: energy, and the estimated part of it.
Points = dict[datetime, tuple[Decimal, Decimal]]


@dataclass(frozen=True)
class Case:
    """Readings of a device, and what the platform must say of them.

    `readings` are `08:00 500`; a third word is the revision. `points` are those with energy, by
    resolution. `peak_hour` and `alerts` are begins of hours; None: no peak is known. `channel` is
    configuration of the channel `main`, `meter` the replacement of the device's meter.
    """

    name: str
    readings: str
    points: Mapping[str, str]
    peak_hour: str | None
    alerts: tuple[str, ...] = ()
    device: Mapping[str, object] = field(default_factory=dict)
    channel: Mapping[str, object] = field(default_factory=dict)
    meter: Mapping[str, object] = field(default_factory=dict)
    period: str = f"{DAY}T00:00 2026-11-11T00:00"

    def messages(self, device_id: str) -> list[dict[str, object]]:
        """Return the readings as messages of a device."""
        return [message(device_id, *text.split()) for text in self.readings.split(", ")]

    def expected(self, resolution: str) -> Points:
        """Return the points that have energy."""
        pairs = (text.split(" ", 1) for text in self.points[resolution].split(", ") if text)
        return {instant(at): energy(text) for at, text in pairs}

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """Return the ends of the period."""
        begin, end = self.period.split()
        return instant(begin), instant(end)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text if "T" in text else f"{DAY}T{text}").replace(tzinfo=UTC)


def energy(text: str) -> tuple[Decimal, Decimal]:
    total, _, estimated = text.partition(" ~")
    return Decimal(total), Decimal(estimated or 0)


def message(device_id: str, at: str, value: str, revision: str = "0") -> dict[str, object]:
    return {
        "device_id": device_id,
        "timestamp": instant(at).isoformat(),
        "measurement_value": float(value),
        "revision": int(revision),
    }


REGISTERS: dict[str, object] = {"reading_kind": "cumulative", "interval_seconds": 600}
HOURLY = "08:00 500, 09:00 501, 10:00 503, 11:00 503.5, 12:00 503.5"
ZEROS = "09:00 35.4, 09:10 35.5, 09:11 0, 09:12 0, 09:13 35.5, 09:50 35.6"
NEW_METER = "10:00:01 17077.3, 10:15 17077.4, 10:30 0.05, 10:45 0.15, 11:15 0.25"
NOVEMBER = "2026-10-31T23:00 2026-11-30T23:00"

CASES = [
    Case(
        "registers on the hour",
        HOURLY,
        {"hour": "08:00 1, 09:00 2, 10:00 0.5, 11:00 0", "day": "2026-11-09T23:00 3.5"},
        peak_hour="09:00",
        alerts=("09:00",),
        device={**REGISTERS, "timezone": "Europe/Oslo", "max_consumption": 1.5},
        period="2026-11-09T23:00 2026-11-10T23:00",
    ),
    Case(
        "registers on the quarter",
        "08:00 10, 08:15 10.1, 08:30 10.2, 08:45 10.3, 09:00 10.9, 09:15 11",
        {
            "quarter": "08:00 0.1, 08:15 0.1, 08:30 0.1, 08:45 0.6, 09:00 0.1",
            "hour": "08:00 0.9, 09:00 0.1",
        },
        peak_hour="08:00",
        device=REGISTERS,
    ),
    Case(
        "registers 13 seconds after the hour",
        "09:00:13 501, 10:00:13 503",
        {"hour": "09:00 1.992778, 10:00 0.007222", "day": "00:00 2"},
        peak_hour="09:00",
        device=REGISTERS,
    ),
    Case(
        "registers at local midnight",
        "2026-09-30T22:00 1000, 2026-10-31T23:00 1310, 2026-11-01T23:00 1316, "
        "2026-11-02T23:00 1325",
        {"month": "2026-09-30T22:00 310, 2026-10-31T23:00 15"},
        peak_hour=None,
        device={**REGISTERS, "timezone": "Europe/Amsterdam"},
        period="2026-09-30T22:00 2026-11-30T23:00",
    ),
    Case(
        "days of registers at local midnight",
        "2026-10-31T23:00 1310, 2026-11-01T23:00 1316, 2026-11-02T23:00 1325",
        {"day": "2026-10-31T23:00 6, 2026-11-01T23:00 9"},
        peak_hour=None,
        device={**REGISTERS, "timezone": "Europe/Amsterdam"},
        period=NOVEMBER,
    ),
    Case(
        "a gap of three hours",
        "12:30 1400.3, 15:30 1403.3",
        {"hour": "12:00 0.5 ~0.5, 13:00 1 ~1, 14:00 1 ~1, 15:00 0.5 ~0.5", "day": "00:00 3"},
        peak_hour=None,
        device={**REGISTERS, "max_consumption": 0.9},
    ),
    Case(
        "a register inside a gap",
        "12:30 1400.3, 13:30 1400.4, 15:30 1403.3",
        {
            "hour": "12:00 0.05, 13:00 0.775 ~0.725, 14:00 1.45 ~1.45, 15:00 0.725 ~0.725",
            "day": "00:00 3",
        },
        peak_hour="12:00",
        device=REGISTERS,
    ),
    Case(
        "a month switched off",
        "2026-10-20T10:00:01 1400, 2026-11-20T10:00:01 1400, 2026-11-20T10:30 1400.2",
        {"month": "2026-10-01T00:00 0 ~0, 2026-11-01T00:00 0.2 ~0"},
        peak_hour="2026-11-20T10:00",
        device={**REGISTERS, "timezone": "UTC"},
        period="2026-10-01T00:00 2026-12-01T00:00",
    ),
    Case(
        "one step back and forth",
        "10:00 215.6, 10:05 215.6, 10:10 215.7, 10:15 215.6, 10:20 215.7, 10:25 215.6, "
        "10:30 215.7, 10:35 215.8",
        {"hour": "10:00 0.2"},
        peak_hour="10:00",
        device=REGISTERS,
    ),
    Case(
        "a zero while the meter starts",
        "09:00:01 35.4, 09:10 35.5, 09:11 0, 09:12 35.5, 09:50 35.6",
        {"hour": "09:00 0.2"},
        peak_hour="09:00",
        device=REGISTERS,
    ),
    Case(
        "two zeros",
        ZEROS,
        {"hour": "09:00 0.2"},
        peak_hour="09:00",
        device=REGISTERS,
    ),
    Case(
        "two zeros of a meter with a known power",
        ZEROS,
        {"hour": "09:00 0.2"},
        peak_hour="09:00",
        device={**REGISTERS, "max_power_kw": 5},
    ),
    Case(
        "lost counts",
        "10:00 100.5, 10:05 100.3, 10:10 100.4, 10:15 100.5, 10:20 100.6",
        {"hour": "10:00 0.3"},
        peak_hour="10:00",
        device=REGISTERS,
    ),
    Case(
        "a rollover of four digits",
        "10:00 9999.99, 10:05 0.02, 10:10 0.05",
        {"hour": "10:00 0.06"},
        peak_hour="10:00",
        device={**REGISTERS, "register_digits": 4},
    ),
    Case(
        "a new meter that was not declared",
        NEW_METER,
        {"hour": "10:00 0.25, 11:00 0.05", "day": "00:00 0.3"},
        peak_hour="10:00",
        device=REGISTERS,
    ),
    Case(
        "a new meter of five digits that was not declared",
        NEW_METER,
        {"day": "00:00 0.3"},
        peak_hour="10:00",
        device={**REGISTERS, "register_digits": 5},
    ),
    Case(
        "a replaced meter",
        NEW_METER,
        {
            "quarter": "10:00 0.1, 10:15 0.1, 10:30 0.1, 10:45 0.05, 11:00 0.05",
            "hour": "10:00 0.35, 11:00 0.05",
            "day": "00:00 0.4",
        },
        peak_hour="10:00",
        device=REGISTERS,
        meter={
            "replaced_at": f"{DAY}T10:20:00Z",
            "closing": {"main": 17077.45},
            "opening": {"main": 0},
        },
    ),
    Case(
        "a replaced meter whose last register nobody read",
        NEW_METER,
        {"hour": "10:00 0.3, 11:00 0.05", "day": "00:00 0.35"},
        peak_hour="10:00",
        device=REGISTERS,
        meter={"replaced_at": f"{DAY}T10:20:00Z", "opening": {"main": 0}},
    ),
    Case(
        "a rollover that is not decimal",
        "10:00:01 838.8576, 10:05 0.0121, 10:10 0.0253",
        {"hour": "10:00 0.0285"},
        peak_hour="10:00",
        device=REGISTERS,
        channel={"register_wraps_at": 838.8608},
    ),
    Case(
        "a jump that stays",
        "05:43:54 0.492942, 05:44:30 3137.403564, 05:54:30 3137.453564",
        {"hour": "05:00 0.05"},
        peak_hour="05:00",
        device={**REGISTERS, "max_power_kw": 3.7},
    ),
    Case(
        "half an hour across the hour",
        "09:45 0.6",
        {"quarter": "09:45 0.3, 10:00 0.3", "hour": "09:00 0.3, 10:00 0.3"},
        peak_hour="09:00",
        device={"interval_seconds": 1800},
    ),
    Case(
        "four quarters, each sent twice",
        "05:00 2.3, 05:15 1.4, 05:30 2.4, 05:45 2.2, 05:00 2.3, 05:15 1.4, 05:30 2.4, 05:45 2.2",
        {"quarter": "05:00 2.3, 05:15 1.4, 05:30 2.4, 05:45 2.2", "hour": "05:00 8.3"},
        peak_hour="05:00",
        device={"interval_seconds": 900},
    ),
    Case(
        "a spike that a correction takes back",
        "10:00 84, 11:00 0.4, 10:00 0.6 1, 10:00 84, 10:00 0.6 1",
        {"hour": "10:00 0.6, 11:00 0.4", "day": "00:00 1"},
        peak_hour="10:00",
        device={"max_consumption": 5.5},
    ),
    Case(
        "a daily value",
        "2026-11-08T23:00 24, 2026-11-09T23:00 12",
        {"day": "2026-11-08T23:00 24, 2026-11-09T23:00 12"},
        peak_hour=None,
        device={
            "interval_seconds": 86_400,
            "timezone": "Europe/Amsterdam",
            "max_consumption": 0.4,
        },
        period="2026-11-07T23:00 2026-11-11T23:00",
    ),
]
