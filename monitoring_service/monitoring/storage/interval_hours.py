"""Hours and spans that follow from the readings of interval devices, in SQL.

The rules are those of `monitoring.ingest.hour_writer`, which adds each reading when it arrives. For
example, a reading of 30 minutes that began at 09:45 with 0.6 kWh gives 0.3 kWh to the last slot of
09:00 and 0.3 kWh to the first one of 10:00, and counts as a reading of 09:00.
"""

from __future__ import annotations

from energy_contracts.names import MAIN_CHANNEL
from monitoring.calendar.slots import LONGEST_DIVIDED_SECONDS, SLOT_SECONDS

#: All channels with what their hours follow from: (key, device_id, code, timezone,
#: interval_seconds, reading_kind).
EVERY_CHANNEL = f"""(
    SELECT key, device_id, '{MAIN_CHANNEL}'::text AS code, timezone, interval_seconds, reading_kind
    FROM device
    UNION ALL
    SELECT c.key, c.device_id, c.code, d.timezone,
        coalesce(c.interval_seconds, d.interval_seconds), c.reading_kind
    FROM channel c JOIN device d USING (device_id)
)"""  # noqa: S608 - our own text

_SLOT = "date_bin('15 minutes', r.started_at, 'epoch'::timestamptz)"

# The energy from the begin of the interval until an instant, rounded half up.
_UNTIL = """div(
    2 * r.value_milliwh::numeric
        * least(greatest(extract(epoch FROM {border} - r.started_at), 0), d.interval_seconds)
        + d.interval_seconds,
    2 * d.interval_seconds
)"""
_PART = (
    _UNTIL.format(border="(slot + interval '15 minutes')") + " - " + _UNTIL.format(border="slot")
)

#: The parts of readings `r` of channels `d`: (device_key, timezone, slot, energy, readings).
#: `{condition}` chooses the readings.
_PARTS = f"""
    SELECT r.device_key, d.timezone, {_SLOT} AS slot, r.value_milliwh AS energy, 1 AS readings
    FROM reading r JOIN {{channels}} d ON d.key = r.device_key
    WHERE d.interval_seconds <= {SLOT_SECONDS} AND {{condition}}
    UNION ALL
    SELECT r.device_key, d.timezone, slot, ({_PART})::bigint, (slot <= r.started_at)::integer
    FROM reading r JOIN {{channels}} d ON d.key = r.device_key
    CROSS JOIN LATERAL generate_series(
        {_SLOT},
        r.started_at + d.interval_seconds * interval '1 second' - interval '1 microsecond',
        '15 minutes'
    ) AS slot
    WHERE d.interval_seconds > {SLOT_SECONDS} AND d.interval_seconds <= {LONGEST_DIVIDED_SECONDS}
        AND {{condition}}
    UNION ALL
    SELECT r.device_key, d.timezone, {_SLOT}, NULL, 1
    FROM reading r JOIN {{channels}} d ON d.key = r.device_key
    WHERE d.interval_seconds > {LONGEST_DIVIDED_SECONDS} AND {{condition}}
"""  # noqa: S608 - our own text

_QUARTERS = ",\n    ".join(
    f"(sum(energy) FILTER (WHERE slot = start + interval '{15 * number} minutes'))::bigint"
    f" AS quarter_{number}"
    for number in range(4)
)

_HOURS = f"""
SELECT device_key, sum(readings)::integer AS reading_count, start,
    sum(energy)::bigint AS energy_milliwh,
    {_QUARTERS}
FROM (
    SELECT p.*, date_trunc('hour', slot, timezone) AS start FROM ({_PARTS}) AS p
) AS placed
GROUP BY device_key, start
"""  # noqa: S608 - our own text

_SPANS = f"""
SELECT r.device_key, r.started_at AS begins_at,
    r.started_at + d.interval_seconds * interval '1 second' AS ends_at,
    r.value_milliwh AS energy_milliwh
FROM reading r JOIN {{channels}} d ON d.key = r.device_key
WHERE d.interval_seconds > {LONGEST_DIVIDED_SECONDS} AND {{condition}}
"""  # noqa: S608 - our own text


def hours_from_intervals(condition: str) -> str:
    """Return a SELECT of the hours that the readings `r` of a condition give, as rows of `hour`."""
    return _HOURS.format(condition=condition, channels=EVERY_CHANNEL)


def spans_from_intervals(condition: str) -> str:
    """Return a SELECT of the spans that the readings `r` of a condition give, as rows of `span`."""
    return _SPANS.format(condition=condition, channels=EVERY_CHANNEL)
