"""Hours that stand for a gap say how many they cover."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_alerts")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE hour ADD COLUMN covers_hours smallint NOT NULL DEFAULT 1",
            "ALTER TABLE hour DROP COLUMN covers_hours",
        )
    ]
