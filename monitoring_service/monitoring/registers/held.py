"""Rows of `held_jump`: rises that a device cannot use, written with the hours of their window.

A jump ends in a closed month if one of its registers was dropped with it. Such a row stays as a
record of energy that was not counted, and is never written again.

A jump over the border of a month that closes is cut there, like a difference. For example, the
registers 30 April 23:40 250 and 1 May 00:20 900 are held, and 250 is carried at the end of April:
the jump is then from 1 May 00:00 250 to 00:20 900, with the decision of the former one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from energy_contracts.units import unit_of
from monitoring.registers.rules import ALWAYS_US, NEVER_US, Jump
from monitoring.storage.closed_months import ClosedMonths
from monitoring.storage.sql import array


class JumpWindow(NamedTuple):
    """The jumps of a device that begin in [begin, end), in µs."""

    device_key: int
    begin_us: int
    end_us: int
    jumps: Sequence[Jump]


#: Condition on jumps `j`: the registers at the end were dropped with their month.
ENDS_IN_CLOSED_MONTH = """EXISTS (
    SELECT FROM reading_month m WHERE m.closed_at IS NOT NULL
        AND m.month < j.ends_at AND j.ends_at <= m.month + interval '1 month'
)"""

_SAME_JUMP = """d.device_key = {0}.device_key AND d.begins_at = {0}.begins_at
    AND d.ends_at = {0}.ends_at AND d.before_milliwh = {0}.before_milliwh
    AND d.after_milliwh = {0}.after_milliwh"""

_JUMPS = """
SELECT device_key, to_timestamp(begin_us / 1e6::float8) AS begins_at,
       to_timestamp(end_us / 1e6::float8) AS ends_at, before_milliwh, after_milliwh
FROM unnest(%(jump_keys)s::integer[], %(jump_begins)s::bigint[], %(jump_ends)s::bigint[],
            %(befores)s::bigint[], %(afters)s::bigint[])
    AS i (device_key, begin_us, end_us, before_milliwh, after_milliwh)
"""

_DELETE = f"""
DELETE FROM held_jump j
USING unnest(%(keys)s::integer[], %(begins)s::bigint[], %(ends)s::bigint[])
    AS w (device_key, begin_us, end_us)
WHERE j.device_key = w.device_key AND j.begins_at >= to_timestamp(w.begin_us / 1e6::float8)
    AND j.begins_at < to_timestamp(w.end_us / 1e6::float8)
    AND (j.device_key, j.begins_at, j.ends_at, j.before_milliwh, j.after_milliwh)
        NOT IN ({_JUMPS})
    AND NOT EXISTS (
        SELECT FROM unnest(%(closed_begins)s::bigint[], %(closed_ends)s::bigint[])
            AS c (begin_us, end_us)
        WHERE j.ends_at > to_timestamp(c.begin_us / 1e6::float8)
            AND j.ends_at <= to_timestamp(c.end_us / 1e6::float8)
    )
"""  # noqa: S608 - our own text

_INSERT = f"""
INSERT INTO held_jump (device_key, begins_at, ends_at, before_milliwh, after_milliwh,
                       first_seen_at, decision_id)
SELECT i.*, now(), (
    SELECT CASE WHEN d.kind <> 'undone' THEN d.id END FROM held_decision d
    WHERE {_SAME_JUMP.format("i")} ORDER BY d.id DESC LIMIT 1
)
FROM ({_JUMPS}) AS i ORDER BY i.device_key, i.begins_at
ON CONFLICT (device_key, begins_at, ends_at) DO NOTHING
"""  # noqa: S608 - our own text

# The part of a cut jump on the open side of the border takes over the decision in force.
_CUT = """
WITH cut AS (
    DELETE FROM held_jump j
    USING unnest(%(keys)s::integer[], %(borders)s::bigint[], %(values)s::bigint[],
                 %(is_begin)s::integer[]) AS c (device_key, border_us, value, is_begin)
    WHERE j.device_key = c.device_key AND j.begins_at < to_timestamp(c.border_us / 1e6::float8)
        AND j.ends_at > to_timestamp(c.border_us / 1e6::float8)
    RETURNING j.*, c.value, c.is_begin, to_timestamp(c.border_us / 1e6::float8) AS border
)
INSERT INTO held_decision (device_key, begins_at, ends_at, before_milliwh, after_milliwh, kind,
                           decided_at, decided_by, decided_by_name, note)
SELECT cut.device_key, CASE cut.is_begin WHEN 1 THEN cut.begins_at ELSE cut.border END,
       CASE cut.is_begin WHEN 1 THEN cut.border ELSE cut.ends_at END,
       CASE cut.is_begin WHEN 1 THEN cut.before_milliwh ELSE cut.value END,
       CASE cut.is_begin WHEN 1 THEN cut.value ELSE cut.after_milliwh END,
       d.kind, d.decided_at, d.decided_by, d.decided_by_name, d.note
FROM cut JOIN held_decision d ON d.id = cut.decision_id
"""

_OPEN_TOTALS = """
SELECT coalesce(c.quantity, d.quantity), count(*), sum(j.after_milliwh - j.before_milliwh)
FROM held_jump j
LEFT JOIN channel c ON c.key = j.device_key
JOIN device d ON (c.key IS NULL AND d.key = j.device_key) OR d.device_id = c.device_id
WHERE j.decision_id IS NULL AND d.registered AND NOT d.deleted AND c.removed IS NOT TRUE
GROUP BY 1
"""


def jumps_store(windows: Sequence[JumpWindow], closed: ClosedMonths) -> None:
    """Write the jumps of the windows over the stored ones.

    Requires: the transaction that writes the hours of the windows.
    """
    jumps = [(window.device_key, *jump) for window in windows for jump in window.jumps]
    columns = {
        "keys": array(window.device_key for window in windows),
        "begins": array(window.begin_us for window in windows),
        "ends": array(window.end_us for window in windows),
        "jump_keys": array(jump[0] for jump in jumps),
        "jump_begins": array(jump[1] for jump in jumps),
        "jump_ends": array(jump[2] for jump in jumps),
        "befores": array(jump[3] for jump in jumps),
        "afters": array(jump[4] for jump in jumps),
        "closed_begins": array(begin_us for begin_us, _ in closed.spans),
        "closed_ends": array(end_us for _, end_us in closed.spans),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, columns)
        if jumps:
            cursor.execute(_INSERT, columns)


def jumps_delete(device_key: int, closed: ClosedMonths) -> None:
    """Delete the jumps of a device whose rises are all believed now."""
    jumps_store([JumpWindow(device_key, ALWAYS_US, NEVER_US, ())], closed)


def jumps_cut(carried: Iterable[tuple[int, int, int, bool]]) -> None:
    """Cut the jumps over borders of a month that closes.

    `carried`: device key, border in µs, value carried there, whether it is the begin of the month.
    The caller then derives the jumps beside the month again.
    """
    rows = list(carried)
    names = ("keys", "borders", "values", "is_begin")
    columns = {
        name: array(int(row[position]) for row in rows) for position, name in enumerate(names)
    }
    with connection.cursor() as cursor:
        cursor.execute(_CUT, columns)


def open_totals() -> tuple[int, dict[str, int]]:
    """Return the number of open jumps, and their sum in millionths of each unit."""
    sums = {"kWh": 0}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_TOTALS)
        rows = cursor.fetchall()
    for quantity, _, millionths in rows:
        unit = unit_of(quantity)
        sums[unit] = sums.get(unit, 0) + int(millionths)
    return sum(count for _, count, _ in rows), sums
