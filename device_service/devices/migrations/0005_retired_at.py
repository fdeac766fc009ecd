"""Since when a device is retired: metering rejects its readings from then on."""

from __future__ import annotations

from django.db import migrations, models

FROM_THE_LOG = """
UPDATE device SET retired_at = coalesce(
    (SELECT max(occurred_at) FROM device_log
     WHERE device_id = device.id AND new_values ->> 'status' = 'retired'),
    updated_at
)
WHERE status = 'retired'
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0004_indexes_of_lists")]
    operations = [
        migrations.AddField("device", "retired_at", models.DateTimeField(null=True)),
        migrations.RunSQL(FROM_THE_LOG, migrations.RunSQL.noop),
    ]
