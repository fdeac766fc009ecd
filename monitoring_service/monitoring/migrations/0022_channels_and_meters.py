"""Copies of channels and meters, and the meter that a reading names."""

from __future__ import annotations

from django.db import migrations, models

# The last column, and nullable: it takes no room in a row that names no meter, and the former
# release, which serves during an upgrade, does not know it.
NAME_METER = "ALTER TABLE reading ADD COLUMN meter_key integer"
FORGET_METER = "ALTER TABLE reading DROP COLUMN meter_key"


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0021_carried_registers")]
    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "key",
                    models.IntegerField(
                        db_default=models.Func(models.Value("device_key_seq"), function="nextval"),
                        primary_key=True,
                    ),
                ),
                ("device_id", models.UUIDField()),
                ("code", models.CharField(max_length=32)),
                ("name", models.CharField(default="", max_length=150)),
                ("quantity", models.CharField(default="electricity", max_length=32)),
                ("flow", models.CharField(default="consumed", max_length=32)),
                ("reading_kind", models.CharField(default="interval", max_length=32)),
                ("interval_seconds", models.PositiveIntegerField(null=True)),
                ("register_digits", models.PositiveSmallIntegerField(null=True)),
                ("register_wraps_at_milliwh", models.BigIntegerField(null=True)),
                ("max_power", models.FloatField(null=True)),
                ("negative_channel", models.CharField(max_length=32, null=True)),
                ("removed", models.BooleanField(default=False)),
                ("version", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "channel",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("device_id", "code"), name="channel_code_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Meter",
            fields=[
                ("key", models.AutoField(primary_key=True)),
                ("device_id", models.UUIDField()),
                ("serial_number", models.TextField()),
            ],
            options={
                "db_table": "meter",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("device_id", "serial_number"), name="meter_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mount",
            fields=[
                ("pk", models.CompositePrimaryKey("device_id", "id")),
                ("device_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("meter_key", models.IntegerField()),
                ("mounted_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("opening", models.JSONField(default=dict)),
                ("closing", models.JSONField(default=dict)),
                ("register_digits", models.PositiveSmallIntegerField(null=True)),
                ("multiplier", models.DecimalField(decimal_places=6, default=1, max_digits=13)),
            ],
            options={"db_table": "mount"},
        ),
        migrations.AddField(
            "Device", "channel_name", models.CharField(db_default="", default="", max_length=150)
        ),
        migrations.AddField(
            "Device",
            "quantity",
            models.CharField(db_default="electricity", default="electricity", max_length=32),
        ),
        migrations.AddField(
            "Device",
            "flow",
            models.CharField(db_default="consumed", default="consumed", max_length=32),
        ),
        migrations.AddField(
            "Device", "register_wraps_at_milliwh", models.BigIntegerField(null=True)
        ),
        migrations.AddField(
            "Device", "negative_channel", models.CharField(max_length=32, null=True)
        ),
        migrations.AddField(
            "Device", "parts_version", models.BigIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            "CarriedRegister",
            "multiplier",
            models.DecimalField(db_default=1, decimal_places=6, default=1, max_digits=13),
        ),
        migrations.RunSQL(NAME_METER, FORGET_METER),
    ]
