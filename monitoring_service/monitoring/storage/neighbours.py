"""Read the registers around a span of time, month by month.

`reading` has one partition for each month. "The last register before t" without a lower bound opens
every partition: with 300 of them some milliseconds for each register. Here every statement names
one month, so that the planner opens one partition. The table `register_month` has the months in
which a cumulative device has registers: a gap of ten years is one step, a first register none.

For example, the register before 3 May is wanted, and the device has registers in February and in
May, from 10 May on. May is read and has none before 3 May; `register_month` says that February is
the next earlier month; February is read and has one.

Used by ingest, retention, and reads of the last reading. Requires: `lock_series`, if another
process may add registers meanwhile and the answer must include them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from monitoring.calendar.clock import from_us
from monitoring.calendar.months import month_bounds_us
from monitoring.storage.sql import array


class Register(NamedTuple):
    """The value of a meter's counter in milliwatt-hours at an instant in µs since the epoch.

    `meter_key`: the meter that the reading names; None: it names none.
    """

    at_us: int
    value: int
    meter_key: int | None = None


_IN_MONTH = """
SELECT w.position, (extract(epoch FROM r.started_at) * 1000000)::bigint, r.value_milliwh,
       r.meter_key
FROM unnest(%(positions)s::integer[], %(keys)s::integer[], %(begins)s::bigint[],
            %(ends)s::bigint[], %(before)s::integer[], %(after)s::integer[])
    AS w (position, device_key, begin_us, end_us, before, after)
CROSS JOIN LATERAL (
    (SELECT started_at, value_milliwh, meter_key FROM reading
     WHERE device_key = w.device_key AND started_at < to_timestamp(w.begin_us / 1e6::float8)
         AND started_at >= %(month)s AND started_at < %(month_end)s
     ORDER BY started_at DESC LIMIT w.before)
    UNION ALL
    (SELECT started_at, value_milliwh, meter_key FROM reading
     WHERE device_key = w.device_key AND started_at >= to_timestamp(w.begin_us / 1e6::float8)
         AND started_at < to_timestamp(w.end_us / 1e6::float8)
         AND started_at >= %(month)s AND started_at < %(month_end)s)
    UNION ALL
    (SELECT started_at, value_milliwh, meter_key FROM reading
     WHERE device_key = w.device_key AND started_at >= to_timestamp(w.end_us / 1e6::float8)
         AND started_at >= %(month)s AND started_at < %(month_end)s
     ORDER BY started_at LIMIT w.after)
) AS r
"""

_NEXT_MONTHS = """
SELECT w.position, (extract(epoch FROM m.month) * 1000000)::bigint
FROM unnest(%s::integer[], %s::integer[], %s::bigint[]) AS w (position, device_key, month_us)
CROSS JOIN LATERAL (
    SELECT month FROM register_month
    WHERE device_key = w.device_key AND month {beyond} to_timestamp(w.month_us / 1e6::float8)
    ORDER BY month {order} LIMIT 1
) AS m
"""
_EARLIER = _NEXT_MONTHS.format(beyond="<", order="DESC")
_LATER = _NEXT_MONTHS.format(beyond=">", order="")

_WITHIN = """
SELECT w.position, (extract(epoch FROM m.month) * 1000000)::bigint
FROM unnest(%s::integer[], %s::integer[], %s::bigint[], %s::bigint[])
    AS w (position, device_key, first_us, last_us)
JOIN register_month m ON m.device_key = w.device_key
    AND m.month > to_timestamp(w.first_us / 1e6::float8)
    AND m.month < to_timestamp(w.last_us / 1e6::float8)
"""

_NOTE = """
INSERT INTO register_month (device_key, month)
SELECT device_key, to_timestamp(month_us / 1e6::float8)
FROM unnest(%s::integer[], %s::bigint[]) AS i (device_key, month_us)
ON CONFLICT DO NOTHING
"""


#: By (begin, end) of a month in µs: the pieces to read there, each with the position of its span.
_Pieces = dict[tuple[int, int], list[tuple[int, "Span"]]]


class Span(NamedTuple):
    """The span [begin, end) in µs of a device, and the numbers of registers to read around it."""

    key: int
    begin_us: int
    end_us: int
    before: int
    after: int


def register_months_note(instants: Iterable[tuple[int, int]]) -> None:
    """Record the months of stored registers, given as (device key, instant in µs)."""
    months = sorted({(key, month_bounds_us(at_us)[0]) for key, at_us in instants})
    if months:
        with connection.cursor() as cursor:
            columns = [array(key for key, _ in months), array(month for _, month in months)]
            cursor.execute(_NOTE, columns)


def register_months_forget(device_key: int) -> None:
    """Delete the recorded months of a device, before the present ones are recorded."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_month WHERE device_key = %s", [device_key])


def registers_around(spans: Sequence[Span]) -> list[list[Register]]:
    """Return for each span the registers within it, the last ones before and the first ones after.

    They are in the order of time. For an interval device nothing is read beyond the months of the
    span's ends, because `register_month` has only cumulative devices.
    """
    registers: list[list[Register]] = [[] for _ in spans]
    pieces: _Pieces = defaultdict(list)
    within = _months_within(spans)
    for position, span in enumerate(spans):
        # The neighbours are mostly in the months of the span's ends: those are read at once.
        first, last = month_bounds_us(span.begin_us - 1), month_bounds_us(span.end_us)
        for month in sorted({first, last, *within.get(position, ())}):
            before = span.before if month == first else 0
            after = span.after if month == last else 0
            pieces[month].append((position, span._replace(before=before, after=after)))
    _read(pieces, registers)
    _widen(spans, registers, is_earlier=True)
    _widen(spans, registers, is_earlier=False)
    for series in registers:
        series.sort()
    return registers


def _months_within(spans: Sequence[Span]) -> dict[int, list[tuple[int, int]]]:
    """Return by position the months with registers between those of the span's ends."""
    ends = {
        position: (month_bounds_us(span.begin_us - 1)[0], month_bounds_us(span.end_us)[0])
        for position, span in enumerate(spans)
    }
    long = [position for position, (first_us, last_us) in ends.items() if first_us < last_us]
    within: dict[int, list[tuple[int, int]]] = defaultdict(list)
    if long:
        with connection.cursor() as cursor:
            columns = [
                array(long),
                array(spans[position].key for position in long),
                array(ends[position][0] for position in long),
                array(ends[position][1] for position in long),
            ]
            cursor.execute(_WITHIN, columns)
            for position, month_us in cursor.fetchall():
                within[position].append(month_bounds_us(month_us))
    return within


def _read(pieces: _Pieces, registers: list[list[Register]]) -> None:
    """Read the pieces of each month into `registers`."""
    with connection.cursor() as cursor:
        for (month_us, end_us), within in sorted(pieces.items()):
            cursor.execute(
                _IN_MONTH,
                {
                    "positions": array(position for position, _ in within),
                    "keys": array(span.key for _, span in within),
                    "begins": array(span.begin_us for _, span in within),
                    "ends": array(span.end_us for _, span in within),
                    "before": array(span.before for _, span in within),
                    "after": array(span.after for _, span in within),
                    "month": from_us(month_us),
                    "month_end": from_us(end_us),
                },
            )
            for position, *register in cursor.fetchall():
                registers[position].append(Register(*register))


def _widen(spans: Sequence[Span], registers: list[list[Register]], *, is_earlier: bool) -> None:
    """Read further months of each device until no register is missing or no month is left."""
    reached = {
        position: month_bounds_us(span.begin_us - 1 if is_earlier else span.end_us)[0]
        for position, span in enumerate(spans)
        if _missing(span, registers[position], is_earlier)
    }
    while reached:
        months = _next_months(spans, reached, is_earlier)
        pieces: _Pieces = defaultdict(list)
        for position, month_us in months.items():
            span = spans[position]
            count = _missing(span, registers[position], is_earlier)
            edge_us = span.begin_us if is_earlier else span.end_us
            before, after = (count, 0) if is_earlier else (0, count)
            piece = Span(span.key, edge_us, edge_us, before, after)
            pieces[month_bounds_us(month_us)].append((position, piece))
        _read(pieces, registers)
        reached = {
            position: month_us
            for position, month_us in months.items()
            if _missing(spans[position], registers[position], is_earlier)
        }


def _missing(span: Span, registers: list[Register], is_earlier: bool) -> int:
    """Return how many registers on one side of the span have not been read yet."""
    if is_earlier:
        return span.before and span.before - sum(
            register.at_us < span.begin_us for register in registers
        )
    return span.after and span.after - sum(register.at_us >= span.end_us for register in registers)


def _next_months(
    spans: Sequence[Span], reached: dict[int, int], is_earlier: bool
) -> dict[int, int]:
    """Return by position the next month (µs) with registers beyond the one that was reached."""
    with connection.cursor() as cursor:
        cursor.execute(
            _EARLIER if is_earlier else _LATER,
            [
                array(reached),
                array(spans[position].key for position in reached),
                array(reached.values()),
            ],
        )
        return dict(cursor.fetchall())
