"""Hours and spans of cumulative devices: registers are stored, and their differences are energy.

Hours are derived from the registers themselves whenever one of them changes, and never adjusted, so
that readings may arrive in any order. The energy between two registers was used in the time between
them, and the instant of a register belongs to the slot before it. A difference over at most an
hour, or twice the interval of the device, is divided over its slots in proportion to time and
counts as measured. A longer one is a span. `derivation.py` says which registers count.

A worked example, in kWh, UTC, of a device with an interval of 10 minutes:

    register    08:50 500.0   09:00 500.2   09:40 501.0   12:20 504.0
    difference                0.2           0.8           3.0
    hour 08:00  slot 08:45 0.2; one register
    hour 09:00  slots 09:00 0.3, 09:15 0.3, 09:30 0.2; one register
    hour 12:00  no energy; one register
    span        09:40 to 12:20, 3.0

A late register 11:00 502.0 then replaces the span by two: 1.0 until 11:00, and 2.0 after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from energy_contracts.units import milliwh_from_kwh
from monitoring.calendar.clock import QUARTER_US, HourOfQuarter
from monitoring.calendar.slots import divide
from monitoring.devices.cache import CachedDevice
from monitoring.registers.derivation import Derivation, derive
from monitoring.registers.rules import ALWAYS_US, NEVER_US, Carried, Jump, Rules, Stretch, cut
from monitoring.registers.series import series_of
from monitoring.registers.windows import Window
from monitoring.storage.closed_months import ClosedMonths
from monitoring.storage.neighbours import Register
from monitoring.storage.spans import StoredSpan


@dataclass(slots=True)
class RegisterHour:
    """An hour derived from registers.

    `quarters`: measured energy of each slot, None where there is none. `reading_count`: registers
    that count, at most until the end of the hour.
    """

    quarters: list[int | None] = field(default_factory=lambda: [None] * 4)
    reading_count: int = 0
    #: The energy of an hour that is partly in a closed month and whose quarters are unknown.
    unknown_milliwh: int | None = None

    @property
    def energy_milliwh(self) -> int | None:
        """Return the measured energy, None if there is none."""
        if self.unknown_milliwh is not None:
            return self.unknown_milliwh
        known = [energy for energy in self.quarters if energy is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Derived:
    """Hours, spans and jumps of a device that replace those stored in the window.

    `hours` by start in µs. Hours of the window that are missing here have neither energy nor the
    end of a difference, and no row.
    """

    device: CachedDevice
    window: Window
    hours: dict[int, RegisterHour]
    spans: list[StoredSpan]
    #: Rises that the device cannot use, decided or not, which begin where spans do.
    jumps: list[Jump]


def rules_of(device: CachedDevice, closed: ClosedMonths) -> Rules:
    """Return the rules of the registers of a device or of another channel."""
    stretches = stretches_of(device)
    if device.carried:
        carried = {
            at_us: Carried(value if multiplier == 1 else value / multiplier, since_us)
            for at_us, value, since_us, multiplier in device.carried
        }
        stretches = tuple(cut(stretches, closed.spans, carried))
    return Rules(
        interval_us=device.interval_us,
        max_power=None if device.max_power_kw is None else milliwh_from_kwh(device.max_power_kw),
        stretches=stretches,
        accepted=frozenset(Jump(*jump) for jump in device.accepted),
    )


def stretches_of(device: CachedDevice) -> tuple[Stretch, ...]:
    """Return the times of the device's meters, as if no month were closed."""
    if not device.mounts:
        return (Stretch(wraps_at=device.register_wraps_at),)
    return tuple(
        Stretch(
            begin_us=ALWAYS_US if mount.begin_us is None else mount.begin_us,
            end_us=NEVER_US if mount.end_us is None else mount.end_us,
            opening=mount.opening,
            closing=mount.closing,
            meter_key=mount.meter_key,
            wraps_at=mount.wraps_at,
            multiplier=mount.multiplier,
        )
        for mount in device.mounts
    )


def derived_from(
    device: CachedDevice,
    registers: Sequence[Register],
    closed: ClosedMonths,
    bounds_us: tuple[int, int] = (ALWAYS_US, NEVER_US),
) -> Derived:
    """Return the hours and spans of a device's whole series that begin within the bounds."""
    rules = rules_of(device, closed)
    window = Window(0, None, *bounds_us, *bounds_us)
    return placed(device, window, derive(series_of(registers, rules), rules))


def placed(device: CachedDevice, window: Window, derivation: Derivation) -> Derived:
    """Return the differences as hours of the window and spans."""
    hours: dict[int, RegisterHour] = {}
    spans: list[StoredSpan] = []
    hour_of, key = device.hours, device.key
    for begin_us, end_us, energy, is_measured in derivation.differences:
        slot = begin_us // QUARTER_US
        if not is_measured:
            if window.spans_begin_us <= begin_us < window.spans_end_us:
                spans.append(StoredSpan(key, begin_us, end_us, energy))
            # The hour of the register that ends a span counts it.
            hours.setdefault(hour_of[(end_us - 1) // QUARTER_US], RegisterHour())
        elif end_us <= (slot + 1) * QUARTER_US:
            # The same as the loop below, which costs three times as much.
            _add(hours, hour_of, slot, energy)
        else:
            for slot_us, part in divide(begin_us, end_us, energy):
                _add(hours, hour_of, slot_us // QUARTER_US, part)
    for at_us in derivation.counted:
        hour = hours.get(hour_of[(at_us - 1) // QUARTER_US])
        if hour is not None:
            hour.reading_count += 1
    begin_us, end_us = window.hours_begin_us, window.hours_end_us
    return Derived(
        device,
        window,
        {
            start_us: hour
            for start_us, hour in hours.items()
            if begin_us <= start_us < end_us
            and (hour.reading_count or hour.energy_milliwh is not None)
        },
        spans,
        [
            jump
            for jump in derivation.held + derivation.accepted
            if window.spans_begin_us <= jump.begin_us < window.spans_end_us
        ],
    )


def _add(hours: dict[int, RegisterHour], hour_of: HourOfQuarter, slot: int, energy: int) -> None:
    """Add energy to a slot."""
    start_us = hour_of[slot]
    hour = hours.get(start_us)
    if hour is None:
        hour = hours[start_us] = RegisterHour()
    number = slot - start_us // QUARTER_US
    before = hour.quarters[number]
    hour.quarters[number] = energy if before is None else before + energy
