"""Energy from registers, worked cases: which registers count, and where their energy belongs."""

from __future__ import annotations

import pytest

from monitoring.registers.rules import Jump

from .derived import derived, hours, rules, slots, spans, total, us

HOURLY = "08:00 500, 09:00 501, 10:00 503, 11:00 503.5, 12:00 503.5"
QUARTERS = "08:00 10, 08:15 10.1, 08:30 10.2, 08:45 10.3, 09:00 10.9, 09:15 11"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(HOURLY, {"08": 1, "09": 2, "10": 0.5, "11": 0}, id="on the hour"),
        pytest.param(QUARTERS, {"08": 0.9, "09": 0.1}, id="quarters"),
        pytest.param(
            "09:00:13 501, 10:00:13 503", {"09": 1.992778, "10": 0.007222}, id="13 seconds late"
        ),
        pytest.param("08:50 7, 09:10 7", {"08": 0, "09": 0}, id="zero"),
    ],
)
def test_energy_between_registers_belongs_to_the_time_between_them(text, expected):
    assert hours(derived(text, rules())) == expected


def test_registers_on_quarters_give_the_slots_before_them():
    expected = {"08:00": 0.1, "08:15": 0.1, "08:30": 0.1, "08:45": 0.6, "09:00": 0.1}
    assert slots(derived(QUARTERS, rules())) == expected


def test_registers_at_local_midnight_close_the_day_before_them():
    text = (
        "2026-09-30T22:00 1000, 2026-10-31T23:00 1310, 2026-11-01T23:00 1316, 2026-11-02T23:00 1325"
    )
    assert spans(derived(text, rules())) == [
        ("09-30T22:00", "10-31T23:00", 310),
        ("10-31T23:00", "11-01T23:00", 6),
        ("11-01T23:00", "11-02T23:00", 9),
    ]


def test_a_difference_is_measured_up_to_an_hour_or_twice_the_interval():
    text = "08:00 1, 09:00 2, 10:00:01 3, 12:00:01 4"

    assert hours(derived(text, rules())) == {"08": 1}
    assert len(spans(derived(text, rules()))) == 2
    assert spans(derived(text, rules(interval=3600))) == []
    assert len(spans(derived(text, rules(interval=3599)))) == 1


def test_a_month_without_registers_is_a_span_of_zero():
    text = (
        "2026-10-20T10:00:01 1400, 2026-11-20T10:00:01 1400, 2026-11-20T10:30 1400.2, "
        "2026-11-20T12:30 1400.3, 2026-11-20T15:30 1403.3"
    )
    derivation = derived(text, rules())

    assert hours(derivation) == {"10": 0.2}
    assert spans(derivation) == [
        ("10-20T10:00", "11-20T10:00", 0),
        ("11-20T10:30", "11-20T12:30", 0.1),
        ("11-20T12:30", "11-20T15:30", 3),
    ]


def test_a_register_inside_a_span_replaces_the_span():
    text = "12:30 1400.3, 15:30 1403.3"
    assert spans(derived(text, rules())) == [("11-10T12:30", "11-10T15:30", 3)]

    within = derived(text + ", 14:00 1401", rules())
    assert [energy for _, _, energy in spans(within)] == [0.7, 2.3]


WOBBLE = (
    "10:00 215.6, 10:05 215.6, 10:10 215.7, 10:15 215.6, 10:20 215.7, 10:25 215.6, 10:30 215.7, "
    "10:35 215.8"
)
ZERO = "09:00:01 35.4, 09:10 35.5, 09:11 0, 09:12 35.5, 09:50 35.6"
ZEROS = "09:00 35.4, 09:10 35.5, 09:11 0, 09:12 0, 09:13 35.5, 09:50 35.6"


@pytest.mark.parametrize("power", [None, 5.0])
@pytest.mark.parametrize(
    ("text", "energy", "ignored"),
    [
        pytest.param(WOBBLE, 0.2, 2, id="one step back and forth"),
        pytest.param(ZERO, 0.2, 1, id="a zero"),
        pytest.param(ZEROS, 0.2, 2, id="two zeros"),
        pytest.param(
            "09:00 7, 09:01 0, 09:11 0.5, 09:21 1, 09:31 1.5, 09:41 2, 09:51 2.5, 10:00 9.3",
            2.3,
            6,
            id="low for less than an hour",
        ),
        pytest.param(
            "09:00 7, 09:01 0, 19:00 0, 19:30 0, 20:00 0, 20:30 0, 21:00 7",
            0,
            5,
            id="low for five registers",
        ),
    ],
)
def test_registers_of_a_glitch_count_as_if_not_sent(text, energy, ignored, power):
    derivation = derived(text, rules(power=power))

    assert total(derivation) == energy
    assert len(derivation.ignored) == ignored
    assert derivation.resets == []


def test_a_step_after_five_registers_and_an_hour_takes_nothing_back():
    text = "09:00 7, 09:01 0, 19:00 0, 19:30 0, 20:00 0, 20:30 0, 20:45 0, 21:00 7"
    derivation = derived(text, rules())

    assert (total(derivation), len(derivation.resets), derivation.ignored) == (7, 1, [])


def test_a_large_step_above_the_last_value_takes_no_fall_back():
    """The counter has passed 100 by steps of its own before the step of 95."""
    text = "09:00 100, 09:10 0, 09:20 50, 09:30 101, 09:40 196"

    assert total(derived(text, rules())) == 196


LOST_COUNTS = "10:00 100.5, 10:05 100.3, 10:10 100.4, 10:15 100.5, 10:20 100.6"
NEW_METER = "10:00:01 17077.3, 10:15 17077.4, 10:30 0.05, 10:45 0.15, 11:15 0.25"


@pytest.mark.parametrize(
    ("text", "wraps_at", "energy"),
    [
        pytest.param(LOST_COUNTS, None, 0.3, id="lost counts"),
        pytest.param(NEW_METER, None, 0.3, id="a new meter"),
        pytest.param(NEW_METER, 100_000, 0.3, id="a new meter of five digits"),
    ],
)
def test_counting_goes_on_from_the_new_value_after_a_reset(text, wraps_at, energy):
    derivation = derived(text, rules(wraps_at=wraps_at))

    assert total(derivation) == energy
    assert len(derivation.resets) == 1


@pytest.mark.parametrize("power", [None, 5.0])
@pytest.mark.parametrize(
    ("text", "wraps_at", "energy"),
    [
        pytest.param("10:00 9999.99, 10:05 0.02, 10:10 0.05", 10_000, 0.06, id="four digits"),
        pytest.param(
            "10:00:01 838.8576, 10:05 0.0121, 10:10 0.0253", 838.8608, 0.0285, id="23 bits"
        ),
    ],
)
def test_a_counter_that_passes_its_end_counts_on(text, wraps_at, energy, power):
    derivation = derived(text, rules(wraps_at=wraps_at, power=power))

    assert total(derivation) == energy
    assert (len(derivation.rollovers), derivation.resets) == (1, [])


def test_a_rollover_that_the_device_cannot_use_is_a_reset():
    text = "10:00 99990, 10:10 500, 10:20 500.5"

    assert total(derived(text, rules(wraps_at=100_000))) == 510.5
    assert total(derived(text, rules(wraps_at=100_000, power=10))) == 0.5


JUMP = "05:43:54 0.492942, 05:44:30 3137.403564, 05:54:30 3137.453564"


def test_a_rise_beyond_the_power_is_held_and_counting_goes_on_from_it():
    derivation = derived(JUMP, rules(power=3.7))

    jump = Jump(us("05:43:54"), us("05:44:30"), 492_942, 3_137_403_564)
    assert total(derivation) == 0.05
    assert derivation.held == [jump]
    accepted = derived(JUMP, rules(power=3.7, accepted=frozenset({jump})))
    assert (total(accepted), accepted.held) == (3136.960622, [])


def test_a_decision_about_a_jump_belongs_to_its_registers_and_values():
    jump = Jump(us("05:43:54"), us("05:44:30"), 492_942, 3_137_403_564)
    device = rules(power=3.7, accepted=frozenset({jump}))

    corrected = derived(JUMP.replace("3137.403564", "3137.403563"), device)

    assert total(corrected) == 0.050001
    assert len(corrected.held) == 1


@pytest.mark.parametrize(
    ("text", "energy"),
    [
        ("09:00 1000, 09:10 6000, 09:20 1000.5", 0.5),
        ("09:00 1000, 09:10 6000, 09:20 6001, 09:30 1000.5", 0.5),
        ("08:50 1000, 09:10 6000, 10:10 1001", 1),
    ],
)
def test_a_spike_that_falls_back_does_not_count_if_the_power_is_known(text, energy):
    assert total(derived(text, rules(power=10))) == energy
    assert total(derived(text, rules(power=10))) < total(derived(text, rules()))


def test_a_spike_counts_if_no_power_is_known():
    assert total(derived("09:00 1000, 09:10 6000, 09:20 1000.5", rules())) == 5000
