"""Energy from registers of two meters: each counts within its own time, by its own values."""

from __future__ import annotations

from fractions import Fraction

from energy_contracts.units import milliwh_from_kwh
from monitoring.registers.derivation import derive
from monitoring.registers.rules import Stretch
from monitoring.registers.series import series_of
from monitoring.storage.neighbours import Register

from .derived import derived, kwh, registers, rules, slots, total, us


def mounted(**fields: object) -> tuple[Stretch, ...]:
    """Return the stretches of two meters, 1 until 10:20 and 2 from then on."""
    old = {"closing": milliwh_from_kwh(17077.4), **fields}
    return (
        Stretch(end_us=us("10:20"), meter_key=1, closing=old["closing"]),
        Stretch(
            begin_us=us("10:20"),
            meter_key=2,
            opening=milliwh_from_kwh(0.05),
            multiplier=Fraction(str(fields.get("multiplier", 1))),
        ),
    )


REPLACED = "10:00 17077.2, 10:15 17077.3, 10:30 0.15, 10:45 0.25"


def test_energy_of_a_replacement_is_counted_up_to_the_border_and_after_it():
    device = rules(stretches=mounted())
    derivation = derived(REPLACED, device)

    assert slots(derivation) == {
        "10:00": 0.1,
        "10:15": 0.2,
        "10:30": 0.1,
    }
    assert [kwh(d.energy_milliwh) for d in derivation.differences] == [0.1, 0.1, 0.1, 0.1]
    assert derivation.resets == []


def test_energy_before_the_border_is_missing_without_a_closing_register():
    derivation = derived(REPLACED, rules(stretches=mounted(closing=None)))

    assert total(derivation) == 0.3


def test_the_multiplier_of_a_meter_applies_to_its_own_part():
    derivation = derived(REPLACED, rules(stretches=mounted(multiplier="0.5")))

    assert total(derivation) == 0.3


def test_closing_and_opening_registers_count_in_place_of_registers_at_the_border():
    derivation = derived(f"{REPLACED}, 10:20 17077.5", rules(stretches=mounted()))

    assert total(derivation) == 0.4


def test_registers_that_name_their_meter_count_for_it_alone():
    device = rules(stretches=mounted())
    sent = registers(REPLACED)
    misplaced = [
        Register(us("10:05"), milliwh_from_kwh(0.01), 2),
        Register(us("10:40"), milliwh_from_kwh(17077.6), 1),
        Register(us("10:20"), milliwh_from_kwh(0.06), 2),
    ]

    derivation = derive(series_of(sorted(sent + misplaced), device), device)

    assert total(derivation) == 0.4
    assert derivation.ignored == []
