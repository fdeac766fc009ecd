"""In which months a cumulative device has registers: where its next ones before and after are."""

from __future__ import annotations

from django.db import migrations

# Many millions of readings take longer than any other statement may.
CREATE = """
SET LOCAL statement_timeout = 0;
CREATE TABLE register_month (
    device_key integer NOT NULL,
    month timestamptz NOT NULL,
    PRIMARY KEY (device_key, month)
);
COMMENT ON TABLE register_month IS
    'months (UTC) in which a cumulative device has registers; no register is in any other month';
INSERT INTO register_month (device_key, month)
SELECT DISTINCT d.key, date_trunc('month', r.started_at, 'UTC')
FROM device d JOIN reading r ON r.device_key = d.key
WHERE d.reading_kind = 'cumulative'
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0012_counted_spans")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE register_month")]
