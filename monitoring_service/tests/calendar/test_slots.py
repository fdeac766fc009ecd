"""Division of energy over slots: the parts add up, borders belong to the slot before them."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.calendar.clock import QUARTER_US, to_us
from monitoring.calendar.slots import divide, energy_until, energy_within

DIVIDED = st.builds(
    lambda begin, length, energy: (begin, begin + length, energy),
    st.integers(0, 2**51),
    st.integers(1, 40 * QUARTER_US),
    st.integers(0, 10**13),
)


def us(clock_time: str) -> int:
    return to_us(datetime.fromisoformat(f"2026-11-10T{clock_time}+00:00"))


@pytest.mark.parametrize(
    ("begin", "end", "energy", "parts"),
    [
        ("08:00", "09:00", 1000, {"08:00": 250, "08:15": 250, "08:30": 250, "08:45": 250}),
        ("08:45", "09:00", 7, {"08:45": 7}),
        ("09:45", "10:15", 600_000, {"09:45": 300_000, "10:00": 300_000}),
        # The cumulative value is 0.5 at the border, which is rounded up.
        ("08:45", "09:15", 1, {"08:45": 1, "09:00": 0}),
        ("08:07:30", "08:22:30", 3, {"08:00": 2, "08:15": 1}),
        ("08:00", "09:00", 0, {"08:00": 0, "08:15": 0, "08:30": 0, "08:45": 0}),
    ],
)
def test_energy_is_divided_in_proportion_to_time_and_rounded_half_up_at_borders(
    begin, end, energy, parts
):
    assert dict(divide(us(begin), us(end), energy)) == {us(at): part for at, part in parts.items()}


def test_two_kwh_between_registers_thirteen_seconds_late_are_divided_over_both_hours():
    parts = dict(divide(us("09:00:13"), us("10:00:13"), 2_000_000))

    assert sum(part for at, part in parts.items() if at < us("10:00")) == 1_992_778
    assert parts[us("10:00")] == 7_222


@given(DIVIDED)
def test_parts_are_never_negative_and_add_up_to_the_energy(divided):
    parts = list(divide(*divided))

    assert sum(part.energy_milliwh for part in parts) == divided[2]
    assert all(part.energy_milliwh >= 0 for part in parts)


@given(DIVIDED)
def test_the_slots_follow_each_other_from_the_begin_to_the_slot_before_the_end(divided):
    begin, end, _ = divided
    slots = [part.slot_us for part in divide(*divided)]

    assert slots[0] <= begin < slots[0] + QUARTER_US
    assert slots[-1] < end <= slots[-1] + QUARTER_US
    assert all(later - earlier == QUARTER_US for earlier, later in pairwise(slots))
    assert all(slot % QUARTER_US == 0 for slot in slots)


@given(DIVIDED, st.floats(0, 1))
def test_the_energy_until_a_border_differs_from_the_exact_share_by_half_a_milliwatt_hour_at_most(
    divided, at
):
    begin, end, energy = divided
    border = begin + int((end - begin) * at)
    exact = Fraction(energy * (border - begin), end - begin)

    rounded = energy_until(begin, end, energy, border)

    # Half up: never more than half below, and less than half above, unless it is exactly half.
    assert -Fraction(1, 2) < rounded - exact <= Fraction(1, 2)


@given(DIVIDED, st.lists(st.integers(-10 * QUARTER_US, 50 * QUARTER_US), max_size=6))
def test_energy_within_any_borders_adds_up_to_the_energy(divided, offsets):
    begin, end, energy = divided
    borders = sorted([begin - 1, end + 1, *(begin + offset for offset in offsets)])
    borders = [min(borders), *borders, max(borders)]

    total = sum(energy_within(*divided, after, until) for after, until in pairwise(borders))

    assert total == energy
