"""Dead letters are sent again in the background."""

from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0016_removed_readings")]
    operations = [
        migrations.CreateModel(
            "DeadLetterReplay",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("requested_by", models.UUIDField()),
                ("message_ids", models.JSONField(null=True)),
                ("reason", models.CharField(max_length=64, blank=True)),
                ("total", models.BigIntegerField(null=True)),
                ("remaining", models.BigIntegerField(null=True)),
                ("replayed", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("left", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "dead_letter_replay"},
        ),
    ]
