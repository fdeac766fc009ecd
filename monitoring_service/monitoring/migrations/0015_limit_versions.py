"""Limits know the version of the device that set them, and the first one is a row of its own."""

from __future__ import annotations

from django.db import migrations, models

# The versions of the changes were not kept: the last row is the device's present version, those
# before it count down. What came first is kept for all time before it.
NUMBER = """
UPDATE consumption_limit l SET version = numbered.version
FROM (
    SELECT c.device_key, c.from_hour,
           d.version + 1 - row_number() OVER (PARTITION BY c.device_key ORDER BY c.from_hour DESC)
           AS version
    FROM consumption_limit c JOIN device d ON d.key = c.device_key
) AS numbered
WHERE l.device_key = numbered.device_key AND l.from_hour = numbered.from_hour;
INSERT INTO consumption_limit (device_key, from_hour, limit_milliwh, version)
SELECT DISTINCT ON (device_key) device_key, '1900-01-01T00:00:00Z', limit_milliwh, version
FROM consumption_limit WHERE limit_milliwh IS NOT NULL ORDER BY device_key, from_hour
ON CONFLICT DO NOTHING;
"""

FORGET = "DELETE FROM consumption_limit WHERE from_hour = '1900-01-01T00:00:00Z'"


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0014_retired_at")]
    operations = [
        migrations.AddField("consumptionlimit", "version", models.BigIntegerField(default=0)),
        migrations.RunSQL(NUMBER, FORGET),
    ]
