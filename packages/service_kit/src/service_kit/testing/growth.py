"""The check that the time for an input grows no faster than its size."""

from __future__ import annotations

from collections.abc import Callable, Collection
from time import process_time

#: By how much the larger input is longer, and how many times its work may be as much. Linear work
#: grows as the input does, quadratic work by the square, 64 times.
FACTOR = 8
MOST = 3 * FACTOR

#: Sizes at which the growth is measured, the small ones first: work that grows too fast fails there
#: within seconds, before a large input would take hours.
SIZES = (250, 2_000, 16_000)

#: CPU seconds below which a measurement shows the machine's noise, not the work.
NOISE = 0.02


def growth(work: Callable[[int], object], size: int) -> float:
    """Return the CPU time of `work(FACTOR * size)` divided by that of `work(size)`.

    A first result beyond `MOST` is measured again, so that a busy machine does not decide.
    """
    ratio = 1.0
    for _ in range(4):
        large = _seconds(work, FACTOR * size)
        ratio = 1.0 if large < NOISE else large / max(_seconds(work, size), NOISE / FACTOR)
        if ratio <= MOST:
            break
    return ratio


def assert_grows_with_its_input(
    work: Callable[[int], object], what: object = "", sizes: Collection[int] = SIZES
) -> None:
    """Fail if twice the input costs `work` much more than twice the time."""
    for size in sizes:
        ratio = growth(work, size)
        assert ratio <= MOST, (
            f"{what}: {FACTOR} times {size} elements take {ratio:.0f} times as long"
        )


def _seconds(work: Callable[[int], object], size: int) -> float:
    begin = process_time()
    work(size)
    return process_time() - begin
