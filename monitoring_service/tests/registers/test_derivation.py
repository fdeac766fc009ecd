"""Energy from registers, worked cases: which registers count, and where their energy belongs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from energy_contracts.units import milliwh_from_kwh
from monitoring.calendar.clock import QUARTER_US, from_us, hours_of_quarters, to_us
from monitoring.calendar.slots import divide
from monitoring.registers.derivation import Derivation, derive
from monitoring.registers.rules import ALWAYS_US, NEVER_US, Jump, Rules, Stretch
from monitoring.registers.series import series_of
from monitoring.registers.windows import Extent, MoreAfter, MoreBefore, window_around
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


POINTS = st.dictionaries(st.integers(0, 700), st.integers(0, 60), min_size=1, max_size=60)
ANY_RULES = st.builds(
    lambda power, wraps_at, replaced, closing, opening: rules(
        power=power,
        stretches=(Stretch(wraps_at=wraps_at),)
        if replaced is None
        else (
            Stretch(end_us=us("00:00") + replaced * QUARTER_US // 3, closing=closing, meter_key=1),
            Stretch(
                begin_us=us("00:00") + replaced * QUARTER_US // 3, opening=opening, meter_key=2
            ),
        ),
    ),
    st.sampled_from([None, 20.0, 100.0]),
    st.sampled_from([None, 61_000_000]),
    st.sampled_from([None, None, 30, 60]),
    st.sampled_from([None, 50_000_000]),
    st.sampled_from([None, 1_000_000]),
)


def series_from(points: dict[int, int]) -> list[Register]:
    """Return registers some minutes apart; values in kWh."""
    return [
        Register(us("00:00") + at * 100_000_000, value * 1_000_000)
        for at, value in sorted(points.items())
    ]


@given(POINTS, ANY_RULES)
def test_parts_of_slots_and_spans_add_up_and_are_never_negative(points, device):
    derivation = derive(series_of(series_from(points), device), device)

    for begin, end, energy, is_measured in derivation.differences:
        assert begin < end
        assert energy >= 0
        if is_measured:
            assert sum(part for _, part in divide(begin, end, energy)) == energy
    for before, after in pairwise(derivation.differences):
        assert before.end_us <= after.begin_us


class Stored:
    """Hours and spans that are derived window by window, as ingest does."""

    def __init__(self, device: Rules, zone: str) -> None:
        self.device = device
        self.hours = hours_of_quarters(zone)
        self.registers: list[Register] = []
        self.energy: dict[int, dict[int, int]] = {}
        self.spans: dict[int, tuple[int, int]] = {}

    def change(self, registers: Sequence[Register], changed: tuple[int, int]) -> None:
        """Replace the registers, of which those between two instants changed."""
        self.registers = list(registers)
        around = 1
        while True:
            begin = next(
                (i for i, register in enumerate(registers) if register.at_us >= changed[0]),
                len(registers),
            )
            first = max(0, begin - around)
            last = begin + sum(changed[0] <= r.at_us <= changed[1] for r in registers) + around
            read = registers[first:last]
            extent = Extent(is_begin=first == 0, is_end=last >= len(registers))
            around *= 2
            series = series_of(
                read,
                self.device,
                ALWAYS_US if extent.is_begin else read[0].at_us,
                NEVER_US if extent.is_end else read[-1].at_us,
            )
            try:
                window = window_around(series, self.device, self.hours, changed, extent)
            except (MoreBefore, MoreAfter):
                continue
            break
        derivation = derive(series, self.device, window.first, window.last)
        self.replace(
            derivation,
            window.hours_begin_us,
            window.hours_end_us,
            window.spans_begin_us,
            window.spans_end_us,
        )

    def replace(self, derivation, hours_begin, hours_end, spans_begin, spans_end) -> None:
        for start in [start for start in self.energy if hours_begin <= start < hours_end]:
            del self.energy[start]
        for begin in [begin for begin in self.spans if spans_begin <= begin < spans_end]:
            del self.spans[begin]
        for begin, end, energy, is_measured in derivation.differences:
            if not is_measured:
                self.spans[begin] = end, energy
                continue
            for slot, part in divide(begin, end, energy):
                hour = self.hours[slot // QUARTER_US]
                if hours_begin <= hour < hours_end:
                    slots = self.energy.setdefault(hour, {})
                    slots[slot] = slots.get(slot, 0) + part


@hypothesis_settings(max_examples=400, deadline=None)
@given(st.data(), POINTS, ANY_RULES, st.sampled_from(["UTC", "Asia/Kolkata"]))
def test_windows_around_changes_give_the_hours_of_the_whole_series(data, points, device, zone):
    stored = Stored(device, zone)
    present: dict[int, int] = {}
    order = data.draw(st.permutations(sorted(points)))
    size = data.draw(st.integers(1, 6))
    batches = [order[at : at + size] for at in range(0, len(order), size)]
    for batch in [*batches, order[:3]]:
        for at in batch:
            # The last batch removes or corrects registers.
            if at in present and data.draw(st.booleans()):
                del present[at]
            else:
                present[at] = points[at] if at not in present else data.draw(st.integers(0, 60))
        changed = us("00:00") + min(batch) * 100_000_000, us("00:00") + max(batch) * 100_000_000
        stored.change(series_from(present), changed)

        whole = Stored(device, zone)
        whole.replace(
            derive(series_of(series_from(present), device), device),
            ALWAYS_US,
            NEVER_US,
            ALWAYS_US,
            NEVER_US,
        )
        assert stored.energy == whole.energy
        assert stored.spans == whole.spans
