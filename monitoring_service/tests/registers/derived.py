"""Derive energy from registers written as text, without a database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from energy_contracts.units import milliwh_from_kwh
from monitoring.calendar.clock import from_us, to_us
from monitoring.calendar.slots import divide
from monitoring.registers.derivation import Derivation, derive
from monitoring.registers.rules import Jump, Rules, Stretch
from monitoring.registers.series import series_of
from monitoring.storage.neighbours import Register

DAY = "2026-11-10"


def us(text: str) -> int:
    """Return the instant of `08:00`, `08:00:13` or `2026-10-20T10:00:01`, in UTC."""
    return to_us(
        datetime.fromisoformat(text if "T" in text else f"{DAY}T{text}").replace(tzinfo=UTC)
    )


def registers(text: str) -> list[Register]:
    """Return the registers of `08:00 500, 09:00 501`, in the order of time."""
    pairs = (pair.split() for pair in text.split(","))
    return sorted(Register(us(at), milliwh_from_kwh(float(kwh))) for at, kwh in pairs)


def rules(
    *,
    interval: int = 600,
    power: float | None = None,
    wraps_at: float | None = None,
    stretches: tuple[Stretch, ...] | None = None,
    accepted: frozenset[Jump] = frozenset(),
) -> Rules:
    end = None if wraps_at is None else milliwh_from_kwh(wraps_at)
    return Rules(
        interval_us=interval * 1_000_000,
        max_power=None if power is None else milliwh_from_kwh(power),
        stretches=stretches or (Stretch(wraps_at=end),),
        accepted=accepted,
    )


def derived(text: str, device: Rules) -> Derivation:
    return derive(series_of(registers(text), device), device)


def kwh(energy: float) -> float:
    return energy / 1_000_000


def slots(derivation: Derivation) -> dict[str, float]:
    """Return the measured energy of each slot."""
    energy: Counter[int] = Counter()
    for difference in derivation.differences:
        if difference.is_measured:
            for slot_us, part in divide(*difference[:3]):
                energy[slot_us] += part
    return {f"{from_us(at):%H:%M}": kwh(part) for at, part in sorted(energy.items())}


def hours(derivation: Derivation) -> dict[str, float]:
    """Return the measured energy of each UTC hour."""
    energy: Counter[str] = Counter()
    for at, part in slots(derivation).items():
        energy[at[:2]] += round(part * 1_000_000)
    return {at: kwh(part) for at, part in energy.items()}


def spans(derivation: Derivation) -> list[tuple[str, str, float]]:
    return [
        (f"{from_us(begin):%m-%dT%H:%M}", f"{from_us(end):%m-%dT%H:%M}", kwh(energy))
        for begin, end, energy, is_measured in derivation.differences
        if not is_measured
    ]


def total(derivation: Derivation) -> float:
    return kwh(sum(difference.energy_milliwh for difference in derivation.differences))
