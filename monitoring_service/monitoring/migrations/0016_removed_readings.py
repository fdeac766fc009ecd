"""Readings that an administrator removed: who, when, and what they were; never changed."""

from __future__ import annotations

from django.db import migrations, models

from service_kit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0015_limit_versions")]
    operations = [
        migrations.CreateModel(
            name="RemovedReading",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("device_key", models.IntegerField()),
                ("started_at", models.DateTimeField()),
                ("value_milliwh", models.BigIntegerField()),
                ("revision", models.IntegerField()),
                ("removed_at", models.DateTimeField(auto_now_add=True)),
                ("removed_by", models.UUIDField()),
                ("removed_by_name", models.CharField(max_length=150)),
                ("note", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "removed_reading",
                "indexes": [
                    models.Index(fields=["device_key", "started_at"], name="removed_reading_place")
                ],
            },
        ),
        append_only("removed_reading"),
    ]
