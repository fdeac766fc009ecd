"""Tables that Django cannot describe: readings partitioned by month, hours packed for updates."""

from __future__ import annotations

from django.db import migrations

# Columns are ordered by width, so that no byte is lost to alignment: a reading takes 52 bytes in
# the table and about 31 in the index.
CREATE = """
CREATE TABLE reading (
    started_at timestamptz NOT NULL,
    value_milliwh bigint NOT NULL,
    device_key integer NOT NULL,
    revision integer NOT NULL,
    PRIMARY KEY (device_key, started_at)
) PARTITION BY RANGE (started_at);
CREATE TABLE reading_default PARTITION OF reading DEFAULT;

-- An hour is updated a few times while it lasts: free room in its page keeps the new version there
-- and the index untouched.
CREATE TABLE hour (
    start timestamptz NOT NULL,
    energy_milliwh bigint NOT NULL,
    device_key integer NOT NULL,
    reading_count integer NOT NULL,
    PRIMARY KEY (device_key, start)
) WITH (fillfactor = 80);

-- One row: rises with every change of a device that ingest must know of before its next batch.
CREATE TABLE device_epoch (epoch bigint NOT NULL);
INSERT INTO device_epoch VALUES (1);
"""

DROP = "DROP TABLE device_epoch; DROP TABLE hour; DROP TABLE reading;"


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
