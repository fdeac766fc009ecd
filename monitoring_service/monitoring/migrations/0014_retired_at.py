"""Since when a device is retired: readings from then on are rejected."""

from __future__ import annotations

from django.db import migrations, models

# When they were retired is not known here. What they sent so far was stored, and stays.
NOTE_RETIRED = "UPDATE device SET retired_at = now() WHERE status = 'retired'"


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0013_register_months")]
    operations = [
        migrations.AddField("device", "retired_at", models.DateTimeField(null=True)),
        migrations.RunSQL(NOTE_RETIRED, migrations.RunSQL.noop),
    ]
