"""Worked cases of cumulative devices, as tables: registers, and the energy that follows from them.

Registers are `08:00 500.0`, on 10 November 2026 unless the day is named, in UTC and kWh.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

DAY = "2026-11-10"


@dataclass(frozen=True)
class Case:
    """Registers of a device, and the measured energy by hour or slot and the spans (kWh).

    Keys of `hours` and `slots` are `08:00`; of `spans` `12:30-15:30`.
    """

    name: str
    registers: str
    hours: dict[str, float]
    slots: dict[str, float] = field(default_factory=dict)
    spans: dict[str, float] = field(default_factory=dict)
    device: dict[str, object] = field(default_factory=dict)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text if "T" in text else f"{DAY}T{text}").replace(tzinfo=UTC)


def registers(text: str) -> list[tuple[datetime, float]]:
    """Return instants and kWh of `08:00 500, 09:00 501`."""
    pairs = (pair.split() for pair in text.split(","))
    return [(instant(at), float(kwh)) for at, kwh in pairs]


HOURLY = "08:00 500, 09:00 501, 10:00 503, 11:00 503.5, 12:00 503.5"
ZEROS = "09:00 35.4, 09:10 35.5, 09:11 0, 09:12 0, 09:13 35.5, 09:50 35.6"
NEW_METER = "10:00:01 17077.3, 10:15 17077.4, 10:30 0.05, 10:45 0.15, 11:15 0.25"
JUMP = "05:43:54 0.492942, 05:44:30 3137.403564, 05:54:30 3137.453564"

CASES = [
    Case(
        "on the hour",
        HOURLY,
        {"08:00": 1, "09:00": 2, "10:00": 0.5, "11:00": 0},
        device={"timezone": "Europe/Oslo"},
    ),
    Case(
        "on the quarter",
        "08:00 10, 08:15 10.1, 08:30 10.2, 08:45 10.3, 09:00 10.9, 09:15 11",
        {"08:00": 0.9, "09:00": 0.1},
        slots={"08:00": 0.1, "08:15": 0.1, "08:30": 0.1, "08:45": 0.6, "09:00": 0.1},
    ),
    Case(
        "13 seconds after the hour",
        "09:00:13 501, 10:00:13 503",
        {"09:00": 1.992778, "10:00": 0.007222},
    ),
    Case(
        "at local midnight",
        "2026-09-30T22:00 1000, 2026-10-31T23:00 1310, 2026-11-01T23:00 1316, "
        "2026-11-02T23:00 1325",
        {},
        spans={
            "2026-09-30T22:00-2026-10-31T23:00": 310,
            "2026-10-31T23:00-2026-11-01T23:00": 6,
            "2026-11-01T23:00-2026-11-02T23:00": 9,
        },
        device={"timezone": "Europe/Amsterdam"},
    ),
    Case(
        "a span of three hours",
        "12:30 1400.3, 15:30 1403.3",
        {},
        spans={"12:30-15:30": 3},
        device={"max_consumption": 2.0},
    ),
    Case(
        "a month switched off",
        "2026-10-20T10:00:01 1400, 2026-11-20T10:00:01 1400, 2026-11-20T10:30 1400.2",
        {"2026-11-20T10:00": 0.2},
        spans={"2026-10-20T10:00:01-2026-11-20T10:00:01": 0},
    ),
    Case(
        "one step back and forth",
        "10:00 215.6, 10:05 215.6, 10:10 215.7, 10:15 215.6, 10:20 215.7, 10:25 215.6, "
        "10:30 215.7, 10:35 215.8",
        {"10:00": 0.2},
    ),
    Case("a zero", "09:00:01 35.4, 09:10 35.5, 09:11 0, 09:12 35.5, 09:50 35.6", {"09:00": 0.2}),
    Case("zeros", ZEROS, {"09:00": 0.2}),
    Case("zeros with a known power", ZEROS, {"09:00": 0.2}, device={"max_power_kw": 5.0}),
    Case(
        "lost counts",
        "10:00 100.5, 10:05 100.3, 10:10 100.4, 10:15 100.5, 10:20 100.6",
        {"10:00": 0.3},
    ),
    Case(
        "four digits",
        "10:00 9999.99, 10:05 0.02, 10:10 0.05",
        {"10:00": 0.06},
        device={"register_digits": 4},
    ),
    Case("a new meter", NEW_METER, {"10:00": 0.25, "11:00": 0.05}),
    Case(
        "a new meter of five digits",
        NEW_METER,
        {"10:00": 0.25, "11:00": 0.05},
        device={"register_digits": 5},
    ),
    Case("a jump that stays", JUMP, {"05:00": 0.05}, device={"max_power_kw": 3.7}),
]
