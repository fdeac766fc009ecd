"""Hours know their quarters, and energy known only as the total of a longer time is a span."""

from __future__ import annotations

from django.db import migrations, models

# The quarters of existing hours are unknown until the hours are derived from the readings again
# (`derive_outdated_hours`). An hour that held the energy of several keeps its count of readings; its
# span ends an instant before the hour does, because a span belongs to the hour in which it ends.
LAY_OUT = """
SET LOCAL statement_timeout = 0;
CREATE TABLE hour_with_quarters (
    device_key integer NOT NULL,
    reading_count integer NOT NULL,
    start timestamptz NOT NULL,
    energy_milliwh bigint,
    quarter_0 bigint,
    quarter_1 bigint,
    quarter_2 bigint,
    quarter_3 bigint
) WITH (fillfactor = 80);
INSERT INTO hour_with_quarters (device_key, reading_count, start, energy_milliwh)
SELECT device_key, reading_count, start, CASE WHEN covers_hours <= 1 THEN energy_milliwh END
FROM hour ORDER BY device_key, start;
ALTER TABLE hour_with_quarters ADD CONSTRAINT hour_with_quarters_pkey
    PRIMARY KEY (device_key, start);
INSERT INTO span (device_key, begins_at, ends_at, energy_milliwh)
SELECT device_key, start - (covers_hours - 1) * interval '1 hour',
       start + interval '1 hour' - interval '1 microsecond', energy_milliwh
FROM hour WHERE covers_hours > 1
ON CONFLICT DO NOTHING;
DROP TABLE hour;
ALTER TABLE hour_with_quarters RENAME TO hour;
ALTER INDEX hour_with_quarters_pkey RENAME TO hour_pkey;
COMMENT ON COLUMN hour.energy_milliwh IS
    'measured energy, the sum of the known quarters; NULL: none, the row counts readings alone';
COMMENT ON COLUMN hour.quarter_0 IS
    'measured energy of the first quarter of the clock hour; NULL: none, or unknown if all are NULL'
"""

RESTORE = """
CREATE TABLE hour_with_gaps (
    start timestamptz NOT NULL,
    energy_milliwh bigint NOT NULL,
    device_key integer NOT NULL,
    reading_count integer NOT NULL,
    covers_hours integer NOT NULL DEFAULT 1,
    PRIMARY KEY (device_key, start)
) WITH (fillfactor = 80);
INSERT INTO hour_with_gaps
SELECT date_trunc('hour', ends_at), energy_milliwh, device_key, 1,
       greatest(1, extract(epoch FROM ends_at - begins_at) / 3600)
FROM span;
INSERT INTO hour_with_gaps
SELECT start, energy_milliwh, device_key, reading_count FROM hour WHERE energy_milliwh IS NOT NULL
ON CONFLICT DO NOTHING;
DROP TABLE hour;
ALTER TABLE hour_with_gaps RENAME TO hour;
ALTER INDEX hour_with_gaps_pkey RENAME TO hour_pkey;
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0019_dead_letter_discards")]
    operations = [
        migrations.CreateModel(
            name="Span",
            fields=[
                ("pk", models.CompositePrimaryKey("device_key", "begins_at")),
                ("device_key", models.IntegerField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("energy_milliwh", models.BigIntegerField()),
            ],
            options={
                "db_table": "span",
                "indexes": [models.Index(fields=["device_key", "ends_at"], name="span_end")],
            },
        ),
        migrations.CreateModel(
            name="CarriedRegister",
            fields=[
                ("pk", models.CompositePrimaryKey("device_key", "at")),
                ("device_key", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("value_milliwh", models.BigIntegerField()),
            ],
            options={"db_table": "carried_register"},
        ),
        migrations.RunSQL(LAY_OUT, RESTORE),
        # Existing devices have 1; devices added later are counted by the present rules.
        migrations.AddField(
            "Device", "rules_version", models.PositiveSmallIntegerField(db_default=1)
        ),
        migrations.AlterField(
            "Device", "rules_version", models.PositiveSmallIntegerField(default=2, db_default=2)
        ),
    ]
