"""Values of counters are carried at the borders of closed months; kept registers become such."""

from __future__ import annotations

from django.db import migrations, models

CLOSED = """
WITH months AS (
    SELECT month AS begins_at, month + interval '1 month' AS ends_at
    FROM reading_month WHERE closed_at IS NOT NULL
), numbered AS (
    SELECT *, sum(is_first) OVER (ORDER BY begins_at) AS number FROM (
        SELECT *, (lag(ends_at) OVER (ORDER BY begins_at) IS DISTINCT FROM begins_at)::integer
            AS is_first
        FROM months
    ) AS marked
), closed AS (
    SELECT min(begins_at) AS begins_at, max(ends_at) AS ends_at FROM numbered GROUP BY number
)
"""

# The last register of closed months was kept in the default partition: its value is that of the
# counter at the end of the months, because the whole difference to the next one is counted later.
CARRY_KEPT = f"""
SET LOCAL statement_timeout = 0;
{CLOSED}
INSERT INTO carried_register (device_key, at, value_milliwh)
SELECT DISTINCT ON (r.device_key, c.ends_at) r.device_key, c.ends_at, r.value_milliwh
FROM reading_default r
JOIN device d ON d.key = r.device_key AND d.reading_kind = 'cumulative'
JOIN closed c ON r.started_at >= c.begins_at AND r.started_at < c.ends_at
ORDER BY r.device_key, c.ends_at, r.started_at DESC;
{CLOSED}
DELETE FROM reading_default r USING closed c, device d
WHERE d.key = r.device_key AND d.reading_kind = 'cumulative'
    AND r.started_at >= c.begins_at AND r.started_at < c.ends_at;
{CLOSED}
DELETE FROM register_month m USING closed c
WHERE m.month >= c.begins_at AND m.month < c.ends_at;
"""  # noqa: S608 - our own text

# The energy of a counted span is in the hours of the closed month behind it. A span over its border
# is cut there.
CARRY_COUNTED = """
CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
SELECT c.device_key, c.begins_at, c.ends_at, r.value_milliwh, coalesce(div(
    2 * s.energy_milliwh::numeric * extract(epoch FROM c.ends_at - s.begins_at)
        + extract(epoch FROM s.ends_at - s.begins_at),
    2 * extract(epoch FROM s.ends_at - s.begins_at)
), 0)::bigint AS part
FROM counted_span c
CROSS JOIN LATERAL (
    SELECT value_milliwh FROM reading r WHERE r.device_key = c.device_key
        AND r.started_at >= c.begins_at AND r.started_at < c.ends_at
    ORDER BY r.started_at DESC LIMIT 1
) AS r
LEFT JOIN span s ON s.device_key = c.device_key
    AND s.begins_at < c.ends_at AND s.ends_at > c.ends_at;
INSERT INTO carried_register (device_key, at, value_milliwh, counted_since)
SELECT DISTINCT ON (device_key, ends_at) device_key, ends_at, value_milliwh + part, begins_at
FROM counted ORDER BY device_key, ends_at, begins_at;
UPDATE span s SET begins_at = c.ends_at, energy_milliwh = energy_milliwh - c.part
FROM counted c WHERE s.device_key = c.device_key
    AND s.begins_at < c.ends_at AND s.ends_at > c.ends_at;
DROP TABLE counted;
DROP TABLE counted_span;
"""

RESTORE = """
CREATE TABLE counted_span (
    device_key integer NOT NULL,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (device_key, ends_at)
);
INSERT INTO counted_span
SELECT device_key, counted_since, at FROM carried_register WHERE counted_since IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0020_slots")]
    operations = [
        migrations.AddField("CarriedRegister", "counted_since", models.DateTimeField(null=True)),
        migrations.RunSQL(CARRY_KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(CARRY_COUNTED, RESTORE),
    ]
