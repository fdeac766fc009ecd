"""Rows of `span`: energy that is known only as the total of more than an hour."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db import connection

from monitoring.storage.sql import array


class StoredSpan(NamedTuple):
    """A span (begin, end] of a device in µs, and its energy."""

    device_key: int
    begin_us: int
    end_us: int
    energy_milliwh: int


_SET = """
INSERT INTO span (device_key, begins_at, ends_at, energy_milliwh)
SELECT device_key, to_timestamp(begin_us / 1e6::float8), to_timestamp(end_us / 1e6::float8), energy
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS i (device_key, begin_us, end_us, energy)
ON CONFLICT (device_key, begins_at) DO UPDATE SET
    ends_at = excluded.ends_at, energy_milliwh = excluded.energy_milliwh
"""

_DELETE = """
DELETE FROM span USING unnest(%s::integer[], %s::bigint[]) AS i (device_key, begin_us)
WHERE span.device_key = i.device_key
    AND span.begins_at = to_timestamp(i.begin_us / 1e6::float8)
"""

_BETWEEN = """
SELECT p.position, s.device_key, (extract(epoch FROM s.begins_at) * 1000000)::bigint,
       (extract(epoch FROM s.ends_at) * 1000000)::bigint, s.energy_milliwh
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[])
    WITH ORDINALITY AS p (device_key, from_us, until_us, position)
JOIN span s ON s.device_key = p.device_key
    AND s.ends_at > to_timestamp(p.from_us / 1e6::float8)
    AND s.begins_at < to_timestamp(p.until_us / 1e6::float8)
ORDER BY p.position, s.begins_at
"""


def spans_set(spans: Iterable[StoredSpan]) -> None:
    """Write spans over the stored ones that begin at the same instants."""
    rows = sorted(spans)
    if rows:
        columns = (array(row[column] for row in rows) for column in range(4))
        with connection.cursor() as cursor:
            cursor.execute(_SET, list(columns))


def spans_delete(spans: Iterable[StoredSpan]) -> None:
    """Delete the spans that begin at the same instants."""
    rows = sorted(spans)
    if rows:
        columns = (array(row[column] for row in rows) for column in range(2))
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, list(columns))


def spans_between(periods: Collection[tuple[int, int, int]]) -> list[list[StoredSpan]]:
    """Return for each period (device key, from µs, until µs) the spans that reach into it."""
    spans: list[list[StoredSpan]] = [[] for _ in periods]
    if periods:
        columns = [array(period[column] for period in periods) for column in range(3)]
        with connection.cursor() as cursor:
            cursor.execute(_BETWEEN, columns)
            for position, *row in cursor.fetchall():
                spans[position - 1].append(StoredSpan(*row))
    return spans
