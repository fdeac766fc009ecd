"""Write what was derived of cumulative devices over the stored hours, spans and jumps.

Slots of closed months do not change. Where a zone's hours begin at half past in UTC, an hour can be
partly in a closed month: its slots of the closed month and its count of registers stay as they are,
and the other slots are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from monitoring.calendar.clock import HOUR_US, QUARTER_US
from monitoring.registers.held import JumpWindow, jumps_store
from monitoring.registers.hours import Derived, RegisterHour
from monitoring.storage.closed_months import ClosedMonths
from monitoring.storage.spans import StoredSpan
from monitoring.storage.sql import array


class ChangedRegisterHour(NamedTuple):
    """An hour of a device that a derivation changed; None: it no longer has a row."""

    device_key: int
    start_us: int
    hour: RegisterHour | None


@dataclass(slots=True)
class RegisterChanges:
    """The hours that differ from those stored before, and the spans written or deleted."""

    hours: list[ChangedRegisterHour] = field(default_factory=list)
    spans: list[StoredSpan] = field(default_factory=list)


_US = "(extract(epoch FROM {}) * 1000000)::bigint"

# Rows that are right already are not written again: a window has many of them.
_SET_HOURS = f"""
INSERT INTO hour AS h (device_key, reading_count, start, energy_milliwh,
                       quarter_0, quarter_1, quarter_2, quarter_3)
SELECT device_key, reading_count, to_timestamp(start_us / 1e6::float8), energy, q_0, q_1, q_2, q_3
FROM unnest(%s::integer[], %s::integer[], %s::bigint[], %s::bigint[],
            %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS i (device_key, reading_count, start_us, energy, q_0, q_1, q_2, q_3)
ON CONFLICT (device_key, start) DO UPDATE SET
    reading_count = excluded.reading_count, energy_milliwh = excluded.energy_milliwh,
    quarter_0 = excluded.quarter_0, quarter_1 = excluded.quarter_1,
    quarter_2 = excluded.quarter_2, quarter_3 = excluded.quarter_3
WHERE (h.reading_count, h.energy_milliwh, h.quarter_0, h.quarter_1, h.quarter_2, h.quarter_3)
    IS DISTINCT FROM (excluded.reading_count, excluded.energy_milliwh, excluded.quarter_0,
                      excluded.quarter_1, excluded.quarter_2, excluded.quarter_3)
RETURNING device_key, {_US.format("start")}
"""  # noqa: S608 - our own text

_DELETE_HOURS = f"""
DELETE FROM hour h
USING unnest(%(keys)s::integer[], %(begins)s::bigint[], %(ends)s::bigint[])
    AS w (device_key, begin_us, end_us)
WHERE h.device_key = w.device_key AND h.start >= to_timestamp(w.begin_us / 1e6::float8)
    AND h.start < to_timestamp(w.end_us / 1e6::float8)
    AND (h.device_key, h.start) NOT IN (
        SELECT device_key, to_timestamp(start_us / 1e6::float8)
        FROM unnest(%(hour_keys)s::integer[], %(starts)s::bigint[]) AS i (device_key, start_us)
    )
    AND NOT EXISTS (
        SELECT FROM unnest(%(closed_begins)s::bigint[], %(closed_ends)s::bigint[])
            AS c (begin_us, end_us)
        WHERE h.start > to_timestamp(c.begin_us / 1e6::float8) - interval '1 hour'
            AND h.start < to_timestamp(c.end_us / 1e6::float8)
    )
RETURNING h.device_key, {_US.format("h.start")}
"""  # noqa: S608 - our own text

# A span that ends after a closed month is from a former release; its part there was cut off.
_DELETE_SPANS = f"""
DELETE FROM span s
USING unnest(%(keys)s::integer[], %(begins)s::bigint[], %(ends)s::bigint[])
    AS w (device_key, begin_us, end_us)
WHERE s.device_key = w.device_key AND s.begins_at >= to_timestamp(w.begin_us / 1e6::float8)
    AND s.begins_at < to_timestamp(w.end_us / 1e6::float8)
    AND (s.device_key, s.begins_at) NOT IN (
        SELECT device_key, to_timestamp(begin_us / 1e6::float8)
        FROM unnest(%(span_keys)s::integer[], %(span_begins)s::bigint[]) AS i (device_key, begin_us)
    )
    AND NOT EXISTS (
        SELECT FROM unnest(%(closed_begins)s::bigint[], %(closed_ends)s::bigint[])
            AS c (begin_us, end_us)
        WHERE s.begins_at >= to_timestamp(c.begin_us / 1e6::float8)
            AND s.ends_at <= to_timestamp(c.end_us / 1e6::float8)
    )
RETURNING s.device_key, {_US.format("s.begins_at")}, {_US.format("s.ends_at")}, s.energy_milliwh
"""  # noqa: S608 - our own text

_SET_SPANS = f"""
INSERT INTO span AS s (device_key, begins_at, ends_at, energy_milliwh)
SELECT device_key, to_timestamp(begin_us / 1e6::float8), to_timestamp(end_us / 1e6::float8), energy
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS i (device_key, begin_us, end_us, energy)
ON CONFLICT (device_key, begins_at) DO UPDATE SET
    ends_at = excluded.ends_at, energy_milliwh = excluded.energy_milliwh
WHERE (s.ends_at, s.energy_milliwh) IS DISTINCT FROM (excluded.ends_at, excluded.energy_milliwh)
RETURNING device_key, {_US.format("begins_at")}, {_US.format("ends_at")}, energy_milliwh
"""  # noqa: S608 - our own text

_HOURS = f"""
SELECT h.device_key, {_US.format("h.start")}, h.reading_count, h.energy_milliwh,
       h.quarter_0, h.quarter_1, h.quarter_2, h.quarter_3
FROM hour h JOIN unnest(%s::integer[], %s::bigint[]) AS i (device_key, start_us)
    ON h.device_key = i.device_key AND h.start = to_timestamp(i.start_us / 1e6::float8)
"""  # noqa: S608 - our own text


def derived_store(derived: Sequence[Derived], closed: ClosedMonths) -> RegisterChanges:
    """Write the hours, spans and jumps of the windows over the stored ones.

    Return the hours and spans that changed.
    """
    if closed.spans:
        keep_closed_slots(derived, closed)
    hours = {
        (each.device.key, start_us): hour
        for each in derived
        for start_us, hour in each.hours.items()
    }
    changes = RegisterChanges()
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_HOURS, _window_columns(derived, hours, closed))
        changes.hours += [ChangedRegisterHour(key, us, None) for key, us in cursor.fetchall()]
        if hours:
            cursor.execute(_SET_HOURS, _hour_columns(hours))
            changes.hours += [
                ChangedRegisterHour(key, us, hours[key, us]) for key, us in cursor.fetchall()
            ]
    _store_spans(derived, closed, changes)
    windows = [
        JumpWindow(
            each.device.key, each.window.spans_begin_us, each.window.spans_end_us, each.jumps
        )
        for each in derived
        # Without a largest power no rise is held.
        if each.device.max_power_kw is not None
    ]
    if windows:
        jumps_store(windows, closed)
    return changes


def _store_spans(
    derived: Sequence[Derived], closed: ClosedMonths, changes: RegisterChanges
) -> None:
    """Write the spans of the windows over the stored ones, and add them to the changes."""
    spans = sorted({span for each in derived for span in each.spans})
    with connection.cursor() as cursor:
        cursor.execute(
            _DELETE_SPANS,
            {
                "keys": array(each.device.key for each in derived),
                "begins": array(each.window.spans_begin_us for each in derived),
                "ends": array(each.window.spans_end_us for each in derived),
                "span_keys": array(span.device_key for span in spans),
                "span_begins": array(span.begin_us for span in spans),
                **_closed_columns(closed),
            },
        )
        changes.spans += [StoredSpan(*row) for row in cursor.fetchall()]
        if spans:
            cursor.execute(_SET_SPANS, [array(s[column] for s in spans) for column in range(4)])
            changes.spans += [StoredSpan(*row) for row in cursor.fetchall()]


def _window_columns(
    derived: Sequence[Derived], hours: dict[tuple[int, int], RegisterHour], closed: ClosedMonths
) -> dict[str, str]:
    return {
        "keys": array(each.device.key for each in derived),
        "begins": array(each.window.hours_begin_us for each in derived),
        "ends": array(each.window.hours_end_us for each in derived),
        "hour_keys": array(key for key, _ in hours),
        "starts": array(start_us for _, start_us in hours),
        **_closed_columns(closed),
    }


def _closed_columns(closed: ClosedMonths) -> dict[str, str]:
    return {
        "closed_begins": array(begin_us for begin_us, _ in closed.spans),
        "closed_ends": array(end_us for _, end_us in closed.spans),
    }


def _hour_columns(hours: dict[tuple[int, int], RegisterHour]) -> list[str]:
    """Return the columns of `_SET_HOURS`, in the order of the key against deadlocks."""
    rows = sorted(hours.items(), key=lambda row: row[0])
    columns = [
        array(key for (key, _), _ in rows),
        array(hour.reading_count for _, hour in rows),
        array(start_us for (_, start_us), _ in rows),
        array(hour.energy_milliwh for _, hour in rows),
    ]
    return columns + [array(hour.quarters[n] for _, hour in rows) for n in range(4)]


def keep_closed_slots(derived: Sequence[Derived], closed: ClosedMonths) -> None:
    """Add the slots of closed months to the hours that are partly in one; drop hours within one.

    A register at the end of a closed month counts in the hour before it, which does not change.
    """
    for each in derived:
        within = [us for us in each.hours if us in closed and us + HOUR_US - 1 in closed]
        for start_us in within:
            del each.hours[start_us]
    partly = sorted(
        (each.device.key, start_us) for each in derived for start_us in _partly_closed(each, closed)
    )
    if not partly:
        return
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [array(key for key, _ in partly), array(us for _, us in partly)])
        stored = {(key, start_us): row for key, start_us, *row in cursor.fetchall()}
    for each in derived:
        for start_us in _partly_closed(each, closed):
            row = stored.get((each.device.key, start_us))
            if row is None:
                continue
            count, energy, *quarters = row
            hour = each.hours.setdefault(start_us, RegisterHour())
            hour.reading_count = count
            if energy is not None and quarters == [None] * 4:
                # The quarters of an hour of a former release are unknown, and stay so.
                hour.unknown_milliwh, hour.quarters = energy, quarters
                continue
            for number, quarter in enumerate(quarters):
                if start_us + number * QUARTER_US in closed:
                    hour.quarters[number] = quarter


def _partly_closed(derived: Derived, closed: ClosedMonths) -> Iterator[int]:
    """Yield the starts (µs) of the hours of the window that are partly in a closed month."""
    window = derived.window
    for border_us in (border for span in closed.spans for border in span):
        start_us = derived.device.hours[border_us // QUARTER_US]
        if start_us < border_us and window.hours_begin_us <= start_us < window.hours_end_us:
            yield start_us
