"""Read the registers around some instants, further and further until they suffice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from monitoring.calendar.clock import HOUR_US, QUARTER_US
from monitoring.devices.cache import CachedDevice
from monitoring.registers.derivation import NEAR_REGISTERS, NEAR_US
from monitoring.registers.rules import ALWAYS_US, NEVER_US, Rules
from monitoring.registers.series import Series, series_of
from monitoring.registers.windows import Extent, MoreAfter, MoreBefore
from monitoring.storage.neighbours import Register, Span, registers_around

#: How many times as far each further read goes.
_WIDER = 8

Result = TypeVar("Result")


@dataclass(slots=True)
class Search(Generic[Result]):
    """The search for a result around the instants from `first_us` to `last_us`.

    The first read has enough registers for a series without falls; each further one has more.
    `read_us`: the first and the last instant of the registers that were read.
    """

    device: CachedDevice
    rules: Rules
    first_us: int
    last_us: int
    before: int = NEAR_REGISTERS + 2
    after: int = NEAR_REGISTERS + 2
    before_us: int = NEAR_US + QUARTER_US
    after_us: int = NEAR_US + HOUR_US
    read_us: tuple[int, int] = (NEVER_US, ALWAYS_US)
    result: Result | None = None

    def joined(self, later: Search[Result]) -> Search[Result]:
        """Return one search for the instants of this one and of a later one."""
        return Search(
            self.device,
            self.rules,
            self.first_us,
            max(self.last_us, later.last_us),
            self.before,
            max(self.after, later.after),
            self.before_us,
            max(self.after_us, later.after_us),
            (min(self.read_us[0], later.read_us[0]), max(self.read_us[1], later.read_us[1])),
        )

    def span(self) -> Span:
        """Return what is read: whole hours, and the registers that decide on them."""
        begin_us = self.device.hours[(self.first_us - 1) // QUARTER_US] - self.before_us
        end_us = self.last_us + self.after_us
        return Span(self.device.key, begin_us, end_us, self.before, self.after)

    def run(
        self,
        span: Span,
        registers: list[Register],
        evaluate: Callable[[Search[Result], Series, Extent], Result],
    ) -> None:
        """Set the result that follows from the registers, or widen the search."""
        before = sum(register.at_us < span.begin_us for register in registers[: self.before])
        after = sum(register.at_us >= span.end_us for register in registers[-self.after :])
        extent = Extent(is_begin=before < self.before, is_end=after < self.after)
        begin_us = ALWAYS_US if extent.is_begin else registers[0].at_us
        end_us = NEVER_US if extent.is_end else registers[-1].at_us
        self.read_us = begin_us, end_us
        series = series_of(registers, self.rules, begin_us, end_us)
        try:
            self.result = evaluate(self, series, extent)
        except MoreBefore:
            self.before, self.before_us = self.before * _WIDER, self.before_us * _WIDER
        except MoreAfter:
            self.after, self.after_us = self.after * _WIDER, self.after_us * _WIDER


def run_all(
    searches: Sequence[Search[Result]],
    evaluate: Callable[[Search[Result], Series, Extent], Result],
) -> None:
    """Read the registers of all searches at once, and let each set its result or widen."""
    spans = [search.span() for search in searches]
    for search, span, registers in zip(searches, spans, registers_around(spans), strict=True):
        search.run(span, registers, evaluate)
