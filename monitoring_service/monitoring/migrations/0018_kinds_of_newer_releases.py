"""Widen the kind of readings to the longest that an event may carry."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0017_dead_letter_replays")]
    operations = [
        migrations.AlterField(
            "Device", "reading_kind", models.CharField(max_length=32, default="interval")
        ),
    ]
