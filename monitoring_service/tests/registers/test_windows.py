"""A window around changed registers gives the hours that the whole series gives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.calendar.clock import QUARTER_US, hours_of_quarters
from monitoring.calendar.slots import divide
from monitoring.registers.derivation import derive
from monitoring.registers.rules import ALWAYS_US, NEVER_US, Rules, Stretch
from monitoring.registers.series import series_of
from monitoring.registers.windows import Extent, MoreAfter, MoreBefore, window_around
from monitoring.storage.neighbours import Register

from .derived import rules, us

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
